//! Answers of Chat providers in one piece.

use std::borrow::Cow;

use super::{
    super::{
        fields::Fields,
        talk::{Block, Call, Reasoning},
    },
    Answer, Asked, Broken, Json, Language,
    shape::{REASONING, call_seal, made_id, member, thought, unwrapped},
    stop::Ending,
    usage,
};
use crate::translate::Path;

pub(super) fn read<'a>(json: Json<'a>, asked: &Asked) -> Result<Answer<'a>, Broken> {
    let mut top = fields(json)?;
    let id = string(&mut top, "id").filter(|id| !id.is_empty());
    let id = id.map_or_else(|| asked.call.clone(), Cow::into_owned);
    let created = top.take("created").and_then(|at| at.as_u64());
    let mut choice = first_choice(&mut top).ok_or(Broken("it holds no choice"))?;
    let usage = usage::take(&mut top, Some(&mut choice));
    let mut message = fields(choice.take("message").ok_or(Broken("it has no message"))?)?;
    let mut ending = Ending {
        word: string(&mut choice, "finish_reason").map(Cow::into_owned),
        sequence: string(&mut choice, "stop_reason").map(Cow::into_owned),
        ..Ending::default()
    };
    if ending.failure().is_some() {
        return Err(Broken("it was not finished"));
    }
    let mut blocks = said(&mut message);
    if let Some(refusal) = string(&mut message, "refusal") {
        ending.refused = true;
        blocks.push(Block::Refusal(refusal));
    }
    if let Some(Json::Array(calls)) = message.take("tool_calls") {
        for (at, made) in calls.into_iter().enumerate() {
            ending.calls = true;
            let made = call(made, asked, || made_id(&id, created, at))?;
            blocks.push(Block::Call(made));
        }
    }
    Ok(Answer {
        id,
        created,
        blocks,
        stop: ending.stop(),
        usage,
    })
}

/// Providers' objects are read for what is known in them; the rest says nothing that has a place elsewhere.
pub(super) fn fields(json: Json<'_>) -> Result<Fields<'_>, Broken> {
    Fields::new(Path::TOP, json).map_err(|_| Broken("something in it is no object"))
}

/// Takes a string that says something.
pub(super) fn string<'a>(from: &mut Fields<'a>, name: &str) -> Option<Cow<'a, str>> {
    match from.take(name) {
        Some(Json::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// The first choice; never more than one is asked for.
pub(super) fn first_choice<'a>(top: &mut Fields<'a>) -> Option<Fields<'a>> {
    let Some(Json::Array(choices)) = top.take("choices") else {
        return None;
    };
    let mut choices = choices.into_iter();
    let first = choices.find(|choice| choice.get("index").and_then(Json::as_u64).unwrap_or(0) == 0);
    fields(first?).ok()
}

/// A piece of what a message says.
#[derive(Debug)]
pub(super) enum Said<'a> {
    Text(Cow<'a, str>),
    /// With its field, where it has one.
    Thought(Cow<'a, str>, Option<&'static str>),
}

/// Takes what a message or a delta of one says: thoughts in a field of their own or among the parts of the
/// content (Mistral), and text.
pub(super) fn pieces<'a>(message: &mut Fields<'a>) -> Vec<Said<'a>> {
    let mut found = Vec::new();
    for field in REASONING {
        // Some say the same thought in both.
        if found.is_empty()
            && let Some(thought) = string(message, field)
        {
            found.push(Said::Thought(thought, Some(field)));
        }
    }
    match message.take("content") {
        Some(Json::String(text)) => found.push(Said::Text(text)),
        Some(Json::Array(parts)) => found.extend(parts.into_iter().filter_map(part)),
        _ => {}
    }
    found.retain(|said| match said {
        Said::Text(text) | Said::Thought(text, _) => !text.is_empty(),
    });
    found
}

fn part(part: Json<'_>) -> Option<Said<'_>> {
    let mut part = fields(part).ok()?;
    match &*string(&mut part, "type")? {
        "text" => string(&mut part, "text").map(Said::Text),
        "thinking" => {
            let thought = match part.take("thinking")? {
                Json::String(thought) => thought,
                Json::Array(parts) => {
                    let texts = parts.into_iter().filter_map(|part| member(part, "text"));
                    let texts = texts.filter_map(|text| text.as_str().map(str::to_owned));
                    Cow::Owned(texts.collect::<String>())
                }
                _ => return None,
            };
            Some(Said::Thought(thought, None))
        }
        _ => None,
    }
}

fn said<'a>(message: &mut Fields<'a>) -> Vec<Block<'a>> {
    let mut blocks = Vec::new();
    for piece in pieces(message) {
        match (piece, blocks.last_mut()) {
            (Said::Text(more), Some(Block::Text { text, .. })) => text.to_mut().push_str(&more),
            (Said::Text(text), _) => blocks.push(Block::Text { text, cache: None }),
            (
                Said::Thought(more, None),
                Some(Block::Reasoning(Reasoning { parts, seal: None })),
            ) => {
                parts.push(more);
            }
            (Said::Thought(text, field), _) => blocks.push(Block::Reasoning(Reasoning {
                parts: vec![text],
                seal: field.map(thought),
            })),
        }
    }
    blocks
}

fn call<'a>(
    made: Json<'a>,
    asked: &Asked,
    other_id: impl FnOnce() -> String,
) -> Result<Call<'a>, Broken> {
    let mut made = fields(made)?;
    let function = made.take("function");
    let mut function = fields(function.ok_or(Broken("a call has no function"))?)?;
    let name = string(&mut function, "name").ok_or(Broken("a call has no name"))?;
    let input = arguments(function.take("arguments"));
    let freeform = asked.is_freeform(&name);
    let input = if freeform {
        unwrapped(&input).into()
    } else if input.trim().is_empty() {
        Cow::Borrowed("{}")
    } else {
        input
    };
    Ok(Call {
        id: string(&mut made, "id").unwrap_or_else(|| other_id().into()),
        name,
        input,
        freeform,
        seal: call_seal(made.take("extra_content"), Language::Chat),
    })
}

/// Arguments are a string; some providers send the object itself.
pub(super) fn arguments(value: Option<Json<'_>>) -> Cow<'_, str> {
    match value {
        None => Cow::Borrowed(""),
        Some(Json::String(text)) => text,
        Some(other) => Cow::Owned(other.text()),
    }
}
