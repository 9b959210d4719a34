//! Reads an answer as it comes.

use ::base64::Engine as _;

use super::{LONGEST, names, seals, stop};
use crate::{
    answer::converse_usage,
    error::ErrorKind,
    translate::{
        Asked, Broken, Event, Json, ReadStream, base64,
        messages::unwrapped,
        reply::{Delta, Failure, Opened},
    },
};

/// More blocks than are ever open at once.
const MOST_OPEN: usize = 64;

/// What a block is.
#[derive(Debug)]
enum Kind {
    /// JSON is sent on as it comes; whether any came.
    Call {
        came: bool,
    },
    /// The input is held until it is whole, and then unwrapped.
    Freeform {
        input: String,
    },
    /// Of no kind that anybody asked for, or one call more than was asked for.
    Other,
    Text,
    /// Its signature comes in pieces, and so do the bytes of a hidden one.
    Thinking {
        signature: String,
        hidden: Vec<u8>,
    },
}

#[derive(Debug)]
struct Open {
    /// The provider's number.
    index: u64,
    /// Ours.
    block: usize,
    kind: Kind,
}

pub(in crate::translate) struct StreamReader {
    /// What of the request is needed: tools, and whether one call is all.
    asked: Asked,
    begun: bool,
    open: Vec<Open>,
    opened: usize,
    calls: usize,
    stopped: bool,
    over: bool,
}

impl StreamReader {
    pub(in crate::translate) fn new(asked: &Asked) -> Self {
        Self {
            asked: Asked {
                one_call: asked.one_call,
                renamed: asked.renamed.clone(),
                tools: asked.tools.clone(),
                ..Asked::default()
            },
            begun: false,
            open: Vec::new(),
            opened: 0,
            calls: 0,
            stopped: false,
            over: false,
        }
    }

    fn begin(&mut self, out: &mut Vec<Event>) {
        if !std::mem::replace(&mut self.begun, true) {
            out.push(Event::Start {
                id: String::new(),
                created: None,
            });
        }
    }

    /// Opens a block; `None` is one that is not passed on.
    fn open(
        &mut self,
        index: u64,
        kind: Kind,
        opened: Option<Opened>,
        out: &mut Vec<Event>,
    ) -> Result<(), Broken> {
        if self.open.len() >= MOST_OPEN || self.open.iter().any(|open| open.index == index) {
            return Err(Broken("its blocks are not closed"));
        }
        let block = self.opened;
        if let Some(kind) = opened {
            self.opened += 1;
            out.push(Event::Open { block, kind });
        }
        self.open.push(Open { index, block, kind });
        Ok(())
    }

    /// Only calls say that they begin.
    fn start(&mut self, event: &Json<'_>, out: &mut Vec<Event>) -> Result<(), Broken> {
        let index = index(event)?;
        let start = event.get("start").unwrap_or(&Json::Null);
        let Some(call) = start.get("toolUse") else {
            return self.open(index, Kind::Other, None, out);
        };
        self.calls += 1;
        let hosted = call.get("type").is_some_and(|kind| *kind != Json::Null);
        if hosted || (self.asked.one_call && self.calls > 1) {
            return self.open(index, Kind::Other, None, out);
        }
        let (id, name) = (text(call, "toolUseId"), text(call, "name"));
        if id.is_empty() || name.is_empty() {
            return Err(Broken("a call has no id or no name"));
        }
        let name = names::original(name, &self.asked).unwrap_or_else(|| name.to_owned());
        let freeform = self.asked.is_freeform(&name);
        let kind = if freeform {
            Kind::Freeform {
                input: String::new(),
            }
        } else {
            Kind::Call { came: false }
        };
        let opened = Opened::Call {
            id: id.to_owned(),
            name,
            freeform,
        };
        self.open(index, kind, Some(opened), out)
    }

