//! Reads an answer in one piece.

use std::borrow::Cow;

use super::{
    Asked, Broken, Json, Language, Seal, SealKind,
    fields::Fields,
    names,
    reply::{Answer, Stop},
    talk::{Block, Call, Reasoning},
};
use crate::answer::openai_usage;
use crate::translate::Path;

/// What a provider notes of tools that it ran by itself: the answer is in the messages beside it.
const NOTES: &[&str] = &[
    "additional_tools",
    "code_interpreter_call",
    "file_search_call",
    "mcp_call",
    "mcp_list_tools",
    "web_search_call",
];

/// What an item is to a client of another dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Call {
        freeform: bool,
    },
    Message,
    /// It carries nothing for the client.
    Note,
    Reasoning,
}

impl Kind {
    /// # Errors
    /// Something is asked of the client, or given to it, that nobody knows.
    pub(super) fn of(word: Option<&str>) -> Result<Self, Broken> {
        match word {
            Some("message") => Ok(Self::Message),
            Some("reasoning") => Ok(Self::Reasoning),
            Some("function_call") => Ok(Self::Call { freeform: false }),
            Some("custom_tool_call") => Ok(Self::Call { freeform: true }),
            Some(note) if NOTES.contains(&note) => Ok(Self::Note),
            _ => Err(Broken("it has an item of an unknown type")),
        }
    }

    /// The member with a call's input.
    pub(super) const fn input(self) -> &'static str {
        match self {
            Self::Call { freeform: true } => "input",
            _ => "arguments",
        }
    }
}

pub(in super::super) fn read_answer<'a>(
    json: Json<'a>,
    _asked: &Asked,
) -> Result<Answer<'a>, Broken> {
    let mut answer = fields(json)?;
    let ended = Ended::of(&mut answer);
    match ended.status.as_deref() {
        Some("completed" | "incomplete") | None => {}
        Some("failed") => return Err(Broken("it has failed")),
        Some(_) => return Err(Broken("it is not over")),
    }
    let Some(Json::Array(items)) = answer.take("output") else {
        return Err(Broken("it has no `output`"));
    };
    let mut blocks = Vec::new();
    for item in items {
        read_item(item, &mut blocks)?;
    }
    let called = blocks.iter().any(|block| matches!(block, Block::Call(_)));
    let refused = blocks
        .iter()
        .any(|block| matches!(block, Block::Refusal(_)));
    Ok(Answer {
        id: word(&mut answer, "id").unwrap_or_default().into_owned(),
        created: answer.take("created_at").as_ref().and_then(seconds),
        blocks,
        stop: ended.stop(called, refused),
        usage: ended.usage.map(|usage| openai_usage(&usage)),
    })
}

/// How a response says that it is over.
pub(super) struct Ended<'a> {
    status: Option<Cow<'a, str>>,
    reason: Option<Cow<'a, str>>,
    pub(super) usage: Option<Json<'a>>,
}

impl<'a> Ended<'a> {
    pub(super) fn of(response: &mut Fields<'a>) -> Self {
        let details = response.take("incomplete_details");
        let reason = details.and_then(|details| {
            let mut details = fields(details).ok()?;
            word(&mut details, "reason")
        });
        Self {
            status: word(response, "status"),
            reason,
            usage: response.take("usage"),
        }
    }

    pub(super) fn stop(&self, called: bool, refused: bool) -> Stop {
        if self.status.as_deref() == Some("incomplete") {
            return match self.reason.as_deref() {
                Some("content_filter") => Stop::Filtered,
                _ => Stop::MaxOutput,
            };
        }
        match (called, refused) {
            (true, _) => Stop::ToolCalls,
            (false, true) => Stop::Refusal,
            (false, false) => Stop::End,
        }
    }
}

/// Whole seconds: some providers write a fraction.
pub(super) fn seconds(number: &Json<'_>) -> Option<u64> {
    match number {
        Json::Number(number) => number.as_u64().or_else(|| {
            let text = number.to_string();
            text.split('.').next()?.parse().ok()
        }),
        _ => None,
    }
}

pub(super) fn fields(json: Json<'_>) -> Result<Fields<'_>, Broken> {
    Fields::new(Path::TOP, json).map_err(|_| Broken("something in it is no object"))
}

pub(super) fn word<'a>(fields: &mut Fields<'a>, name: &str) -> Option<Cow<'a, str>> {
    match fields.take(name) {
        Some(Json::String(word)) => Some(word),
        _ => None,
    }
}

/// What a call is, without its input.
pub(super) fn called<'a>(item: &mut Fields<'a>) -> Result<(Cow<'a, str>, Cow<'a, str>), Broken> {
    let id = word(item, "call_id").ok_or(Broken("a call has no `call_id`"))?;
    let name = word(item, "name").ok_or(Broken("a call has no `name`"))?;
    let name = match word(item, "namespace").filter(|space| !space.is_empty()) {
        Some(space) => Cow::Owned(names::flat(&space, &name)),
        None => name,
    };
    Ok((id, name))
}

/// What the provider wants to see again with a reasoning.
pub(super) fn seal<'a>(item: &mut Fields<'a>) -> Option<Seal<'a>> {
    let data = word(item, "encrypted_content").filter(|data| !data.is_empty())?;
    Some(Seal {
        owner: Language::Responses,
        kind: SealKind::Content,
        id: word(item, "id"),
        data,
    })
}

/// The texts of a list of parts.
pub(super) fn texts<'a>(item: &mut Fields<'a>, name: &str) -> Vec<Cow<'a, str>> {
    let Some(Json::Array(parts)) = item.take(name) else {
        return Vec::new();
    };
    let text = |part| word(&mut fields(part).ok()?, "text");
    parts.into_iter().filter_map(text).collect()
}

fn read_item<'a>(item: Json<'a>, blocks: &mut Vec<Block<'a>>) -> Result<(), Broken> {
    let kind = Kind::of(item.get("type").and_then(Json::as_str))?;
    let mut item = fields(item)?;
    match kind {
        Kind::Note => {}
        Kind::Message => {
            let Some(Json::Array(parts)) = item.take("content") else {
                return Err(Broken("a message has no `content`"));
            };
            for part in parts {
                blocks.extend(message_part(part)?);
            }
        }
        Kind::Reasoning => {
            let seal = seal(&mut item);
            let mut parts = texts(&mut item, "summary");
            if parts.is_empty() {
                parts = texts(&mut item, "content");
            }
            if !parts.is_empty() || seal.is_some() {
                blocks.push(Block::Reasoning(Reasoning { parts, seal }));
            }
        }
        Kind::Call { freeform } => {
            let (id, name) = called(&mut item)?;
            let input = word(&mut item, kind.input());
            blocks.push(Block::Call(Call {
                id,
                name,
                input: input.ok_or(Broken("a call has no input"))?,
                freeform,
                seal: None,
            }));
        }
    }
    Ok(())
}

/// A part that says something.
fn message_part(part: Json<'_>) -> Result<Option<Block<'_>>, Broken> {
    let mut part = fields(part)?;
    let kind = word(&mut part, "type");
    let block = match kind.as_deref() {
        Some("output_text" | "text") => {
            word(&mut part, "text").map(|text| Block::Text { text, cache: None })
        }
        Some("refusal") => word(&mut part, "refusal").map(Block::Refusal),
        _ => return Err(Broken("a message has a part of an unknown type")),
    };
    block
        .map(Some)
        .ok_or(Broken("a message's part says nothing"))
}
