//! Writes an answer as it comes. Blocks stand one after the other here: what comes of others while one is
//! being written is held until it is over.

use std::borrow::Cow;

use tidegate_types::Usage;

use super::{
    Members, ids, stop_reason,
    write_answer::{beside_call, ended, message, redacted, thinking, usage, without_text},
};
use crate::{
    Dialect, error,
    translate::{
        Asked, Event, Json, Language, WriteStream,
        blocks::{Block, Blocks, TOO_MUCH, TooMuch},
        reply::{Delta, Opened, Stop},
    },
};

pub(in crate::translate) struct StreamWriter {
    asked: Asked,
    begun: bool,
    blocks: Blocks,
    /// The client's number of the block that is or will be written.
    index: u64,
    calls: bool,
    refusal: bool,
    usage: Usage,
    stop: Stop,
    over: bool,
}

impl StreamWriter {
    pub(in crate::translate) fn new(asked: Asked) -> Self {
        Self {
            asked,
            begun: false,
            blocks: Blocks::default(),
            index: 0,
            calls: false,
            refusal: false,
            usage: Usage::default(),
            stop: Stop::End,
            over: false,
        }
    }

    fn start(&mut self, id: &str, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        let mut message = message(id, &self.asked, Vec::new());
        message.put("stop_reason", Json::Null);
        message.put("stop_sequence", Json::Null);
        // Clients want numbers at once; the end's are those that hold.
        let known = Usage {
            output: self.usage.output.max(1),
            ..self.usage
        };
        message.put("usage", usage(&known));
        let mut event = Members::of("message_start");
        event.put("message", message.json());
        send(event, out);
    }

    fn open(&mut self, number: usize, kind: Opened, out: &mut Vec<u8>) {
        self.start("", out);
        self.calls |= matches!(kind, Opened::Call { .. });
        self.refusal |= kind == Opened::Refusal;
        if self.blocks.open(number, kind).is_err() {
            self.fail(out);
        }
    }

    fn delta(&mut self, number: usize, delta: Delta, out: &mut Vec<u8>) {
        match self.blocks.delta(number, delta) {
            Ok(Some(delta)) => self.say(delta, out),
            Ok(None) => {}
            Err(TooMuch) => self.fail(out),
        }
    }

    /// Says a piece of the first block.
    fn say(&mut self, delta: Delta, out: &mut Vec<u8>) {
        let Some(block) = self.blocks.first() else {
            return;
        };
        match (delta, &block.kind) {
            (Delta::Text(text) | Delta::Input(text), _) if text.is_empty() => {}
            (Delta::Seal(seal), Opened::Call { id, .. }) => {
                // Beside the call: before it where it has not begun, else after it.
                if block.begun {
                    block.seal = Some(seal);
                } else {
                    let data = beside_call(&seal, id);
                    alone(&mut self.index, redacted(data), out);
                }
            }
            (Delta::Seal(seal), _) => block.seal = Some(seal),
            (Delta::NextPart, _) => block.parted = block.begun,
            (Delta::Text(text), Opened::Reasoning) => {
                begin(block, self.index, out);
                if std::mem::take(&mut block.parted) {
                    piece(self.index, "thinking_delta", "thinking", "\n\n", out);
                }
                piece(self.index, "thinking_delta", "thinking", &text, out);
            }
            (Delta::Text(text), Opened::Text | Opened::Refusal) => {
                begin(block, self.index, out);
                piece(self.index, "text_delta", "text", &text, out);
            }
            (Delta::Input(text), Opened::Call { freeform, .. }) => {
                let text = if *freeform { quoted(&text) } else { text };
                begin(block, self.index, out);
                piece(self.index, "input_json_delta", "partial_json", &text, out);
            }
            (Delta::Text(_), Opened::Call { .. }) | (Delta::Input(_), _) => {}
        }
    }

    fn close(&mut self, number: usize, out: &mut Vec<u8>) {
        self.blocks.close(number);
        self.write_what_waits(out);
    }

    /// Goes on to the next block where the first one is over.
    fn write_what_waits(&mut self, out: &mut Vec<u8>) {
        while let Some((block, held)) = self.blocks.over() {
            self.finish(block, out);
            for delta in held {
                self.say(delta, out);
            }
        }
    }

