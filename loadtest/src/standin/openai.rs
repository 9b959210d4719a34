//! OpenAI: text generation in its three shapes, and every other path in a small, correct one.

pub(super) mod chat;
pub(super) mod completions;
mod media;
pub(super) mod responses;
mod stored;

use http::Method;
use serde_json::{Value, json};

use super::failure::failure;
use super::route::{Answer, Call, Dialect};

pub(super) use stored::Stored;

/// Models on offer.
const MODELS: [&str; 4] = [
    "gpt-4o-mini",
    "gpt-5-mini",
    "standin",
    "text-embedding-3-small",
];

/// Everything that is not text generation.
pub(super) fn other(call: &Call<'_>, stored: &Stored) -> Answer {
    let mut parts = call.path.trim_end_matches('/').splitn(2, '/');
    let (head, rest) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    match (call.method, head, rest) {
        (&Method::GET, "models", "") => {
            Answer::json(&json!({"object": "list", "data": MODELS.map(model)}))
        }
        (&Method::GET, "models", name) => Answer::json(&model(name)),
        (&Method::POST, "embeddings", "") => media::embeddings(call.body),
        (&Method::POST, "moderations", "") => media::moderations(call.body),
        (&Method::POST, "images", _) => media::images(),
        (&Method::POST, "audio", "speech") => media::speech(call.body),
        (&Method::POST, "audio", _) => media::transcription(),
        (_, "files", _) => stored.files(call, rest),
        (_, "batches", _) => stored.batches(call, rest),
        (&Method::POST, "responses", "input_tokens") => {
            let tokens = responses::ask(call.body).tokens;
            Answer::json(&json!({"object": "response.input_tokens", "input_tokens": tokens}))
        }
        (_, "responses", rest) if !rest.is_empty() => responses::sub_route(call, rest),
        (&Method::GET, "responses", "") => failure(
            Dialect::OpenAi,
            405,
            "This route takes POST, or asks for a WebSocket.",
            None,
        ),
        _ => failure(
            Dialect::OpenAi,
            404,
            &format!("Invalid URL ({} /v1/{})", call.method, call.path),
            None,
        ),
    }
}

fn model(name: &str) -> Value {
    json!({"id": name, "object": "model", "created": 1_735_689_600, "owned_by": "standin"})
}

/// Whether a stream is to end with a usage event.
fn include_usage(body: &Value) -> bool {
    body.pointer("/stream_options/include_usage")
        .and_then(Value::as_bool)
        .unwrap_or(false)
}
