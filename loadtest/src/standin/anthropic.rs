//! Anthropic: messages, token counts, models, message batches and files.

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use super::ask::{Ask, Force, Piece, Told, Tool, blocks, items, text};
use super::failure::failure;
use super::knobs::Knobs;
use super::openai::Stored;
use super::route::{Answer, Call, Dialect, sse};
use super::turn::{Turn, pieces};

const TIME: &str = "2026-01-01T00:00:00Z";

/// Reads a request.
pub(super) fn ask(body: &Value) -> Ask {
    let mut pieces = Vec::new();
    for message in items(body, "messages").filter(|m| text(m, "role") == Some("user")) {
        if items(message, "content").any(|block| text(block, "type") == Some("tool_result")) {
            // Text beside a result is the client's own reminder, not a new prompt.
            pieces.push(Piece::Result);
        } else if let Some(content) = message.get("content") {
            pieces.push(Piece::User(blocks(content)));
        }
    }
    let tools = items(body, "tools").filter_map(|tool| {
        let schema = tool.get("input_schema").cloned().unwrap_or_default();
        Some(Tool {
            name: text(tool, "name")?.to_owned(),
            custom: false,
            schema,
        })
    });
    let choice = body.get("tool_choice").unwrap_or(&Value::Null);
    let format = body
        .pointer("/output_config/format")
        .or_else(|| body.get("output_format"));
    let told = Told {
        pieces,
        tools: tools.collect(),
        force: match (text(choice, "type"), text(choice, "name")) {
            (Some("any"), _) => Force::Any,
            (Some("tool"), Some(name)) => Force::Named(name.to_owned()),
            _ => Force::No,
        },
        schema: format.and_then(|format| format.get("schema")).cloned(),
    };
    let stream = body.get("stream").and_then(Value::as_bool).unwrap_or(false);
    // The caller's `service_tier` here is a wish (`auto`), not a tier.
    let mut ask = Ask::new(text(body, "model").unwrap_or("standin"), stream, body, told);
    ask.tier = None;
    ask
}

fn content(turn: &Turn) -> Vec<Value> {
    if turn.calls.is_empty() {
        return vec![json!({"type": "text", "text": turn.text, "citations": null})];
    }
    let block = |call: &super::turn::Call| {
        let input: Value = serde_json::from_str(&call.arguments).unwrap_or_else(|_| json!({}));
        json!({"type": "tool_use", "id": call.id.replace("call_", "toolu_"), "name": call.name, "input": input})
    };
    turn.calls.iter().map(block).collect()
}

fn stop_reason(turn: &Turn) -> &'static str {
    if turn.calls.is_empty() {
        "end_turn"
    } else {
        "tool_use"
    }
}

/// The whole answer.
pub(super) fn message(turn: &Turn) -> Value {
    json!({
        "id": format!("msg_standin_{}", turn.serial), "type": "message", "role": "assistant",
        "model": turn.model, "content": content(turn), "stop_reason": stop_reason(turn),
        "stop_sequence": null, "usage": turn.usage.anthropic(turn.usage.answered(), turn.tier.as_deref()),
    })
}

/// The answer as a stream of events.
pub(super) fn events(turn: &Turn) -> Vec<Bytes> {
    let mut events = Vec::new();
    let mut push = |name: &str, mut data: Value| {
        data["type"] = name.into();
        events.push(sse(Some(name), &data));
    };
    let mut start = message(turn);
    start["content"] = json!([]);
    start["stop_reason"] = Value::Null;
    start["usage"] = turn.usage.anthropic(1, turn.tier.as_deref());
    push("message_start", json!({ "message": start }));
    for (index, mut block) in content(turn).into_iter().enumerate() {
        let deltas: Vec<_> = match turn.calls.get(index) {
            None => {
                block["text"] = "".into();
                turn.pieces()
                    .map(|piece| json!({"type": "text_delta", "text": piece}))
                    .collect()
            }
            Some(call) => {
                block["input"] = json!({});
                let parts = pieces(&call.arguments);
                parts
                    .map(|piece| json!({"type": "input_json_delta", "partial_json": piece}))
                    .collect()
            }
        };
        push(
            "content_block_start",
            json!({"index": index, "content_block": block}),
        );
        if index == 0 {
            push("ping", json!({}));
        }
        for delta in deltas {
            push(
                "content_block_delta",
                json!({"index": index, "delta": delta}),
            );
        }
        push("content_block_stop", json!({ "index": index }));
    }
    let mut usage = turn.usage.anthropic(turn.usage.answered(), None);
    if let Some(usage) = usage.as_object_mut() {
        // The closing event repeats the totals, without the split by cache lifetime.
        usage.retain(|key, _| key != "cache_creation" && key != "service_tier");
    }
    push(
        "message_delta",
        json!({
            "delta": {"stop_reason": stop_reason(turn), "stop_sequence": null}, "usage": usage,
        }),
    );
    push("message_stop", json!({}));
    events
}

