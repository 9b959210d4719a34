//! Writes a stream for a client: chunks that are answers themselves. A call has no pieces there, so that its
//! input is collected until it is whole. They are events, or the elements of an array.

use std::collections::HashMap;

use tidegate_types::Usage;

use super::super::{
    Asked, Json, WriteStream,
    reply::{Delta, Event, Opened, Stop},
    talk::Call,
};
use super::{finish, signature, write_answer};

/// More input of calls than any client reads, in bytes. What goes beyond it is cut, and then no JSON.
pub(super) const MOST_INPUT: usize = 16 << 20;

pub(in super::super) struct StreamWriter {
    model: String,
    id: String,
    open: HashMap<usize, Open>,
    /// Of the calls that are open.
    collected: usize,
    /// It stands on the next part.
    pending: Option<String>,
    usage: Option<Usage>,
    stop: Stop,
    /// Where chunks are an array's elements, what comes before the next one.
    array: Option<&'static str>,
}

enum Open {
    Call {
        call: Call<'static>,
        seal: Option<String>,
    },
    Text,
    Thought {
        begun: bool,
        next_part: bool,
        seal: Option<String>,
    },
}

impl StreamWriter {
    pub(in super::super) fn new(asked: Asked) -> Self {
        Self {
            model: asked.model,
            id: String::new(),
            open: HashMap::new(),
            collected: 0,
            pending: None,
            usage: None,
            stop: Stop::End,
            array: asked.array.then_some("["),
        }
    }

    fn chunk(&mut self, part: Json<'_>, out: &mut Vec<u8>) {
        self.write(part, None, None, out);
    }

    fn write(
        &mut self,
        part: Json<'_>,
        stop: Option<&Stop>,
        usage: Option<Json<'_>>,
        out: &mut Vec<u8>,
    ) {
        let names = (self.model.as_str(), self.id.as_str());
        let response = write_answer::response(vec![part], stop, usage, names);
        let before = self
            .array
            .as_mut()
            .map(|next| std::mem::replace(next, ",\r\n"));
        out.extend_from_slice(before.unwrap_or("data: ").as_bytes());
        response.write(out);
        match (before, stop) {
            (None, _) => out.extend_from_slice(b"\n\n"),
            // It is the last.
            (Some(_), Some(_)) => out.push(b']'),
            (Some(_), None) => {}
        }
    }

    fn flush(&mut self, out: &mut Vec<u8>) {
        if let Some(seal) = self.pending.take() {
            self.chunk(write_answer::text("", false, Some(&seal)), out);
        }
    }

    fn opened(&mut self, block: usize, kind: Opened, out: &mut Vec<u8>) {
        let open = match kind {
            Opened::Call { id, name, freeform } => Open::Call {
                call: Call {
                    id: id.into(),
                    name: name.into(),
                    input: String::new().into(),
                    freeform,
                    seal: None,
                },
                seal: None,
            },
            Opened::Reasoning => {
                self.flush(out);
                Open::Thought {
                    begun: false,
                    next_part: false,
                    seal: None,
                }
            }
            Opened::Refusal | Opened::Text => Open::Text,
        };
        self.open.insert(block, open);
    }

    fn delta(&mut self, block: usize, delta: Delta, out: &mut Vec<u8>) {
        match (self.open.get_mut(&block), delta) {
            (Some(Open::Text), Delta::Text(text)) if !text.is_empty() => {
                let seal = self.pending.take();
                self.chunk(write_answer::text(&text, false, seal.as_deref()), out);
            }
            (
                Some(Open::Thought {
                    begun, next_part, ..
                }),
                Delta::Text(text),
            ) if !text.is_empty() => {
                let apart = std::mem::take(next_part) && *begun;
                *begun = true;
                let text = if apart { format!("\n\n{text}") } else { text };
                self.chunk(write_answer::text(&text, true, None), out);
            }
            (Some(Open::Thought { next_part, .. }), Delta::NextPart) => *next_part = true,
            (
                Some(Open::Thought { seal: place, .. } | Open::Call { seal: place, .. }),
                Delta::Seal(seal),
            ) => {
                *place = Some(signature::carried(&seal).into_owned());
            }
            (Some(Open::Call { call, .. }), Delta::Input(input)) => {
                if self.collected + input.len() <= MOST_INPUT {
                    self.collected += input.len();
                    call.input.to_mut().push_str(&input);
                } else {
                    self.collected = MOST_INPUT;
                }
            }
            _ => {}
        }
    }

    fn closed(&mut self, block: usize, out: &mut Vec<u8>) {
        match self.open.remove(&block) {
            Some(Open::Call { call, seal }) => {
                self.collected = self.collected.saturating_sub(call.input.len());
                if seal.is_some() {
                    self.flush(out);
                }
                let seal = seal.or(self.pending.take());
                self.chunk(write_answer::call(&call, seal.as_deref()), out);
            }
            Some(Open::Thought {
                seal: Some(seal), ..
            }) => {
                self.flush(out);
                self.pending = Some(seal);
            }
            _ => {}
        }
    }
}

impl WriteStream for StreamWriter {
    fn event(&mut self, event: Event, out: &mut Vec<u8>) {
        match event {
            Event::Start { id, .. } => self.id = id,
            Event::Open { block, kind } => self.opened(block, kind, out),
            Event::Delta { block, delta } => self.delta(block, delta, out),
            Event::Close { block } => self.closed(block, out),
            Event::Usage(usage) => self.usage = Some(usage),
            Event::Stop(stop) => self.stop = stop,
            Event::End => {
                let seal = self.pending.take();
                let part = write_answer::text("", false, seal.as_deref());
                let usage = self.usage.take();
                let usage = usage.as_ref().map(finish::usage);
                let stop = std::mem::replace(&mut self.stop, Stop::End);
                self.write(part, Some(&stop), usage, out);
            }
            // Written by the caller, in the client's envelope.
            Event::Failed(_) => {}
        }
    }
}
