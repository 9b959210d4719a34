//! The conversation as Chat's messages.

use crate::translate::build::{object, text};
use std::borrow::Cow;

use super::{
    super::talk::{Block, Call, Outcome, Reasoning, Request, Speaker, Turn},
    Feature, Inexpressible, Json, Language,
    media::{Part, part},
    shape::{REASONING, extra_content, put, short_id, thought_field, wrapped},
    write_request::tool_name,
};

/// Between what was said apart: a message of text is one string, since not every provider takes parts.
const GAP: &str = "\n\n";

/// Before the text of a tool that failed. Chat has no field for it.
const FAILED: &str = "The tool failed";

/// In a result whose images and files follow. Chat's results hold text only.
const FOLLOWS: &str = "(Images and files of this result are in the next user message.)";

type Written<'a> = Result<Vec<Json<'a>>, Inexpressible>;

pub(super) fn messages<'a>(request: &'a Request<'_>) -> Written<'a> {
    let mut out = Vec::new();
    out.extend(system(&request.instructions)?);
    let mut turns = request.turns.as_slice();
    let thinks = turns.iter().any(thinks);
    while let Some(first) = turns.first() {
        let assistant = first.speaker == Speaker::Assistant;
        let same = |turn: &&Turn<'_>| (turn.speaker == Speaker::Assistant) == assistant;
        let (run, rest) = turns.split_at(turns.iter().take_while(same).count());
        if assistant {
            out.extend(answered(run, thinks)?);
        } else {
            out.extend(asked(run)?);
        }
        turns = rest;
    }
    Ok(out)
}

fn message<'a>(role: &'static str, content: Json<'a>) -> Json<'a> {
    object([("role", text(role)), ("content", content)])
}

