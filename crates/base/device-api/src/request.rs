//! What a person at a device asks for.

use serde::{Deserialize, Serialize};
use tidegate_policy::{AppId, McpIdentity};

/// The longest reason, in characters.
pub const LONGEST_REASON: usize = 500;
/// The longest name of an app that is not known, in characters.
pub const LONGEST_NAME: usize = 100;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Wanted {
    /// The use of an app.
    App {
        /// It.
        app: AppId,
    },
    /// The use of an MCP server.
    McpServer {
        /// It.
        identity: McpIdentity,
    },
    /// That Tidegate comes to know an app that it does not know.
    Support {
        /// What the person calls it, 100 characters at most.
        name: String,
    },
    /// Something that a newer agent has a word for.
    #[serde(other)]
    Other,
}

/// A request for access or support.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AccessRequest {
    /// Made by the device (a UUID): one that is sent twice is one.
    pub id: String,
    /// What is asked for.
    #[serde(flatten)]
    pub wanted: Wanted,
    /// Why, in the person's words, 500 characters at most.
    pub reason: String,
    /// The OS user who asks.
    pub user: String,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RequestAnswer {
    /// The request's id, as the device made it.
    pub id: String,
    /// It was granted, or else declined. What holds is in the policy, not here.
    pub granted: bool,
    /// The answer in words, 500 characters at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
