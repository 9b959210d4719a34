//! The items that an answer consists of, as clients get them, whole or at their beginning.

use super::{Asked, Json, LOCAL_SHELL, Language, Seal, names, reply::Stop};
use crate::translate::build::{Members, maybe, members, object, text};

/// How far an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Completed,
    InProgress,
}

impl Status {
    const fn word(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::InProgress => "in_progress",
        }
    }
}

/// The answer's id, of which its items' ids are made, so that they are the same each time.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// Of letters that stand in ids.
    core: String,
}

impl Ids {
    pub(super) fn of(provider: &str) -> Self {
        let own = provider.strip_prefix("resp_").unwrap_or(provider);
        let known = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
        // The longest id that the provider of this dialect takes is 64 bytes long.
        Self {
            core: own.chars().filter(known).take(40).collect(),
        }
    }

    pub(super) fn response(&self) -> String {
        format!("resp_{}", self.core)
    }

    pub(super) fn item(&self, prefix: &str, index: usize) -> String {
        format!("{prefix}_{}_{index}", self.core)
    }
}

/// A part of a message.
pub(super) fn part(refusal: bool, words: &str) -> Json<'static> {
    if refusal {
        return object([
            ("type", text("refusal")),
            ("refusal", text(words.to_owned())),
        ]);
    }
    object([
        ("type", text("output_text")),
        ("text", text(words.to_owned())),
        ("annotations", Json::Array(Vec::new())),
        ("logprobs", Json::Array(Vec::new())),
    ])
}

pub(super) fn message(id: String, status: Status, parts: Vec<Json<'static>>) -> Json<'static> {
    object([
        ("id", text(id)),
        ("type", text("message")),
        ("status", text(status.word())),
        ("role", text("assistant")),
        ("content", Json::Array(parts)),
    ])
}

/// A part of a reasoning's summary.
pub(super) fn summary(words: &str) -> Json<'static> {
    object([
        ("type", text("summary_text")),
        ("text", text(words.to_owned())),
    ])
}

pub(super) fn reasoning(
    id: String,
    parts: Vec<Json<'static>>,
    seal: Option<&Seal<'_>>,
) -> Json<'static> {
    let seal = seal.map(|seal| seal.carried(Language::Responses).into_owned());
    object([
        ("id", text(id)),
        ("type", text("reasoning")),
        ("summary", Json::Array(parts)),
        ("encrypted_content", maybe(seal)),
    ])
}

/// What is called, as far as it decides the item's form.
#[derive(Debug, Clone, Copy)]
pub(super) struct Called<'c> {
    pub(super) id: &'c str,
    /// The flat name.
    pub(super) name: &'c str,
    pub(super) freeform: bool,
}

impl Called<'_> {
    /// What its item's id begins with.
    pub(super) const fn prefix(self) -> &'static str {
        if self.freeform { "ctc" } else { "fc" }
    }

    pub(super) fn item(
        self,
        id: String,
        status: Status,
        input: &str,
        asked: &Asked,
    ) -> Json<'static> {
        let (kind, member) = if self.freeform {
            ("custom_tool_call", "input")
        } else {
            ("function_call", "arguments")
        };
        let mut item: Members<'static> = members([
            ("id", text(id)),
            ("type", text(kind)),
            ("status", text(status.word())),
            (member, text(input.to_owned())),
            ("call_id", text(self.id.to_owned())),
        ]);
        let (space, name) = match names::spaced(&asked.tools, self.name) {
            Some((space, name)) => (Some(space), name),
            None => (None, self.name),
        };
        item.push(("name".into(), text(name.to_owned())));
        if let Some(space) = space {
            item.push(("namespace".into(), text(space.to_owned())));
        }
        Json::Object(item)
    }
}

/// A call of the local shell, where its input is one: else it is shown as what it is.
pub(super) fn shell_call(
    called: Called<'_>,
    id: String,
    status: Status,
    input: &str,
) -> Option<Json<'static>> {
    let Ok(Json::Object(said)) = Json::read(input.as_bytes()) else {
        return None;
    };
    let mut action = members([("type", text("exec"))]);
    for (name, value) in said {
        if value == Json::Null {
            continue;
        }
        let fits = match (&*name, &value) {
            ("command", Json::Array(words)) => {
                !words.is_empty() && words.iter().all(|word| word.as_str().is_some())
            }
            ("env", Json::Object(members)) => {
                members.iter().all(|(_, value)| value.as_str().is_some())
            }
            ("timeout_ms", value) => value.as_u64().is_some(),
            ("user" | "working_directory", Json::String(_)) => true,
            _ => false,
        };
        if !fits {
            return None;
        }
        action.push((name.into_owned().into(), value.into_owned()));
    }
    let has = |name: &str| action.iter().any(|(known, _)| known == name);
    if !has("command") {
        return None;
    }
    if !has("env") {
        action.push(("env".into(), object([])));
    }
    Some(object([
        ("id", text(id)),
        ("type", text("local_shell_call")),
        ("status", text(status.word())),
        ("call_id", text(called.id.to_owned())),
        ("action", Json::Object(action)),
    ]))
}

/// Whether a call is the local shell's.
pub(super) fn is_shell(called: Called<'_>, asked: &Asked) -> bool {
    called.name == LOCAL_SHELL && !called.freeform && names::has_local_shell(&asked.echo)
}

/// Why an answer is not whole, where it is not. A provider that declines without a word of its own has cut the
/// answer by a filter.
pub(super) const fn incomplete(stop: &Stop, refused: bool) -> Option<&'static str> {
    match stop {
        Stop::ContextWindow | Stop::MaxOutput | Stop::Pause => Some("max_output_tokens"),
        Stop::Filtered => Some("content_filter"),
        Stop::Refusal if !refused => Some("content_filter"),
        Stop::End | Stop::Refusal | Stop::Sequence(_) | Stop::ToolCalls => None,
    }
}
