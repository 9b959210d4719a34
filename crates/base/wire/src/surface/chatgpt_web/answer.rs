//! `ChatGPT`'s answer: server-sent events in one of two forms. In the older, each event holds the
//! whole message as it is so far. In the newer (`event: delta_encoding`, `data: "v1"`), an event
//! adds a message (`{"v":{"message":…}}`), patches the last one
//! (`{"p":"/message/content/parts/0","o":"append","v":"…"}`, or a list of such as `v`), or goes on
//! where the last patch ended (`{"v":"…"}`). Before the answer, messages of the conversation so far
//! may come again.

use serde_json::Value;

use super::super::{Channel, meter::Out};

/// Whose message the patches go to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    /// A message that the model is writing: channel, and what of it was seen.
    Answer(Channel, Seen),
    /// Any other: the person's, a tool's result, or what was said before.
    Other,
}

/// Length and hash of a text that grows, instead of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    length: usize,
    hash: u64,
}

impl Seen {
    /// FNV-1a: cheap, and the same however the text was cut.
    const fn nothing() -> Self {
        Self {
            length: 0,
            hash: 0xcbf2_9ce4_8422_2325,
        }
    }

    fn add(&mut self, text: &str) {
        self.length = self.length.saturating_add(text.len());
        for &byte in text.as_bytes() {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// What `whole` has more than was seen. A text that was changed is new as a whole.
    fn grow<'a>(&mut self, whole: &'a str) -> &'a str {
        let mut start = Self::nothing();
        let known = whole.get(..self.length).is_some_and(|head| {
            start.add(head);
            start == *self
        });
        if !known {
            start = Self::nothing();
        }
        let news = &whole[start.length..];
        *self = start;
        self.add(news);
        news
    }
}

/// What a patch without a path goes on with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    Other,
    #[default]
    Text,
}

/// The state between two events.
#[derive(Debug)]
pub(in super::super) struct Answer {
    id: String,
    target: Target,
    place: Place,
}

impl Default for Answer {
    fn default() -> Self {
        Self {
            id: String::new(),
            // A stream that is resumed begins in the middle of a message.
            target: Target::Answer(Channel::Assistant, Seen::nothing()),
            place: Place::default(),
        }
    }
}

impl Answer {
    pub(in super::super) fn event(&mut self, name: &[u8], data: &[u8], out: &mut Out<'_>) {
        if data.trim_ascii() == b"[DONE]" {
            out.tally.known = true;
            out.tally.finished = true;
            return;
        }
        let Ok(event) = serde_json::from_slice::<Value>(data) else {
            return;
        };
        out.tally.known |= name == b"delta_encoding";
        out.tally.failed |= event["error"].is_string() || event["error"].is_object();
        if event["message"].is_object() {
            self.message(&event["message"], out);
        } else if let Some(kind) = event["type"].as_str() {
            notice(kind, &event, out);
        } else {
            self.delta(&event, out);
        }
    }

    fn delta(&mut self, event: &Value, out: &mut Out<'_>) {
        let value = &event["v"];
        if value["message"].is_object() {
            self.place = Place::Text;
            self.message(&value["message"], out);
            return;
        }
        let path = event["p"].as_str().filter(|path| !path.is_empty());
        if let (None, Some(patches)) = (path, value.as_array()) {
            for patch in patches {
                let path = patch["p"].as_str().unwrap_or_default();
                self.patch(path, &patch["o"], &patch["v"], out);
            }
            // Text that follows a list of patches goes on with the message's text.
            self.place = Place::Text;
            return;
        }
        if let Some(path) = path {
            self.place = place(path);
            self.patch(path, &event["o"], value, out);
        } else if self.place == Place::Text
            && let Some(text) = value.as_str()
        {
            out.tally.known = true;
            self.append(text, out);
        }
    }

    fn patch(&mut self, path: &str, operation: &Value, value: &Value, out: &mut Out<'_>) {
        if place(path) == Place::Text {
            out.tally.known = true;
            match value.as_str() {
                Some(text) if operation == "replace" || operation == "add" => self.whole(text, out),
                Some(text) => self.append(text, out),
                None => self.append(&text_of(value), out),
            }
        } else if path.starts_with("/message/") {
            out.tally.known = true;
            if path == "/message/metadata" {
                model(value, out);
            }
        }
    }

