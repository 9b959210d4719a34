//! What is said in this language is a Messages call, and its stream one of AWS' messages.

use ::base64::prelude::{BASE64_STANDARD, Engine as _};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Asked, StreamWriter};
use crate::{
    Operation,
    answer::AnswerKind,
    eventstream::{Damage, Decoder, Kind},
    translate::{
        self, Event, Language, Refused, Translated, WriteStream,
        reply::{Delta, Opened},
    },
};

fn body() -> Value {
    json!({
        "anthropic_version": "bedrock-2023-05-31",
        "anthropic_beta": ["claude-code-20250219"],
        "max_tokens": 64,
        "messages": [{"role": "user", "content": "Weather?"}],
        "tools": [{"name": "look", "input_schema": {"type": "object"}}],
    })
}

fn ask(stream: bool, upstream: Language, body: &Value) -> Result<Translated, Refused> {
    let operation = Language::Invoke.operation(stream);
    let body = body.to_string();
    translate::request(operation, upstream, ("p/m", "m"), "req_1", body.as_bytes())
}

/// The same request as its Messages client would have written it.
fn as_messages(stream: bool, upstream: Language) -> Translated {
    let mut body = body();
    let members = body.as_object_mut().unwrap();
    members.retain(|name, _| !name.starts_with("anthropic_"));
    members.insert("model".into(), "p/m".into());
    members.insert("stream".into(), stream.into());
    let body = body.to_string();
    let named = ("p/m", "m");
    translate::request(
        Operation::Messages,
        upstream,
        named,
        "req_1",
        body.as_bytes(),
    )
    .unwrap()
}

#[test]
fn a_request_says_what_the_same_one_of_messages_says() {
    for stream in [false, true] {
        for upstream in [Language::Chat, Language::Gemini, Language::Responses] {
            let invoke = ask(stream, upstream, &body()).unwrap();
            let messages = as_messages(stream, upstream);
            assert_eq!(invoke.body, messages.body);
            assert_eq!(invoke.target, messages.target);
            assert_eq!(invoke.back.framing(), AnswerKind::EventStream);
        }
        let done = ask(stream, Language::Messages, &body()).unwrap();
        let sent: Value = serde_json::from_slice(&done.body).unwrap();
        assert_eq!(done.target, "/v1/messages");
        assert_eq!(
            (&sent["model"], &sent["max_tokens"]),
            (&json!("m"), &json!(64))
        );
        assert_eq!(
            sent.get("stream").and_then(Value::as_bool),
            stream.then_some(true)
        );
        assert!(sent.get("anthropic_version").is_none() && sent.get("anthropic_beta").is_none());
    }
}

#[test]
fn what_is_no_body_of_anthropics_is_refused_by_name() {
    let with = |name: &str, value: Value| {
        let mut body = body();
        body[name] = value;
        ask(true, Language::Chat, &body).unwrap_err()
    };
    let titan = ask(false, Language::Chat, &json!({"inputText": "heron"})).unwrap_err();
    assert_eq!(titan.field, "anthropic_version");
    assert!(titan.why.contains("Anthropic's models"), "{titan}");
    for (name, value) in [
        ("anthropic_version", json!(1)),
        ("model", json!("m")),
        ("stream", json!(true)),
        ("anthropic_beta", json!("claude-code-20250219")),
        ("unheard_of", json!(1)),
    ] {
        assert_eq!(with(name, value).field, name);
    }
    assert_eq!(
        with("anthropic_beta", json!(["a", 1])).field,
        "anthropic_beta[1]"
    );
    for not in [json!([]), json!("heron"), json!(null)] {
        assert_eq!(ask(true, Language::Chat, &not).unwrap_err().field, "body");
    }
    assert!(
        ask(true, Language::Invoke, &body()).is_err(),
        "nobody is asked in it"
    );
}

#[test]
fn an_answer_in_one_piece_is_one_of_messages() {
    let whole = json!({"id": "c1", "object": "chat.completion", "created": 7, "model": "m", "choices": [{"index": 0,
        "message": {"role": "assistant", "content": "Let me see.", "tool_calls": [{"id": "t1", "type": "function",
            "function": {"name": "look", "arguments": "{\"city\":\"Rome\"}"}}]},
        "finish_reason": "tool_calls"}], "usage": {"prompt_tokens": 11, "completion_tokens": 5}})
    .to_string();
    let answer = |done: Translated| done.back.whole(whole.as_bytes()).unwrap();
    let invoke = answer(ask(false, Language::Chat, &body()).unwrap());
    assert_eq!(invoke, answer(as_messages(false, Language::Chat)));
    let read: Value = serde_json::from_slice(&invoke).unwrap();
    assert_eq!(read["stop_reason"], "tool_use");
    assert_eq!(read["content"][1]["input"]["city"], "Rome");
}

const SAID: &str = r#"data: {"id":"c1","choices":[{"index":0,"delta":{"role":"assistant","content":"Let me "}}]}

data: {"id":"c1","choices":[{"index":0,"delta":{"content":"see."}}]}

data: {"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"look","arguments":"{\"city\":"}}]}}]}

data: {"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"Rome\"}"}}]}}]}

"#;
const OVER: &str = r#"data: {"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

data: {"id":"c1","choices":[],"usage":{"prompt_tokens":11,"completion_tokens":5}}

data: [DONE]

"#;

