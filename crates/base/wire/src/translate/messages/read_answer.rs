//! Reads an answer in one piece.

use std::borrow::Cow;

use super::{stop, unwrapped};
use crate::{
    answer::anthropic_usage,
    translate::{
        Answer, Asked, Broken, Json, Language, Seal, SealKind,
        talk::{Block, Call, Reasoning},
    },
};

pub(in crate::translate) fn read_answer<'a>(
    json: Json<'a>,
    asked: &Asked,
) -> Result<Answer<'a>, Broken> {
    let Json::Object(mut members) = json else {
        return Err(Broken("it is no object"));
    };
    if taken_text(&mut members, "type").as_deref() != Some("message") {
        return Err(Broken("it is no message"));
    }
    let Some(Json::Array(content)) = taken(&mut members, "content") else {
        return Err(Broken("its content is no list"));
    };
    let mut blocks = Vec::with_capacity(content.len());
    for value in content {
        blocks.extend(block(value, asked)?);
    }
    let usage = taken(&mut members, "usage").map(|usage| anthropic_usage(&usage, &usage));
    let reason = taken_text(&mut members, "stop_reason").unwrap_or_default();
    let sequence = taken_text(&mut members, "stop_sequence");
    Ok(Answer {
        id: taken_text(&mut members, "id")
            .unwrap_or_default()
            .into_owned(),
        created: None,
        blocks,
        stop: stop(&reason, sequence.as_deref()),
        usage,
    })
}

/// A thought that is hidden.
pub(super) fn hidden(data: Cow<'_, str>) -> Seal<'_> {
    sealed(data, SealKind::Content)
}

/// The signature of a thought that is shown.
pub(super) fn signature(data: Cow<'_, str>) -> Seal<'_> {
    sealed(data, SealKind::Signature)
}

const fn sealed(data: Cow<'_, str>, kind: SealKind) -> Seal<'_> {
    Seal {
        owner: Language::Messages,
        kind,
        id: None,
        data,
    }
}

fn block<'a>(value: Json<'a>, asked: &Asked) -> Result<Option<Block<'a>>, Broken> {
    let Json::Object(mut members) = value else {
        return Err(Broken("a block of its content is no object"));
    };
    let kind = taken_text(&mut members, "type").unwrap_or_default();
    Ok(Some(match &*kind {
        "text" => Block::Text {
            text: taken_text(&mut members, "text").unwrap_or_default(),
            cache: None,
        },
        "thinking" => {
            let text = taken_text(&mut members, "thinking");
            let seal = taken_text(&mut members, "signature").filter(|seal| !seal.is_empty());
            Block::Reasoning(Reasoning {
                parts: text.into_iter().filter(|text| !text.is_empty()).collect(),
                seal: seal.map(signature),
            })
        }
        "redacted_thinking" => Block::Reasoning(Reasoning {
            parts: Vec::new(),
            seal: taken_text(&mut members, "data").map(hidden),
        }),
        "tool_use" => {
            let (Some(id), Some(name)) = (
                taken_text(&mut members, "id"),
                taken_text(&mut members, "name"),
            ) else {
                return Err(Broken("a call has no id or no name"));
            };
            let input = taken(&mut members, "input").unwrap_or(Json::Object(Vec::new()));
            let freeform = asked.is_freeform(&name);
            let input = if freeform {
                unwrapped(input)
            } else {
                input.text()
            };
            Block::Call(Call {
                id,
                name,
                input: Cow::Owned(input),
                freeform,
                seal: None,
            })
        }
        // What comes of tools that Anthropic runs, which nobody could ask for.
        _ => return Ok(None),
    }))
}

fn taken<'a>(members: &mut Vec<(Cow<'a, str>, Json<'a>)>, name: &str) -> Option<Json<'a>> {
    let at = members.iter().position(|(known, _)| known == name)?;
    Some(members.swap_remove(at).1).filter(|value| *value != Json::Null)
}

fn taken_text<'a>(members: &mut Vec<(Cow<'a, str>, Json<'a>)>, name: &str) -> Option<Cow<'a, str>> {
    match taken(members, name) {
        Some(Json::String(text)) => Some(text),
        _ => None,
    }
}
