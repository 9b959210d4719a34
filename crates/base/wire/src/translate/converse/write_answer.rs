//! Writes an answer in one piece.

use std::borrow::Cow;

use super::{metrics, names, seals, stop_reason, usage};
use crate::translate::{
    Answer, Asked, Json, Language,
    build::{object, text},
    messages::{arguments, joined},
    talk::{Block, Call, MediaKind, Reasoning},
};

pub(in crate::translate) fn write_answer(answer: &Answer<'_>, _: &Asked) -> Vec<u8> {
    let mut content = Vec::with_capacity(answer.blocks.len());
    let mut calls = false;
    let beside: Vec<_> = answer.blocks.iter().map(beside).collect();
    for (block, beside) in answer.blocks.iter().zip(&beside) {
        calls |= matches!(block, Block::Call(_));
        content.extend(beside.as_ref().map(seals::without_text));
        content.extend(written(block));
    }
    let message = object([
        ("role", text("assistant")),
        ("content", Json::Array(content)),
    ]);
    let written = object([
        ("metrics", metrics()),
        ("output", object([("message", message)])),
        ("stopReason", text(stop_reason(&answer.stop, calls))),
        ("usage", usage(&answer.usage.unwrap_or_default())),
    ]);
    written.bytes()
}

/// What belongs to a call, and has no place at it.
fn beside(block: &Block<'_>) -> Option<crate::translate::Seal<'static>> {
    match block {
        Block::Call(call) => {
            let seal = call.seal.as_ref();
            seal.map(|seal| seals::beside_call(seal, &call.id))
        }
        _ => None,
    }
}

fn written<'a>(block: &'a Block<'_>) -> Option<Json<'a>> {
    match block {
        Block::Text { text: words, .. } | Block::Refusal(words) => {
            (!words.is_empty()).then(|| object([("text", text(&**words))]))
        }
        Block::Media(media) => Some(object([("text", text(instead_of(media.kind)))])),
        Block::Reasoning(thought) => reasoning(thought),
        Block::Call(call) => Some(written_call(call)),
        // What tools gave is said by clients.
        Block::Result(_) => None,
    }
}

/// Few of Bedrock's clients look for pictures or sound in an answer; that there was one is said.
const fn instead_of(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Audio => "[A sound that is not passed on in Converse]",
        MediaKind::Document => "[A document that is not passed on in Converse]",
        MediaKind::Image => "[An image that is not passed on in Converse]",
        MediaKind::Video => "[A video that is not passed on in Converse]",
    }
}

fn reasoning<'a>(thought: &'a Reasoning<'_>) -> Option<Json<'a>> {
    let words = joined(&thought.parts);
    let seal = thought.seal.as_ref();
    if words.is_empty() {
        return seal.map(seals::without_text);
    }
    let mut shown = vec![("text", text(words))];
    let signature = seal.map(|seal| seal.carried(Language::Converse));
    shown.extend(signature.map(|signature| ("signature", text(signature))));
    let shown = object([("reasoningText", object(shown))]);
    Some(object([("reasoningContent", shown)]))
}

fn written_call<'a>(call: &'a Call<'_>) -> Json<'a> {
    let written = object([
        ("toolUseId", text(names::id(&call.id))),
        ("name", Json::String(Cow::Borrowed(&*call.name))),
        ("input", arguments(&call.input, call.freeform)),
    ]);
    object([("toolUse", written)])
}
