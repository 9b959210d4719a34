//! Answers to Chat clients as they come.

use crate::translate::build::{count, object, text};
use std::collections::BTreeMap;

use tidegate_types::Usage;

use super::{
    super::{
        Seal,
        reply::{Delta, Opened},
    },
    Asked, Event, Json, WriteStream,
    shape::extra_content,
    stop, usage,
    write_answer::{PARTS, called, head, signature},
};

/// Writes a Chat client's stream.
#[derive(Debug)]
pub(in super::super) struct StreamWriter {
    asked: Asked,
    id: String,
    created: Option<u64>,
    /// Those that are open.
    blocks: BTreeMap<usize, Opening>,
    /// How many calls have begun.
    calls: u64,
    refused: bool,
    thoughts: Thoughts,
    usage: Option<Usage>,
}

/// What a block was opened as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opening {
    /// With its number among the calls.
    Call {
        index: u64,
        freeform: bool,
    },
    Reasoning,
    Refusal,
    Text,
}

/// Whether the next thought begins a part after another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thoughts {
    None,
    InPart,
    AfterPart,
}

impl StreamWriter {
    pub(in super::super) fn new(asked: Asked) -> Self {
        Self {
            asked,
            id: String::new(),
            created: None,
            blocks: BTreeMap::new(),
            calls: 0,
            refused: false,
            thoughts: Thoughts::None,
            usage: None,
        }
    }

    fn chunk(&self, choices: Vec<Json<'_>>, usage: Option<&Usage>, out: &mut Vec<u8>) {
        let mut chunk = head(&self.id, "chat.completion.chunk", self.created, &self.asked);
        chunk.push(("choices".into(), Json::Array(choices)));
        if self.asked.stream_usage {
            let usage = usage.map_or(Json::Null, usage::report);
            chunk.push(("usage".into(), usage));
        }
        out.extend_from_slice(b"data: ");
        Json::Object(chunk).write(out);
        out.extend_from_slice(b"\n\n");
    }

    fn delta(&self, delta: Json<'_>, finish: Option<&'static str>, out: &mut Vec<u8>) {
        let choice = object([
            ("index", count(0)),
            ("delta", delta),
            ("logprobs", Json::Null),
            ("finish_reason", finish.map_or(Json::Null, text)),
        ]);
        self.chunk(vec![choice], None, out);
    }

    fn call(&self, call: Json<'_>, out: &mut Vec<u8>) {
        let delta = object([("tool_calls", Json::Array(vec![call]))]);
        self.delta(delta, None, out);
    }

    fn open(&mut self, block: usize, kind: Opened, out: &mut Vec<u8>) {
        let opening = match kind {
            Opened::Reasoning => {
                self.part_is_over();
                Opening::Reasoning
            }
            Opened::Refusal => {
                self.refused = true;
                Opening::Refusal
            }
            Opened::Text => Opening::Text,
            Opened::Call { id, name, freeform } => {
                let index = self.calls;
                self.calls += 1;
                let mut call = vec![("index".into(), count(index)), ("id".into(), text(id))];
                call.extend(called(&name, "", freeform));
                self.call(Json::Object(call), out);
                Opening::Call { index, freeform }
            }
        };
        self.blocks.insert(block, opening);
    }

    fn part_is_over(&mut self) {
        if self.thoughts == Thoughts::InPart {
            self.thoughts = Thoughts::AfterPart;
        }
    }

    fn more(&mut self, block: usize, delta: Delta, out: &mut Vec<u8>) {
        let Some(opening) = self.blocks.get(&block).copied() else {
            return;
        };
        match (opening, delta) {
            (Opening::Call { index, freeform }, Delta::Input(more)) => {
                let (kind, field) = match freeform {
                    true => ("custom", "input"),
                    false => ("function", "arguments"),
                };
                let inner = object([(field, text(more))]);
                self.call(object([("index", count(index)), (kind, inner)]), out);
            }
            (Opening::Call { index, .. }, Delta::Seal(seal)) => self.seal(index, &seal, out),
            (Opening::Reasoning, Delta::NextPart) => self.part_is_over(),
            (Opening::Reasoning, Delta::Text(more)) if !more.is_empty() => self.think(more, out),
            (Opening::Refusal, Delta::Text(more)) => {
                self.delta(object([("refusal", text(more))]), None, out);
            }
            (Opening::Text, Delta::Text(more)) => {
                self.delta(object([("content", text(more))]), None, out);
            }
            // A thought's seal has no place here.
            _ => {}
        }
    }

    fn seal(&self, index: u64, seal: &Seal<'_>, out: &mut Vec<u8>) {
        if let Some(signature) = signature(seal) {
            let extra = extra_content(signature);
            let call = object([("index", count(index)), ("extra_content", extra)]);
            self.call(call, out);
        }
    }

    fn think(&mut self, more: String, out: &mut Vec<u8>) {
        let more = match self.thoughts {
            Thoughts::AfterPart => format!("{PARTS}{more}"),
            Thoughts::InPart | Thoughts::None => more,
        };
        self.thoughts = Thoughts::InPart;
        self.delta(object([("reasoning_content", text(more))]), None, out);
    }

    fn end(&self, out: &mut Vec<u8>) {
        if self.asked.stream_usage
            && let Some(usage) = &self.usage
        {
            self.chunk(Vec::new(), Some(usage), out);
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
    }
}

impl WriteStream for StreamWriter {
    fn event(&mut self, event: Event, out: &mut Vec<u8>) {
        match event {
            Event::Start { id, created } => {
                (self.id, self.created) = (id, created);
                let role = ("role", text("assistant"));
                self.delta(object([role, ("content", text(""))]), None, out);
            }
            Event::Open { block, kind } => self.open(block, kind, out),
            Event::Close { block } => {
                self.blocks.remove(&block);
            }
            Event::Delta { block, delta } => self.more(block, delta, out),
            Event::Usage(usage) => self.usage = Some(usage),
            Event::Stop(stop) => {
                let word = stop::word(&stop, self.refused);
                self.delta(Json::Object(Vec::new()), Some(word), out);
            }
            Event::End => self.end(out),
            Event::Failed(_) => {}
        }
    }
}
