//! Reads a provider's stream: chunks that are answers themselves, with the parts that came since the last one.
//! Where a block begins and ends is not said there: it is over when another kind of part comes.

use super::super::{
    Asked, Broken, Json, Language, ReadStream, Seal, failure,
    reply::{Delta, Event, Failure, Opened, Stop},
};
use super::{
    parts::Said,
    read_answer::{Calls, ended},
};
use crate::error::ErrorKind;

pub(in super::super) struct StreamReader {
    calls: Calls,
    called: bool,
    started: bool,
    /// Blocks so far.
    blocks: usize,
    open: Option<Open>,
    stop: Option<Stop>,
    failed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Text,
    Thought,
}

impl StreamReader {
    pub(in super::super) fn new(asked: &Asked) -> Self {
        Self {
            calls: Calls::new(asked),
            called: false,
            started: false,
            blocks: 0,
            open: None,
            stop: None,
            failed: false,
        }
    }

    /// The number of the block that was opened last.
    const fn last(&self) -> usize {
        self.blocks.saturating_sub(1)
    }

    fn open(&mut self, kind: Opened, out: &mut Vec<Event>) -> usize {
        self.close(out);
        let block = self.blocks;
        self.blocks += 1;
        out.push(Event::Open { block, kind });
        block
    }

    fn close(&mut self, out: &mut Vec<Event>) {
        if self.open.take().is_some() {
            let block = self.last();
            out.push(Event::Close { block });
        }
    }

    fn text(&mut self, text: String, kind: Open, out: &mut Vec<Event>) {
        if text.is_empty() {
            return;
        }
        if self.open != Some(kind) {
            let opened = match kind {
                Open::Text => Opened::Text,
                Open::Thought => Opened::Reasoning,
            };
            self.open(opened, out);
            self.open = Some(kind);
        }
        out.push(Event::Delta {
            block: self.last(),
            delta: Delta::Text(text),
        });
    }

    /// Seals the thoughts that are open, or such as are not shown.
    fn seal(&mut self, seal: Seal<'_>, out: &mut Vec<Event>) {
        if self.open != Some(Open::Thought) {
            self.open(Opened::Reasoning, out);
            self.open = Some(Open::Thought);
        }
        out.push(Event::Delta {
            block: self.last(),
            delta: Delta::Seal(seal.into_owned()),
        });
        self.close(out);
    }

    fn said(&mut self, said: Said<'_>, seal: Option<Seal<'_>>, out: &mut Vec<Event>) {
        match said {
            Said::Call(call) => {
                let own = match seal {
                    Some(own) if own.owner == Language::Gemini => Some(own),
                    Some(foreign) => {
                        self.seal(foreign, out);
                        None
                    }
                    None => None,
                };
                self.called = true;
                let opened = Opened::Call {
                    id: call.id.into_owned(),
                    name: call.name.into_owned(),
                    freeform: call.freeform,
                };
                let block = self.open(opened, out);
                let seal = own.map(|seal| Delta::Seal(seal.into_owned()));
                let input = Delta::Input(call.input.into_owned());
                for delta in seal.into_iter().chain([input]) {
                    out.push(Event::Delta { block, delta });
                }
                out.push(Event::Close { block });
            }
            Said::Text(text) => {
                if let Some(seal) = seal {
                    self.seal(seal, out);
                }
                self.text(text.into_owned(), Open::Text, out);
            }
            Said::Thought(text) => {
                self.text(text.into_owned(), Open::Thought, out);
                if let Some(seal) = seal {
                    self.seal(seal, out);
                }
            }
        }
    }

    fn fail(&mut self, failure: Failure, out: &mut Vec<Event>) {
        self.failed = true;
        out.push(Event::Failed(failure));
    }
}

impl ReadStream for StreamReader {
    fn event(&mut self, _name: &str, data: &[u8], out: &mut Vec<Event>) -> Result<(), Broken> {
        if self.failed {
            return Ok(());
        }
        let json = Json::read(data).map_err(|_| Broken("a chunk is no JSON"))?;
        if let Some(error) = json.get("error") {
            self.fail(failure::of_object(502, error), out);
            return Ok(());
        }
        let chunk = self.calls.chunk(json)?;
        if !std::mem::replace(&mut self.started, true) {
            out.push(Event::Start {
                id: chunk.id,
                created: None,
            });
        }
        for (said, seal) in chunk.parts {
            self.said(said, seal, out);
        }
        out.extend(chunk.usage.map(Event::Usage));
        match chunk.finish {
            None => {}
            // It may come with every chunk: the last one's is meant, and known when the stream is over.
            Some(Ok(stop)) => self.stop = Some(stop),
            Some(Err(Broken(why))) => self.fail(
                Failure {
                    kind: ErrorKind::Upstream,
                    message: why.to_owned(),
                },
                out,
            ),
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Broken> {
        if self.failed {
            return Ok(());
        }
        let Some(stop) = self.stop.take() else {
            return Err(Broken("it was cut before its end"));
        };
        self.close(out);
        out.push(Event::Stop(ended(stop, self.called)));
        out.push(Event::End);
        Ok(())
    }
}
