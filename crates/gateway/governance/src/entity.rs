//! What an admin creates: teams, users, virtual keys, budgets and limits, as they are stored.

mod stored;

pub use stored::StoredFormError;

use serde::{Deserialize, Serialize};
use tidegate_types::{
    BudgetId, DeviceGroupId, DeviceId, KeyHash, KeyId, LimitId, MicroUsd, ModelPattern,
    ProviderName, TeamId, Timestamp, UserId,
};

/// A team: keys and users belong to it, and budgets and limits can be set on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// Its name, unique among teams.
    pub name: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// A disabled team's keys are refused.
    pub disabled: bool,
}

/// A person or service on whose behalf keys are used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their e-mail address, unique among users, lower-case.
    pub email: String,
    /// Their display name.
    pub name: String,
    /// The team they belong to.
    pub team: Option<TeamId>,
    /// When the user was created.
    pub created_at: Timestamp,
    /// A disabled user's keys are refused.
    pub disabled: bool,
}

/// A virtual key as stored: never its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualKey {
    /// Its id.
    pub id: KeyId,
    /// Its name, for people.
    pub name: String,
    /// The hash of its secret.
    pub hash: KeyHash,
    /// How lists show the secret: prefix and last four characters.
    pub hint: String,
    /// The team it belongs to.
    pub team: Option<TeamId>,
    /// The user it belongs to.
    pub user: Option<UserId>,
    /// The device whose key it is. Such a key opens relayed calls only.
    pub device: Option<DeviceId>,
    /// What it may be used for.
    pub allow: Allow,
    /// Whether prompts and answers of its calls are stored in the request log.
    pub log_content: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// Switched off, can be switched on again.
    pub disabled: bool,
    /// Revoked, for good.
    pub revoked_at: Option<Timestamp>,
    /// After a rotation: the secret before, and until when it is still accepted.
    pub previous: Option<PreviousSecret>,
}

/// The secret that a rotation replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PreviousSecret {
    /// Its hash.
    pub hash: KeyHash,
    /// Until when it is accepted.
    pub valid_until: Timestamp,
}

/// Allow-lists of a key. An empty list allows everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Allow {
    /// Providers by name.
    pub providers: Vec<ProviderName>,
    /// Models by pattern, matched against the model's name without a provider prefix.
    pub models: Vec<ModelPattern>,
    /// Operations by name, as in the log (`chat.completions`, `messages`, `embeddings`, …).
    pub routes: Vec<String>,
}

/// Whom a budget or a limit applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Scope {
    /// Every call through the gateway.
    Organization,
    /// All calls of a team's keys, and of its users' keys.
    Team(TeamId),
    /// All calls of a user's keys.
    User(UserId),
    /// All calls of one key.
    Key(KeyId),
}

/// The length of a budget's window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Window {
    /// A minute.
    #[serde(rename = "1m")]
    Minute,
    /// An hour.
    #[serde(rename = "1h")]
    Hour,
    /// A day.
    #[serde(rename = "1d")]
    Day,
    /// A week; calendar weeks start on Monday (ISO 8601).
    #[serde(rename = "1w")]
    Week,
    /// A month.
    #[serde(rename = "1mo")]
    Month,
}

/// When windows start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alignment {
    /// At the calendar's boundaries, in UTC.
    #[default]
    Calendar,
    /// At the first call after the window before it ended.
    FirstUse,
}

/// A cap on spend within a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// Its id.
    pub id: BudgetId,
    /// Whom it applies to.
    pub scope: Scope,
    /// Counts only calls of models that match, if set.
    pub model: Option<ModelPattern>,
    /// How much may be spent in a window.
    pub cap: MicroUsd,
    /// How long a window is.
    pub window: Window,
    /// When windows start.
    pub alignment: Alignment,
    /// When it was created.
    pub created_at: Timestamp,
}

/// Caps on the rate of calls. Each is optional, at least one is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimit {
    /// Its id.
    pub id: LimitId,
    /// Whom it applies to.
    pub scope: Scope,
    /// Counts only calls of models that match, if set.
    pub model: Option<ModelPattern>,
    /// Requests per minute.
    pub requests_per_minute: Option<u64>,
    /// Tokens, prompt and answer, per minute.
    pub tokens_per_minute: Option<u64>,
    /// Calls in flight at once.
    pub concurrency: Option<u64>,
    /// When it was created.
    pub created_at: Timestamp,
}

/// Everything the hot path is compiled from, read in one consistent transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Governed {
    /// Rises with every change; a snapshot of revision n holds all changes up to n.
    pub revision: u64,
    /// All teams.
    pub teams: Vec<Team>,
    /// All users.
    pub users: Vec<User>,
    /// All keys that were not revoked.
    pub keys: Vec<VirtualKey>,
    /// The devices that are in a group, and in which: a device is in one at most.
    pub grouped: Vec<(DeviceId, DeviceGroupId)>,
    /// All budgets.
    pub budgets: Vec<Budget>,
    /// All limits.
    pub limits: Vec<RateLimit>,
    /// Price overrides: one price row each, as JSON text in the price file's form.
    pub price_overrides: Vec<String>,
}
