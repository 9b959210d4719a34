//! The policy document of one device.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{HostName, McpRule};

/// Why a document cannot be obeyed.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// App ids end up in logs, URLs and file names.
    #[error("an app id is 1 to 64 characters of a-z 0-9 - _ .")]
    AppId,
    /// It is not JSON of this shape.
    #[error("the policy cannot be read: {0}")]
    Json(#[from] serde_json::Error),
}

/// An app, by the name that the catalogue gives it: `claude-code`, `codex`, `curl`. What no rule
/// knows is `unknown`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AppId(Arc<str>);

impl AppId {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The app of a process that no rule knows.
    #[must_use]
    pub fn unknown() -> Self {
        Self("unknown".into())
    }
}

impl FromStr for AppId {
    type Err = DocumentError;

    fn from_str(text: &str) -> Result<Self, DocumentError> {
        let valid = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.');
        if (1..=64).contains(&text.len()) && text.bytes().all(valid) {
            Ok(Self(text.into()))
        } else {
            Err(DocumentError::AppId)
        }
    }
}

impl fmt::Display for AppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl Serialize for AppId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for AppId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

/// What the organisation decided about an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It may be used.
    Approved,
    /// It may not.
    Denied,
    /// Nobody has decided; it keeps working, and is seen.
    #[default]
    Pending,
}

/// Whose credential an app's calls carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The gateway's: the app's own is taken off.
    Gateway,
    /// The app's own, such as a subscription; the call is governed and logged all the same.
    #[default]
    PassThrough,
}

/// What happens to connections of an app that accepts no certificate but its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pinned {
    /// They are refused.
    Block,
    /// They pass unread, and are counted.
    #[default]
    Bypass,
}

/// What happens to governed connections while the agent does not serve, or cannot reach the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailMode {
    /// They are refused.
    Closed,
    /// They go where they wanted to go.
    #[default]
    Open,
}

/// What happens to connections to a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// They go through the gateway.
    Governed,
    /// They pass untouched.
    Ignored,
}

/// A rule for a host and everything below it. The longest name that fits decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostRule {
    /// The host.
    pub host: HostName,
    /// What happens.
    pub treatment: Treatment,
}

/// A rule for an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppRule {
    /// The app.
    pub app: AppId,
    /// What was decided.
    #[serde(default)]
    pub decision: Decision,
    /// Whose credential its calls carry.
    #[serde(default)]
    pub mode: Mode,
    /// What happens when it pins certificates.
    #[serde(default)]
    pub pinned: Pinned,
    /// Why it was denied, for the person at the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The policy of a device, whole. Fields that a newer gateway adds are passed over (a device is two
/// versions older at most).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Rises with every change. A device never goes back to a lower one.
    pub revision: u64,
    /// What happens while the agent cannot govern.
    #[serde(default)]
    pub fail: FailMode,
    /// Seconds between check-ins, 5 at least.
    pub check_in_seconds: u32,
    /// Hosts; one that no rule names is ignored.
    pub hosts: Vec<HostRule>,
    /// Apps; one that no rule names is as `default_app` says.
    pub apps: Vec<AppRule>,
    /// For apps without a rule of their own.
    #[serde(default)]
    pub default_decision: Decision,
    /// For apps without a rule of their own.
    #[serde(default)]
    pub default_mode: Mode,
    /// For apps without a rule of their own.
    #[serde(default)]
    pub default_pinned: Pinned,
    /// Hosts that are never refused, whatever else is said: the gateway, the identity provider, the
    /// device management.
    #[serde(default)]
    pub never_block: Vec<HostName>,
    /// Decisions about MCP servers; for one that no rule fits, see `default_mcp_decision`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mcp_servers: Vec<McpRule>,
    /// For MCP servers that nobody decided about: `denied` is an allow-list.
    #[serde(default)]
    pub default_mcp_decision: Decision,
    /// Whose policy this is: `fleet`, `team:ID` or `device:ID`. A device refuses one for another device.
    #[serde(default = "fleet")]
    pub audience: String,
}

/// What a gateway that knows no audiences writes for.
fn fleet() -> String {
    "fleet".into()
}

impl Document {
    /// Nothing is governed and nobody is refused: before the first policy.
    #[must_use]
    pub fn ungoverned() -> Self {
        Self {
            revision: 0,
            fail: FailMode::Open,
            check_in_seconds: 60,
            hosts: Vec::new(),
            apps: Vec::new(),
            default_decision: Decision::Pending,
            default_mode: Mode::PassThrough,
            default_pinned: Pinned::Bypass,
            never_block: Vec::new(),
            mcp_servers: Vec::new(),
            default_mcp_decision: Decision::Pending,
            audience: fleet(),
        }
    }

    /// Reads a document.
    ///
    /// # Errors
    /// It is not JSON of this shape.
    pub fn from_json(text: &[u8]) -> Result<Self, DocumentError> {
        Ok(serde_json::from_slice(text)?)
    }
}

#[cfg(test)]
mod tests;
