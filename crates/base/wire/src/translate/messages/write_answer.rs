//! Writes an answer in one piece.

use std::borrow::Cow;

use tidegate_types::Usage;

use super::{Members, arguments, ids, stop_reason, write_content::joined};
use crate::translate::{
    Answer, Asked, Json, Language, Seal, SealKind,
    reply::Stop,
    talk::{Block, Call, Media, MediaKind, Reasoning},
};

pub(in crate::translate) fn write_answer(answer: &Answer<'_>, asked: &Asked) -> Vec<u8> {
    let mut content = Vec::with_capacity(answer.blocks.len());
    let (mut calls, mut refusal) = (false, false);
    for block in &answer.blocks {
        calls |= matches!(block, Block::Call(_));
        refusal |= matches!(block, Block::Refusal(_));
        written(block, &mut content);
    }
    let mut message = message(&answer.id, asked, content);
    let reason = stop_reason(&answer.stop, calls, refusal);
    ended(&mut message, reason, &answer.stop);
    message.put("usage", usage(&answer.usage.unwrap_or_default()));
    message.json().bytes()
}

/// What an answer begins with, whole or as a stream.
pub(super) fn message<'a>(id: &'a str, asked: &'a Asked, content: Vec<Json<'a>>) -> Members<'a> {
    let mut message = Members::default();
    message.text("id", id);
    message.text("type", "message");
    message.text("role", "assistant");
    message.text("model", asked.model.as_str());
    message.put("content", Json::Array(content));
    message
}

/// Why it ended.
pub(super) fn ended<'a>(of: &mut Members<'a>, reason: &'static str, stop: &'a Stop) {
    of.text("stop_reason", reason);
    let sequence = match stop {
        Stop::Sequence(Some(sequence)) => Json::String(Cow::Borrowed(sequence)),
        _ => Json::Null,
    };
    of.put("stop_sequence", sequence);
}

/// Totals, in kinds that do not overlap.
pub(super) fn usage<'a>(usage: &Usage) -> Json<'a> {
    let written = usage.cache_write_5m.saturating_add(usage.cache_write_1h);
    let mut report = Members::default();
    report.count(
        "input_tokens",
        usage.input.saturating_add(usage.input_audio),
    );
    report.count("cache_creation_input_tokens", written);
    report.count("cache_read_input_tokens", usage.cached);
    let mut creation = Members::default();
    creation.count("ephemeral_5m_input_tokens", usage.cache_write_5m);
    creation.count("ephemeral_1h_input_tokens", usage.cache_write_1h);
    report.put("cache_creation", creation.json());
    report.count("output_tokens", usage.total_output().0);
    if usage.reasoning > 0 {
        let mut details = Members::default();
        details.count("thinking_tokens", usage.reasoning);
        report.put("output_tokens_details", details.json());
    }
    report.json()
}

fn written<'a>(block: &'a Block<'_>, out: &mut Vec<Json<'a>>) {
    match block {
        Block::Text { text, .. } | Block::Refusal(text) => out.extend(text_block(text)),
        Block::Media(media) => out.extend(text_block(instead_of(media))),
        Block::Reasoning(thought) => out.extend(reasoning(thought)),
        Block::Call(call) => {
            let seal = call.seal.as_ref();
            out.extend(seal.map(|seal| redacted(beside_call(seal, &call.id))));
            out.push(written_call(call));
        }
        // What tools gave is said by clients.
        Block::Result(_) => {}
    }
}

/// An empty one would be refused when it comes back.
fn text_block(text: &str) -> Option<Json<'_>> {
    if text.is_empty() {
        return None;
    }
    let mut written = Members::of("text");
    written.text("text", text);
    Some(written.json())
}

/// Answers hold no pictures or sound here; that there was one is said.
const fn instead_of(media: &Media<'_>) -> &'static str {
    match media.kind {
        MediaKind::Audio => "[A sound that the Messages API cannot hold]",
        MediaKind::Document => "[A document that the Messages API cannot hold]",
        MediaKind::Image => "[An image that the Messages API cannot hold]",
        MediaKind::Video => "[A video that the Messages API cannot hold]",
    }
}

fn reasoning<'a>(thought: &'a Reasoning<'_>) -> Option<Json<'a>> {
    let text = joined(&thought.parts);
    if text.is_empty() {
        let seal = thought.seal.as_ref()?;
        return Some(without_text(seal));
    }
    let seal = thought.seal.as_ref();
    let signature = seal.map_or(Cow::Borrowed(""), |seal| seal.carried(Language::Messages));
    Some(thinking(text, signature))
}

pub(super) fn thinking<'a>(text: Cow<'a, str>, signature: Cow<'a, str>) -> Json<'a> {
    let mut written = Members::of("thinking");
    written.text("thinking", text);
    written.text("signature", signature);
    written.json()
}

/// A thought that is not shown.
pub(super) fn without_text<'a>(seal: &'a Seal<'_>) -> Json<'a> {
    let data = seal.carried(Language::Messages);
    if seal.owner == Language::Messages && seal.kind == SealKind::Signature {
        thinking(Cow::Borrowed(""), data)
    } else {
        redacted(data)
    }
}

pub(super) fn redacted(data: Cow<'_, str>) -> Json<'_> {
    let mut written = Members::of("redacted_thinking");
    written.text("data", data);
    written.json()
}

/// What belongs to a call, as a thought beside it, which comes back with the call's id.
pub(super) fn beside_call(seal: &Seal<'_>, id: &str) -> Cow<'static, str> {
    let named = Seal {
        owner: seal.owner,
        kind: seal.kind,
        id: Some(ids::written(id)),
        data: Cow::Borrowed(&*seal.data),
    };
    Cow::Owned(named.carried(Language::Messages).into_owned())
}

fn written_call<'a>(call: &'a Call<'_>) -> Json<'a> {
    let mut written = Members::of("tool_use");
    written.text("id", ids::written(&call.id));
    written.text("name", &*call.name);
    written.put("input", arguments(&call.input, call.freeform));
    written.json()
}
