//! Calls that come in pieces. Which call a piece belongs to is said by its index, by its id, or, by the sloppiest
//! providers, by nothing but its place.

use super::{
    super::reply::{Delta, Opened},
    Asked, Broken, Event, Json, Language,
    read_answer::{arguments, fields, string},
    shape::{call_seal, made_id, unwrapped},
};

/// More calls than an answer has.
const MOST: usize = 1_024;

/// Longer arguments than a call has, in bytes.
const LONGEST: usize = 16 << 20;

/// The calls of an answer.
#[derive(Debug)]
pub(super) struct Calls {
    /// Tools whose input is text.
    freeform: Vec<String>,
    answer: String,
    created: Option<u64>,
    coming: Vec<Coming>,
    /// How many came before.
    closed: usize,
}

/// A call that is not over.
#[derive(Debug)]
struct Coming {
    index: Option<u64>,
    /// As the provider says it; empty where it does not.
    id: String,
    /// None as long as its name is not known.
    block: Option<usize>,
    freeform: bool,
    /// Arguments that wait: for the name, or, of a freeform tool, for their end.
    held: String,
    /// Bytes of arguments.
    length: usize,
    /// There is something other than space.
    said: bool,
}

impl Calls {
    pub(super) fn new(asked: &Asked) -> Self {
        Self {
            freeform: asked.freeform().map(str::to_owned).collect(),
            answer: asked.call.clone(),
            created: None,
            coming: Vec::new(),
            closed: 0,
        }
    }

    /// The answer that ids are made from.
    pub(super) fn answer(&mut self, id: &str, created: Option<u64>) {
        id.clone_into(&mut self.answer);
        self.created = created;
    }

    /// Takes a piece.
    pub(super) fn take(
        &mut self,
        piece: Json<'_>,
        next: &mut usize,
        out: &mut Vec<Event>,
    ) -> Result<(), Broken> {
        let mut piece = fields(piece)?;
        let index = piece.take("index").and_then(|index| index.as_u64());
        let id = string(&mut piece, "id").unwrap_or_default();
        let seal = call_seal(piece.take("extra_content"), Language::Chat);
        let mut function = match piece.take("function") {
            Some(function) => fields(function)?,
            None => fields(Json::Object(Vec::new()))?,
        };
        let name = string(&mut function, "name");
        let input = arguments(function.take("arguments"));
        let at = match self.known(index, &id, name.is_some()) {
            Some(at) => at,
            None => self.begin(index, &id)?,
        };
        let other_id = || made_id(&self.answer, self.created, self.closed + at);
        let Some(call) = self.coming.get_mut(at) else {
            return Ok(());
        };
        if let (None, Some(name)) = (call.block, name) {
            if call.id.is_empty() {
                call.id = if id.is_empty() {
                    other_id()
                } else {
                    id.into_owned()
                };
            }
            call.freeform = self.freeform.iter().any(|tool| *tool == name);
            call.open(name.into_owned(), next, out);
        }
        call.input(&input, out)?;
        if let (Some(block), Some(seal)) = (call.block, seal) {
            let delta = Delta::Seal(seal.into_owned());
            out.push(Event::Delta { block, delta });
        }
        Ok(())
    }

    /// The call that a piece belongs to.
    fn known(&self, index: Option<u64>, id: &str, named: bool) -> Option<usize> {
        let has_id = |call: &Coming| id.is_empty() || call.id.is_empty() || call.id == id;
        if index.is_some() {
            // Some providers number every call 0 and tell them apart by their ids.
            let at = self.coming.iter().rposition(|call| call.index == index)?;
            let call = self.coming.get(at)?;
            return (has_id(call) || !named).then_some(at);
        }
        if !id.is_empty() {
            return self.coming.iter().rposition(|call| call.id == id);
        }
        // Without either, a name begins the next call.
        let last = self.coming.len().checked_sub(1)?;
        (!named).then_some(last)
    }

    fn begin(&mut self, index: Option<u64>, id: &str) -> Result<usize, Broken> {
        let at = self.coming.len();
        if at + self.closed >= MOST {
            return Err(Broken("it calls too many tools"));
        }
        self.coming.push(Coming {
            index,
            id: id.to_owned(),
            block: None,
            freeform: false,
            held: String::new(),
            length: 0,
            said: false,
        });
        Ok(at)
    }

    /// Nothing more comes of them.
    pub(super) fn close(&mut self, out: &mut Vec<Event>) -> Result<(), Broken> {
        self.closed += self.coming.len();
        for call in std::mem::take(&mut self.coming) {
            let block = call.block.ok_or(Broken("a call has no name"))?;
            let rest = match (call.said, call.freeform) {
                (_, true) => Some(unwrapped(&call.held)),
                (true, false) => None,
                (false, false) => Some("{}".to_owned()),
            };
            if let Some(rest) = rest {
                let delta = Delta::Input(rest);
                out.push(Event::Delta { block, delta });
            }
            out.push(Event::Close { block });
        }
        Ok(())
    }
}

impl Coming {
    fn open(&mut self, name: String, next: &mut usize, out: &mut Vec<Event>) {
        let block = *next;
        *next += 1;
        self.block = Some(block);
        let kind = Opened::Call {
            id: self.id.clone(),
            name,
            freeform: self.freeform,
        };
        out.push(Event::Open { block, kind });
    }

    fn input(&mut self, input: &str, out: &mut Vec<Event>) -> Result<(), Broken> {
        self.length += input.len();
        if self.length > LONGEST {
            return Err(Broken("a call's arguments are too long"));
        }
        self.held.push_str(input);
        self.said |= !input.trim().is_empty();
        // Space alone is no arguments; it waits for what follows.
        if let (Some(block), false, true) = (self.block, self.freeform, self.said)
            && !self.held.is_empty()
        {
            let delta = Delta::Input(std::mem::take(&mut self.held));
            out.push(Event::Delta { block, delta });
        }
        Ok(())
    }
}
