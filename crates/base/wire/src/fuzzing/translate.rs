//! Translation of foreign bytes: a request is refused or becomes a sound one, an answer is broken or becomes a
//! sound one, and a stream says the same wherever it is cut.

use serde_json::Value;

use super::take;
use crate::{
    answer::AnswerKind,
    eventstream::{Damage, Decoder},
    translate::{self, Language, Translation},
};

const MODEL: (&str, &str) = ("provider/m", "m");

/// First bytes: both languages, and what it is (0 a request, 1 an answer, else a stream in pieces of so many
/// bytes).
pub fn translate(data: &[u8]) {
    let Some((pair, rest)) = take(data) else {
        return;
    };
    let Some((what, rest)) = take(rest) else {
        return;
    };
    let upstreams = Language::UPSTREAM;
    // Below the square of their number both are of those that a provider can be asked in.
    let client = if pair < upstreams.len() * upstreams.len() {
        upstreams[pair % upstreams.len()]
    } else {
        Language::ALL[pair % Language::ALL.len()]
    };
    let upstream = upstreams[pair / upstreams.len() % upstreams.len()];
    if client == upstream {
        return;
    }
    match what {
        0 => request(client, upstream, rest),
        1 => whole(client, upstream, rest),
        step => stream(client, upstream, rest, step),
    }
}

fn request(client: Language, upstream: Language, body: &[u8]) {
    for stream in [false, true] {
        let asked = || translate::request(client.operation(stream), upstream, MODEL, "req_1", body);
        match (asked(), asked()) {
            (Ok(done), Ok(again)) => {
                assert_eq!(done.body, again.body, "the same request in two ways");
                let read: Result<Value, _> = serde_json::from_slice(&done.body);
                assert!(read.is_ok_and(|read| read.is_object()), "no request");
                assert!(done.target.starts_with("/v1") || done.target.starts_with("/model/m/"));
            }
            (Err(refused), Err(again)) => {
                assert_eq!(refused, again, "refused in two ways");
                assert!(!refused.why.is_empty());
            }
            (once, again) => assert_eq!(once.is_ok(), again.is_ok(), "now refused, now not"),
        }
    }
}

/// A translation whose request has a tool of each kind, where its language has it.
fn back(client: Language, upstream: Language) -> Option<Translation> {
    let body = match client {
        Language::Chat => {
            r#"{"model":"m","messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{"name":"f"}}]}"#
        }
        Language::Converse => {
            r#"{"messages":[{"role":"user","content":[{"text":"a"}]}],"toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{}}}}]}}"#
        }
        Language::Gemini => {
            r#"{"contents":[{"parts":[{"text":"a"}]}],"tools":[{"functionDeclarations":[{"name":"f"}]}]}"#
        }
        Language::Invoke => {
            r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"a"}],"tools":[{"name":"f","input_schema":{}}]}"#
        }
        Language::Messages => {
            r#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a"}],"tools":[{"name":"f","input_schema":{}}]}"#
        }
        Language::Responses => {
            r#"{"model":"m","input":"a","tools":[{"type":"custom","name":"f"},{"type":"function","name":"g","parameters":{}}]}"#
        }
    };
    let operation = client.operation(true);
    let done = translate::request(operation, upstream, MODEL, "req_1", body.as_bytes());
    done.ok().map(|done| done.back)
}

fn whole(client: Language, upstream: Language, body: &[u8]) {
    let found = back(client, upstream).map(|back| back.whole(body));
    assert!(found.is_some(), "a usual request is refused");
    if let Some(Ok(written)) = found {
        let read: Result<Value, _> = serde_json::from_slice(&written);
        assert!(read.is_ok_and(|read| read.is_object()), "no answer");
    }
}

fn stream(client: Language, upstream: Language, bytes: &[u8], step: usize) {
    let run = |step: usize| {
        let mut stream = back(client, upstream)?.stream();
        let mut out = Vec::new();
        for piece in bytes.chunks(step) {
            match stream.push(piece) {
                Ok(written) => out.extend(written),
                // What was whole before it may or may not have been said: only that it broke counts.
                Err(_) => return None,
            }
        }
        out.extend(stream.end().ok()?);
        Some(out)
    };
    let (pieces, whole) = (run(step), run(bytes.len().max(1)));
    let shown = |out: &Option<Vec<u8>>| {
        out.as_ref()
            .map(|out| String::from_utf8_lossy(out).into_owned())
    };
    assert_eq!(shown(&pieces), shown(&whole), "it depends on how it is cut");
    let whole = whole.unwrap_or_default();
    if client.framing() == AnswerKind::EventStream {
        let mut decoder = Decoder::default();
        let read: Result<(), Damage> = decoder.push(&whole, |message| {
            let event: Result<Value, _> = serde_json::from_slice(message.body());
            assert!(event.is_ok(), "no event");
            Ok(())
        });
        assert!(read.is_ok() && decoder.is_between(), "no stream");
        return;
    }
    for line in String::from_utf8_lossy(&whole).lines() {
        let Some(data) = line.strip_prefix("data: ") else {
            assert!(line.is_empty() || line.starts_with("event: "), "{line}");
            continue;
        };
        let event: Result<Value, _> = serde_json::from_str(data);
        assert!(data == "[DONE]" || event.is_ok(), "{data}");
    }
}
