//! The check-in: what a device is and has seen goes up, its policy comes down.

use serde::{Deserialize, Serialize};
use tidegate_policy::AppId;

use crate::SignedPolicy;

/// An app that a device has seen at governed hosts since its last check-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppSeen {
    /// The app.
    pub app: AppId,
    /// Its version, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its executable or script.
    pub path: String,
    /// Connections that were relayed.
    pub relayed: u64,
    /// Connections that were refused.
    pub denied: u64,
    /// Handshakes that the app broke off because of our certificate.
    pub pinned: u64,
}

/// `POST /device/v1/check-in`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckInRequest {
    /// The revision in force on the device, 0 for none.
    pub revision: u64,
    /// Seconds to wait for a newer one before answering; 0: answer at once. At most 300.
    #[serde(default)]
    pub wait_seconds: u32,
    /// The agent's version.
    pub agent_version: String,
    /// Whether redirection is in force, as measured.
    pub effective: bool,
    /// If not, why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Apps seen.
    #[serde(default)]
    pub apps: Vec<AppSeen>,
}

/// What the device has to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckInResponse {
    /// The policy, if there is one newer than the device's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<SignedPolicy>,
    /// Seconds to the next check-in.
    pub next_seconds: u32,
}
