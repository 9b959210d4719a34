//! Reads an answer in one piece.

use std::borrow::Cow;

use super::{media, names, seals, stop};
use crate::{
    answer::converse_usage,
    translate::{
        Answer, Asked, Broken, Json, Path,
        fields::Fields,
        messages::unwrapped,
        talk::{Block, Call, Reasoning},
    },
};

pub(in crate::translate) fn read_answer<'a>(
    json: Json<'a>,
    asked: &Asked,
) -> Result<Answer<'a>, Broken> {
    let mut answer = object(json)?;
    let usage = answer.take("usage");
    let usage = usage.map(|usage| converse_usage(&usage));
    let reason = answer.take("stopReason");
    let reason = reason.as_ref().and_then(Json::as_str).unwrap_or_default();
    let stop = stop(reason)?;
    let output = answer.take("output").ok_or(Broken("it has no output"))?;
    let message = object(output)?.take("message");
    let mut message = object(message.ok_or(Broken("it has no message"))?)?;
    let Some(Json::Array(content)) = message.take("content") else {
        return Err(Broken("its content is no list"));
    };
    let mut calls = 0;
    let mut blocks = Vec::with_capacity(content.len());
    for value in content {
        for block in self::blocks(object(value)?, asked)? {
            calls += usize::from(matches!(block, Block::Call(_)));
            // Bedrock cannot be told to call one tool at a time; the next call comes when the model has seen the
            // first one's result.
            if !(asked.one_call && calls > 1) {
                blocks.push(block);
            }
        }
    }
    Ok(Answer {
        id: String::new(),
        created: None,
        blocks,
        stop,
        usage,
    })
}

fn object(json: Json<'_>) -> Result<Fields<'_>, Broken> {
    Fields::new(Path::TOP, json).map_err(|_| Broken("it is no object where there has to be one"))
}

fn text<'a>(of: &mut Fields<'a>, name: &'static str) -> Option<Cow<'a, str>> {
    match of.take(name) {
        Some(Json::String(text)) => Some(text),
        _ => None,
    }
}

fn blocks<'a>(mut block: Fields<'a>, asked: &Asked) -> Result<Vec<Block<'a>>, Broken> {
    if let Some(words) = text(&mut block, "text") {
        return Ok(vec![said(words)]);
    }
    if let Some(thought) = block.take("reasoningContent") {
        return Ok(vec![reasoning(object(thought)?)?]);
    }
    if let Some(call) = block.take("toolUse") {
        return Ok(called(object(call)?, asked)?.into_iter().collect());
    }
    if let Some(cited) = block.take("citationsContent") {
        // Where an answer found what it says is no part of what it says.
        let Some(Json::Array(parts)) = object(cited)?.take("content") else {
            return Ok(Vec::new());
        };
        let mut said = Vec::with_capacity(parts.len());
        for part in parts {
            let words = text(&mut object(part)?, "text");
            said.extend(words.map(self::said));
        }
        return Ok(said);
    }
    for (name, kind) in media::KINDS {
        if let Some(found) = block.take(name) {
            let read = media::read(kind, object(found)?);
            let read = read.map_err(|_| Broken("a picture or a sound cannot be read"))?;
            return Ok(vec![Block::Media(read)]);
        }
    }
    // What comes of tools that Amazon runs, which nobody could ask for.
    Ok(Vec::new())
}

const fn said(text: Cow<'_, str>) -> Block<'_> {
    Block::Text { text, cache: None }
}

fn reasoning(mut thought: Fields<'_>) -> Result<Block<'_>, Broken> {
    if let Some(data) = text(&mut thought, "redactedContent") {
        return Ok(Block::Reasoning(Reasoning {
            parts: Vec::new(),
            seal: Some(seals::hidden(data)),
        }));
    }
    let shown = thought
        .take("reasoningText")
        .unwrap_or(Json::Object(Vec::new()));
    let mut shown = object(shown)?;
    let words = text(&mut shown, "text").filter(|words| !words.is_empty());
    let signature = text(&mut shown, "signature").filter(|signature| !signature.is_empty());
    Ok(Block::Reasoning(Reasoning {
        parts: words.into_iter().collect(),
        seal: signature.map(seals::signature),
    }))
}

fn called<'a>(mut call: Fields<'a>, asked: &Asked) -> Result<Option<Block<'a>>, Broken> {
    if call.take("type").is_some() {
        // A tool that Amazon runs.
        return Ok(None);
    }
    let (Some(id), Some(name)) = (text(&mut call, "toolUseId"), text(&mut call, "name")) else {
        return Err(Broken("a call has no id or no name"));
    };
    let name = names::original(&name, asked).map_or(name, Cow::Owned);
    let input = call.take("input").unwrap_or(Json::Object(Vec::new()));
    let freeform = asked.is_freeform(&name);
    let input = if freeform {
        unwrapped(input)
    } else {
        input.text()
    };
    Ok(Some(Block::Call(Call {
        id,
        name,
        input: Cow::Owned(input),
        freeform,
        seal: None,
    })))
}