/// Instructions as one message. More than one, or one of parts, not every provider takes.
fn system<'a>(blocks: &'a [Block<'_>]) -> Result<Option<Json<'a>>, Inexpressible> {
    let parts = parts(blocks)?;
    if parts.iter().any(|part| matches!(part, Part::Media(_))) {
        return Err(Inexpressible(Feature::MediaType));
    }
    Ok((!parts.is_empty()).then(|| message("system", content(parts))))
}

/// What is not a result, as parts.
fn parts<'a>(blocks: &'a [Block<'_>]) -> Result<Vec<Part<'a>>, Inexpressible> {
    let said = blocks.iter().filter_map(|block| match block {
        Block::Text { text, .. } | Block::Refusal(text) => {
            Some(Ok(Part::Text(Cow::Borrowed(&**text))))
        }
        Block::Media(media) => Some(part(media)),
        Block::Call(_) | Block::Reasoning(_) | Block::Result(_) => None,
    });
    said.collect()
}

/// One string where all is text.
fn content(parts: Vec<Part<'_>>) -> Json<'_> {
    if parts.iter().all(|part| matches!(part, Part::Text(_))) {
        let texts = parts.into_iter().filter_map(|part| match part {
            Part::Text(said) => Some(said),
            Part::Media(_) => None,
        });
        return Json::String(joined(texts.collect()));
    }
    let parts = parts.into_iter().map(|part| match part {
        Part::Media(part) => part,
        Part::Text(said) => object([("type", text("text")), ("text", Json::String(said))]),
    });
    Json::Array(parts.collect())
}

fn joined(mut texts: Vec<Cow<'_, str>>) -> Cow<'_, str> {
    texts.retain(|text| !text.is_empty());
    match texts.len() {
        1 => texts.remove(0),
        _ => Cow::Owned(texts.join(GAP)),
    }
}

/// What users, tools and operators say between two answers. The results come first, as they have to follow
/// their calls, and then what they hold beside text.
fn asked<'a>(run: &'a [Turn<'_>]) -> Written<'a> {
    let mut out = Vec::new();
    let mut held = Vec::new();
    for block in run.iter().flat_map(|turn| &turn.blocks) {
        if let Block::Result(outcome) = block {
            out.push(result(outcome, &mut held)?);
        }
    }
    for turn in run {
        if turn.speaker == Speaker::System {
            out.extend(system(&turn.blocks)?);
            continue;
        }
        let said = parts(&turn.blocks)?;
        if !said.is_empty() {
            held.extend(said);
            out.push(message("user", content(std::mem::take(&mut held))));
        }
    }
    if !held.is_empty() {
        out.push(message("user", content(held)));
    }
    Ok(out)
}

fn result<'a>(
    outcome: &'a Outcome<'_>,
    held: &mut Vec<Part<'a>>,
) -> Result<Json<'a>, Inexpressible> {
    let id = short_id(&outcome.id);
    let mut texts = Vec::new();
    let mut media = Vec::new();
    for part in parts(&outcome.blocks)? {
        match part {
            Part::Text(said) => texts.push(said),
            Part::Media(_) => media.push(part),
        }
    }
    if !media.is_empty() {
        texts.push(Cow::Borrowed(FOLLOWS));
        held.push(Part::Text(format!("From the result of call {id}:").into()));
        held.append(&mut media);
    }
    let mut said = joined(texts);
    if outcome.failed {
        let rest = if said.is_empty() { "." } else { ":\n" };
        said = Cow::Owned(format!("{FAILED}{rest}{said}"));
    }
    Ok(object([
        ("role", text("tool")),
        ("tool_call_id", Json::String(id)),
        ("content", Json::String(said)),
    ]))
}

/// An answer. Calls that were made at once stand in one message, however they came. Where the provider `thinks`,
/// it wants the field at every call (DeepSeek), and where there was no thought, or another model's, it is empty.
fn answered<'a>(run: &'a [Turn<'_>], thinks: bool) -> Result<Option<Json<'a>>, Inexpressible> {
    let (mut texts, mut refusals, mut calls) = (Vec::new(), Vec::new(), Vec::new());
    let mut thoughts: Vec<(&'static str, String)> = Vec::new();
    for block in run.iter().flat_map(|turn| &turn.blocks) {
        match block {
            Block::Text { text, .. } if text.is_empty() => {}
            Block::Text { text, .. } => texts.push(Cow::Borrowed(&**text)),
            Block::Refusal(text) => refusals.push(Cow::Borrowed(&**text)),
            Block::Call(made) => calls.push(call(made)?),
            Block::Reasoning(reasoning) => think(reasoning, &mut thoughts),
            // A model's own pictures and sounds have no place in a message of its.
            Block::Media(_) => return Err(Inexpressible(Feature::MediaType)),
            Block::Result(_) => {}
        }
    }
    if texts.is_empty() && refusals.is_empty() && calls.is_empty() {
        return Ok(None);
    }
    if thinks && thoughts.is_empty() && !calls.is_empty() {
        thoughts.push((REASONING[0], String::new()));
    }
    let said = match texts.is_empty() {
        true => Json::Null,
        false => Json::String(joined(texts)),
    };
    let mut message = Vec::new();
    put(&mut message, "role", text("assistant"));
    for (field, thought) in thoughts {
        put(&mut message, field, text(thought));
    }
    put(&mut message, "content", said);
    if !refusals.is_empty() {
        put(&mut message, "refusal", Json::String(joined(refusals)));
    }
    if !calls.is_empty() {
        put(&mut message, "tool_calls", Json::Array(calls));
    }
    Ok(Some(Json::Object(message)))
}

/// What a Chat provider thought goes back to it word by word. Other thoughts mean nothing to it.
fn think(reasoning: &Reasoning<'_>, thoughts: &mut Vec<(&'static str, String)>) {
    let Some(field) = thought_field(reasoning.seal.as_ref()) else {
        return;
    };
    let thought = reasoning.parts.concat();
    match thoughts.iter_mut().find(|(known, _)| *known == field) {
        Some((_, before)) => before.push_str(&thought),
        None => thoughts.push((field, thought)),
    }
}

/// Whether there is a thought of a provider that shows them in DeepSeek's field.
fn thinks(turn: &Turn<'_>) -> bool {
    turn.blocks.iter().any(|block| match block {
        Block::Reasoning(thought) => thought_field(thought.seal.as_ref()) == Some(REASONING[0]),
        _ => false,
    })
}

fn call<'a>(call: &'a Call<'_>) -> Result<Json<'a>, Inexpressible> {
    let arguments = if call.freeform {
        Cow::Owned(wrapped(&call.input))
    } else if call.input.trim().is_empty() {
        Cow::Borrowed("{}")
    } else {
        Cow::Borrowed(&*call.input)
    };
    let mut written = vec![
        ("id".into(), Json::String(short_id(&call.id))),
        ("type".into(), text("function")),
        (
            "function".into(),
            object([
                ("name", text(tool_name(&call.name)?)),
                ("arguments", Json::String(arguments)),
            ]),
        ),
    ];
    let own = call.seal.as_ref();
    if let Some(seal) = own.filter(|seal| seal.owner == Language::Chat) {
        put(&mut written, "extra_content", extra_content(&*seal.data));
    }
    Ok(Json::Object(written))
}
