//! Claude's web page: one POST per turn, whose answer is a stream of the events that the Messages
//! API has too, with a few of its own. An older form, `completion` events, is read as well.
//!
//! The request holds the new turn only; the conversation is kept by the provider, so a prompt's
//! estimate is far below what the model reads.

use bytes::Bytes;
use serde_json::Value;

use super::{
    Channel, Prompt,
    fields::{array, object, piece, skip, string},
    is_json,
    meter::Out,
};
use crate::{
    Operation,
    answer::{self, AnswerKind},
    json::{Cursor, Fault},
};

const HOSTS: [&str; 2] = ["claude.ai", "claude.com"];

/// `/api/organizations/{org}/chat_conversations/{id}/completion`, and its twin that asks for the
/// last answer again.
pub(super) fn is_route(host: &str, path: &str) -> bool {
    if !HOSTS.contains(&host.strip_prefix("www.").unwrap_or(host)) {
        return false;
    }
    let mut parts = path.split('/').skip(1);
    let mut next = || parts.next().unwrap_or_default();
    (next(), next()) == ("api", "organizations")
        && !next().is_empty()
        && next() == "chat_conversations"
        && !next().is_empty()
        && matches!(next(), "completion" | "retry_completion")
        && parts.next().is_none()
}

pub(super) fn request<'a>(content_type: &str, body: &'a [u8]) -> Option<Prompt<'a>> {
    if !is_json(content_type) {
        return None;
    }
    let mut prompt = Prompt::new(body);
    let mut cursor = Cursor::new(body);
    let mut known = false;
    turn(&mut cursor, &mut prompt, &mut known).ok()?;
    cursor.finish().ok()?;
    known.then_some(prompt)
}

fn turn<'a>(
    cursor: &mut Cursor<'a>,
    prompt: &mut Prompt<'a>,
    known: &mut bool,
) -> Result<(), Fault> {
    object(cursor, |key, cursor| match key {
        "prompt" => {
            if let Some(text) = string(cursor)? {
                *known = true;
                prompt.push(piece(Channel::User, text));
            }
            Ok(())
        }
        "model" => {
            if let Some(name) = string(cursor)? {
                prompt.name_model(&super::fields::decoded(name));
            }
            Ok(())
        }
        "attachments" => array(cursor, |cursor| {
            member(cursor, "extracted_content", Channel::Attachment, prompt)
        }),
        "personalized_styles" => array(cursor, |cursor| {
            member(cursor, "prompt", Channel::System, prompt)
        }),
        // The older form has prompt and model one level down.
        "completion" => object(cursor, |key, cursor| match (key, string(cursor)?) {
            ("prompt", Some(text)) => {
                *known = true;
                prompt.push(piece(Channel::User, text));
                Ok(())
            }
            ("model", Some(name)) => {
                prompt.name_model(&super::fields::decoded(name));
                Ok(())
            }
            _ => Ok(()),
        }),
        _ => skip(cursor),
    })
}

/// The text of one member of the object that is next.
fn member<'a>(
    cursor: &mut Cursor<'a>,
    name: &str,
    channel: Channel,
    prompt: &mut Prompt<'a>,
) -> Result<(), Fault> {
    object(cursor, |key, cursor| {
        if key != name {
            return skip(cursor);
        }
        if let Some(text) = string(cursor)? {
            prompt.push(piece(channel.clone(), text));
        }
        Ok(())
    })
}

/// What kind of block the deltas belong to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Block {
    /// Text, reasoning, a tool's input: the model wrote it.
    #[default]
    Written,
    /// What a tool that the provider ran brought back.
    Result,
}

/// The state between two events.
#[derive(Debug)]
pub(super) struct Answer {
    block: Block,
    /// Reads the usage reports, which are those of the Messages API.
    reports: answer::Meter,
}

impl Default for Answer {
    fn default() -> Self {
        Self {
            block: Block::default(),
            reports: answer::Meter::new(Operation::Messages, AnswerKind::Sse, false),
        }
    }
}

impl Answer {
    pub(super) fn event(&mut self, data: &[u8], out: &mut Out<'_>) {
        let Ok(event) = serde_json::from_slice::<Value>(data) else {
            return;
        };
        let kind = event["type"].as_str().unwrap_or_default();
        out.tally.known |= is_event(kind);
        match kind {
            "completion" => Self::completion(&event, out),
            "message_start" => {
                if let Some(name) = event["message"]["model"].as_str() {
                    out.model(name);
                }
                self.report(&event["message"]["usage"], data, out);
            }
            "content_block_start" => self.block_start(&event["content_block"], out),
            "content_block_delta" => self.delta(&event["delta"], out),
            "message_delta" => self.report(&event["usage"], data, out),
            "message_stop" => out.tally.finished = true,
            "error" => out.tally.failed = true,
            _ => {}
        }
    }

    fn completion(event: &Value, out: &mut Out<'_>) {
        if let Some(name) = event["model"].as_str() {
            out.model(name);
        }
        let text = event["completion"].as_str().unwrap_or_default();
        out.text(Channel::Assistant, text, true);
        out.tally.finished |= event["stop_reason"].is_string();
    }

    fn block_start(&mut self, block: &Value, out: &mut Out<'_>) {
        let kind = block["type"].as_str().unwrap_or_default();
        self.block = if kind.ends_with("tool_result") {
            Block::Result
        } else {
            Block::Written
        };
        let text = block["text"].as_str().unwrap_or_default();
        self.write(Channel::Assistant, text, out);
        let thinking = block["thinking"].as_str().unwrap_or_default();
        self.write(Channel::Reasoning, thinking, out);
    }

    fn delta(&self, delta: &Value, out: &mut Out<'_>) {
        for (key, channel) in [
            ("text", Channel::Assistant),
            ("thinking", Channel::Reasoning),
            ("partial_json", Channel::Tool),
        ] {
            self.write(channel, delta[key].as_str().unwrap_or_default(), out);
        }
        // The page shows it in place of the reasoning, which is counted already.
        let summary = delta["summary"]["summary"].as_str().unwrap_or_default();
        out.text(Channel::Reasoning, summary, false);
    }

    fn write(&self, channel: Channel, text: &str, out: &mut Out<'_>) {
        match self.block {
            Block::Written => out.text(channel, text, true),
            Block::Result => out.text(Channel::Tool, text, false),
        }
    }

    fn report(&mut self, usage: &Value, data: &[u8], out: &mut Out<'_>) {
        if !usage.is_object() {
            return;
        }
        let mut event = b"data: ".to_vec();
        // In the event's data a line end is white space between JSON's tokens.
        event.extend(data.iter().map(|&byte| match byte {
            b'\n' | b'\r' => b' ',
            other => other,
        }));
        event.extend_from_slice(b"\n\n");
        self.reports.push(Bytes::from(event));
        // Pages send the report's frame with nothing in it.
        let found = self.reports.usage();
        out.tally.usage = found.filter(|usage| usage.total_input().0 + usage.output > 0);
    }
}

fn is_event(kind: &str) -> bool {
    matches!(
        kind,
        "completion"
            | "content_block_delta"
            | "content_block_start"
            | "content_block_stop"
            | "error"
            | "message_delta"
            | "message_limit"
            | "message_start"
            | "message_stop"
    )
}
