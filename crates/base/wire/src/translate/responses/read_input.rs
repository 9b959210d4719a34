//! Reads the conversation: the items of `input`.

use std::{borrow::Cow, collections::HashMap};

use super::{
    Json, LOCAL_SHELL, Language, Refused, Seal, SealKind,
    fields::{Fields, elements, missing, wrong},
    names::Known,
    read_parts,
    read_request::list,
    talk::{Block, Call, Outcome, Reasoning, Speaker, Turn},
};

/// What items are known by, how they came about, and what a client notes at them: none of it is said to the
/// model.
const ADVICE: &[&str] = &[
    "id",
    "internal_chat_message_metadata_passthrough",
    "phase",
    "status",
];

/// What has been said.
#[derive(Debug, Default)]
pub(super) struct Said<'a> {
    pub(super) instructions: Vec<Block<'a>>,
    pub(super) turns: Vec<Turn<'a>>,
}

pub(super) fn input<'a>(fields: &mut Fields<'a>, known: Known) -> Result<Said<'a>, Refused> {
    let path = fields.at("input");
    let items = match fields.take("input") {
        Some(Json::String(text)) => {
            let mut said = Said::default();
            said.say(Speaker::User, Block::Text { text, cache: None });
            return Ok(said);
        }
        Some(Json::Array(items)) => elements(&path, items),
        Some(other) => return Err(wrong(&path, "a string or an array", &other)),
        None => return Err(missing(&path)),
    };
    let mut reading = Items {
        known,
        said: Said::default(),
        called: HashMap::new(),
        shells: HashMap::new(),
        seal: None,
    };
    for (path, item) in items {
        reading.item(Fields::new(path, item)?)?;
    }
    reading.seal_stands_alone();
    Ok(reading.said)
}

impl<'a> Said<'a> {
    fn say(&mut self, speaker: Speaker, block: Block<'a>) {
        match self.turns.last_mut() {
            Some(turn) if turn.speaker == speaker => turn.blocks.push(block),
            _ => self.turns.push(Turn {
                speaker,
                blocks: vec![block],
            }),
        }
    }
}

struct Items<'a> {
    known: Known,
    said: Said<'a>,
    /// The names of what was called, by the calls' ids.
    called: HashMap<String, Cow<'a, str>>,
    /// Calls of the local shell by their items' ids, by which their outputs may name them.
    shells: HashMap<String, Cow<'a, str>>,
    /// A seal that may be the next call's.
    seal: Option<Seal<'a>>,
}

impl<'a> Items<'a> {
    fn item(&mut self, mut item: Fields<'a>) -> Result<(), Refused> {
        let kind = match item.string("type")? {
            Some(kind) => kind,
            // A message may leave its type out, and so may a reference.
            None => Cow::Borrowed("message"),
        };
        if !matches!(
            &*kind,
            "function_call" | "custom_tool_call" | "local_shell_call"
        ) {
            self.seal_stands_alone();
        }
        match &*kind {
            "message" => self.message(item),
            "reasoning" => self.reasoning(item),
            "function_call" => self.call(item, "arguments", false),
            "custom_tool_call" => self.call(item, "input", true),
            "function_call_output" | "custom_tool_call_output" => self.output(item),
            "local_shell_call" => self.shell_call(item),
            "local_shell_call_output" => self.shell_output(item),
            _ => Err(Refused::unsupported(item.at("type"))),
        }
    }

    fn message(&mut self, mut item: Fields<'a>) -> Result<(), Refused> {
        let role_at = item.at("role");
        let Some(role) = item.string("role")? else {
            return Err(Refused::unsupported(item.at("type")));
        };
        item.advice(ADVICE);
        let path = item.at("content");
        let content = item.take("content").ok_or_else(|| missing(&path))?;
        item.close()?;
        let blocks = read_parts::content(&path, content)?;
        let speaker = match &*role {
            "user" => Speaker::User,
            "assistant" => Speaker::Assistant,
            "system" | "developer" => Speaker::System,
            _ => return Err(Refused::unsupported(role_at)),
        };
        if speaker == Speaker::System {
            let is_text = |block: &Block<'_>| matches!(block, Block::Text { .. });
            if !blocks.iter().all(is_text) {
                return Err(Refused::unsupported(path));
            }
            if self.said.turns.is_empty() {
                self.said.instructions.extend(blocks);
                return Ok(());
            }
        }
        for block in blocks {
            self.said.say(speaker, block);
        }
        Ok(())
    }

