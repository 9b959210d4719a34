//! `POST /v1/chat/completions`.

use bytes::Bytes;
use serde_json::{Value, json};

use super::include_usage;
use crate::standin::ask::{Ask, Force, Piece, Told, Tool, blocks, items, text};
use crate::standin::route::sse;
use crate::standin::turn::{Call, Turn, pieces};

/// The last event of a stream.
pub(super) const DONE: &[u8] = b"data: [DONE]\n\n";
/// A fixed time, so that answers differ only where requests do.
pub(super) const CREATED: u64 = 1_767_225_600;

/// Reads a request.
pub(in crate::standin) fn ask(body: &Value) -> Ask {
    let pieces = items(body, "messages").filter_map(|message| match text(message, "role")? {
        "tool" | "function" => Some(Piece::Result),
        "user" => Some(Piece::User(blocks(message.get("content")?))),
        _ => None,
    });
    let told = Told {
        pieces: pieces.collect(),
        tools: items(body, "tools").filter_map(tool).collect(),
        force: force(body.get("tool_choice")),
        schema: format(body.get("response_format")),
    };
    let stream = body.get("stream").and_then(Value::as_bool).unwrap_or(false);
    Ask::new(text(body, "model").unwrap_or("standin"), stream, body, told)
}

fn tool(tool: &Value) -> Option<Tool> {
    let kind = text(tool, "type").unwrap_or("function");
    let inner = tool.get(kind)?;
    Some(Tool {
        name: text(inner, "name")?.to_owned(),
        custom: kind == "custom",
        schema: inner.get("parameters").cloned().unwrap_or_default(),
    })
}

/// `tool_choice` of chat (nested under its kind) and of responses (flat).
pub(super) fn force(choice: Option<&Value>) -> Force {
    match choice {
        Some(Value::String(choice)) if choice == "required" => Force::Any,
        Some(Value::Object(choice)) => {
            let nested = choice.get("function").or_else(|| choice.get("custom"));
            let name = nested
                .and_then(|inner| inner.get("name"))
                .or_else(|| choice.get("name"));
            name.and_then(Value::as_str)
                .map_or(Force::No, |name| Force::Named(name.to_owned()))
        }
        _ => Force::No,
    }
}

fn format(format: Option<&Value>) -> Option<Value> {
    let format = format?;
    match text(format, "type")? {
        "json_object" => Some(Value::Null),
        "json_schema" => format.pointer("/json_schema/schema").cloned(),
        _ => None,
    }
}

fn tool_call(call: &Call, arguments: &str) -> Value {
    if call.custom {
        json!({"id": call.id, "type": "custom", "custom": {"name": call.name, "input": arguments}})
    } else {
        json!({"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}})
    }
}

fn finish(turn: &Turn) -> &'static str {
    if turn.calls.is_empty() {
        "stop"
    } else {
        "tool_calls"
    }
}

/// The whole answer.
pub(in crate::standin) fn completion(turn: &Turn) -> Value {
    let mut message =
        json!({"role": "assistant", "content": turn.text, "refusal": null, "annotations": []});
    if !turn.calls.is_empty() {
        message["content"] = Value::Null;
        message["tool_calls"] = turn
            .calls
            .iter()
            .map(|call| tool_call(call, &call.arguments))
            .collect();
    }
    json!({
        "id": format!("chatcmpl-standin-{}", turn.serial), "object": "chat.completion", "created": CREATED,
        "model": turn.model, "service_tier": turn.tier.as_deref().unwrap_or("default"),
        "system_fingerprint": "fp_standin", "usage": turn.usage.openai_chat(),
        "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": finish(turn)}],
    })
}

/// The answer as a stream of events.
pub(in crate::standin) fn events(turn: &Turn, body: &Value) -> Vec<Bytes> {
    let with_usage = include_usage(body);
    let chunk = |choices: Value, usage: Option<Value>| {
        let mut chunk = json!({
            "id": format!("chatcmpl-standin-{}", turn.serial), "object": "chat.completion.chunk",
            "created": CREATED, "model": turn.model, "system_fingerprint": "fp_standin",
            "service_tier": turn.tier.as_deref().unwrap_or("default"), "choices": choices,
        });
        if with_usage {
            chunk["usage"] = usage.unwrap_or_default();
        }
        sse(None, &chunk)
    };
    let delta = |delta: Value, finish: Option<&str>| {
        chunk(
            json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}]),
            None,
        )
    };
    let mut events = vec![delta(
        json!({"role": "assistant", "content": "", "refusal": null}),
        None,
    )];
    events.extend(
        turn.pieces()
            .map(|piece| delta(json!({"content": piece}), None)),
    );
    for (index, call) in turn.calls.iter().enumerate() {
        let mut first = tool_call(call, "");
        first["index"] = index.into();
        events.push(delta(json!({"tool_calls": [first]}), None));
        events.extend(pieces(&call.arguments).map(|piece| {
            let part = if call.custom {
                json!({"index": index, "custom": {"input": piece}})
            } else {
                json!({"index": index, "function": {"arguments": piece}})
            };
            delta(json!({"tool_calls": [part]}), None)
        }));
    }
    events.push(delta(json!({}), Some(finish(turn))));
    if with_usage {
        events.push(chunk(json!([]), Some(turn.usage.openai_chat())));
    }
    events.push(Bytes::from_static(DONE));
    events
}
