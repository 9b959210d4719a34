//! JSON as a tree that keeps what it was written in: the order of members, and strings that need not be
//! copied. Of a schema or of a tool's input nothing may change on its way to another dialect.

mod read;
#[cfg(test)]
mod tests;
mod write;

use std::borrow::Cow;

use serde_json::Number;

use crate::json::Fault;

/// A value. Deeper than 128 levels none is read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json<'a> {
    Null,
    Bool(bool),
    Number(Number),
    String(Cow<'a, str>),
    Array(Vec<Json<'a>>),
    /// No name stands twice: readers would disagree about which one holds.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

/// Why a text is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unread {
    /// It is no JSON.
    #[error("{}", fault(.0))]
    Fault(Fault),
    /// A number beyond what a double can be (RFC 8259 §6 leaves the range to readers).
    #[error("a number that is too large, at byte {at}")]
    Number { at: usize },
    /// A name in one object, twice.
    #[error("`{0}` stands twice")]
    Twice(String),
}

impl From<Fault> for Unread {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

fn fault(fault: &Fault) -> String {
    match fault {
        Fault::Depth { at } => format!("nested too deeply, at byte {at}"),
        Fault::Surrogate { at } => format!("half of a surrogate pair, at byte {at}"),
        Fault::Syntax { at, expected } => format!("expected {expected}, at byte {at}"),
        Fault::Utf8 { at } => format!("not UTF-8, at byte {at}"),
    }
}

impl<'a> Json<'a> {
    /// What kind of value it is, in the words of RFC 8259.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }

    /// The member of that name.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else {
            return None;
        };
        members
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    /// Its text, where it is a string.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Its number, where it is a whole one from 0 on.
    pub(crate) fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    /// The same, borrowing nothing.
    pub(crate) fn into_owned(self) -> Json<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => Json::Bool(value),
            Self::Number(number) => Json::Number(number),
            Self::String(text) => Json::String(owned(text)),
            Self::Array(list) => Json::Array(list.into_iter().map(Json::into_owned).collect()),
            Self::Object(members) => Json::Object(
                members
                    .into_iter()
                    .map(|(name, value)| (owned(name), value.into_owned()))
                    .collect(),
            ),
        }
    }
}
