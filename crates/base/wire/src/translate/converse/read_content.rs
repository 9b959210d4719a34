//! Reads what is said in a request.

use std::borrow::Cow;

use super::{media, seals};
use crate::translate::{
    Json, Language, Refused,
    fields::{Fields, missing},
    messages::give_calls_their_seals,
    talk::{Block, Cache, Call, Outcome, Reasoning, Speaker},
};

/// The system prompt: texts.
pub(super) fn instructions<'a>(body: &mut Fields<'a>) -> Result<Vec<Block<'a>>, Refused> {
    let mut blocks = Vec::new();
    for (path, value) in body.list("system")? {
        let mut block = Fields::new(path, value)?;
        if let Some(text) = block.string("text")? {
            blocks.push(Block::Text { text, cache: None });
        } else if let Some(point) = block.object("cachePoint")? {
            mark(&mut blocks, cache_point(point)?);
        }
        // What a guardrail of Amazon's is to look at, among others.
        block.close()?;
    }
    Ok(blocks)
}

/// What one speaker says.
pub(super) fn blocks<'a>(
    message: &mut Fields<'a>,
    speaker: Speaker,
) -> Result<Vec<Block<'a>>, Refused> {
    let mut blocks = Vec::new();
    for (path, value) in message.list("content")? {
        let mut block = Fields::new(path, value)?;
        read(&mut block, speaker, &mut blocks)?;
        block.close()?;
    }
    give_calls_their_seals(&mut blocks, Language::Converse, |id| id);
    Ok(blocks)
}

/// A block has one member, which says what it is. What is not known is left, and refused by its name.
fn read<'a>(
    block: &mut Fields<'a>,
    speaker: Speaker,
    out: &mut Vec<Block<'a>>,
) -> Result<(), Refused> {
    let assistant = speaker == Speaker::Assistant;
    let user = speaker == Speaker::User;
    if let Some(text) = block.string("text")? {
        out.push(Block::Text { text, cache: None });
    } else if let Some(point) = block.object("cachePoint")? {
        mark(out, cache_point(point)?);
    } else if user && let Some(result) = block.object("toolResult")? {
        out.push(self::result(result)?);
    } else if assistant && let Some(call) = block.object("toolUse")? {
        out.push(self::call(call)?);
    } else if assistant && let Some(thought) = block.object("reasoningContent")? {
        out.push(reasoning(thought)?);
    } else if assistant && let Some(mut cited) = block.object("citationsContent")? {
        // Where an earlier answer found what it says is no part of what it says.
        cited.advice(&["citations"]);
        for (path, value) in cited.list("content")? {
            let mut part = Fields::new(path, value)?;
            let text = part.string("text")?;
            out.extend(text.map(|text| Block::Text { text, cache: None }));
            part.close()?;
        }
        cited.close()?;
    } else if user {
        self::media(block, out)?;
    }
    Ok(())
}

fn media<'a>(block: &mut Fields<'a>, out: &mut Vec<Block<'a>>) -> Result<(), Refused> {
    for (name, kind) in media::KINDS {
        if let Some(mut found) = block.object(name)? {
            // What is said of a document is shown to the model before it.
            if let Some(text) = found.string("context")? {
                out.push(Block::Text { text, cache: None });
            }
            out.push(Block::Media(media::read(kind, found)?));
            return Ok(());
        }
    }
    Ok(())
}

/// How long a cached prefix is to live.
pub(super) fn cache_point(mut point: Fields<'_>) -> Result<Cache, Refused> {
    // There is one type.
    point.only("type", &Json::String("default".into()))?;
    let lives = match point.string("ttl")?.as_deref() {
        Some("1h") => Cache::Hour,
        _ => Cache::Minutes5,
    };
    point.close()?;
    Ok(lives)
}

/// A mark stands after what is worth caching; where that has no place for it, what is cached ends a block sooner.
fn mark(blocks: &mut [Block<'_>], lives: Cache) {
    for block in blocks.iter_mut().rev() {
        let place = match block {
            Block::Text { cache, .. } => cache,
            Block::Media(media) => &mut media.cache,
            Block::Result(outcome) => &mut outcome.cache,
            Block::Call(_) | Block::Reasoning(_) | Block::Refusal(_) => continue,
        };
        *place = Some(lives);
        return;
    }
}

fn call(mut fields: Fields<'_>) -> Result<Block<'_>, Refused> {
    let id = fields.required("toolUseId")?;
    let name = fields.required("name")?;
    let input = fields.take("input").unwrap_or(Json::Object(Vec::new()));
    // A type is that of a tool that Amazon ran.
    fields.close()?;
    Ok(Block::Call(Call {
        id,
        name,
        input: Cow::Owned(input.text()),
        freeform: false,
        seal: None,
    }))
}

fn result(mut fields: Fields<'_>) -> Result<Block<'_>, Refused> {
    let id = fields.required("toolUseId")?;
    let failed = match fields.string("status")?.as_deref() {
        None | Some("success") => false,
        Some("error") => true,
        Some(_) => {
            let why = "must be `success` or `error`";
            return Err(Refused::invalid(fields.at("status"), why));
        }
    };
    let mut blocks = Vec::new();
    for (path, value) in fields.list("content")? {
        let mut part = Fields::new(path, value)?;
        if let Some(text) = part.string("text")? {
            blocks.push(Block::Text { text, cache: None });
        } else if let Some(json) = part.take("json") {
            let text = Cow::Owned(json.text());
            blocks.push(Block::Text { text, cache: None });
        } else {
            media(&mut part, &mut blocks)?;
        }
        part.close()?;
    }
    fields.close()?;
    Ok(Block::Result(Outcome {
        id,
        name: None,
        blocks,
        failed,
        cache: None,
    }))
}

fn reasoning(mut thought: Fields<'_>) -> Result<Block<'_>, Refused> {
    let read = if let Some(data) = thought.string("redactedContent")? {
        Reasoning {
            parts: Vec::new(),
            seal: Some(seals::hidden(data)),
        }
    } else {
        let path = thought.at("reasoningText");
        let shown = thought.object("reasoningText")?;
        let mut shown = shown.ok_or_else(|| missing(&path))?;
        let text = shown.required("text")?;
        let signature = shown.string("signature")?;
        shown.close()?;
        let signature = signature.filter(|signature| !signature.is_empty());
        Reasoning {
            parts: if text.is_empty() {
                Vec::new()
            } else {
                vec![text]
            },
            seal: signature.map(seals::signature),
        }
    };
    thought.close()?;
    Ok(Block::Reasoning(read))
}
