//! Reads an answer as it comes.

use super::{
    LONGEST,
    read_answer::{hidden, signature},
    stop, unwrapped,
};
use crate::{
    answer::anthropic_usage,
    translate::{
        Asked, Broken, Event, Json, ReadStream, failure,
        reply::{Delta, Opened, Stop},
    },
};

/// More blocks than are ever open at once.
const MOST_OPEN: usize = 64;

/// What a block is.
#[derive(Debug)]
enum Kind {
    /// What was known when it began, and whether more came; JSON is sent on as it comes.
    Call {
        whole: Option<String>,
        came: bool,
    },
    /// The input is held until it is whole, and then unwrapped.
    Freeform {
        input: String,
    },
    /// Of no kind that anybody asked for.
    Other,
    Thinking {
        signature: String,
    },
    Text,
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
    /// Tools whose input is text, which is wrapped here.
    freeform: Vec<String>,
    begun: bool,
    /// The report at the beginning: later ones override it.
    first_usage: Json<'static>,
    open: Vec<Open>,
    opened: usize,
    stopped: bool,
    over: bool,
}

impl StreamReader {
    pub(in crate::translate) fn new(asked: &Asked) -> Self {
        Self {
            freeform: asked.freeform().map(str::to_owned).collect(),
            begun: false,
            first_usage: Json::Null,
            open: Vec::new(),
            opened: 0,
            stopped: false,
            over: false,
        }
    }

    fn start(&mut self, event: &Json<'_>, out: &mut Vec<Event>) -> Result<(), Broken> {
        if std::mem::replace(&mut self.begun, true) {
            return Err(Broken("it begins twice"));
        }
        let message = event.get("message").unwrap_or(&Json::Null);
        out.push(Event::Start {
            id: text(message, "id").to_owned(),
            created: None,
        });
        if let Some(usage @ Json::Object(_)) = message.get("usage") {
            self.first_usage = usage.clone().into_owned();
            out.push(Event::Usage(anthropic_usage(usage, &Json::Null)));
        }
        Ok(())
    }

    fn open(&mut self, event: &Json<'_>, out: &mut Vec<Event>) -> Result<(), Broken> {
        let index = index(event)?;
        if self.open.len() >= MOST_OPEN || self.open.iter().any(|open| open.index == index) {
            return Err(Broken("its blocks are not closed"));
        }
        let content = event.get("content_block").unwrap_or(&Json::Null);
        let block = self.opened;
        let mut deltas = Vec::new();
        let mut first = |name| {
            let text = text(content, name);
            (!text.is_empty()).then(|| deltas.push(Delta::Text(text.to_owned())));
        };
        let (kind, opened) = match text(content, "type") {
            "text" => {
                first("text");
                (Kind::Text, Some(Opened::Text))
            }
            "thinking" => {
                first("thinking");
                let signature = text(content, "signature").to_owned();
                (Kind::Thinking { signature }, Some(Opened::Reasoning))
            }
            "redacted_thinking" => {
                let data = text(content, "data").to_owned();
                deltas.push(Delta::Seal(hidden(data.into())));
                let signature = String::new();
                (Kind::Thinking { signature }, Some(Opened::Reasoning))
            }
            "tool_use" => {
                let (kind, opened) = self.call(content)?;
                (kind, Some(opened))
            }
            _ => (Kind::Other, None),
        };
        if let Some(kind) = opened {
            self.opened += 1;
            out.push(Event::Open { block, kind });
            out.extend(
                deltas
                    .into_iter()
                    .map(|delta| Event::Delta { block, delta }),
            );
        }
        self.open.push(Open { index, block, kind });
        Ok(())
    }

    fn call(&self, content: &Json<'_>) -> Result<(Kind, Opened), Broken> {
        let (id, name) = (text(content, "id"), text(content, "name"));
        if id.is_empty() || name.is_empty() {
            return Err(Broken("a call has no id or no name"));
        }
        let freeform = self.freeform.iter().any(|tool| tool == name);
        // Some providers say the whole input at once, where Anthropic has an empty object.
        let whole = match content.get("input") {
            Some(Json::Object(members)) if members.is_empty() => None,
            Some(input @ Json::Object(_)) => Some(input.text()),
            _ => None,
        };
        let kind = if freeform {
            let input = whole.unwrap_or_default();
            Kind::Freeform { input }
        } else {
            Kind::Call { whole, came: false }
        };
        let opened = Opened::Call {
            id: id.to_owned(),
            name: name.to_owned(),
            freeform,
        };
        Ok((kind, opened))
    }

