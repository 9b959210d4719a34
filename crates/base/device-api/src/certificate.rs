//! Renewal of a device's leaf. The names in it are the governed hosts of the policy in force.

use serde::{Deserialize, Serialize};

/// What the gateway signs to vouch for a CA: the SHA-256 of its certificate (DER), in a form that no policy
/// has, since policies are signed with the same key.
#[must_use]
pub fn ca_statement(sha256: &[u8; 32]) -> Vec<u8> {
    [b"tidegate CA, version 1: ".as_slice(), sha256].concat()
}

/// `POST /device/v1/certificate`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateRequest {
    /// A PKCS#10 request (PEM).
    pub csr_pem: String,
}

/// The new leaf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateResponse {
    /// Leaf and chain (PEM).
    pub certificate_pem: String,
    /// The CA that it is from (PEM): another one than at enrolment where the organisation has replaced
    /// it since, and then what the machine has to trust from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_pem: Option<String>,
    /// The gateway's signature over the CA ([`ca_statement`](crate::ca_statement)) with the key of its
    /// policies (Ed25519, base64). A device that knows that key trusts no other CA. Older gateways send none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_signature: Option<String>,
}
