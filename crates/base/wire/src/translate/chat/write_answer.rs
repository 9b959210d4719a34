//! Answers to Chat clients in one piece.

use crate::translate::build::{count, object, text};
use std::borrow::Cow;

use super::{
    super::{
        Seal,
        talk::{Block, Call},
    },
    Answer, Asked, Json, Language,
    shape::{extra_content, put},
    stop, usage,
};

/// Between the parts of what was thought.
pub(super) const PARTS: &str = "\n\n";

pub(super) fn write(answer: &Answer<'_>, asked: &Asked) -> Vec<u8> {
    let refused = |block: &Block<'_>| matches!(block, Block::Refusal(_));
    let word = stop::word(&answer.stop, answer.blocks.iter().any(refused));
    let choice = object([
        ("index", count(0)),
        ("message", message(&answer.blocks)),
        ("logprobs", Json::Null),
        ("finish_reason", text(word)),
    ]);
    let mut body = head(&answer.id, "chat.completion", answer.created, asked);
    put(&mut body, "choices", Json::Array(vec![choice]));
    if let Some(usage) = &answer.usage {
        put(&mut body, "usage", usage::report(usage));
    }
    Json::Object(body).bytes()
}

/// How answers and chunks begin. A provider that does not say when it answered leaves that at 0.
pub(super) fn head<'a>(
    id: &'a str,
    kind: &'static str,
    created: Option<u64>,
    asked: &'a Asked,
) -> Vec<(Cow<'a, str>, Json<'a>)> {
    vec![
        ("id".into(), text(id)),
        ("object".into(), text(kind)),
        ("created".into(), count(created.unwrap_or_default())),
        ("model".into(), text(&asked.model)),
    ]
}

fn message<'a>(blocks: &'a [Block<'_>]) -> Json<'a> {
    let (mut said, mut refusal) = (None, None);
    let (mut thoughts, mut calls) = (Vec::new(), Vec::new());
    let more = |all: &mut Option<String>, text: &str| {
        all.get_or_insert_default().push_str(text);
    };
    for block in blocks {
        match block {
            Block::Text { text, .. } => more(&mut said, text),
            Block::Refusal(text) => more(&mut refusal, text),
            Block::Reasoning(reasoning) => {
                let parts = reasoning.parts.iter().map(|part| &**part);
                thoughts.extend(parts.filter(|part| !part.is_empty()));
            }
            Block::Call(made) => calls.push(call(made)),
            // A message has no place for these, and no provider is asked for them.
            Block::Media(_) | Block::Result(_) => {}
        }
    }
    let or_null = |all: Option<String>| all.map_or(Json::Null, text);
    let mut message = Vec::new();
    put(&mut message, "role", text("assistant"));
    put(&mut message, "content", or_null(said));
    put(&mut message, "refusal", or_null(refusal));
    if !thoughts.is_empty() {
        put(
            &mut message,
            "reasoning_content",
            text(thoughts.join(PARTS)),
        );
    }
    if !calls.is_empty() {
        put(&mut message, "tool_calls", Json::Array(calls));
    }
    Json::Object(message)
}

fn call<'a>(call: &'a Call<'_>) -> Json<'a> {
    let mut written = vec![("id".into(), text(&*call.id))];
    written.extend(called(&call.name, &call.input, call.freeform));
    if let Some(signature) = call.seal.as_ref().and_then(signature) {
        put(&mut written, "extra_content", extra_content(signature));
    }
    Json::Object(written)
}

/// A call's kind, name and input.
pub(super) fn called<'a>(
    name: &'a str,
    input: &'a str,
    freeform: bool,
) -> [(Cow<'a, str>, Json<'a>); 2] {
    let (kind, field) = match freeform {
        true => ("custom", "input"),
        false => ("function", "arguments"),
    };
    [
        ("type".into(), text(kind)),
        (
            kind.into(),
            object([("name", text(name)), (field, text(input))]),
        ),
    ]
}

/// A call's seal, as it is written where Gemini's Chat endpoint has its own.
pub(super) fn signature<'a>(seal: &'a Seal<'_>) -> Option<Cow<'a, str>> {
    (!seal.data.is_empty()).then(|| seal.carried(Language::Gemini))
}