    fn delta(&mut self, event: &Json<'_>, out: &mut Vec<Event>) -> Result<(), Broken> {
        let index = index(event)?;
        let Some(open) = self.open.iter_mut().find(|open| open.index == index) else {
            return Err(Broken("a piece belongs to no block"));
        };
        let delta = event.get("delta").unwrap_or(&Json::Null);
        let said = match (text(delta, "type"), &mut open.kind) {
            ("text_delta", Kind::Text) => Delta::Text(text(delta, "text").to_owned()),
            ("thinking_delta", Kind::Thinking { .. }) => {
                Delta::Text(text(delta, "thinking").to_owned())
            }
            ("signature_delta", Kind::Thinking { signature }) => {
                text(delta, "signature").clone_into(signature);
                return Ok(());
            }
            ("input_json_delta", Kind::Call { came, .. }) => {
                let piece = text(delta, "partial_json");
                *came |= !piece.is_empty();
                Delta::Input(piece.to_owned())
            }
            ("input_json_delta", Kind::Freeform { input }) => {
                let piece = text(delta, "partial_json");
                if input.len() + piece.len() > LONGEST {
                    return Err(Broken("a call's input is too long"));
                }
                input.push_str(piece);
                return Ok(());
            }
            // Citations, and what may be added to the dialect.
            _ => return Ok(()),
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
            Kind::Text | Kind::Call { came: true, .. } => None,
            Kind::Call { whole, came: false } => {
                Some(Delta::Input(whole.unwrap_or_else(|| "{}".to_owned())))
            }
            Kind::Freeform { input } => {
                let input = match Json::read(input.as_bytes()) {
                    Ok(json) => unwrapped(json),
                    Err(_) => input,
                };
                Some(Delta::Input(input))
            }
            Kind::Thinking { signature: text } => {
                (!text.is_empty()).then(|| Delta::Seal(signature(text.into())))
            }
        };
        out.extend(last.map(|delta| Event::Delta { block, delta }));
        out.push(Event::Close { block });
    }

    fn close_all(&mut self, out: &mut Vec<Event>) {
        for open in self.open.drain(..) {
            Self::close(open, out);
        }
    }

    fn message_delta(&mut self, event: &Json<'_>, out: &mut Vec<Event>) {
        if let Some(last @ Json::Object(_)) = event.get("usage") {
            out.push(Event::Usage(anthropic_usage(&self.first_usage, last)));
        }
        let delta = event.get("delta").unwrap_or(&Json::Null);
        let Some(reason) = delta.get("stop_reason").and_then(Json::as_str) else {
            return;
        };
        let sequence = delta.get("stop_sequence").and_then(Json::as_str);
        self.stop(stop(reason, sequence), out);
    }

    fn stop(&mut self, stop: Stop, out: &mut Vec<Event>) {
        self.close_all(out);
        if !std::mem::replace(&mut self.stopped, true) {
            out.push(Event::Stop(stop));
        }
    }
}

impl ReadStream for StreamReader {
    fn event(&mut self, name: &str, data: &[u8], out: &mut Vec<Event>) -> Result<(), Broken> {
        if self.over {
            return Ok(());
        }
        let event = Json::read(data).map_err(|_| Broken("an event is no JSON"))?;
        let kind = event.get("type").and_then(Json::as_str).unwrap_or(name);
        match kind {
            "message_start" => return self.start(&event, out),
            "error" => {
                self.over = true;
                let error = event.get("error").unwrap_or(&event);
                out.push(Event::Failed(failure::of_object(502, error)));
                return Ok(());
            }
            "ping" => return Ok(()),
            _ if !self.begun => return Err(Broken("it does not begin with `message_start`")),
            _ => {}
        }
        match kind {
            "content_block_start" if !self.stopped => self.open(&event, out),
            "content_block_delta" if !self.stopped => self.delta(&event, out),
            "content_block_stop" => {
                let index = index(&event)?;
                let at = self.open.iter().position(|open| open.index == index);
                if let Some(at) = at {
                    Self::close(self.open.remove(at), out);
                }
                Ok(())
            }
            "message_delta" => {
                self.message_delta(&event, out);
                Ok(())
            }
            "message_stop" => {
                self.over = true;
                self.stop(Stop::End, out);
                out.push(Event::End);
                Ok(())
            }
            // What may be added to the dialect.
            _ => Ok(()),
        }
    }

    fn end(&mut self, _: &mut Vec<Event>) -> Result<(), Broken> {
        if self.over {
            Ok(())
        } else {
            Err(Broken("it ends before `message_stop`"))
        }
    }
}

fn index(event: &Json<'_>) -> Result<u64, Broken> {
    let index = event.get("index").and_then(Json::as_u64);
    index.ok_or(Broken("a block has no number"))
}

fn text<'j>(of: &'j Json<'_>, name: &str) -> &'j str {
    of.get(name).and_then(Json::as_str).unwrap_or_default()
}
