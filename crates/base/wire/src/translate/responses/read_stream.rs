//! Reads a stream. Nothing is held of it but what has begun: whatever is said again at an end is only read
//! where it was not said piece by piece.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Asked, Broken, Json, ReadStream, failure,
    fields::Fields,
    read_answer::{Ended, Kind, called, fields, seal, seconds, texts, word},
    reply::{Delta, Event, Opened},
};
use crate::answer::openai_usage;

/// More items than any provider has open at once.
const MOST_OPEN: usize = 1_024;

/// Longer input than any call has, in bytes: clients hold all of it.
const LONGEST_INPUT: usize = 16 << 20;

#[derive(Default)]
pub(in super::super) struct StreamReader {
    started: bool,
    ended: bool,
    /// Blocks opened so far.
    opened: usize,
    /// By the items' indices in the output.
    open: BTreeMap<u64, Item>,
    called: bool,
    refused: bool,
}

/// An item that is not over.
enum Item {
    Call {
        block: usize,
        kind: Kind,
        length: usize,
    },
    /// Its parts by their indices.
    Message(Parts),
    Note,
    Reasoning {
        block: usize,
        /// Whether the summary is read, or the thoughts themselves: some providers send both.
        summary: Option<bool>,
        /// Which part was said last.
        part: Option<u64>,
    },
}

#[derive(Default)]
struct Parts {
    open: BTreeMap<u64, Part>,
    /// Those that are over.
    over: BTreeSet<u64>,
}

#[derive(Clone, Copy)]
struct Part {
    block: usize,
    said: bool,
}

impl StreamReader {
    pub(in super::super) fn new(_asked: &Asked) -> Self {
        Self::default()
    }
}

impl ReadStream for StreamReader {
    fn event(&mut self, name: &str, data: &[u8], out: &mut Vec<Event>) -> Result<(), Broken> {
        if self.ended || data == b"[DONE]" {
            return Ok(());
        }
        let json = Json::read(data).map_err(|_| Broken("an event is no JSON"))?;
        let mut event = fields(json)?;
        let kind = word(&mut event, "type").unwrap_or_else(|| name.to_owned().into());
        match &*kind {
            "error" => {
                self.fail(event.take("error"), event, out);
                return Ok(());
            }
            "response.failed" => {
                let mut response = response(&mut event)?;
                self.fail(response.take("error"), response, out);
                return Ok(());
            }
            _ => {}
        }
        if !self.started && kind.starts_with("response.") {
            self.started = true;
            out.push(start(&event));
        }
        match &*kind {
            "response.output_item.added" => self.added(&mut event, out),
            "response.output_item.done" => self.done(&mut event, out),
            "response.content_part.added" => self.part_added(&mut event, out),
            "response.content_part.done" => {
                self.part_done(&mut event, out);
                Ok(())
            }
            "response.output_text.delta" => self.words(&mut event, "delta", Opened::Text, out),
            "response.output_text.done" => self.words_done(&mut event, "text", Opened::Text, out),
            "response.refusal.delta" => self.words(&mut event, "delta", Opened::Refusal, out),
            "response.refusal.done" => self.words_done(&mut event, "refusal", Opened::Refusal, out),
            "response.reasoning_summary_text.delta" => self.thought(&mut event, true, out),
            "response.reasoning_text.delta" => self.thought(&mut event, false, out),
            "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta" => {
                self.input(&mut event, out)
            }
            "response.completed" | "response.incomplete" => self.over(&mut event, out),
            // Progress of tools that the provider runs, and what is said again at the items' ends.
            _ => Ok(()),
        }
    }

    fn end(&mut self, _out: &mut Vec<Event>) -> Result<(), Broken> {
        if self.ended {
            return Ok(());
        }
        Err(Broken("the stream ended before the response did"))
    }
}

/// The first event, whatever it is.
fn start(event: &Fields<'_>) -> Event {
    let response = event.get("response");
    let id = response.and_then(|response| response.get("id"));
    let created = response.and_then(|response| response.get("created_at"));
    Event::Start {
        id: id.and_then(Json::as_str).unwrap_or_default().to_owned(),
        created: created.and_then(seconds),
    }
}

