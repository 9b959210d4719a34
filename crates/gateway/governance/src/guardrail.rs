//! Guardrails as an admin writes them: what to look for, where, and what to do about it; and what came
//! of them on a call.

mod applied;
mod detect;
mod scope;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use tidegate_types::GuardrailId;

pub use applied::{Applied, Phase};
pub use detect::{Detect, Group, Streamed, Tools};
pub use scope::Scope;

/// A guardrail as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Guardrail {
    /// Its id.
    pub id: GuardrailId,
    /// Its name, unique; callers read it when it blocks. At most 64 bytes.
    pub name: String,
    /// Whether it is in force.
    pub enabled: bool,
    /// Prompts pass guardrails by rising position, answers by falling.
    pub position: i64,
    /// All else.
    pub definition: Definition,
}

/// What a guardrail does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// What it looks for.
    pub detect: Detect,
    /// What it does about a finding.
    pub action: Action,
    /// Whether prompts are looked at.
    #[serde(default = "yes")]
    pub prompts: bool,
    /// Whether answers are looked at.
    #[serde(default = "yes")]
    pub answers: bool,
    /// Only record what would have happened.
    #[serde(default)]
    pub shadow: bool,
    /// Which calls it concerns.
    #[serde(default)]
    pub scope: Scope,
    /// A condition in the Common Expression Language over the call; see the guide. Empty: always.
    #[serde(default)]
    pub condition: String,
    /// On how many of a hundred calls it is asked, 1 to 100.
    #[serde(default = "hundred")]
    pub sample: u8,
    /// What happens when it cannot do its work.
    #[serde(default)]
    pub on_failure: OnFailure,
}

/// What is done about a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// It is in the log.
    Log,
    /// It is in the log and in alerts.
    Flag,
    /// Another text takes its place.
    Redact {
        /// What.
        #[serde(default)]
        with: Replacement,
    },
    /// A placeholder takes its place in the prompt; where the answer repeats the placeholder, the
    /// caller gets what it stood for. In answers: as [`Action::Redact`].
    Restore,
    /// The call is refused, or the answer ends.
    Block,
}

/// What stands where something was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Replacement {
    /// The rule's name in brackets: `[GITHUB_PAT]`.
    #[default]
    Name,
    /// Stars, and the last four characters where there are twelve or more.
    Mask,
    /// The name and a keyed hash: the same value gives the same text, `[EMAIL:3f9a61c2]`.
    Hash,
}

/// What happens when a guardrail cannot do its work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// The call is refused.
    #[default]
    Closed,
    /// It passes, and the log says that nobody looked.
    Open,
}

impl Action {
    /// Its name in log and metrics.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Flag => "flag",
            Self::Redact { .. } => "redact",
            Self::Restore => "restore",
            Self::Block => "block",
        }
    }

    /// Whether a text must wait until it is known whether it has a finding.
    #[must_use]
    pub const fn holds(&self) -> bool {
        !matches!(self, Self::Log | Self::Flag)
    }
}

const fn yes() -> bool {
    true
}

const fn hundred() -> u8 {
    100
}
