//! Enrolment: a one-time token becomes a device with a key of its own.

use std::fmt;

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
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolResponse {
    /// Its id.
    pub device_id: String,
    /// Its key, shown once.
    pub device_key: String,
    /// The data plane's base URL, for relayed calls.
    pub relay_url: String,
    /// The organisation's CA (PEM): what the machine has to trust.
    pub ca_pem: String,
    /// The gateway's signature over the CA ([`ca_statement`](crate::ca_statement)) with the key of its
    /// policies (Ed25519, base64). A device that knows that key trusts no other CA. Older gateways send none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_signature: Option<String>,
    /// The public key (Ed25519, base64) that policies are signed with.
    pub policy_key: String,
    /// Its first leaf and chain (PEM).
    pub certificate_pem: String,
    /// Its policy.
    pub policy: SignedPolicy,
}

/// The token is a secret, so it is left out.
impl fmt::Debug for EnrolRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnrolRequest")
            .field("hostname", &self.hostname)
            .field("platform", &self.platform)
            .field("agent_version", &self.agent_version)
            .finish_non_exhaustive()
    }
}

/// The key is a secret, so it is left out.
impl fmt::Debug for EnrolResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnrolResponse")
            .field("device_id", &self.device_id)
            .field("relay_url", &self.relay_url)
            .finish_non_exhaustive()
    }
}
