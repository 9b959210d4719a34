//! What a person sees: `status` prints it, as text or as JSON, and a tray may show it.

use serde::{Deserialize, Serialize};
use tidegate_policy::{AppId, Decision, FailMode};
use tidegate_types::Timestamp;

mod text;

/// How many connections came to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Through the gateway.
    pub relayed: u64,
    /// Refused by policy.
    pub denied: u64,
    /// Broken off by the app because of our certificate.
    pub pinned: u64,
}

/// The policy in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyView {
    /// Its revision.
    pub revision: u64,
    /// How many names it governs.
    pub governed_hosts: usize,
    /// What happens while the agent cannot govern.
    pub fail: FailMode,
}

/// The redirection, as measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedirectionView {
    /// It works.
    pub effective: bool,
    /// If not, why.
    pub problem: Option<String>,
}

/// The leaf that apps are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateView {
    /// Until when it is good.
    pub valid_until: Timestamp,
    /// Whether it is good now.
    pub valid: bool,
    /// Why the last renewal failed.
    pub problem: Option<String>,
}

/// An app that was seen since the agent started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppView {
    /// The app.
    pub app: AppId,
    /// What the organisation decided about it.
    pub decision: Decision,
    /// What its connections came to.
    pub counts: Counts,
}

/// An app that is denied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeniedView {
    /// The app.
    pub app: AppId,
    /// Why, in the organisation's words.
    pub reason: Option<String>,
    /// How to ask for it.
    pub ask: String,
    /// How often it was refused since the agent started.
    pub refused: u64,
}

/// Something that this system cannot do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitationView {
    /// A stable name.
    pub name: String,
    /// What follows from it.
    pub effect: String,
}

/// Everything at one glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// Whether the gateway answers, check-ins as well as relayed calls.
    pub connected: bool,
    /// If not, why.
    pub reason: Option<String>,
    /// The gateway.
    pub gateway: String,
    /// This device.
    pub device: Option<String>,
    /// Whose device it is.
    pub user: Option<String>,
    /// The agent's version.
    pub agent_version: String,
    /// When a check-in was last answered.
    pub last_check_in: Option<Timestamp>,
    /// When the next one begins; none while one runs.
    pub next_check_in: Option<Timestamp>,
    /// The policy in force.
    pub policy: Option<PolicyView>,
    /// Why it is not obeyed, or why another one was not taken.
    pub policy_problem: Option<String>,
    /// The redirection.
    pub redirection: RedirectionView,
    /// The leaf.
    pub certificate: Option<CertificateView>,
    /// Since the agent started.
    pub counts: Counts,
    /// Apps that were seen.
    pub apps: Vec<AppView>,
    /// Apps that are denied.
    pub denied: Vec<DeniedView>,
    /// What this system cannot do.
    pub limitations: Vec<LimitationView>,
}
