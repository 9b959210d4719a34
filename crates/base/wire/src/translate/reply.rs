//! An answer in nobody's dialect, whole or as it comes.

use tidegate_types::Usage;

use super::{Seal, talk::Block};
use crate::error::ErrorKind;

/// An answer in one piece.
#[derive(Debug, Default)]
pub(crate) struct Answer<'a> {
    /// The provider's id.
    pub(crate) id: String,
    /// Seconds since 1970, where the provider says so.
    pub(crate) created: Option<u64>,
    pub(crate) blocks: Vec<Block<'a>>,
    pub(crate) stop: Stop,
    pub(crate) usage: Option<Usage>,
}

/// Why it ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The context window is full.
    ContextWindow,
    #[default]
    End,
    /// The provider's filter stopped it.
    Filtered,
    MaxOutput,
    /// The provider will go on when it is asked again with what there is.
    Pause,
    /// The model declined.
    Refusal,
    /// A stop sequence of the caller's, where it is known which.
    Sequence(Option<String>),
    ToolCalls,
}

/// A step of an answer that comes as a stream.
///
/// First `Start`, then blocks (`Open`, any number of deltas, `Close`), `Usage` whenever it is known better, one
/// `Stop`, and `End`. Blocks have numbers that count up from 0 in the order of their opening; several may be
/// open at once. After `Failed` nothing comes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Event {
    Start {
        id: String,
        created: Option<u64>,
    },
    Open {
        block: usize,
        kind: Opened,
    },
    Delta {
        block: usize,
        delta: Delta,
    },
    Close {
        block: usize,
    },
    /// Totals so far.
    Usage(Usage),
    Stop(Stop),
    End,
    Failed(Failure),
}

/// What a block is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Opened {
    Call {
        id: String,
        /// As in [`super::talk::Tool::name`].
        name: String,
        freeform: bool,
    },
    Reasoning,
    Refusal,
    Text,
}

/// What comes on top of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Delta {
    /// A piece of a call's input.
    Input(String),
    /// The next part of a reasoning's summary begins.
    NextPart,
    /// What the provider wants to see again with the block.
    Seal(Seal<'static>),
    /// A piece of a text, a refusal or a reasoning.
    Text(String),
}

impl Delta {
    /// The room that it takes, in bytes.
    pub(crate) fn size(&self) -> usize {
        let text = match self {
            Self::Input(text) | Self::Text(text) => text.len(),
            Self::NextPart => 0,
            Self::Seal(seal) => seal.data.len(),
        };
        text.saturating_add(size_of::<Self>())
    }
}

/// The provider failed: as an answer of its own, or in the middle of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) kind: ErrorKind,
    /// The provider's own words.
    pub(crate) message: String,
}
