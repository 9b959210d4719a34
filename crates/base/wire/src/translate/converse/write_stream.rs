//! Writes an answer as it comes, as AWS' messages. Blocks stand one after the other here: what comes of others while
//! one is being written is held until it is over.

use tidegate_types::Usage;

use super::{metrics, names, seals, stop_reason, usage};
use crate::{
    Dialect, error,
    eventstream::{self, Kind},
    translate::{
        Asked, Event, Json, Language, Seal, WriteStream,
        blocks::{Block, Blocks, TOO_MUCH, TooMuch},
        build::{count, object, text},
        reply::{Delta, Opened, Stop},
    },
};

pub(in crate::translate) struct StreamWriter {
    begun: bool,
    blocks: Blocks,
    /// The client's number of the block that is or will be written.
    index: u64,
    calls: bool,
    usage: Usage,
    stop: Stop,
    over: bool,
}

impl StreamWriter {
    pub(in crate::translate) fn new(_: Asked) -> Self {
        Self {
            begun: false,
            blocks: Blocks::default(),
            index: 0,
            calls: false,
            usage: Usage::default(),
            stop: Stop::End,
            over: false,
        }
    }

    fn start(&mut self, out: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.begun, true) {
            send("messageStart", [("role", text("assistant"))], out);
        }
    }

    fn open(&mut self, number: usize, kind: Opened, out: &mut Vec<u8>) {
        self.start(out);
        self.calls |= matches!(kind, Opened::Call { .. });
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
            (Delta::Text(words) | Delta::Input(words), _) if words.is_empty() => {}
            (Delta::Seal(seal), Opened::Call { id, .. }) if !block.begun => {
                let seal = seals::beside_call(&seal, id);
                hidden(&mut self.index, &seal, out);
            }
            (Delta::Seal(seal), _) => block.seal = Some(seal),
            (Delta::NextPart, _) => block.parted = block.begun,
            (Delta::Text(words), Opened::Reasoning) => {
                block.begun = true;
                if std::mem::take(&mut block.parted) {
                    thought(self.index, ("text", text("\n\n")), out);
                }
                thought(self.index, ("text", text(words)), out);
            }
            (Delta::Text(words), Opened::Text | Opened::Refusal) => {
                block.begun = true;
                piece(self.index, ("text", text(words)), out);
            }
            (Delta::Input(words), Opened::Call { freeform, .. }) => {
                let words = if *freeform { quoted(&words) } else { words };
                begin(block, self.index, out);
                input(self.index, &words, out);
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
                    input(self.index, "\"}", out);
                }
                end(&mut self.index, out);
                if let Some(seal) = seal {
                    hidden(&mut self.index, &seals::beside_call(&seal, &id), out);
                }
            }
            Opened::Reasoning if block.begun => {
                if let Some(seal) = seal {
                    let signature = text(seal.carried(Language::Converse));
                    thought(self.index, ("signature", signature), out);
                }
                end(&mut self.index, out);
            }
            Opened::Reasoning => {
                if let Some(seal) = seal {
                    hidden(&mut self.index, &seal, out);
                }
            }
            // A text without text says nothing, and could not be sent back.
            Opened::Text | Opened::Refusal if block.begun => end(&mut self.index, out),
            Opened::Text | Opened::Refusal => {}
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        self.start(out);
        self.blocks.close_all();
        self.write_what_waits(out);
        let reason = stop_reason(&self.stop, self.calls);
        send("messageStop", [("stopReason", text(reason))], out);
        send(
            "metadata",
            [("usage", usage(&self.usage)), ("metrics", metrics())],
            out,
        );
    }

    /// More is to be held than there is room for. Nothing comes after it.
    fn fail(&mut self, out: &mut Vec<u8>) {
        self.over = true;
        self.blocks.clear();
        out.extend(error::render_event(Dialect::Bedrock, &TOO_MUCH));
    }
}

impl WriteStream for StreamWriter {
    fn event(&mut self, event: Event, out: &mut Vec<u8>) {
        if self.over {
            return;
        }
        match event {
            Event::Start { .. } => self.start(out),
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

/// Only calls say that they begin.
fn begin(block: &mut Block, index: u64, out: &mut Vec<u8>) {
    if std::mem::replace(&mut block.begun, true) {
        return;
    }
    let Opened::Call { id, name, freeform } = &block.kind else {
        return;
    };
    let call = object([
        ("toolUseId", text(names::id(id))),
        ("name", text(name.as_str())),
    ]);
    send(
        "contentBlockStart",
        [
            ("start", object([("toolUse", call)])),
            ("contentBlockIndex", count(index)),
        ],
        out,
    );
    if *freeform {
        input(index, "{\"input\":\"", out);
    }
}

fn piece(index: u64, delta: (&'static str, Json<'_>), out: &mut Vec<u8>) {
    send(
        "contentBlockDelta",
        [
            ("delta", object([delta])),
            ("contentBlockIndex", count(index)),
        ],
        out,
    );
}

fn input(index: u64, words: &str, out: &mut Vec<u8>) {
    piece(index, ("toolUse", object([("input", text(words))])), out);
}

fn thought(index: u64, delta: (&'static str, Json<'_>), out: &mut Vec<u8>) {
    piece(index, ("reasoningContent", object([delta])), out);
}

fn end(index: &mut u64, out: &mut Vec<u8>) {
    send(
        "contentBlockStop",
        [("contentBlockIndex", count(*index))],
        out,
    );
    *index += 1;
}

/// A thought that is not shown, as a block of its own.
fn hidden(index: &mut u64, seal: &Seal<'_>, out: &mut Vec<u8>) {
    thought(*index, ("redactedContent", text(seals::bytes(seal))), out);
    end(index, out);
}

/// A text as the inside of a JSON string.
fn quoted(words: &str) -> String {
    let quoted = text(words).text();
    let inner = quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or_default().to_owned()
}

fn send<'a, const N: usize>(name: &str, payload: [(&'static str, Json<'a>); N], out: &mut Vec<u8>) {
    let body = object(payload).text();
    eventstream::write(out, Kind::Event, name, body.as_bytes());
}
