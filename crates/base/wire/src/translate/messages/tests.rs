//! What is read of Messages and written in it.

mod answer;
mod property;
mod read;
mod read_stream;
mod refused;
mod round;
mod thinking;
mod write;
mod write_stream;

use serde_json::Value;

use super::*;
use crate::translate::{
    Asked, Request, Tool,
    sse::Events,
    talk::{Block, Freeform},
};

fn asked() -> Asked {
    Asked {
        model: "claude".to_owned(),
        tools: vec![tool("read", None), tool("patch", Some(Freeform::default()))],
        ..Asked::default()
    }
}

fn tool(name: &'static str, freeform: Option<Freeform<'static>>) -> Tool<'static> {
    Tool {
        name: name.into(),
        description: None,
        schema: None,
        strict: None,
        freeform,
        namespace: None,
        cache: None,
    }
}

fn text(text: &'static str) -> Block<'static> {
    Block::Text {
        text: text.into(),
        cache: None,
    }
}

/// The request that `json` is.
fn read(json: &Value) -> Request<'static> {
    let body: &'static str = Box::leak(json.to_string().into_boxed_str());
    read_request(Json::read(body.as_bytes()).unwrap()).unwrap()
}

/// Why `json` is refused.
fn refused(json: &Value) -> (String, String) {
    let body = json.to_string();
    let refused = read_request(Json::read(body.as_bytes()).unwrap()).unwrap_err();
    (refused.field, refused.why.into_owned())
}

fn write(request: &Request<'_>) -> Value {
    serde_json::from_slice(&write_request(request).unwrap()).unwrap()
}

/// The events of a stream, as JSON; their names are their types.
fn events(stream: &[u8]) -> Vec<Value> {
    let mut found = Vec::new();
    let mut events = Events::default();
    let took = events.push(stream, |name, data| {
        let event: Value = serde_json::from_slice(data).unwrap();
        assert_eq!(event["type"], name);
        found.push(event);
        Ok(())
    });
    took.unwrap();
    found
}

/// Puts a message together as the SDKs do, which are strict about the order.
fn put_together(events: &[Value]) -> Value {
    let mut message = Value::Null;
    let mut json = String::new();
    let (mut open, mut over) = (None, false);
    for event in events {
        assert!(!over, "{event}");
        let index = event["index"]
            .as_u64()
            .map(|index| usize::try_from(index).unwrap());
        match event["type"].as_str().unwrap() {
            "message_start" => {
                assert!(message.is_null());
                message = event["message"].clone();
                for name in ["input_tokens", "output_tokens"] {
                    assert!(message["usage"][name].is_u64());
                }
            }
            "content_block_start" => {
                let content = message["content"].as_array_mut().unwrap();
                assert_eq!((index, open), (Some(content.len()), None));
                content.push(event["content_block"].clone());
                open = index;
                json.clear();
            }
            "content_block_delta" => {
                assert_eq!(index, open);
                let block = &mut message["content"][open.unwrap()];
                let delta = &event["delta"];
                let (name, add) = match delta["type"].as_str().unwrap() {
                    "text_delta" => ("text", true),
                    "thinking_delta" => ("thinking", true),
                    "signature_delta" => ("signature", false),
                    _ => {
                        assert_eq!(block["type"], "tool_use");
                        json.push_str(delta["partial_json"].as_str().unwrap());
                        continue;
                    }
                };
                let more = delta[name].as_str().unwrap();
                let before = block[name].as_str().unwrap();
                block[name] = if add {
                    format!("{before}{more}")
                } else {
                    more.to_owned()
                }
                .into();
            }
            "content_block_stop" => {
                assert_eq!(index, open);
                if !json.is_empty() {
                    message["content"][open.unwrap()]["input"] =
                        serde_json::from_str(&json).unwrap();
                }
                open = None;
            }
            "message_delta" => {
                assert_eq!(open, None);
                for name in ["stop_reason", "stop_sequence"] {
                    message[name] = event["delta"][name].clone();
                }
                message["usage"] = event["usage"].clone();
            }
            "message_stop" => over = true,
            other => panic!("{other}"),
        }
    }
    assert!(over);
    message
}

#[test]
fn each_feature_has_a_name() {
    for feature in Feature::ALL {
        assert!(!field(*feature).is_empty());
    }
}

#[test]
fn reasons_come_back() {
    for reason in [
        "end_turn",
        "max_tokens",
        "model_context_window_exceeded",
        "pause_turn",
        "refusal",
        "stop_sequence",
        "tool_use",
    ] {
        assert_eq!(stop_reason(&stop(reason, None), false, false), reason);
    }
    assert_eq!(stop_reason(&Stop::End, true, false), "tool_use");
    assert_eq!(stop_reason(&Stop::End, false, true), "refusal");
    assert_eq!(stop_reason(&Stop::Filtered, false, false), "refusal");
}

#[test]
fn arguments_are_an_object() {
    for (input, freeform, wanted) in [
        (r#"{"a":1.50,"b":[]}"#, false, r#"{"a":1.5,"b":[]}"#),
        (" ", false, "{}"),
        ("[1]", false, r#"{"_raw":"[1]"}"#),
        (r#"{"a":"#, false, r#"{"_raw":"{\"a\":"}"#),
        ("*** x\n", true, r#"{"input":"*** x\n"}"#),
    ] {
        assert_eq!(arguments(input, freeform).text(), wanted);
    }
}
