//! What a model says in Gemini's parts, as blocks: pieces of one text are one block, and a signature belongs to
//! the thoughts that end with the part that it stands on.

use std::borrow::Cow;

use super::super::{
    Language, Seal,
    talk::{Block, Call, Reasoning},
};

/// A part, without the signature on it.
#[derive(Debug)]
pub(super) enum Said<'a> {
    Call(Call<'a>),
    Text(Cow<'a, str>),
    Thought(Cow<'a, str>),
}

/// Puts a part at the end of what the model has said.
pub(super) fn add<'a>(blocks: &mut Vec<Block<'a>>, said: Said<'a>, seal: Option<Seal<'a>>) {
    match said {
        Said::Call(mut call) => {
            match seal {
                Some(own) if own.owner == Language::Gemini => call.seal = Some(own),
                Some(foreign) => seal_thoughts(blocks, foreign),
                None => {}
            }
            blocks.push(Block::Call(call));
        }
        Said::Text(text) => {
            if let Some(seal) = seal {
                seal_thoughts(blocks, seal);
            }
            match blocks.last_mut() {
                _ if text.is_empty() => {}
                Some(Block::Text { text: before, .. }) => before.to_mut().push_str(&text),
                _ => blocks.push(Block::Text { text, cache: None }),
            }
        }
        Said::Thought(text) => {
            match blocks.last_mut() {
                _ if text.is_empty() => {}
                Some(Block::Reasoning(Reasoning { parts, seal: None })) => match parts.last_mut() {
                    Some(before) => before.to_mut().push_str(&text),
                    None => parts.push(text),
                },
                _ => blocks.push(Block::Reasoning(Reasoning {
                    parts: vec![text],
                    seal: None,
                })),
            }
            if let Some(seal) = seal {
                seal_thoughts(blocks, seal);
            }
        }
    }
}

/// Seals the thoughts that were last, or such as are not shown.
fn seal_thoughts<'a>(blocks: &mut Vec<Block<'a>>, seal: Seal<'a>) {
    match blocks.last_mut() {
        Some(Block::Reasoning(Reasoning { seal: place, .. })) if place.is_none() => {
            *place = Some(seal);
        }
        _ => blocks.push(Block::Reasoning(Reasoning {
            parts: Vec::new(),
            seal: Some(seal),
        })),
    }
}