    fn delta(&mut self, event: &Json<'_>, out: &mut Vec<Event>) -> Result<(), Broken> {
        let index = index(event)?;
        let delta = event.get("delta").unwrap_or(&Json::Null);
        let thought = delta.get("reasoningContent");
        if !self.open.iter().any(|open| open.index == index) {
            let (kind, opened) = if delta.get("text").is_some() {
                (Kind::Text, Some(Opened::Text))
            } else if thought.is_some() {
                let (signature, hidden) = (String::new(), Vec::new());
                (
                    Kind::Thinking { signature, hidden },
                    Some(Opened::Reasoning),
                )
            } else {
                (Kind::Other, None)
            };
            self.open(index, kind, opened, out)?;
        }
        let Some(open) = self.open.iter_mut().find(|open| open.index == index) else {
            return Ok(());
        };
        let said = match &mut open.kind {
            Kind::Other => return Ok(()),
            Kind::Text => Delta::Text(text(delta, "text").to_owned()),
            Kind::Thinking { signature, hidden } => {
                let thought = thought.unwrap_or(&Json::Null);
                append(signature, text(thought, "signature"))?;
                let bytes = base64::standard(text(thought, "redactedContent")).unwrap_or_default();
                if hidden.len() + bytes.len() > LONGEST {
                    return Err(Broken("a block is too long"));
                }
                hidden.extend(bytes);
                Delta::Text(text(thought, "text").to_owned())
            }
            Kind::Call { came } => {
                let piece = input(delta);
                *came |= !piece.is_empty();
                Delta::Input(piece.to_owned())
            }
            Kind::Freeform { input: held } => return append(held, input(delta)),
        };
        if let Delta::Text(piece) | Delta::Input(piece) = &said
            && !piece.is_empty()
        {
            let block = open.block;
            out.push(Event::Delta { block, delta: said });
        }
        Ok(())
    }

    fn close(open: Open, out: &mut Vec<Event>) {
        let block = open.block;
        let last = match open.kind {
            Kind::Other => return,
            Kind::Text | Kind::Call { came: true } => None,
            Kind::Call { came: false } => Some(Delta::Input("{}".to_owned())),
            Kind::Freeform { input } => Some(Delta::Input(match Json::read(input.as_bytes()) {
                Ok(json) => unwrapped(json),
                Err(_) => input,
            })),
            Kind::Thinking { hidden, .. } if !hidden.is_empty() => {
                let data = ::base64::prelude::BASE64_STANDARD.encode(&hidden);
                Some(Delta::Seal(seals::hidden(data.into())))
            }
            Kind::Thinking { signature, .. } => {
                (!signature.is_empty()).then(|| Delta::Seal(seals::signature(signature.into())))
            }
        };
        out.extend(last.map(|delta| Event::Delta { block, delta }));
        out.push(Event::Close { block });
    }

    fn stop(&mut self, event: &Json<'_>, out: &mut Vec<Event>) {
        for open in self.open.drain(..) {
            Self::close(open, out);
        }
        if std::mem::replace(&mut self.stopped, true) {
            return;
        }
        match stop(text(event, "stopReason")) {
            Ok(stop) => out.push(Event::Stop(stop)),
            Err(Broken(why)) => {
                self.over = true;
                out.push(Event::Failed(Failure {
                    kind: ErrorKind::Upstream,
                    message: why.to_owned(),
                }));
            }
        }
    }
}

impl ReadStream for StreamReader {
    fn event(&mut self, name: &str, data: &[u8], out: &mut Vec<Event>) -> Result<(), Broken> {
        if self.over {
            return Ok(());
        }
        let event = Json::read(data).map_err(|_| Broken("an event is no JSON"))?;
        match name {
            "messageStart" => self.begin(out),
            _ if !self.begun => return Err(Broken("it does not begin with `messageStart`")),
            "contentBlockStart" if !self.stopped => return self.start(&event, out),
            "contentBlockDelta" if !self.stopped => return self.delta(&event, out),
            "contentBlockStop" => {
                let index = index(&event)?;
                let at = self.open.iter().position(|open| open.index == index);
                if let Some(at) = at {
                    Self::close(self.open.remove(at), out);
                }
            }
            "messageStop" => self.stop(&event, out),
            "metadata" => {
                if let Some(usage) = event.get("usage") {
                    out.push(Event::Usage(converse_usage(usage)));
                }
                if self.stopped {
                    self.over = true;
                    out.push(Event::End);
                }
            }
            // What may be added to the dialect.
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Broken> {
        if self.over {
            return Ok(());
        }
        if !self.stopped {
            return Err(Broken("it ends before `messageStop`"));
        }
        self.over = true;
        out.push(Event::End);
        Ok(())
    }
}

fn index(event: &Json<'_>) -> Result<u64, Broken> {
    let index = event.get("contentBlockIndex").and_then(Json::as_u64);
    index.ok_or(Broken("a block has no number"))
}

fn text<'j>(of: &'j Json<'_>, name: &str) -> &'j str {
    of.get(name).and_then(Json::as_str).unwrap_or_default()
}

fn input<'j>(delta: &'j Json<'_>) -> &'j str {
    text(delta.get("toolUse").unwrap_or(&Json::Null), "input")
}

fn append(to: &mut String, piece: &str) -> Result<(), Broken> {
    if to.len() + piece.len() > LONGEST {
        return Err(Broken("a block is too long"));
    }
    to.push_str(piece);
    Ok(())
}
