//! What the server says: its tools are noted, and denied ones are left out of its lists.

use std::ops::Range;

use serde::Deserialize;
use serde_json::value::RawValue;
use tidegate_device_api::Tool;

use crate::{
    lines::{Fate, Judge},
    message::{Content, Message, content, place},
    pending::Asked,
    session::Session,
};

/// Judges the server's lines.
pub(crate) struct Listing<'a> {
    pub(crate) session: &'a Session,
}

#[derive(Deserialize)]
struct Tools<'a> {
    #[serde(borrow)]
    tools: &'a RawValue,
}

#[derive(Deserialize)]
struct Described {
    name: String,
    #[serde(default)]
    description: Option<String>,
}

impl Judge for Listing<'_> {
    /// Only a list of tools is ever changed, so only while one may come does anything wait.
    fn holds(&self) -> bool {
        self.session.restricts() && self.session.pending().awaits_tools()
    }

    /// Where tools are denied each answer is looked into first: a client that has it already may ask for the list
    /// of tools by the same id, and that would pass for what was answered.
    fn looks_on(&self) -> bool {
        !self.session.restricts()
    }

    fn line(&mut self, line: &[u8]) -> Fate {
        if self.session.ended().is_some() {
            return Fate::Drop;
        }
        if self.session.pending().is_empty() {
            return Fate::Pass;
        }
        let Ok(text) = str::from_utf8(line) else {
            return Fate::Pass;
        };
        let changes: Vec<(Range<usize>, String)> = match content(text) {
            Content::One(one) => self.message(one, text).into_iter().collect(),
            Content::Batch(all) => {
                let changed = |raw: &&RawValue| self.message(raw.get(), text);
                all.iter().filter_map(changed).collect()
            }
            Content::Unreadable => return Fate::Pass,
        };
        if changes.is_empty() {
            return Fate::Pass;
        }
        let mut changed = String::with_capacity(text.len());
        let mut kept = 0;
        for (range, list) in changes {
            changed.push_str(text.get(kept..range.start).unwrap_or_default());
            changed.push_str(&list);
            kept = range.end;
        }
        changed.push_str(text.get(kept..).unwrap_or_default());
        Fate::Replace(changed.into_bytes())
    }

    fn long(&mut self) -> bool {
        self.session.ended().is_none()
    }
}

impl Listing<'_> {
    /// Where in the line a list of tools stands that has to change, and what it becomes.
    fn message(&self, text: &str, line: &str) -> Option<(Range<usize>, String)> {
        let message: Message<'_> = serde_json::from_str(text).ok()?;
        if !message.answers || !message.methods.is_empty() {
            return None;
        }
        let Asked::Tools { first } = self.session.pending().answered(message.id?)? else {
            return None;
        };
        let result: Tools<'_> = serde_json::from_str(message.result?.get()).ok()?;
        let all: Vec<&RawValue> = serde_json::from_str(result.tools.get()).ok()?;
        let mut kept = Vec::with_capacity(all.len());
        let mut seen = Vec::with_capacity(all.len());
        for raw in &all {
            // What has no name cannot be called.
            let Ok(tool) = serde_json::from_str::<Described>(raw.get()) else {
                kept.push(raw.get());
                continue;
            };
            if self.session.allows(&tool.name) {
                kept.push(raw.get());
            }
            seen.push(Tool {
                name: tool.name,
                description: tool.description,
            });
        }
        self.session.notes().listed(seen, first);
        if kept.len() == all.len() {
            return None;
        }
        let range = place(result.tools.get(), line)?;
        Some((range, format!("[{}]", kept.join(","))))
    }
}

#[cfg(test)]
mod tests;
