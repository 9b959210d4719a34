//! What a device did about a decision, and what came of it, as it found by looking again.

use serde::{Deserialize, Serialize};
use tidegate_policy::{AppId, Decision, LaunchHash, McpIdentity};

use crate::lenient::readable;

/// What came of a decision on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectState {
    /// It is in force, as was found by looking.
    Verified,
    /// It is in force once the client is started anew.
    PendingRestart,
    /// Another policy, of a rank above ours, holds instead.
    Shadowed,
    /// There is no means to do it on this device.
    Unsupported,
    /// It was tried and did not work.
    Failed,
    /// A state that a newer agent has a word for: not known to be in force.
    #[serde(other)]
    Other,
}

/// By which means, from the ladder of enforcement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// The client's own policy.
    NativePolicy,
    /// An entry in the client's configuration.
    ConfigEdit,
    /// Our shim stands between client and server.
    Shim,
    /// Starting the program is refused.
    Exec,
    /// Connections are refused.
    Socket,
    /// The gateway refuses the server's URL.
    Relay,
    /// What ran was ended.
    Kill,
    /// A means that a newer agent has a word for.
    #[serde(other)]
    Other,
}

/// What an effect is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum EffectItem {
    /// An app.
    App {
        /// It.
        app: AppId,
    },
    /// An MCP server in one client's configuration.
    McpServer {
        /// It.
        identity: McpIdentity,
        /// Its exact launch.
        launch: LaunchHash,
        /// The client.
        client: AppId,
        /// What the person calls it.
        name: String,
        /// Whose home; none for the whole machine.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<String>,
        /// The file that names it, a home written as `~`.
        config_path: String,
    },
    /// Something that a newer agent has a word for.
    #[serde(other)]
    Other,
}

/// One item's effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// What it is about.
    pub item: EffectItem,
    /// What the policy in force says about it.
    pub decision: Decision,
    /// What came of it.
    pub state: EffectState,
    /// By which means; several where one alone does not suffice.
    pub means: Vec<Means>,
    /// More in words: what is left to do, what shadows, what failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// All effects of one revision. It stands for the whole: what is not in it is not enforced.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EffectReport {
    /// The revision that they are of.
    pub revision: u64,
    /// Them, those that are not verified first. One that an older gateway cannot read is left out.
    #[serde(deserialize_with = "readable")]
    pub effects: Vec<Effect>,
    /// There are more than fit into a check-in; those that were left out are verified, but where even the
    /// others do not fit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}
