//! Writes the conversation as items.

use crate::translate::build::{maybe, object, text};
use std::{borrow::Cow, collections::HashSet};

use super::{
    Feature, Inexpressible, Json, Language, SealKind, names,
    talk::{Block, Call, Outcome, Reasoning, Speaker, Turn},
    write_parts,
};

/// The longest id of a call that the provider takes, in bytes.
const LONGEST_ID: usize = names::LONGEST;

pub(super) fn input<'r>(turns: &'r [Turn<'_>]) -> Result<Json<'r>, Inexpressible> {
    let mut items = Items::default();
    for turn in turns {
        for block in &turn.blocks {
            items.block(turn.speaker, block)?;
        }
        items.message_is_over(turn.speaker);
    }
    Ok(Json::Array(items.items))
}

/// A conversation that is nothing but instructions.
pub(super) fn system<'r>(words: String) -> Json<'r> {
    Json::Array(vec![object([
        ("type", text("message")),
        ("role", text("system")),
        ("content", text(words)),
    ])])
}

#[derive(Default)]
struct Items<'r> {
    items: Vec<Json<'r>>,
    /// The parts of a message that is not over.
    parts: Vec<Json<'r>>,
    /// Calls of freeform tools, whose outputs are items of another type.
    freeform: HashSet<&'r str>,
}

impl<'r> Items<'r> {
    fn block(&mut self, speaker: Speaker, block: &'r Block<'_>) -> Result<(), Inexpressible> {
        let said = match speaker {
            Speaker::Assistant => "output_text",
            Speaker::System | Speaker::User => "input_text",
        };
        match block {
            // An empty part says nothing, and is refused.
            Block::Text { text: said, .. } if said.is_empty() => {}
            Block::Text { text: words, .. } => self
                .parts
                .push(object([("type", text(said)), ("text", text(&**words))])),
            Block::Refusal(words) if speaker == Speaker::Assistant => {
                self.parts.push(object([
                    ("type", text("refusal")),
                    ("refusal", text(&**words)),
                ]));
            }
            Block::Refusal(words) => self
                .parts
                .push(object([("type", text(said)), ("text", text(&**words))])),
            Block::Media(media) if speaker == Speaker::User => {
                self.parts.push(write_parts::media(media)?);
            }
            Block::Media(media) => return Err(Inexpressible(write_parts::feature(media.kind))),
            Block::Reasoning(reasoning) => {
                if let Some(item) = own(reasoning) {
                    self.message_is_over(speaker);
                    self.items.push(item);
                }
            }
            Block::Call(call) => {
                self.message_is_over(speaker);
                self.call(call);
            }
            Block::Result(outcome) => {
                self.message_is_over(speaker);
                self.outcome(outcome)?;
            }
        }
        Ok(())
    }

    fn message_is_over(&mut self, speaker: Speaker) {
        if self.parts.is_empty() {
            return;
        }
        let role = match speaker {
            Speaker::Assistant => "assistant",
            Speaker::System => "system",
            Speaker::User => "user",
        };
        self.items.push(object([
            ("type", text("message")),
            ("role", text(role)),
            ("content", Json::Array(std::mem::take(&mut self.parts))),
        ]));
    }

    fn call(&mut self, call: &'r Call<'_>) {
        let (kind, input) = if call.freeform {
            self.freeform.insert(&call.id);
            ("custom_tool_call", "input")
        } else {
            ("function_call", "arguments")
        };
        self.items.push(object([
            ("type", text(kind)),
            ("call_id", text(names::short(&call.id, LONGEST_ID))),
            ("name", text(&*call.name)),
            (input, text(&*call.input)),
        ]));
    }

    fn outcome(&mut self, outcome: &'r Outcome<'_>) -> Result<(), Inexpressible> {
        let kind = if self.freeform.contains(&*outcome.id) {
            "custom_tool_call_output"
        } else {
            "function_call_output"
        };
        self.items.push(object([
            ("type", text(kind)),
            ("call_id", text(names::short(&outcome.id, LONGEST_ID))),
            ("output", output(outcome)?),
        ]));
        Ok(())
    }
}

/// Only what this provider has thought means something to it.
fn own<'r>(reasoning: &'r Reasoning<'_>) -> Option<Json<'r>> {
    let seal = reasoning.seal.as_ref()?;
    if seal.owner != Language::Responses || seal.kind != SealKind::Content {
        return None;
    }
    let part =
        |part: &'r Cow<'_, str>| object([("type", text("summary_text")), ("text", text(&**part))]);
    let mut item = crate::translate::build::members([("type", text("reasoning"))]);
    if let Some(id) = &seal.id {
        item.push(("id".into(), text(&**id)));
    }
    let summary = reasoning.parts.iter().map(part).collect();
    item.push(("summary".into(), Json::Array(summary)));
    item.push(("encrypted_content".into(), maybe(Some(&*seal.data))));
    Some(Json::Object(item))
}

/// A text where it is one, else a list of parts. This dialect has no mark for what failed: the text says it.
fn output<'r>(outcome: &'r Outcome<'_>) -> Result<Json<'r>, Inexpressible> {
    let failed = outcome.failed.then_some("The tool failed.");
    let mut parts = Vec::new();
    match (outcome.blocks.as_slice(), failed) {
        ([], failed) => return Ok(text(failed.unwrap_or_default())),
        ([Block::Text { text: words, .. }], None) => return Ok(text(&**words)),
        ([Block::Text { text: words, .. }], Some(failed)) => {
            return Ok(text(format!("{failed}\n{words}")));
        }
        (_, Some(failed)) => parts.push(write_parts::input_text(failed)),
        (_, None) => {}
    }
    for block in &outcome.blocks {
        parts.push(match block {
            Block::Text { text: words, .. } | Block::Refusal(words) => {
                write_parts::input_text(&**words)
            }
            Block::Media(media) if write_parts::is_result(media.kind) => write_parts::media(media)?,
            _ => return Err(Inexpressible(Feature::ToolResultMedia)),
        });
    }
    Ok(Json::Array(parts))
}
