//! Enrolment: a one-time token becomes a device with a key of its own.

use serde::{Deserialize, Serialize};

use crate::SignedPolicy;

/// The machine, as it describes itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Platform {
    /// `linux`, `macos` or `windows`.
    pub os: String,
    /// Such as `Debian GNU/Linux 12`.
    pub os_version: String,
    /// Such as `x86_64`.
    pub arch: String,
}

/// `POST /device/v1/enrol`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// The one-time token, `tg-enrol-…`.
    pub token: String,
    /// The machine's name.
    pub hostname: String,
    /// A stable id of the machine, hashed by the device, so that a clone is noticed.
    pub machine_id_hash: String,
    /// The machine.
    pub platform: Platform,
    /// The agent's version.
    pub agent_version: String,
    /// A PKCS#10 request (PEM) for the device's leaf: it proves the key, and its names are ignored.
    pub csr_pem: String,
}

/// What a new device gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolResponse {
    /// Its id.
    pub device_id: String,
    /// Its key, shown once.
    pub device_key: String,
    /// The data plane's base URL, for relayed calls.
    pub relay_url: String,
    /// The organisation's CA (PEM): what the machine has to trust.
    pub ca_pem: String,
    /// The public key (Ed25519, base64) that policies are signed with.
    pub policy_key: String,
    /// Its first leaf and chain (PEM).
    pub certificate_pem: String,
    /// Its policy.
    pub policy: SignedPolicy,
}
