//! A fleet pass: what AI apps and MCP servers are on this machine, and the organisation's decisions about
//! them put in force in the clients' own files.
//!
//! ```text
//!  loader ── a signed policy ──▶ hands (root; by the key that root pinned)
//!    ├─ `fleet-home` for each home, AS ITS USER, without privileges: scans it, edits its files
//!    ├─ `fleet-machine` as root without capabilities: the machine's own files, with what the homes said
//!    └─ `fleet-executed` AS ITS USER, while a person's clients start things: ends denied servers at once
//! ```
//!
//! A home is hostile: links, pipes and giants lie in it. A process that runs as its user can be led to
//! nothing that the user may not do anyway, so no check of ours has to be right for that. What such a
//! process says is believed as far as it speaks of its own home, and no further.

pub mod child;
pub mod client;
pub mod exec;
pub mod executed;
pub mod executions;
pub mod frame;
pub mod hands;
pub mod kill;
pub mod pass;
pub mod pin;
pub mod shim;
pub mod start;
pub mod stop;
pub mod trial;
pub mod watch;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tidegate_device_api::{Effect, Inventory};
use tidegate_discovery::{Found, Home, Places};
use tidegate_enforce::{Judged, RunningClient, Shadow};
use tidegate_policy::{AppId, Document};

use executed::Ended;
use trial::{Said, Trial};

/// What a pass is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Only to look.
    Scan,
    /// To look, and to put the policy in force.
    Enforce,
    /// To take back everything that was ever done.
    Undo,
    /// To go on with the trials of a client, which was run just now.
    Judge,
}

/// What the child of a home is told.
#[derive(Debug, Serialize, Deserialize)]
pub struct HomeTask {
    /// The machine.
    pub places: Places,
    /// The home.
    pub home: Home,
    /// What for.
    pub purpose: Purpose,
    /// The policy, where it is put in force.
    pub document: Option<Document>,
}

/// What the child of a home says.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct HomeAnswer {
    /// What is there, after what was done.
    pub found: Found,
    /// Clients of this user that run.
    #[serde(default)]
    pub running: Vec<RunningClient>,
    /// Policies of a rank above the machine's that hold for this user.
    #[serde(default)]
    pub shadowed: Vec<Shadow>,
    /// What came of decisions.
    pub effects: Vec<Effect>,
    /// What did not work, in words.
    pub problems: Vec<String>,
}

/// A home and what its child said, or why it said nothing. What was said is passed on unread.
#[derive(Debug, Serialize, Deserialize)]
pub struct HomeSaid {
    /// The home.
    pub home: Home,
    /// A [`HomeAnswer`].
    pub answer: Option<Box<RawValue>>,
    /// Why there is none.
    pub failure: Option<String>,
}

/// What the child of the machine is told.
#[derive(Debug, Serialize, Deserialize)]
pub struct MachineTask {
    /// The machine.
    pub places: Places,
    /// Its homes.
    pub homes: Vec<HomeSaid>,
    /// What for.
    pub purpose: Purpose,
    /// The policy, where it is put in force.
    pub document: Option<Document>,
    /// What is written for a client is on trial until the client was run.
    #[serde(default)]
    pub trial: bool,
    /// What was ended since the last pass, as it started.
    #[serde(default)]
    pub ended: Vec<Ended>,
    /// Which client was run, and what came of it.
    #[serde(default)]
    pub said: Option<(Trial, Said)>,
}

/// A program of a denied app, as it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeniedProgram {
    /// The app.
    pub app: AppId,
    /// Its file.
    pub path: PathBuf,
    /// An interpreter runs it.
    pub script: bool,
    /// Who says so: a home's user, whose word holds for their home only; none is the machine.
    pub home: Option<Home>,
}

/// What the child of the machine says.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct MachineAnswer {
    /// What the gateway is told.
    pub done: PassDone,
    /// Programs whose start is to be refused.
    pub denied: Vec<DeniedProgram>,
    /// What to watch.
    pub watch: Vec<PathBuf>,
    /// Clients to be run.
    #[serde(default)]
    pub trials: Vec<Trial>,
    /// What came of a trial.
    #[serde(default)]
    pub judged: Option<Judged>,
}

/// What a pass came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PassDone {
    /// What is on the machine.
    pub inventory: Inventory,
    /// What came of decisions.
    pub effects: Vec<Effect>,
    /// What did not work, in words.
    pub problems: Vec<String>,
}
