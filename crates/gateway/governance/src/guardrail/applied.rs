//! What came of a guardrail on a call.

use serde::{Deserialize, Serialize};

/// What came of one guardrail in one phase of a call: in the log, never what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// The guardrail's name.
    pub guardrail: String,
    /// The rule, the word list or the service's category that found something; empty where nothing was
    /// found and something else is to be said.
    #[serde(default)]
    pub detector: String,
    /// Where.
    pub phase: Phase,
    /// What was done: an action's name, `bypassed` where it could not look, or `unscanned` where something was
    /// no text.
    pub action: String,
    /// Whether it was only noted what would have been done.
    #[serde(default)]
    pub shadow: bool,
    /// How often.
    pub count: u32,
    /// What kinds of text it was in.
    #[serde(default)]
    pub places: Vec<String>,
    /// Why it could not do its work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How long it took, in microseconds.
    #[serde(default)]
    pub micros: u64,
}

/// A direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// On the way to the provider.
    Prompt,
    /// On the way to the caller.
    Answer,
}

impl Phase {
    /// Its name in log and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::Answer => "answer",
        }
    }
}
