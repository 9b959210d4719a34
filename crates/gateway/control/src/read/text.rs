//! Text that people write: labels, e-mail addresses, passwords, each with its bounds.

use serde_json::Value;
use tidegate_types::Secret;

use super::{Read, Reader};

/// A name for people: 1 to 100 characters, no control characters, no space at either end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Label(pub(crate) String);

impl Read for Label {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value {
            Value::String(text)
                if (1..=100).contains(&text.chars().count())
                    && !text.contains(char::is_control)
                    && text.trim() == text =>
            {
                Some(Self(text))
            }
            _ => at.refuse(
                "must be text of 1 to 100 characters, without control characters and without \
                 spaces at its ends",
            ),
        }
    }
}

/// What the person at the machine is told: 1 to 500 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice(pub(crate) String);

impl Read for Notice {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value {
            Value::String(text)
                if (1..=500).contains(&text.chars().count())
                    && !text.contains(char::is_control)
                    && text.trim() == text =>
            {
                Some(Self(text))
            }
            _ => at.refuse(
                "must be text of 1 to 500 characters, without control characters and without \
                 spaces at its ends",
            ),
        }
    }
}

/// The name of a tool: 1 to 128 bytes, no control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ToolName(pub(crate) String);

impl Read for ToolName {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value {
            Value::String(text)
                if (1..=128).contains(&text.len()) && !text.contains(char::is_control) =>
            {
                Some(Self(text))
            }
            _ => at.refuse("must be the name of a tool: 1 to 128 bytes, no control characters"),
        }
    }
}

/// An e-mail address, lower-case. Only its shape is checked: whether mail arrives, only mail tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Email(pub(crate) String);

impl Email {
    /// The address in its stored form, if the text has the shape of one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (local, domain) = text.rsplit_once('@')?;
        let plain = text.len() <= 254 && text.bytes().all(|b| b.is_ascii_graphic());
        let fits = !local.is_empty() && !local.contains('@') && domain.len() >= 3;
        let dotted =
            domain.split('.').count() >= 2 && domain.split('.').all(|part| !part.is_empty());
        (plain && fits && (dotted || domain == "localhost"))
            .then(|| Self(text.to_ascii_lowercase()))
    }
}

impl Read for Email {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value.as_str().and_then(Self::parse) {
            Some(email) => Some(email),
            None => at.refuse("must be an e-mail address of at most 254 characters"),
        }
    }
}

/// A code of a second factor, or a recovery code. Never printed, wiped when dropped.
#[derive(Debug, Clone)]
pub(crate) struct FactorCode(pub(crate) Secret<String>);

impl Read for FactorCode {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value {
            Value::String(text) if (1..=64).contains(&text.len()) => Some(Self(Secret::new(text))),
            _ => at.refuse("must be a code of the second factor, or a recovery code"),
        }
    }
}

/// A name for people that may be empty: at most 100 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MaybeLabel(pub(crate) String);

impl Read for MaybeLabel {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value {
            Value::String(text) if text.is_empty() => Some(Self(text)),
            value => Label::read(value, at).map(|label| Self(label.0)),
        }
    }
}

/// A password as presented. Never printed, wiped when dropped.
#[derive(Debug, Clone)]
pub(crate) struct Password(pub(crate) Secret<String>);

impl Read for Password {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value {
            // The bound keeps one sign-in from hashing a megabyte.
            Value::String(text) if text.len() <= 1024 => Some(Self(Secret::new(text))),
            Value::String(_) => at.refuse("must have at most 1024 bytes"),
            _ => at.refuse("must be a string"),
        }
    }
}
