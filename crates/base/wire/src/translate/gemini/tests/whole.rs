//! From a client's bytes to its provider's, and back.

use proptest::prelude::*;
use serde_json::json;

use super::super::super::{Language, request};
use super::*;
use crate::Operation;

const BODY: &[u8] = br#"{"contents":[{"parts":[{"text":"hi"}]}],"labels":{"a":"b"}}"#;
const ANSWER: &str = r#"{"candidates":[{"content":{"parts":[{"text":"Hello"}]},"finishReason":"STOP"}],
    "responseId":"r"}"#;

#[test]
fn a_call_there_and_back() {
    let models = ("fast", "gemini-2.5-flash");
    let translated = request(
        Operation::GenerateContent,
        Language::Gemini,
        models,
        "req_1",
        BODY,
    )
    .unwrap();
    assert_eq!(
        (translated.target.as_str(), translated.operation),
        (
            "/v1beta/models/gemini-2.5-flash:generateContent",
            Operation::GenerateContent
        )
    );
    let body: Value = serde_json::from_slice(&translated.body).unwrap();
    assert_eq!(
        body,
        json!({"contents": [{"role": "user", "parts": [{"text": "hi"}]}]})
    );
    let whole = translated.back.whole(ANSWER.as_bytes()).unwrap();
    let whole: Value = serde_json::from_slice(&whole).unwrap();
    assert_eq!(
        whole,
        json!({"candidates": [{"content": {"parts": [{"text": "Hello"}], "role": "model"},
                               "finishReason": "STOP", "index": 0}],
               "modelVersion": "fast", "responseId": "r"})
    );
}

#[test]
fn a_stream_there_and_back() {
    let models = ("fast", "gemini-2.5-flash");
    let streams = Operation::StreamGenerateContent;
    let translated = request(streams, Language::Gemini, models, "req_1", BODY).unwrap();
    assert_eq!(translated.operation, streams);
    assert!(
        translated
            .target
            .ends_with(":streamGenerateContent?alt=sse")
    );
    let mut stream = translated.back.stream();
    let event = format!("data: {}\r\n\r\n", ANSWER.replace('\n', ""));
    let mut out = stream.push(event.as_bytes()).unwrap();
    out.extend(stream.end().unwrap());
    let text = String::from_utf8(out).unwrap();
    let chunks: Vec<_> = text.split_terminator("\n\n").collect();
    assert_eq!(chunks.len(), 2);
    assert!(chunks[0].contains(r#""text":"Hello""#) && !chunks[0].contains("finishReason"));
    assert!(chunks[1].contains(r#""finishReason":"STOP""#));
}

#[test]
fn a_failed_stream_ends_in_the_clients_envelope() {
    let models = ("fast", "gemini-2.5-flash");
    let streams = Operation::StreamGenerateContent;
    let translated = request(streams, Language::Gemini, models, "req_1", BODY).unwrap();
    let mut stream = translated.back.stream();
    let busy = br#"data: {"error":{"code":503,"status":"UNAVAILABLE","message":"busy"}}"#;
    let mut out = stream.push(&[busy.as_slice(), b"\n\n"].concat()).unwrap();
    out.extend(stream.end().unwrap());
    let text = String::from_utf8(out).unwrap();
    let data = text.strip_prefix("data: ").unwrap();
    let error: Value = serde_json::from_str(data).unwrap();
    assert_eq!(error["error"]["message"], "busy");
}

/// Parts as a client could send them.
fn a_part() -> impl Strategy<Value = Value> {
    let id = prop_oneof![Just(Value::Null), "[xy]".prop_map(Value::from)];
    let name = "[fg]";
    prop_oneof![
        "[ab]{0,2}".prop_map(|text| json!({"text": text})),
        "[ab]{0,2}".prop_map(|text| json!({"text": text, "thought": true})),
        Just(json!({"inline_data": {"mime_type": "image/png", "data": "-_8"}})),
        Just(json!({"inlineData": {"mimeType": "text/plain", "data": "YWI="}})),
        (id.clone(), name).prop_map(|(id, name)| {
            json!({"functionCall": {"id": id, "name": name, "args": {"a_b": [name]}}})
        }),
        (
            id,
            name,
            prop_oneof![Just("result"), Just("error"), Just("other")]
        )
            .prop_map(|(id, name, kind)| {
                json!({"functionResponse": {"id": id, "name": name, "response": {kind: "x"}}})
            }),
    ]
}

/// All that is said as text, and what is not.
fn texts(body: &Value) -> (String, usize) {
    let contents = body["contents"].as_array().unwrap();
    let parts = || {
        contents
            .iter()
            .flat_map(|content| content["parts"].as_array().unwrap())
    };
    let said = parts().filter_map(|part| part["text"].as_str());
    (
        said.collect(),
        parts().filter(|part| part.get("text").is_none()).count(),
    )
}

proptest! {
    /// What was read and written once says the same from then on.
    #[test]
    fn a_conversation_comes_to_rest(
        turns in prop::collection::vec(
            (any::<bool>(), prop::collection::vec((a_part(), prop::option::of(Just("c2ln"))), 1..4)),
            1..6,
        ),
    ) {
        let mut contents = Vec::new();
        for (of_model, parts) in turns {
            let mut said = Vec::new();
            for (mut part, seal) in parts {
                // Each says only what it may.
                let calls = part.get("functionCall").is_some();
                let answers = part.get("functionResponse").is_some();
                let document = part["inlineData"]["mimeType"] == "text/plain";
                let thinks = part.get("thought").is_some();
                let others = if of_model { answers || document } else { calls || thinks };
                if others {
                    continue;
                }
                if let Some(seal) = seal.filter(|_| of_model) {
                    part["thoughtSignature"] = seal.into();
                }
                said.push(part);
            }
            contents.push(json!({"role": if of_model { "model" } else { "user" }, "parts": said}));
        }
        let body = json!({"contents": contents}).to_string();
        let request = read_request(Json::read(body.as_bytes()).unwrap(), false);
        // A result may answer no call, and nothing may be said at all.
        prop_assume!(request.is_ok());
        let request = request.unwrap();
        let once = written(&request);
        prop_assume!(once["contents"] != json!([]));
        // Texts that only foreign thoughts kept apart are one text the next time.
        let twice = written(&read(&once.to_string()));
        let thrice = written(&read(&twice.to_string()));
        prop_assert_eq!(&thrice, &twice);
        prop_assert_eq!(texts(&once), texts(&twice));
    }
}
