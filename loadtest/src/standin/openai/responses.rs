//! `POST /v1/responses` and its sub-routes.

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use super::chat::{CREATED, force};
use crate::standin::ask::{Ask, Piece, Told, Tool, blocks, items, text};
use crate::standin::failure::failure;
use crate::standin::knobs::Knobs;
use crate::standin::route::{Answer, Call as Request, Dialect, sse};
use crate::standin::turn::{Call, Turn, pieces};

/// Reads a request.
pub(in crate::standin) fn ask(body: &Value) -> Ask {
    let pieces = match body.get("input") {
        Some(Value::String(input)) => vec![Piece::User(vec![input.clone()])],
        _ => items(body, "input").filter_map(piece).collect(),
    };
    let told = Told {
        pieces,
        tools: items(body, "tools").filter_map(tool).collect(),
        force: force(body.get("tool_choice")),
        schema: body
            .pointer("/text/format")
            .and_then(|format| match text(format, "type")? {
                "json_object" => Some(Value::Null),
                "json_schema" => format.get("schema").cloned(),
                _ => None,
            }),
    };
    let stream = body.get("stream").and_then(Value::as_bool).unwrap_or(false);
    Ask::new(text(body, "model").unwrap_or("standin"), stream, body, told)
}

fn piece(item: &Value) -> Option<Piece> {
    match text(item, "type").unwrap_or("message") {
        "message" if text(item, "role") == Some("user") => {
            Some(Piece::User(blocks(item.get("content")?)))
        }
        kind if kind.ends_with("_output") => Some(Piece::Result),
        _ => None,
    }
}

fn tool(tool: &Value) -> Option<Tool> {
    let custom = text(tool, "type") == Some("custom");
    let schema = tool.get("parameters").cloned().unwrap_or_default();
    Some(Tool {
        name: text(tool, "name")?.to_owned(),
        custom,
        schema,
    })
}

/// The items of the answer: one message, or the calls.
fn output(turn: &Turn) -> Vec<Value> {
    if turn.calls.is_empty() {
        let part =
            json!({"type": "output_text", "text": turn.text, "annotations": [], "logprobs": []});
        return vec![json!({
            "type": "message", "id": format!("msg_standin_{}", turn.serial), "role": "assistant",
            "status": "completed", "content": [part],
        })];
    }
    let item = |(index, call): (usize, &Call)| {
        let id = format!("fc_standin_{}_{index}", turn.serial);
        if call.custom {
            json!({"type": "custom_tool_call", "id": id, "call_id": call.id, "name": call.name,
                   "input": call.arguments, "status": "completed"})
        } else {
            json!({"type": "function_call", "id": id, "call_id": call.id, "name": call.name,
                   "arguments": call.arguments, "status": "completed"})
        }
    };
    turn.calls.iter().enumerate().map(item).collect()
}

fn echoed(body: &Value, key: &str, default: Value) -> Value {
    body.get(key)
        .filter(|value| !value.is_null())
        .cloned()
        .unwrap_or(default)
}

/// The whole answer.
pub(in crate::standin) fn response(turn: &Turn, body: &Value) -> Value {
    json!({
        "id": format!("resp_standin_{}", turn.serial), "object": "response", "created_at": CREATED,
        "status": "completed", "background": false, "error": null, "incomplete_details": null,
        "instructions": echoed(body, "instructions", Value::Null), "max_output_tokens": body.get("max_output_tokens"),
        "metadata": echoed(body, "metadata", json!({})), "model": turn.model, "output": output(turn),
        "parallel_tool_calls": true, "previous_response_id": body.get("previous_response_id"),
        "reasoning": {"effort": null, "summary": null},
        "service_tier": turn.tier.as_deref().unwrap_or("default"), "store": echoed(body, "store", true.into()),
        "temperature": 1.0, "text": echoed(body, "text", json!({"format": {"type": "text"}})),
        "tool_choice": echoed(body, "tool_choice", "auto".into()), "tools": echoed(body, "tools", json!([])),
        "top_p": 1.0, "truncation": "disabled", "usage": turn.usage.openai_responses(), "user": null,
    })
}

