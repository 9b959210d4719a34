//! Bedrock: Converse and `ConverseStream`, and Anthropic's models by `InvokeModel`, as strict as AWS about shapes.

mod frames;
mod strict;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

use super::anthropic;
use super::ask::{Ask, Force, Piece, Told, Tool, blocks, items, text};
use super::route::{Answer, Call};
use super::turn::{Turn, pieces};
use frames::message;
pub(super) use frames::{invoked, stream_kind};

/// What stands before a model's name in a path.
const MODEL: &str = "/model/";

/// What follows in a path: the model as it is spelled there, a slash, the operation.
pub(super) fn below_model(path: &str) -> Option<&str> {
    path.get(path.find(MODEL)? + MODEL.len()..)
}

/// Reads a request.
pub(super) fn ask(call: &Call<'_>, stream: bool) -> Ask {
    let body = call.body;
    let mut said = Vec::new();
    for message in items(body, "messages").filter(|m| text(m, "role") == Some("user")) {
        if items(message, "content").any(|block| block.get("toolResult").is_some()) {
            said.push(Piece::Result);
        } else if let Some(content) = message.get("content") {
            said.push(Piece::User(blocks(content)));
        }
    }
    let config = body.get("toolConfig").unwrap_or(&Value::Null);
    let tools = items(config, "tools").filter_map(|tool| {
        let spec = tool.get("toolSpec")?;
        Some(Tool {
            name: text(spec, "name")?.to_owned(),
            custom: false,
            schema: spec.pointer("/inputSchema/json").cloned()?,
        })
    });
    let choice = config.get("toolChoice").unwrap_or(&Value::Null);
    let named = choice.pointer("/tool/name").and_then(Value::as_str);
    let schema = body.pointer("/outputConfig/textFormat/structure/jsonSchema/schema");
    let schema = schema.and_then(Value::as_str);
    let told = Told {
        pieces: said,
        tools: tools.collect(),
        force: match (choice.get("any").is_some(), named) {
            (true, _) => Force::Any,
            (_, Some(name)) => Force::Named(name.to_owned()),
            _ => Force::No,
        },
        schema: schema.and_then(|schema| serde_json::from_str(schema).ok()),
    };
    let model = call.path.split('/').next().unwrap_or_default();
    Ask::new(&model.replace("%3A", ":"), stream, body, told)
}

/// Reads a request to one of Anthropic's models: the body of Messages, but for what stands in the path.
pub(super) fn ask_invoked(call: &Call<'_>, stream: bool) -> Ask {
    let mut ask = anthropic::ask(call.body);
    ask.stream = stream;
    let model = call.path.split('/').next().unwrap_or_default();
    ask.model = model.replace("%3A", ":");
    ask
}

/// What is wrong with a request, as AWS says it.
pub(super) fn wrong(call: &Call<'_>) -> Option<Answer> {
    let said = match call.path.rsplit('/').next() {
        Some("converse" | "converse-stream") => strict::converse(call.body),
        _ => strict::invoke(call.body),
    };
    said.err().map(|said| refused(400, &said))
}

/// An error answer.
pub(super) fn refused(code: u16, message: &str) -> Answer {
    let name = match code {
        400 => "ValidationException",
        401 | 403 => "AccessDeniedException",
        404 => "ResourceNotFoundException",
        408 => "ModelTimeoutException",
        424 => "ModelErrorException",
        429 => "ThrottlingException",
        503 => "ServiceUnavailableException",
        _ => "InternalServerException",
    };
    let mut headers = HeaderMap::new();
    headers.insert(
        HeaderName::from_static("x-amzn-errortype"),
        HeaderValue::from_static(name),
    );
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Answer::json(&json!({ "message": message })).with(status, headers)
}

const fn stop_reason(turn: &Turn) -> &'static str {
    if turn.calls.is_empty() {
        "end_turn"
    } else {
        "tool_use"
    }
}

fn id(call: &super::turn::Call) -> String {
    call.id.replace("call_", "tooluse_")
}

/// The whole answer.
pub(super) fn whole(turn: &Turn) -> Value {
    let content: Vec<_> = if turn.calls.is_empty() {
        vec![json!({"text": turn.text})]
    } else {
        let block = |call: &super::turn::Call| {
            let input: Value = serde_json::from_str(&call.arguments).unwrap_or_else(|_| json!({}));
            json!({"toolUse": {"toolUseId": id(call), "name": call.name, "input": input}})
        };
        turn.calls.iter().map(block).collect()
    };
    json!({
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": stop_reason(turn), "usage": turn.usage.bedrock(), "metrics": {"latencyMs": 12},
    })
}

/// The answer as AWS' messages.
pub(super) fn events(turn: &Turn) -> Vec<Bytes> {
    let mut events = vec![message("messageStart", &json!({"role": "assistant"}))];
    let mut delta = |index: usize, delta: Value| {
        let body = json!({"contentBlockIndex": index, "delta": delta});
        events.push(message("contentBlockDelta", &body));
    };
    if turn.calls.is_empty() {
        for piece in turn.pieces() {
            delta(0, json!({"text": piece}));
        }
        events.push(message(
            "contentBlockStop",
            &json!({"contentBlockIndex": 0}),
        ));
    }
    for (index, call) in turn.calls.iter().enumerate() {
        let start = json!({"toolUse": {"toolUseId": id(call), "name": call.name}});
        let start = json!({"contentBlockIndex": index, "start": start});
        events.push(message("contentBlockStart", &start));
        for piece in pieces(&call.arguments) {
            let body = json!({"contentBlockIndex": index, "delta": {"toolUse": {"input": piece}}});
            events.push(message("contentBlockDelta", &body));
        }
        let stop = json!({"contentBlockIndex": index});
        events.push(message("contentBlockStop", &stop));
    }
    let stop = json!({"stopReason": stop_reason(turn)});
    events.push(message("messageStop", &stop));
    let last = json!({"usage": turn.usage.bedrock(), "metrics": {"latencyMs": 12}});
    events.push(message("metadata", &last));
    events
}