fn response<'a>(event: &mut Fields<'a>) -> Result<Fields<'a>, Broken> {
    let response = event.take("response");
    fields(response.ok_or(Broken("an event has no response"))?)
}

fn number(event: &Fields<'_>, name: &str) -> Option<u64> {
    event.get(name).and_then(Json::as_u64)
}

/// Which item an event is about.
fn index(event: &Fields<'_>) -> Result<u64, Broken> {
    number(event, "output_index").ok_or(Broken("an event has no `output_index`"))
}

fn say(block: usize, delta: Delta, out: &mut Vec<Event>) {
    out.push(Event::Delta { block, delta });
}

impl StreamReader {
    /// An error's members stand in an object of its own, or in the event.
    fn fail(&mut self, error: Option<Json<'_>>, event: Fields<'_>, out: &mut Vec<Event>) {
        self.ended = true;
        let error = error.unwrap_or_else(|| Json::Object(event.rest()));
        out.push(Event::Failed(failure::of_object(502, &error)));
    }

    fn open(&mut self, kind: Opened, out: &mut Vec<Event>) -> usize {
        self.called |= matches!(kind, Opened::Call { .. });
        self.refused |= kind == Opened::Refusal;
        let block = self.opened;
        self.opened += 1;
        out.push(Event::Open { block, kind });
        block
    }

    fn added(&mut self, event: &mut Fields<'_>, out: &mut Vec<Event>) -> Result<(), Broken> {
        let index = index(event)?;
        let item = event.take("item").ok_or(Broken("an event has no item"))?;
        self.add(index, item, out)
    }

    fn add(&mut self, index: u64, item: Json<'_>, out: &mut Vec<Event>) -> Result<(), Broken> {
        if self.open.contains_key(&index) {
            return Err(Broken("an item begins twice"));
        }
        if self.open.len() >= MOST_OPEN {
            return Err(Broken("it has too many items at once"));
        }
        let kind = Kind::of(item.get("type").and_then(Json::as_str))?;
        let begun = match kind {
            Kind::Message => Item::Message(Parts::default()),
            Kind::Note => Item::Note,
            Kind::Reasoning => Item::Reasoning {
                block: self.open(Opened::Reasoning, out),
                summary: None,
                part: None,
            },
            Kind::Call { freeform } => {
                let (id, name) = called(&mut fields(item)?)?;
                let opened = Opened::Call {
                    id: id.into_owned(),
                    name: name.into_owned(),
                    freeform,
                };
                Item::Call {
                    block: self.open(opened, out),
                    kind,
                    length: 0,
                }
            }
        };
        self.open.insert(index, begun);
        Ok(())
    }

    fn part_added(&mut self, event: &mut Fields<'_>, out: &mut Vec<Event>) -> Result<(), Broken> {
        let part = event.get("part");
        let kind = match part
            .and_then(|part| part.get("type"))
            .and_then(Json::as_str)
        {
            Some("refusal") => Opened::Refusal,
            Some("output_text" | "text") => Opened::Text,
            Some("reasoning_text") => return Ok(()),
            _ => return Err(Broken("a message has a part of an unknown type")),
        };
        self.part(event, kind, out).map(|_| ())
    }

    /// The part that an event is about; `None` where it is over.
    fn part(
        &mut self,
        event: &Fields<'_>,
        kind: Opened,
        out: &mut Vec<Event>,
    ) -> Result<Option<usize>, Broken> {
        let (item, part) = (index(event)?, number(event, "content_index").unwrap_or(0));
        // Some providers do not say that a message begins.
        let known = self.open.entry(item);
        let Item::Message(parts) = known.or_insert_with(|| Item::Message(Parts::default())) else {
            return Err(Broken("a text is in an item that is no message"));
        };
        if parts.over.contains(&part) {
            return Ok(None);
        }
        if let Some(known) = parts.open.get(&part) {
            return Ok(Some(known.block));
        }
        if parts.open.len() + parts.over.len() >= MOST_OPEN {
            return Err(Broken("a message has too many parts"));
        }
        let block = self.open(kind, out);
        if let Some(Item::Message(parts)) = self.open.get_mut(&item) {
            parts.open.insert(part, Part { block, said: false });
        }
        Ok(Some(block))
    }

