//! Writes a stream: each item is added, said piece by piece, and done; the last event has all of it.

use crate::translate::build::{Members, count, members, place, text};
use std::collections::{BTreeMap, BTreeSet};

use tidegate_types::Usage;

use super::{
    Asked, Json, Seal, WriteStream,
    error::{self, ErrorKind, ErrorView},
    items::{self, Called, Ids, Status},
    reply::{Delta, Event, Opened, Stop},
    write_answer::{Ending, response},
};
use crate::Operation;

/// More than any model answers, in bytes: all of it is held, to be said again at the end.
const LONGEST: usize = 16 << 20;

pub(in super::super) struct StreamWriter {
    asked: Asked,
    said: Said,
}

/// What the client has got.
#[derive(Default)]
struct Said {
    ids: Ids,
    created: u64,
    sequence: u64,
    /// By the items' indices; `null` where one is not done.
    output: Vec<Json<'static>>,
    open: BTreeMap<usize, Open>,
    /// Seals that came when their calls had begun, by the calls' indices: they stand before them at the end.
    late: BTreeMap<usize, usize>,
    usage: Option<Usage>,
    stop: Stop,
    refused: bool,
    held: usize,
    over: bool,
}

/// A block that is not over. Nothing is said of it before there is something to say.
struct Open {
    kind: Opened,
    /// Its item's index, once it is said.
    index: Option<usize>,
    /// What is held of the text, of the input, or of the summary's last part.
    held: String,
    /// The parts of the summary that are over.
    parts: Vec<Json<'static>>,
    /// The summary's last part is not over.
    part_open: bool,
    seal: Option<Seal<'static>>,
}

impl StreamWriter {
    pub(in super::super) fn new(asked: Asked) -> Self {
        Self {
            asked,
            said: Said::default(),
        }
    }
}

impl WriteStream for StreamWriter {
    fn event(&mut self, event: Event, out: &mut Vec<u8>) {
        let (said, asked) = (&mut self.said, &self.asked);
        if said.over {
            return;
        }
        match event {
            Event::Start { id, created } => {
                said.ids = Ids::of(&id);
                said.created = created.unwrap_or_default();
                for kind in ["response.created", "response.in_progress"] {
                    let begun = said.response(asked, None);
                    said.say(kind, members([("response", begun)]), out);
                }
            }
            Event::Open { block, kind } => {
                said.open.insert(block, Open::new(kind));
            }
            Event::Delta { block, delta } => {
                if let Some(mut open) = said.open.remove(&block) {
                    said.delta(&mut open, delta, asked, out);
                    said.open.insert(block, open);
                }
            }
            Event::Close { block } => {
                if let Some(open) = said.open.remove(&block) {
                    said.close(open, asked, out);
                }
            }
            Event::Usage(usage) => said.usage = Some(usage),
            Event::Stop(stop) => said.stop = stop,
            Event::End => said.end(asked, out),
            // The gateway says it in the client's words.
            Event::Failed(_) => said.over = true,
        }
    }
}

impl Open {
    const fn new(kind: Opened) -> Self {
        Self {
            kind,
            index: None,
            held: String::new(),
            parts: Vec::new(),
            part_open: false,
            seal: None,
        }
    }

    const fn prefix(&self) -> &'static str {
        match self.kind {
            Opened::Call { freeform: true, .. } => "ctc",
            Opened::Call { .. } => "fc",
            Opened::Reasoning => "rs",
            Opened::Refusal | Opened::Text => "msg",
        }
    }
}

