//! What the person at a device may still spend, as a check-in's answer says it.

use serde::{Deserialize, Serialize};
use tidegate_types::{MicroUsd, Timestamp};

/// The most budgets and the most limits that an answer names.
pub const MOST_ALLOWANCES: usize = 16;

/// Whose a budget or a limit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// The device's own.
    Device,
    /// Its user's, on all their devices and keys.
    User,
    /// Its team's, of all its members.
    Team,
    /// Somebody for whom a newer gateway has a word.
    #[serde(other)]
    Other,
}

/// What is left of a budget in its present window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetLeft {
    /// Whose.
    pub of: Holder,
    /// How long a window is: `1m`, `1h`, `1d`, `1w` or `1mo`.
    pub window: String,
    /// The models that it counts; none for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// What may be spent in a window.
    pub cap_micro_usd: MicroUsd,
    /// What is neither spent nor held by calls that run: zero when it is used up.
    pub left_micro_usd: MicroUsd,
    /// When the window ends; none before its first call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resets_at: Option<Timestamp>,
}

/// How fast calls may come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitHeld {
    /// Whose.
    pub of: Holder,
    /// The models that it counts; none for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Calls in a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<u64>,
    /// Tokens in a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_per_minute: Option<u64>,
    /// Calls at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u64>,
}