    fn words(
        &mut self,
        event: &mut Fields<'_>,
        name: &str,
        kind: Opened,
        out: &mut Vec<Event>,
    ) -> Result<(), Broken> {
        let Some(block) = self.part(event, kind, out)? else {
            return Err(Broken("a part goes on after its end"));
        };
        let (item, part) = (index(event)?, number(event, "content_index").unwrap_or(0));
        let Some(words) = word(event, name).filter(|words| !words.is_empty()) else {
            return Ok(());
        };
        if let Some(Item::Message(parts)) = self.open.get_mut(&item) {
            parts.open.insert(part, Part { block, said: true });
        }
        say(block, Delta::Text(words.into_owned()), out);
        Ok(())
    }

    /// The whole text, of which there were no pieces.
    fn words_done(
        &mut self,
        event: &mut Fields<'_>,
        name: &str,
        kind: Opened,
        out: &mut Vec<Event>,
    ) -> Result<(), Broken> {
        if self.part(event, kind.clone(), out)?.is_none() {
            return Ok(());
        }
        let (item, part) = (index(event)?, number(event, "content_index").unwrap_or(0));
        match self.open.get(&item) {
            Some(Item::Message(parts)) if parts.open.get(&part).is_some_and(|part| part.said) => {
                Ok(())
            }
            _ => self.words(event, name, kind, out),
        }
    }

    fn part_done(&mut self, event: &mut Fields<'_>, out: &mut Vec<Event>) {
        let (Ok(item), part) = (index(event), number(event, "content_index").unwrap_or(0)) else {
            return;
        };
        let Some(Item::Message(parts)) = self.open.get_mut(&item) else {
            return;
        };
        let Some(known) = parts.open.remove(&part) else {
            return;
        };
        parts.over.insert(part);
        let whole = event.take("part").and_then(|part| fields(part).ok());
        if let Some((_, words)) = whole.and_then(part_words).filter(|_| !known.said) {
            say(known.block, Delta::Text(words), out);
        }
        out.push(Event::Close { block: known.block });
    }

    fn thought(
        &mut self,
        event: &mut Fields<'_>,
        is_summary: bool,
        out: &mut Vec<Event>,
    ) -> Result<(), Broken> {
        let index = index(event)?;
        if !self.open.contains_key(&index) {
            let item = crate::translate::build::object([(
                "type",
                crate::translate::build::text("reasoning"),
            )]);
            self.add(index, item, out)?;
        }
        let at = if is_summary {
            "summary_index"
        } else {
            "content_index"
        };
        let at = number(event, at).unwrap_or(0);
        let Some(Item::Reasoning {
            block,
            summary,
            part,
        }) = self.open.get_mut(&index)
        else {
            return Err(Broken("a thought is in an item that is no reasoning"));
        };
        if *summary.get_or_insert(is_summary) != is_summary {
            return Ok(());
        }
        if part.replace(at).is_some_and(|last| last != at) {
            say(*block, Delta::NextPart, out);
        }
        let words = word(event, "delta").unwrap_or_default();
        say(*block, Delta::Text(words.into_owned()), out);
        Ok(())
    }

    fn input(&mut self, event: &mut Fields<'_>, out: &mut Vec<Event>) -> Result<(), Broken> {
        let Some(Item::Call { block, length, .. }) = self.open.get_mut(&index(event)?) else {
            return Err(Broken("an input is in an item that is no call"));
        };
        let input = word(event, "delta").unwrap_or_default();
        *length = length.saturating_add(input.len());
        if *length > LONGEST_INPUT {
            return Err(Broken("a call's input is too long"));
        }
        if !input.is_empty() {
            say(*block, Delta::Input(input.into_owned()), out);
        }
        Ok(())
    }