impl Said {
    fn say(&mut self, kind: &'static str, rest: Members<'_>, out: &mut Vec<u8>) {
        let mut event: Members<'_> = members([
            ("type", text(kind)),
            ("sequence_number", count(self.sequence)),
        ]);
        event.extend(rest);
        self.sequence += 1;
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(kind.as_bytes());
        out.extend_from_slice(b"\ndata: ");
        Json::Object(event).write(out);
        out.extend_from_slice(b"\n\n");
    }

    fn response<'a>(&self, asked: &'a Asked, ending: Option<Ending>) -> Json<'a> {
        let output = match ending {
            None => Vec::new(),
            Some(_) => self.output(),
        };
        let usage = self.usage.as_ref().filter(|_| ending.is_some());
        response(&self.ids, self.created, asked, output, ending, usage)
    }

    /// The items in the order in which they are to come back.
    fn output(&self) -> Vec<Json<'static>> {
        let late: BTreeSet<usize> = self.late.values().copied().collect();
        let placed = (0..self.output.len()).filter(|index| !late.contains(index));
        placed
            .flat_map(|index| [self.late.get(&index).copied(), Some(index)])
            .flatten()
            .filter_map(|index| self.output.get(index))
            .filter(|item| **item != Json::Null)
            .cloned()
            .collect()
    }

    /// Gives an item its place, and says that it has begun.
    fn add(&mut self, item: Json<'static>, out: &mut Vec<u8>) -> usize {
        let index = self.output.len();
        self.output.push(Json::Null);
        let said = members([("output_index", place(index)), ("item", item)]);
        self.say("response.output_item.added", said, out);
        index
    }

    fn done(&mut self, index: usize, item: Json<'static>, out: &mut Vec<u8>) {
        let said = members([("output_index", place(index)), ("item", item.clone())]);
        self.say("response.output_item.done", said, out);
        if let Some(place) = self.output.get_mut(index) {
            *place = item;
        }
    }

    fn delta(&mut self, open: &mut Open, delta: Delta, asked: &Asked, out: &mut Vec<u8>) {
        match (&open.kind, delta) {
            (_, Delta::Seal(seal)) => {
                self.hold(seal.data.len(), out);
                open.seal = Some(seal);
            }
            (Opened::Text | Opened::Refusal, Delta::Text(words)) => self.words(open, &words, out),
            (Opened::Reasoning, Delta::Text(words)) => self.thought(open, &words, out),
            (Opened::Reasoning, Delta::NextPart) => self.part_is_over(open, out),
            (Opened::Call { .. }, Delta::Input(input)) => self.input(open, &input, asked, out),
            _ => {}
        }
    }

    /// Counts what is held; where it is too much, the answer ends.
    fn hold(&mut self, more: usize, out: &mut Vec<u8>) -> bool {
        self.held = self.held.saturating_add(more);
        if self.held > LONGEST {
            self.over = true;
            let view = ErrorView {
                status: 502,
                kind: ErrorKind::Upstream,
                code: "upstream_error",
                message: "the answer is longer than the gateway translates",
                param: None,
                request_id: "",
            };
            out.extend(error::render_event_for(Operation::Responses, &view));
        }
        !self.over
    }

    /// Where a piece of a message is.
    fn at(&self, index: usize, rest: Members<'static>) -> Members<'static> {
        let mut at = members([
            ("item_id", text(self.ids.item("msg", index))),
            ("output_index", place(index)),
            ("content_index", count(0)),
        ]);
        at.extend(rest);
        at
    }

    fn words(&mut self, open: &mut Open, words: &str, out: &mut Vec<u8>) {
        if words.is_empty() || !self.hold(words.len(), out) {
            return;
        }
        let refusal = open.kind == Opened::Refusal;
        self.refused |= refusal;
        let index = match open.index {
            Some(index) => index,
            None => {
                let id = self.ids.item("msg", self.output.len());
                let index = self.add(items::message(id, Status::InProgress, Vec::new()), out);
                let part = members([("part", items::part(refusal, ""))]);
                let at = self.at(index, part);
                self.say("response.content_part.added", at, out);
                *open.index.insert(index)
            }
        };
        open.held.push_str(words);
        let mut piece = members([("delta", text(words.to_owned()))]);
        let kind = if refusal {
            "response.refusal.delta"
        } else {
            piece.push(("logprobs".into(), Json::Array(Vec::new())));
            "response.output_text.delta"
        };
        let at = self.at(index, piece);
        self.say(kind, at, out);
    }

    fn message_is_over(&mut self, open: &Open, out: &mut Vec<u8>) {
        let Some(index) = open.index else { return };
        let refusal = open.kind == Opened::Refusal;
        let whole = text(open.held.clone());
        let (kind, said) = if refusal {
            ("response.refusal.done", members([("refusal", whole)]))
        } else {
            let none = Json::Array(Vec::new());
            let said = members([("text", whole), ("logprobs", none)]);
            ("response.output_text.done", said)
        };
        let at = self.at(index, said);
        self.say(kind, at, out);
        let part = items::part(refusal, &open.held);
        let at = self.at(index, members([("part", part.clone())]));
        self.say("response.content_part.done", at, out);
        let id = self.ids.item("msg", index);
        let item = items::message(id, Status::Completed, vec![part]);
        self.done(index, item, out);
    }

    /// Where a piece of a summary is.
    fn at_part(&self, index: usize, open: &Open, rest: Members<'static>) -> Members<'static> {
        let mut at = members([
            ("item_id", text(self.ids.item("rs", index))),
            ("output_index", place(index)),
            ("summary_index", place(open.parts.len())),
        ]);
        at.extend(rest);
        at
    }

    fn thought(&mut self, open: &mut Open, words: &str, out: &mut Vec<u8>) {
        if words.is_empty() || !self.hold(words.len(), out) {
            return;
        }
        let index = self.reasoning_begins(open, out);
        if !open.part_open {
            open.part_open = true;
            let at = self.at_part(index, open, members([("part", items::summary(""))]));
            self.say("response.reasoning_summary_part.added", at, out);
        }
        open.held.push_str(words);
        let at = self.at_part(index, open, members([("delta", text(words.to_owned()))]));
        self.say("response.reasoning_summary_text.delta", at, out);
    }

    fn reasoning_begins(&mut self, open: &mut Open, out: &mut Vec<u8>) -> usize {
        if let Some(index) = open.index {
            return index;
        }
        let id = self.ids.item("rs", self.output.len());
        let index = self.add(items::reasoning(id, Vec::new(), None), out);
        *open.index.insert(index)
    }

    fn part_is_over(&mut self, open: &mut Open, out: &mut Vec<u8>) {
        let (Some(index), true) = (open.index, open.part_open) else {
            return;
        };
        open.part_open = false;
        let words = std::mem::take(&mut open.held);
        let part = items::summary(&words);
        let at = self.at_part(index, open, members([("text", text(words))]));
        self.say("response.reasoning_summary_text.done", at, out);
        let at = self.at_part(index, open, members([("part", part.clone())]));
        self.say("response.reasoning_summary_part.done", at, out);
        open.parts.push(part);
    }

    fn reasoning_is_over(&mut self, mut open: Open, out: &mut Vec<u8>) {
        self.part_is_over(&mut open, out);
        if open.index.is_none() && open.seal.is_none() {
            return;
        }
        let index = self.reasoning_begins(&mut open, out);
        let id = self.ids.item("rs", index);
        let item = items::reasoning(id, open.parts, open.seal.as_ref());
        self.done(index, item, out);
    }

    /// The first piece waits for the second: a seal that comes with it is to be said before the call.
    fn input(&mut self, open: &mut Open, input: &str, asked: &Asked, out: &mut Vec<u8>) {
        if input.is_empty() || !self.hold(input.len(), out) {
            return;
        }
        let is_shell = called(&open.kind).is_some_and(|called| items::is_shell(called, asked));
        if !open.held.is_empty() && !is_shell {
            self.call_begins(open, asked, out);
        }
        open.held.push_str(input);
        if let Some(index) = open.index {
            self.input_delta(open, index, input, out);
        }
    }

    fn input_delta(&mut self, open: &Open, index: usize, input: &str, out: &mut Vec<u8>) {
        let kind = match open.kind {
            Opened::Call { freeform: true, .. } => "response.custom_tool_call_input.delta",
            _ => "response.function_call_arguments.delta",
        };
        let delta = members([
            ("item_id", text(self.ids.item(open.prefix(), index))),
            ("output_index", place(index)),
            ("delta", text(input.to_owned())),
        ]);
        self.say(kind, delta, out);
    }

    fn seal_of_call(&mut self, open: &mut Open, out: &mut Vec<u8>) {
        let Some(seal) = open.seal.take() else { return };
        if let Some(call) = open.index {
            self.late.insert(call, self.output.len());
        }
        let id = self.ids.item("rs", self.output.len());
        let begun = items::reasoning(id.clone(), Vec::new(), None);
        let index = self.add(begun, out);
        self.done(index, items::reasoning(id, Vec::new(), Some(&seal)), out);
    }

    fn call_begins(&mut self, open: &mut Open, asked: &Asked, out: &mut Vec<u8>) {
        if open.index.is_some() {
            return;
        }
        self.seal_of_call(open, out);
        let Some(called) = called(&open.kind) else {
            return;
        };
        let id = self.ids.item(called.prefix(), self.output.len());
        let index = self.add(called.item(id, Status::InProgress, "", asked), out);
        open.index = Some(index);
        if !open.held.is_empty() {
            self.input_delta(open, index, &open.held, out);
        }
    }

    fn call_is_over(&mut self, mut open: Open, asked: &Asked, out: &mut Vec<u8>) {
        if self.shell_call(&mut open, asked, out) {
            return;
        }
        self.call_begins(&mut open, asked, out);
        // Clients that go by the order in which items are done have it before the call too.
        self.seal_of_call(&mut open, out);
        let (Some(called), Some(index)) = (called(&open.kind), open.index) else {
            return;
        };
        let (kind, member) = if called.freeform {
            ("response.custom_tool_call_input.done", "input")
        } else {
            ("response.function_call_arguments.done", "arguments")
        };
        let id = self.ids.item(called.prefix(), index);
        let item = called.item(id.clone(), Status::Completed, &open.held, asked);
        let mut whole = members([
            ("item_id", text(id)),
            ("output_index", place(index)),
            (member, text(open.held.clone())),
        ]);
        if let Some(name) = item.get("name").filter(|_| !called.freeform) {
            whole.push(("name".into(), name.clone()));
        }
        self.say(kind, whole, out);
        self.done(index, item, out);
    }

    /// Calls of the local shell come whole.
    fn shell_call(&mut self, open: &mut Open, asked: &Asked, out: &mut Vec<u8>) -> bool {
        let Some(called) = called(&open.kind).filter(|called| items::is_shell(*called, asked))
        else {
            return false;
        };
        let item = |index: usize, status, ids: &Ids| {
            items::shell_call(called, ids.item("lsh", index), status, &open.held)
        };
        // Its seal comes before it.
        let next = self.output.len() + usize::from(open.seal.is_some());
        let (Some(begun), Some(whole)) = (
            item(next, Status::InProgress, &self.ids),
            item(next, Status::Completed, &self.ids),
        ) else {
            return false;
        };
        self.seal_of_call(open, out);
        let index = self.add(begun, out);
        self.done(index, whole, out);
        true
    }

    fn close(&mut self, open: Open, asked: &Asked, out: &mut Vec<u8>) {
        match open.kind {
            Opened::Text | Opened::Refusal => self.message_is_over(&open, out),
            Opened::Reasoning => self.reasoning_is_over(open, out),
            Opened::Call { .. } => self.call_is_over(open, asked, out),
        }
    }

    fn end(&mut self, asked: &Asked, out: &mut Vec<u8>) {
        while let Some((_, open)) = self.open.pop_first() {
            self.close(open, asked, out);
        }
        let (kind, ending) = match items::incomplete(&self.stop, self.refused) {
            Some(reason) => ("response.incomplete", Ending::Incomplete(reason)),
            None => ("response.completed", Ending::Completed),
        };
        let whole = self.response(asked, Some(ending));
        self.say(kind, members([("response", whole)]), out);
        self.over = true;
    }
}

fn called(kind: &Opened) -> Option<Called<'_>> {
    match kind {
        Opened::Call { id, name, freeform } => Some(Called {
            id,
            name,
            freeform: *freeform,
        }),
        _ => None,
    }
}