    fn append(&mut self, text: &str, out: &mut Out<'_>) {
        if let Target::Answer(channel, seen) = &mut self.target {
            seen.add(text);
            out.text(channel.clone(), text, true);
        }
    }

    fn whole(&mut self, text: &str, out: &mut Out<'_>) {
        if let Target::Answer(channel, seen) = &mut self.target {
            out.text(channel.clone(), seen.grow(text), true);
        }
    }

    /// A message as a whole: a new one, or the one that grows.
    fn message(&mut self, message: &Value, out: &mut Out<'_>) {
        out.tally.known = true;
        let id = message["id"].as_str().unwrap_or_default();
        let is_new = id.is_empty() || id != self.id;
        if is_new || self.target == Target::Other {
            id.clone_into(&mut self.id);
            self.target = target(message);
        }
        if message["author"]["role"] == "assistant" {
            model(&message["metadata"], out);
        }
        self.whole(&text_of(&message["content"]), out);
    }
}

/// What stands beside messages and patches.
fn notice(kind: &str, event: &Value, out: &mut Out<'_>) {
    let tally = &mut *out.tally;
    match kind {
        "message_stream_complete" => tally.finished = true,
        // The text comes in a WebSocket that the page has open.
        "stream_handoff" => tally.moved = true,
        "error" => tally.failed = true,
        "conversation_detail_metadata"
        | "input_message"
        | "message_marker"
        | "moderation"
        | "resume_conversation_token"
        | "server_ste_metadata"
        | "title_generation"
        | "url_moderation" => {}
        _ => return,
    }
    tally.known = true;
    model(&event["metadata"], out);
}

fn target(message: &Value) -> Target {
    // What is finished when it first comes, and does not end the turn, was said before.
    let is_old = message["status"] == "finished_successfully" && message["end_turn"] != true;
    if message["author"]["role"] != "assistant" || is_old {
        return Target::Other;
    }
    let kind = message["content"]["content_type"]
        .as_str()
        .unwrap_or_default();
    let to_all = message["recipient"].as_str().unwrap_or("all") == "all";
    let channel = match kind {
        "reasoning_recap" | "thoughts" => Channel::Reasoning,
        "code" | "execution_output" => Channel::Tool,
        _ if to_all => Channel::Assistant,
        _ => Channel::Tool,
    };
    Target::Answer(channel, Seen::nothing())
}

fn place(path: &str) -> Place {
    match path.strip_prefix("/message/content/") {
        Some(rest) => {
            let field = rest.split('/').next().unwrap_or_default();
            if matches!(field, "content" | "parts" | "text" | "thoughts") {
                Place::Text
            } else {
                Place::Other
            }
        }
        None => Place::Other,
    }
}

/// The model that answered; of the two names, the one that was chosen in the end.
fn model(metadata: &Value, out: &mut Out<'_>) {
    let name = metadata["resolved_model_slug"]
        .as_str()
        .or_else(|| metadata["model_slug"].as_str());
    if let Some(name) = name {
        out.model(name);
    }
}

/// All text of a content, or of a value that is put into one.
fn text_of(content: &Value) -> String {
    let mut text = String::new();
    collect(content, &mut text, 0);
    text
}

/// Parts, thoughts and the like lie a few levels deep.
const DEEPEST: u32 = 6;

fn collect(value: &Value, text: &mut String, depth: u32) {
    if depth > DEEPEST {
        return;
    }
    match value {
        Value::String(part) => text.push_str(part),
        Value::Array(items) => {
            for item in items {
                collect(item, text, depth + 1);
            }
        }
        Value::Object(members) => {
            for key in ["summary", "content", "text", "parts", "thoughts", "result"] {
                if let Some(member) = members.get(key) {
                    collect(member, text, depth + 1);
                }
            }
        }
        _ => {}
    }
}