    fn done(&mut self, event: &mut Fields<'_>, out: &mut Vec<Event>) -> Result<(), Broken> {
        let index = index(event)?;
        let whole = event.take("item").ok_or(Broken("an event has no item"))?;
        if !self.open.contains_key(&index) {
            // Some providers say only that an item is over.
            self.add(index, whole.clone(), out)?;
        }
        let mut whole = fields(whole)?;
        match self.open.remove(&index) {
            Some(Item::Call {
                block,
                kind,
                length,
            }) => {
                if length == 0
                    && let Some(input) = word(&mut whole, kind.input())
                    && !input.is_empty()
                {
                    say(block, Delta::Input(input.into_owned()), out);
                }
                out.push(Event::Close { block });
            }
            Some(Item::Message(parts)) => self.message_done(parts, &mut whole, out),
            Some(Item::Reasoning { block, part, .. }) => {
                if part.is_none() {
                    whole_thought(block, &mut whole, out);
                }
                if let Some(seal) = seal(&mut whole) {
                    say(block, Delta::Seal(seal.into_owned()), out);
                }
                out.push(Event::Close { block });
            }
            Some(Item::Note) | None => {}
        }
        Ok(())
    }

    /// Says what of a message was not said before.
    fn message_done(&mut self, parts: Parts, whole: &mut Fields<'_>, out: &mut Vec<Event>) {
        let content = match whole.take("content") {
            Some(Json::Array(content)) => content,
            _ => Vec::new(),
        };
        let mut open = parts.open;
        for (at, part) in content.into_iter().enumerate().take(MOST_OPEN) {
            let at = at as u64;
            let known = open.remove(&at);
            let said = known.is_some_and(|part| part.said) || parts.over.contains(&at);
            let whole = fields(part).ok().and_then(part_words);
            let whole = whole.filter(|_| !said);
            let block = match (known, &whole) {
                (Some(known), _) => known.block,
                (None, Some((kind, _))) => self.open(kind.clone(), out),
                (None, None) => continue,
            };
            if let Some((_, words)) = whole {
                say(block, Delta::Text(words), out);
            }
            out.push(Event::Close { block });
        }
        for part in open.into_values() {
            out.push(Event::Close { block: part.block });
        }
    }

    fn over(&mut self, event: &mut Fields<'_>, out: &mut Vec<Event>) -> Result<(), Broken> {
        let mut response = response(event)?;
        let ended = Ended::of(&mut response);
        // What a provider did not say to be over is over now.
        for item in std::mem::take(&mut self.open).into_values() {
            match item {
                Item::Call { block, .. } | Item::Reasoning { block, .. } => {
                    out.push(Event::Close { block });
                }
                Item::Message(parts) => {
                    let blocks = parts.open.into_values().map(|part| part.block);
                    out.extend(blocks.map(|block| Event::Close { block }));
                }
                Item::Note => {}
            }
        }
        if let Some(usage) = &ended.usage {
            out.push(Event::Usage(openai_usage(usage)));
        }
        out.push(Event::Stop(ended.stop(self.called, self.refused)));
        out.push(Event::End);
        self.ended = true;
        Ok(())
    }
}

/// What a whole part says, where it says something.
fn part_words(mut part: Fields<'_>) -> Option<(Opened, String)> {
    let (kind, words) = match word(&mut part, "refusal") {
        Some(refusal) => (Opened::Refusal, refusal),
        None => (Opened::Text, word(&mut part, "text")?),
    };
    (!words.is_empty()).then(|| (kind, words.into_owned()))
}

/// The parts of a reasoning that came without pieces.
fn whole_thought(block: usize, whole: &mut Fields<'_>, out: &mut Vec<Event>) {
    let mut parts = texts(whole, "summary");
    if parts.is_empty() {
        parts = texts(whole, "content");
    }
    for (at, part) in parts.into_iter().enumerate() {
        if at > 0 {
            say(block, Delta::NextPart, out);
        }
        say(block, Delta::Text(part.into_owned()), out);
    }
}
