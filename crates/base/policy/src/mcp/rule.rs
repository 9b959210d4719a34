//! What an organisation decides about MCP servers.

use serde::{Deserialize, Serialize};

use super::{LaunchHash, McpIdentity};
use crate::Decision;

/// What a decision is bound to, from loose to tight: an identity, an identity with its arguments, one
/// exact launch. The tightest that fits a server decides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct McpTarget {
    /// The server.
    pub identity: McpIdentity,
    /// Only with these arguments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<LaunchHash>,
    /// Only this exact launch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launch: Option<LaunchHash>,
}

/// Which tools of a server may be called.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ToolRules {
    /// Only these; none: all but the denied ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow: Option<Vec<String>>,
    /// Not these, whatever else is said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deny: Vec<String>,
}

impl ToolRules {
    /// Whether every tool may be called.
    #[must_use]
    pub fn allow_everything(&self) -> bool {
        self.allow.is_none() && self.deny.is_empty()
    }

    /// Whether a tool may be called.
    #[must_use]
    pub fn allows(&self, tool: &str) -> bool {
        let is_tool = |name: &String| name == tool;
        !self.deny.iter().any(is_tool)
            && self
                .allow
                .as_ref()
                .is_none_or(|allow| allow.iter().any(is_tool))
    }
}

/// A decision about an MCP server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct McpRule {
    /// What it is bound to.
    #[serde(flatten)]
    pub target: McpTarget,
    /// What was decided.
    #[serde(default)]
    pub decision: Decision,
    /// Which of its tools may be called, where the server may run.
    #[serde(default, skip_serializing_if = "ToolRules::allow_everything")]
    pub tools: ToolRules,
    /// Why, for the person at the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
