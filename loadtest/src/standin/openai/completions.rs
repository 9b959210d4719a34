//! `POST /v1/completions`, the legacy shape.

use bytes::Bytes;
use serde_json::{Value, json};

use super::chat::{CREATED, DONE};
use super::include_usage;
use crate::standin::ask::{Ask, Piece, Told, text};
use crate::standin::route::sse;
use crate::standin::turn::Turn;

/// Reads a request.
pub(in crate::standin) fn ask(body: &Value) -> Ask {
    let prompt = match body.get("prompt") {
        Some(Value::String(prompt)) => vec![prompt.clone()],
        Some(Value::Array(list)) => list
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    };
    let stream = body.get("stream").and_then(Value::as_bool).unwrap_or(false);
    let told = Told {
        pieces: vec![Piece::User(prompt)],
        ..Told::default()
    };
    Ask::new(text(body, "model").unwrap_or("standin"), stream, body, told)
}

fn object(turn: &Turn, choices: &Value) -> Value {
    json!({
        "id": format!("cmpl-standin-{}", turn.serial), "object": "text_completion",
        "created": CREATED, "model": turn.model, "choices": choices,
    })
}

fn choice(text: &str, finish: Option<&str>) -> Value {
    json!([{"index": 0, "text": text, "logprobs": null, "finish_reason": finish}])
}

/// The whole answer.
pub(in crate::standin) fn completion(turn: &Turn) -> Value {
    let mut answer = object(turn, &choice(&turn.text, Some("stop")));
    answer["usage"] = turn.usage.openai_chat();
    answer
}

/// The answer as a stream of events.
pub(in crate::standin) fn events(turn: &Turn, body: &Value) -> Vec<Bytes> {
    let mut events: Vec<_> = turn
        .pieces()
        .map(|piece| sse(None, &object(turn, &choice(piece, None))))
        .collect();
    events.push(sse(None, &object(turn, &choice("", Some("stop")))));
    if include_usage(body) {
        let mut last = object(turn, &json!([]));
        last["usage"] = turn.usage.openai_chat();
        events.push(sse(None, &last));
    }
    events.push(Bytes::from_static(DONE));
    events
}
