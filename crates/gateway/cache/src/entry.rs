//! A kept answer.

use std::fmt;

use bytes::Bytes;
use tidegate_types::{ModelName, ProviderName, Timestamp, Usage};
use tidegate_wire::translate::Form;

use crate::{Key, Tenant};

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// One JSON value.
    Whole,
    /// Server-sent events.
    Stream,
    /// Server-sent events, and in the end what was used, where only those get that who ask for it (`OpenAI`'s
    /// `stream_options.include_usage`).
    StreamWithUsage,
}

impl Shape {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Whole, Self::Stream, Self::StreamWithUsage];

    /// The form that it is.
    #[must_use]
    pub const fn form(self) -> Form {
        match self {
            Self::Whole => Form::Whole,
            Self::Stream | Self::StreamWithUsage => Form::Stream,
        }
    }
}

/// What the provider was paid for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// Who answered.
    pub provider: ProviderName,
    /// The model, as that provider is asked for it.
    pub model: Option<ModelName>,
    /// The model that answered, as the provider calls it, where its answer says so.
    pub served: Option<Box<str>>,
    /// What was used.
    pub usage: Usage,
}

/// A kept answer.
#[derive(Clone)]
pub struct Answer {
    pub(crate) key: Key,
    pub(crate) tenant: Tenant,
    /// When it was whole.
    pub(crate) at: Timestamp,
    /// The body, in the caller's dialect.
    pub body: Bytes,
    /// How it is written.
    pub shape: Shape,
    /// What it was.
    pub bill: Bill,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What it says is a person's text: not shown.
        write!(f, "Answer({:?}, {} bytes)", self.shape, self.body.len())
    }
}

impl Answer {
    /// What it takes in memory, in bytes: its body, and about as much again as a key and a row in the table.
    pub(crate) fn weight(&self) -> u64 {
        const ROW: u64 = 512;
        self.body.len() as u64 + ROW
    }
}
