//! The check-in: what a device is and has seen goes up, its policy comes down.

use serde::{Deserialize, Serialize};
use tidegate_policy::AppId;

use crate::{
    AccessRequest, BudgetLeft, EffectReport, LimitHeld, RequestAnswer, SignedIn, SignedPolicy,
    lenient::readable,
};

/// The largest check-in that a gateway takes, in bytes. A device sends fewer effects and requests where
/// they do not fit.
pub const LARGEST_CHECK_IN: usize = 1 << 20;
/// The most seconds that a check-in may ask to wait.
pub const LONGEST_WAIT: u32 = 300;
/// The fewest and the most seconds between check-ins, whatever a gateway says.
pub const INTERVAL: std::ops::RangeInclusive<u32> = 5..=86_400;

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
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
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
    /// Rises with every check-in of this device and is kept over restarts; one that does not rise is a
    /// copy of the device. 0 from an agent that does not count.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub seq: u64,
    /// The machine's id, hashed as at enrolment: another one is a copy of the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine_id_hash: Option<String>,
    /// The hash of the device's inventory; none before its first scan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inventory: Option<String>,
    /// What came of the decisions, where it has changed since the last check-in that was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effects: Option<EffectReport>,
    /// What people asked for, until a check-in with it is answered.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "readable"
    )]
    pub requests: Vec<AccessRequest>,
    /// The ids of requests that the gateway has heard and not answered, 20 at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<String>,
}

/// What the device has to know.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CheckInResponse {
    /// The policy, if there is one newer than the device's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<SignedPolicy>,
    /// Seconds to the next check-in.
    pub next_seconds: u32,
    /// The gateway lacks the inventory whose hash the device named: it is to be uploaded.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub want_inventory: bool,
    /// An admin asked for it: the device looks at everything anew, now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub scan: bool,
    /// Whose device it is; none where it is nobody's, or the gateway is older.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<SignedIn>,
    /// What is left of the budgets that hold for it, at most [`MOST_ALLOWANCES`](crate::MOST_ALLOWANCES), as
    /// of a minute ago at the most.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "readable"
    )]
    pub budgets: Vec<BudgetLeft>,
    /// How fast its calls may come.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "readable"
    )]
    pub limits: Vec<LimitHeld>,
    /// What became of those of its open requests that were answered.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "readable"
    )]
    pub answers: Vec<RequestAnswer>,
}

/// Not counted: older gateways are spared a field that they would not know.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
fn is_zero(seq: &u64) -> bool {
    *seq == 0
}
