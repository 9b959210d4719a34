//! Renewal of a device's leaf. The names in it are the governed hosts of the policy in force.

use serde::{Deserialize, Serialize};

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
}
