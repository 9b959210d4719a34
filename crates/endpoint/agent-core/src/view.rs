//! What a person sees: `status` prints it, as text or as JSON, and a tray may show it.

use serde::{Deserialize, Serialize};
use tidegate_device_api::{BudgetLeft, Effect, EffectItem, LimitHeld, Wanted};
use tidegate_policy::{AppId, Decision, FailMode};
use tidegate_types::Timestamp;

use crate::Answer;

mod text;

pub(crate) use text::{Plain, line};

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
    /// Since when it is in force here.
    #[serde(default)]
    pub since: Option<Timestamp>,
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

/// What the gateway makes of this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It serves it.
    #[default]
    Enrolled,
    /// It is disabled: the last policy holds.
    Disabled,
    /// Another machine uses its key: the last policy holds.
    Duplicate,
    /// It was removed: nothing is governed.
    Removed,
    /// Nobody enrolled it yet: nothing is governed.
    SignedOut,
}

impl Standing {
    /// What that means and what to do, for people; none where all is well.
    #[must_use]
    pub const fn advice(self) -> Option<&'static str> {
        match self {
            Self::Enrolled => None,
            Self::Disabled => Some(
                "an administrator disabled this device, its user or its team; its last policy holds",
            ),
            Self::Duplicate => Some(
                "another machine uses this device's key, as after copying a disk; the last policy \
                 holds. To make this machine a device of its own: stop the agent, run \
                 `tidegate-edge uninstall`, then `tidegate-edge login --token TOKEN`",
            ),
            Self::Removed => Some(
                "an administrator removed this device, and nothing is governed. To enrol it again: \
                 run `tidegate-edge login`, or `tidegate-edge login --token TOKEN` as root",
            ),
            Self::SignedOut => Some(
                "nobody enrolled this device, and nothing is governed: run `tidegate-edge login`, or \
                 `tidegate-edge login --token TOKEN` as root",
            ),
        }
    }
}

/// What is on this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryView {
    /// How many AI apps.
    pub apps: usize,
    /// How many MCP servers.
    pub mcp_servers: usize,
    /// When it was looked at last.
    pub scanned_at: Timestamp,
    /// Its hash, by which the gateway knows it.
    pub hash: String,
}

/// What a person asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestView {
    /// What.
    #[serde(flatten)]
    pub wanted: Wanted,
    /// The OS user who asked.
    pub user: String,
    /// Whether the gateway has heard it.
    pub sent: bool,
    /// What became of it.
    #[serde(default)]
    pub answer: Option<Answer>,
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
    /// What the gateway makes of this device.
    #[serde(default)]
    pub state: Standing,
    /// What that means and what to do.
    #[serde(default)]
    pub advice: Option<String>,
    /// What is on this device; none before the first pass.
    #[serde(default)]
    pub inventory: Option<InventoryView>,
    /// What went wrong in the last pass.
    #[serde(default)]
    pub inventory_problems: Vec<String>,
    /// What came of the decisions, those that do not hold first.
    #[serde(default)]
    pub effects: Vec<Effect>,
    /// Of which revision that is; 0 before the first pass.
    #[serde(default)]
    pub effects_revision: u64,
    /// What people asked for and the gateway has not answered, or has heard since the agent started.
    #[serde(default)]
    pub requests: Vec<RequestView>,
    /// The machine's name.
    #[serde(default)]
    pub device_name: Option<String>,
    /// The team of its user, or of itself.
    #[serde(default)]
    pub team: Option<String>,
    /// What is left of the budgets that hold for it, as the gateway said last.
    #[serde(default)]
    pub budgets: Vec<BudgetLeft>,
    /// How fast its calls may come.
    #[serde(default)]
    pub limits: Vec<LimitHeld>,
}

impl View {
    /// Of a device that is none any more.
    #[must_use]
    pub fn removed(gateway: String, agent_version: String) -> Self {
        let why = "this device was removed";
        Self::nobody(Standing::Removed, why, gateway, agent_version)
    }

    /// Of a machine that nobody enrolled yet.
    #[must_use]
    pub fn signed_out(gateway: String, agent_version: String, device_name: Option<String>) -> Self {
        let why = "this device is not enrolled";
        Self {
            device_name,
            ..Self::nobody(Standing::SignedOut, why, gateway, agent_version)
        }
    }

    fn nobody(state: Standing, why: &str, gateway: String, agent_version: String) -> Self {
        Self {
            connected: false,
            reason: Some(why.into()),
            gateway,
            device: None,
            user: None,
            agent_version,
            last_check_in: None,
            next_check_in: None,
            policy: None,
            policy_problem: None,
            redirection: RedirectionView {
                effective: false,
                problem: Some(why.into()),
            },
            certificate: None,
            counts: Counts::default(),
            apps: Vec::new(),
            denied: Vec::new(),
            limitations: Vec::new(),
            state,
            advice: state.advice().map(str::to_owned),
            inventory: None,
            inventory_problems: Vec::new(),
            effects: Vec::new(),
            effects_revision: 0,
            requests: Vec::new(),
            device_name: None,
            team: None,
            budgets: Vec::new(),
            limits: Vec::new(),
        }
    }

    /// As one person may see it: their own servers and requests, and what is the whole machine's.
    #[must_use]
    pub fn of(mut self, person: &str) -> Self {
        self.effects.retain(|effect| match &effect.item {
            EffectItem::McpServer { user, .. } => user.as_deref().is_none_or(|user| user == person),
            EffectItem::App { .. } | EffectItem::Other => true,
        });
        self.requests.retain(|request| request.user == person);
        self
    }
}