    fn finish(&mut self, mut block: Block, out: &mut Vec<u8>) {
        if let Opened::Call { .. } = block.kind {
            begin(&mut block, self.index, out);
        }
        let seal = block.seal.take();
        match block.kind {
            Opened::Call { id, freeform, .. } => {
                if freeform {
                    piece(self.index, "input_json_delta", "partial_json", "\"}", out);
                }
                end(&mut self.index, out);
                if let Some(seal) = seal {
                    let data = beside_call(&seal, &id);
                    alone(&mut self.index, redacted(data), out);
                }
            }
            Opened::Reasoning if block.begun => {
                let signature = seal.as_ref().map(|seal| seal.carried(Language::Messages));
                if let Some(signature) = signature {
                    piece(self.index, "signature_delta", "signature", &signature, out);
                }
                end(&mut self.index, out);
            }
            Opened::Reasoning => {
                if let Some(seal) = seal {
                    alone(&mut self.index, without_text(&seal), out);
                }
            }
            // A text without text says nothing, and could not be sent back.
            Opened::Text | Opened::Refusal if block.begun => end(&mut self.index, out),
            Opened::Text | Opened::Refusal => {}
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        self.start("", out);
        self.blocks.close_all();
        self.write_what_waits(out);
        let mut delta = Members::default();
        let reason = stop_reason(&self.stop, self.calls, self.refusal);
        ended(&mut delta, reason, &self.stop);
        let mut event = Members::of("message_delta");
        event.put("delta", delta.json());
        event.put("usage", usage(&self.usage));
        send(event, out);
        send(Members::of("message_stop"), out);
    }

    /// More is to be held than there is room for. Nothing comes after it.
    fn fail(&mut self, out: &mut Vec<u8>) {
        self.over = true;
        self.blocks.clear();
        out.extend(error::render_event(Dialect::Anthropic, &TOO_MUCH));
    }
}

impl WriteStream for StreamWriter {
    fn event(&mut self, event: Event, out: &mut Vec<u8>) {
        if self.over {
            return;
        }
        match event {
            Event::Start { id, .. } => self.start(&id, out),
            Event::Open { block, kind } => self.open(block, kind, out),
            Event::Delta { block, delta } => self.delta(block, delta, out),
            Event::Close { block } => self.close(block, out),
            Event::Usage(usage) => self.usage = usage,
            Event::Stop(stop) => self.stop = stop,
            Event::End => {
                self.end(out);
                self.over = true;
            }
            Event::Failed(_) => {}
        }
    }
}

fn begin(block: &mut Block, index: u64, out: &mut Vec<u8>) {
    if std::mem::replace(&mut block.begun, true) {
        return;
    }
    let content = match &block.kind {
        Opened::Call { id, name, .. } => {
            let mut call = Members::of("tool_use");
            call.text("id", ids::written(id));
            call.text("name", name.as_str());
            call.put("input", Json::Object(Vec::new()));
            call.json()
        }
        Opened::Reasoning => thinking(Cow::Borrowed(""), Cow::Borrowed("")),
        Opened::Refusal | Opened::Text => {
            let mut text = Members::of("text");
            text.text("text", "");
            text.json()
        }
    };
    block_start(index, content, out);
    if let Opened::Call { freeform: true, .. } = block.kind {
        piece(
            index,
            "input_json_delta",
            "partial_json",
            "{\"input\":\"",
            out,
        );
    }
}

fn block_start(index: u64, content: Json<'_>, out: &mut Vec<u8>) {
    let mut event = Members::of("content_block_start");
    event.count("index", index);
    event.put("content_block", content);
    send(event, out);
}

fn piece(index: u64, kind: &'static str, name: &'static str, text: &str, out: &mut Vec<u8>) {
    let mut delta = Members::of(kind);
    delta.text(name, text);
    let mut event = Members::of("content_block_delta");
    event.count("index", index);
    event.put("delta", delta.json());
    send(event, out);
}

fn end(index: &mut u64, out: &mut Vec<u8>) {
    let mut event = Members::of("content_block_stop");
    event.count("index", *index);
    send(event, out);
    *index += 1;
}

/// A block of one piece.
fn alone(index: &mut u64, content: Json<'_>, out: &mut Vec<u8>) {
    let (content, signature) = apart(content);
    block_start(*index, content, out);
    if let Some(signature) = signature {
        piece(*index, "signature_delta", "signature", &signature, out);
    }
    end(index, out);
}

/// A signature comes as a piece of its own: some clients take none from a block's beginning.
fn apart(content: Json<'_>) -> (Json<'_>, Option<Cow<'_, str>>) {
    match content.get("signature") {
        Some(Json::String(signature)) => {
            let signature = signature.clone();
            let begins = thinking(Cow::Borrowed(""), Cow::Borrowed(""));
            (begins, Some(signature))
        }
        _ => (content, None),
    }
}

/// A text as the inside of a JSON string.
fn quoted(text: &str) -> String {
    let quoted = Json::String(Cow::Borrowed(text)).text();
    let inner = quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or_default().to_owned()
}

fn send(event: Members<'_>, out: &mut Vec<u8>) {
    let kind = event
        .0
        .first()
        .and_then(|(_, kind)| kind.as_str())
        .unwrap_or_default();
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(kind.as_bytes());
    out.extend_from_slice(b"\ndata: ");
    event.json().write(out);
    out.extend_from_slice(b"\n\n");
}