/// What a client reads of a stream's messages; all of it has to be whole ones.
fn read(bytes: &[u8]) -> Vec<(Kind, String, Value)> {
    let mut found = Vec::new();
    let mut decoder = Decoder::default();
    let done: Result<(), Damage> = decoder.push(bytes, |message| {
        let (kind, name) = message.kind();
        let mut body: Value = serde_json::from_slice(message.body()).unwrap();
        assert_eq!(message.header(b":content-type"), b"application/json");
        if let Some(bytes) = body.get("bytes").and_then(Value::as_str) {
            let event = BASE64_STANDARD.decode(bytes).unwrap();
            body = serde_json::from_slice(&event).unwrap();
        }
        found.push((kind, name.to_owned(), body));
        Ok(())
    });
    assert!(done.is_ok() && decoder.is_between(), "{done:?}");
    found
}

fn streamed(done: Translated, stream: &str, cut: usize) -> Vec<u8> {
    let mut way = done.back.stream();
    let (first, rest) = stream.as_bytes().split_at(cut.min(stream.len()));
    let mut out = way.push(first).unwrap();
    out.extend(way.push(rest).unwrap());
    out.extend(way.end().unwrap());
    out
}

#[test]
fn a_stream_has_the_events_of_messages_each_in_a_chunk() {
    let stream = format!("{SAID}{OVER}");
    let plain = streamed(as_messages(true, Language::Chat), &stream, 0);
    let plain = String::from_utf8(plain).unwrap();
    let events = plain.lines().filter_map(|line| line.strip_prefix("data: "));
    let events: Vec<Value> = events
        .map(|event| serde_json::from_str(event).unwrap())
        .collect();
    assert!(events.len() > 8, "{plain}");
    let wanted: Vec<_> = events
        .into_iter()
        .map(|event| (Kind::Event, "chunk".to_owned(), event))
        .collect();
    for cut in 0..stream.len() {
        let done = ask(true, Language::Chat, &body()).unwrap();
        assert_eq!(read(&streamed(done, &stream, cut)), wanted, "cut at {cut}");
    }
}

#[test]
fn a_failure_on_the_way_is_an_exception_and_the_last_message() {
    let failed =
        "data: {\"error\":{\"message\":\"the tide is out\",\"type\":\"server_error\"}}\n\n";
    for said in ["", SAID] {
        let done = ask(true, Language::Chat, &body()).unwrap();
        let mut found = read(&streamed(done, &format!("{said}{failed}{OVER}"), 9));
        let (kind, name, body) = found.pop().unwrap();
        assert_eq!(
            (kind, &*name),
            (Kind::Exception, "modelStreamErrorException")
        );
        assert_eq!(body["message"], "the tide is out");
        assert!(
            found
                .iter()
                .all(|(kind, name, _)| *kind == Kind::Event && name == "chunk")
        );
        assert_eq!(found.is_empty(), said.is_empty());
    }
}

#[test]
fn an_answer_with_too_much_at_once_ends_in_an_exception() {
    let mut writer = StreamWriter::new(Asked::default());
    let mut out = Vec::new();
    for block in 0..5_000 {
        let kind = Opened::Text;
        writer.event(Event::Open { block, kind }, &mut out);
        let delta = Delta::Text("a".into());
        writer.event(Event::Delta { block, delta }, &mut out);
    }
    writer.event(Event::End, &mut out);
    let (kind, name, body) = read(&out).pop().unwrap();
    assert_eq!(
        (kind, &*name),
        (Kind::Exception, "modelStreamErrorException")
    );
    let message = body["message"].as_str().unwrap();
    assert!(message.contains("too much"), "{message}");
}

#[test]
fn an_answer_in_one_piece_is_told_as_the_stream_that_was_asked_for_and_none_is_told_again() {
    let whole = r#"{"id":"c1","choices":[{"index":0,"message":{"role":"assistant","content":"heron"},
        "finish_reason":"stop"}],"usage":{"prompt_tokens":11,"completion_tokens":5}}"#;
    let done = ask(true, Language::Chat, &body()).unwrap();
    let found = read(&done.back.streamed(whole.as_bytes()).unwrap());
    let kinds: Vec<_> = found
        .iter()
        .map(|(_, _, event)| event["type"].clone())
        .collect();
    assert_eq!(kinds.first(), Some(&json!("message_start")));
    assert_eq!(kinds.last(), Some(&json!("message_stop")));
    let done = ask(true, Language::Chat, &body()).unwrap();
    let error = r#"{"error":{"message":"the tide is out","type":"server_error"}}"#;
    let found = read(&done.back.streamed(error.as_bytes()).unwrap());
    assert_eq!((found.len(), found[0].0), (1, Kind::Exception));
    // What a cache keeps of it is given in the form that it came in.
    for stream in [false, true] {
        let operation = Language::Invoke.operation(stream);
        let again = translate::again(operation, "m", "call", body().to_string().as_bytes());
        assert!(again.is_err());
    }
}

proptest! {
    #[test]
    fn what_a_text_says_is_what_the_client_reads(said in any::<String>()) {
        let mut writer = StreamWriter::new(Asked::default());
        let mut out = Vec::new();
        let block = 0;
        writer.event(Event::Open { block, kind: Opened::Text }, &mut out);
        writer.event(Event::Delta { block, delta: Delta::Text(said.clone()) }, &mut out);
        writer.event(Event::End, &mut out);
        let told: String = read(&out)
            .iter()
            .filter_map(|(_, _, event)| event["delta"]["text"].as_str())
            .collect();
        prop_assert_eq!(told, said);
    }
}