    fn reasoning(&mut self, mut item: Fields<'a>) -> Result<(), Refused> {
        let id = item.string("id")?;
        item.advice(ADVICE);
        let seal = item.string("encrypted_content")?;
        let mut parts = texts(&mut item, "summary", &["summary_text"])?;
        // Where there are both, the summary is what others are shown.
        let content = texts(&mut item, "content", &["reasoning_text", "text"])?;
        item.close()?;
        if parts.is_empty() {
            parts = content;
        }
        let seal =
            seal.map(|text| Seal::returned(text, Language::Responses, SealKind::Content, id));
        match seal {
            Some(seal) if parts.is_empty() && is_of_a_call(&seal) => self.seal = Some(seal),
            None if parts.is_empty() => {}
            seal => {
                let block = Block::Reasoning(Reasoning { parts, seal });
                self.said.say(Speaker::Assistant, block);
            }
        }
        Ok(())
    }

    /// No call follows: it is of something else.
    fn seal_stands_alone(&mut self) {
        if let Some(seal) = self.seal.take() {
            let reasoning = Reasoning {
                parts: Vec::new(),
                seal: Some(seal),
            };
            self.said
                .say(Speaker::Assistant, Block::Reasoning(reasoning));
        }
    }

    fn call(
        &mut self,
        mut item: Fields<'a>,
        input: &'static str,
        freeform: bool,
    ) -> Result<(), Refused> {
        directly(&mut item)?;
        let id = item.required("call_id")?;
        let namespace = item.string("namespace")?;
        let name = self.known.called(namespace, item.required("name")?);
        let input = item.required(input)?;
        item.close()?;
        self.push(id, name, input, freeform);
        Ok(())
    }

    fn push(&mut self, id: Cow<'a, str>, name: Cow<'a, str>, input: Cow<'a, str>, freeform: bool) {
        self.called.insert(id.to_string(), name.clone());
        let call = Call {
            id,
            name,
            input,
            freeform,
            seal: self.seal.take(),
        };
        self.said.say(Speaker::Assistant, Block::Call(call));
    }

    fn shell_call(&mut self, mut item: Fields<'a>) -> Result<(), Refused> {
        let own = item.string("id")?;
        item.advice(ADVICE);
        let path = item.at("call_id");
        let id = item.string("call_id")?.or_else(|| own.clone());
        let id = id.ok_or_else(|| missing(&path))?;
        if let Some(own) = own {
            self.shells.insert(own.into_owned(), id.clone());
        }
        let path = item.at("action");
        let mut action = item.object("action")?.ok_or_else(|| missing(&path))?;
        action.only("type", &Json::String("exec".into()))?;
        item.close()?;
        let said = action.rest().into_iter();
        let input = Json::Object(said.filter(|(_, value)| *value != Json::Null).collect());
        self.push(
            id,
            Cow::Borrowed(LOCAL_SHELL),
            Cow::Owned(input.text()),
            false,
        );
        Ok(())
    }

    fn output(&mut self, mut item: Fields<'a>) -> Result<(), Refused> {
        directly(&mut item)?;
        // The call has said it.
        item.advice(&["name", "namespace"]);
        let id = item.required("call_id")?;
        self.outcome(item, id)
    }

    fn shell_output(&mut self, mut item: Fields<'a>) -> Result<(), Refused> {
        let own = item.string("id")?;
        item.advice(ADVICE);
        let path = item.at("call_id");
        let named = own.map(|own| self.shells.get(&*own).cloned().unwrap_or(own));
        let id = item.string("call_id")?.or(named);
        self.outcome(item, id.ok_or_else(|| missing(&path))?)
    }

    fn outcome(&mut self, mut item: Fields<'a>, id: Cow<'a, str>) -> Result<(), Refused> {
        let path = item.at("output");
        let output = item.take("output").ok_or_else(|| missing(&path))?;
        item.close()?;
        let outcome = Outcome {
            name: self.called.get(&*id).cloned(),
            id,
            blocks: read_parts::content(&path, output)?,
            failed: false,
            cache: None,
        };
        self.said.say(Speaker::User, Block::Result(outcome));
        Ok(())
    }
}

/// Calls that a program of the provider made are refused.
fn directly(item: &mut Fields<'_>) -> Result<(), Refused> {
    item.advice(ADVICE);
    let kind = (Cow::Borrowed("type"), Json::String("direct".into()));
    item.only("caller", &Json::Object(vec![kind]))?;
    item.only("async", &Json::Bool(false))
}

/// Gemini seals calls, directly or as a provider of Chat Completions; this dialect has no place for that at
/// calls, so that it came as an item of its own right before its call.
fn is_of_a_call(seal: &Seal<'_>) -> bool {
    seal.owner == Language::Gemini
        || (seal.owner == Language::Chat && seal.kind == SealKind::Signature)
}

fn texts<'a>(
    item: &mut Fields<'a>,
    name: &'static str,
    kinds: &[&str],
) -> Result<Vec<Cow<'a, str>>, Refused> {
    let path = item.at(name);
    let Some(value) = item.take(name) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for (path, value) in list(&path, value)? {
        let mut part = Fields::new(path, value)?;
        if !kinds.contains(&&*part.required("type")?) {
            return Err(Refused::unsupported(part.at("type")));
        }
        found.push(part.required("text")?);
        part.close()?;
    }
    Ok(found)
}
