//! Why a body is refused, each with what to do about it.

use tidegate_types::NameError;

use crate::json::{Fault, MAX_DEPTH};

/// Why a body is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// A member name that differs from a governed one only in case; some servers take it for it.
    #[error(
        "at byte {at}: write `{key}` exactly so, in lower case; some servers read both spellings"
    )]
    AmbiguousKey {
        /// The governed name.
        key: &'static str,
        /// Offset of the name.
        at: usize,
    },
    /// More items or models than a batch may have.
    #[error("at byte {at}: a batch may have at most {limit} {what}; split it")]
    BatchTooLarge {
        /// Offset of the item that is too much.
        at: usize,
        /// What there are too many of.
        what: &'static str,
        /// How many are allowed.
        limit: usize,
    },
    /// Nesting beyond the bound.
    #[error("at byte {at}: the JSON is nested deeper than {MAX_DEPTH} levels; flatten it")]
    Depth {
        /// Offset.
        at: usize,
    },
    /// A name twice in one object: readers disagree on which counts.
    #[error("at byte {at}: `{key}` is given twice; remove one")]
    DuplicateKey {
        /// The name, cut at a bound.
        key: String,
        /// Offset of the second.
        at: usize,
    },
    /// Not the multipart form we accept.
    #[error("at byte {at}: the multipart form is malformed: {reason}")]
    Form {
        /// Offset.
        at: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// The `content-type` does not fit the route.
    #[error("send this body as `multipart/form-data` with a boundary in the `content-type` header")]
    FormType,
    /// The model's name is none.
    #[error("at byte {at}: {reason}")]
    Model {
        /// Offset of the value.
        at: usize,
        /// What a name is.
        reason: NameError,
    },
    /// Half of a surrogate pair in a text that must be read.
    #[error("at byte {at}: the text has half of a surrogate pair; send well-formed Unicode")]
    Surrogate {
        /// Offset.
        at: usize,
    },
    /// Not JSON.
    #[error("at byte {at}: the body is not a JSON object: expected {expected}")]
    Syntax {
        /// Offset.
        at: usize,
        /// What should be there.
        expected: &'static str,
    },
    /// More members in one object than any API has.
    #[error("at byte {at}: the object has more than {limit} members; remove some")]
    TooManyKeys {
        /// Offset of the member that is too much.
        at: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// A governed member of the wrong type.
    #[error("at byte {at}: `{key}` must be {expected}")]
    Type {
        /// Its name.
        key: &'static str,
        /// Offset of the value.
        at: usize,
        /// What it must be.
        expected: &'static str,
    },
    /// Not UTF-8 (RFC 8259 §8.1).
    #[error("at byte {at}: the body is not valid UTF-8; encode it as UTF-8")]
    Utf8 {
        /// Offset.
        at: usize,
    },
}

impl BodyError {
    /// The member at fault, for the `param` of an error answer.
    #[must_use]
    pub fn param(&self) -> Option<&str> {
        match self {
            Self::AmbiguousKey { key, .. } | Self::Type { key, .. } => Some(key),
            Self::DuplicateKey { key, .. } => Some(key),
            Self::Model { .. } => Some("model"),
            _ => None,
        }
    }
}

impl From<Fault> for BodyError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Depth { at } => Self::Depth { at },
            Fault::Surrogate { at } => Self::Surrogate { at },
            Fault::Syntax { at, expected } => Self::Syntax { at, expected },
            Fault::Utf8 { at } => Self::Utf8 { at },
        }
    }
}