/// Everything that is not `messages`.
pub(super) fn other(call: &Call<'_>, stored: &Stored) -> Answer {
    let path = call.path.trim_end_matches('/');
    match (call.method, path) {
        (&Method::POST, "messages/count_tokens") => {
            Answer::json(&json!({"input_tokens": ask(call.body).tokens}))
        }
        (&Method::GET, "models") => {
            let data = ["claude-sonnet-4-5", "claude-haiku-4-5"].map(model);
            Answer::json(&json!({"data": data, "has_more": false,
                                 "first_id": data[0]["id"], "last_id": data[1]["id"]}))
        }
        (&Method::POST, "messages/batches") => {
            let (batch, results) = batch(call);
            stored.keep(batch.clone(), results);
            Answer::json(&batch)
        }
        (_, path) => match (
            path.strip_prefix("models/"),
            path.strip_prefix("messages/batches/"),
        ) {
            (Some(name), _) => Answer::json(&model(name)),
            (_, Some(rest)) => one_batch(call, stored, rest),
            _ => files(call, stored),
        },
    }
}

fn model(name: &str) -> Value {
    json!({"type": "model", "id": name, "display_name": name, "created_at": TIME})
}

fn batch(call: &Call<'_>) -> (Value, Bytes) {
    let id = format!("msgbatch_standin_{}", call.serial);
    let mut results = String::new();
    let mut count = 0;
    for request in items(call.body, "requests") {
        count += 1;
        let ask = ask(request.get("params").unwrap_or(&Value::Null));
        let mut knobs = Knobs::default();
        knobs.text(&ask.prompt);
        knobs.usage.tier = Some("batch".to_owned());
        let message = message(&Turn::plan(ask, &knobs, call.serial));
        let line = json!({"custom_id": request.get("custom_id"),
                          "result": {"type": "succeeded", "message": message}});
        results.push_str(&line.to_string());
        results.push('\n');
    }
    let batch = json!({
        "id": id, "type": "message_batch", "processing_status": "ended", "created_at": TIME, "ended_at": TIME,
        "expires_at": "2026-01-02T00:00:00Z", "archived_at": null, "cancel_initiated_at": null,
        "results_url": format!("/v1/messages/batches/{id}/results"),
        "request_counts": {"processing": 0, "succeeded": count, "errored": 0, "canceled": 0, "expired": 0},
    });
    (batch, results.into())
}

fn one_batch(call: &Call<'_>, stored: &Stored, rest: &str) -> Answer {
    let (id, verb) = rest.split_once('/').unwrap_or((rest, ""));
    let Some((batch, results)) = stored.find(id) else {
        return failure(Dialect::Anthropic, 404, "no such message batch", None);
    };
    match (call.method, verb) {
        (&Method::GET, "results") => Answer::whole(results, "application/x-jsonl"),
        (&Method::DELETE, _) => {
            stored.remove(id);
            Answer::json(&json!({"id": id, "type": "message_batch_deleted"}))
        }
        _ => Answer::json(&batch),
    }
}

fn files(call: &Call<'_>, stored: &Stored) -> Answer {
    let Some(rest) = call.path.strip_prefix("files") else {
        return failure(
            Dialect::Anthropic,
            404,
            &format!("no route /v1/{}", call.path),
            None,
        );
    };
    let (id, verb) = rest
        .trim_start_matches('/')
        .split_once('/')
        .unwrap_or((rest.trim_start_matches('/'), ""));
    match (call.method, id) {
        (&Method::POST, "") => {
            let file = json!({
                "id": format!("file_standin_{}", call.serial), "type": "file", "filename": "upload",
                "mime_type": "application/octet-stream", "size_bytes": call.raw.len(), "created_at": TIME,
                "downloadable": false,
            });
            stored.keep(file.clone(), call.raw.clone());
            Answer::json(&file)
        }
        (&Method::GET, "") => {
            Answer::json(&json!({"data": [], "has_more": false, "first_id": null, "last_id": null}))
        }
        (&Method::DELETE, id) if stored.remove(id) => {
            Answer::json(&json!({"id": id, "type": "file_deleted"}))
        }
        (_, id) => match stored.find(id) {
            Some((_, content)) if verb == "content" => {
                Answer::whole(content, "application/octet-stream")
            }
            Some((file, _)) => Answer::json(&file),
            None => failure(Dialect::Anthropic, 404, "no such file", None),
        },
    }
}