/// The answer as a stream of events.
pub(in crate::standin) fn events(turn: &Turn, body: &Value) -> Vec<Bytes> {
    let done = response(turn, body);
    let mut start = done.clone();
    start["status"] = "in_progress".into();
    start["output"] = json!([]);
    start["usage"] = Value::Null;
    let mut stream = Stream::default();
    stream.push("response.created", json!({"response": start}));
    stream.push("response.in_progress", json!({"response": start}));
    for (index, item) in output(turn).iter().enumerate() {
        let mut opening = item.clone();
        opening["status"] = "in_progress".into();
        for key in ["arguments", "input"] {
            if opening.get(key).is_some() {
                opening[key] = "".into();
            }
        }
        if opening.get("content").is_some() {
            opening["content"] = json!([]);
        }
        stream.push(
            "response.output_item.added",
            json!({"output_index": index, "item": opening}),
        );
        stream.item(index, item, turn);
        stream.push(
            "response.output_item.done",
            json!({"output_index": index, "item": item}),
        );
    }
    stream.push("response.completed", json!({"response": done}));
    stream.events
}

#[derive(Default)]
struct Stream {
    events: Vec<Bytes>,
}

impl Stream {
    fn push(&mut self, name: &str, mut data: Value) {
        data["type"] = name.into();
        data["sequence_number"] = self.events.len().into();
        self.events.push(sse(Some(name), &data));
    }

    /// The events between an item's opening and its closing.
    fn item(&mut self, index: usize, item: &Value, turn: &Turn) {
        let id = &item["id"];
        if let Some(call) = turn.calls.get(index) {
            let (kind, key) = if call.custom {
                ("response.custom_tool_call_input", "input")
            } else {
                ("response.function_call_arguments", "arguments")
            };
            for piece in pieces(&call.arguments) {
                let data = json!({"item_id": id, "output_index": index, "delta": piece});
                self.push(&format!("{kind}.delta"), data);
            }
            let mut data = json!({"item_id": id, "output_index": index, "name": call.name});
            data[key] = call.arguments.clone().into();
            self.push(&format!("{kind}.done"), data);
            return;
        }
        let at = |rest: Value| {
            let mut data = json!({"item_id": id, "output_index": index, "content_index": 0});
            if let (Some(data), Value::Object(rest)) = (data.as_object_mut(), rest) {
                data.extend(rest);
            }
            data
        };
        let empty = json!({"type": "output_text", "text": "", "annotations": [], "logprobs": []});
        self.push("response.content_part.added", at(json!({ "part": empty })));
        for piece in turn.pieces() {
            self.push(
                "response.output_text.delta",
                at(json!({"delta": piece, "logprobs": []})),
            );
        }
        self.push(
            "response.output_text.done",
            at(json!({"text": turn.text, "logprobs": []})),
        );
        self.push(
            "response.content_part.done",
            at(json!({"part": item["content"][0]})),
        );
    }
}

/// `GET`/`DELETE /v1/responses/{id}`, `…/cancel`, `…/input_items`, `/v1/responses/compact`.
pub(super) fn sub_route(call: &Request<'_>, rest: &str) -> Answer {
    let (id, verb) = rest.split_once('/').unwrap_or((rest, ""));
    let stored = || {
        let mut turn = Turn::plan(ask(call.body), &Knobs::default(), call.serial);
        "standin".clone_into(&mut turn.model);
        let mut response = response(&turn, &Value::Null);
        response["id"] = id.into();
        response
    };
    match (call.method, id, verb) {
        (&Method::POST, "compact", "") => {
            let turn = Turn::plan(ask(call.body), &Knobs::default(), call.serial);
            Answer::json(&json!({
                "id": format!("resp_standin_{}", call.serial), "object": "response.compaction",
                "created_at": CREATED, "output": output(&turn), "usage": turn.usage.openai_responses(),
            }))
        }
        (&Method::GET, _, "") => Answer::json(&stored()),
        (&Method::DELETE, _, "") => {
            Answer::json(&json!({"id": id, "object": "response.deleted", "deleted": true}))
        }
        (&Method::POST, _, "cancel") => {
            let mut response = stored();
            response["status"] = "cancelled".into();
            Answer::json(&response)
        }
        (&Method::GET, _, "input_items") => Answer::json(&json!({
            "object": "list", "first_id": null, "last_id": null, "has_more": false, "data": [],
        })),
        _ => failure(Dialect::OpenAi, 404, "no such route below responses", None),
    }
}
