//! Enrolment and renewal: the device makes its own keys; the gateway signs.

use std::time::Duration;

use anyhow::Context;
use rcgen::{CertificateParams, KeyPair};
use tidegate_device_api::{
    CERTIFICATE, CertificateRequest, CertificateResponse, ENROL, EnrolRequest, EnrolResponse,
};
use tidegate_types::Secret;

use crate::{
    device_api::{ApiError, DeviceApi},
    machine::Machine,
    signature::Verifier,
    state::{GivenCa, Identity, LeafFiles, State},
};

/// A fresh key (ECDSA P-256) and the request to sign it (PKCS#10, PEM). The request names nothing: the
/// gateway decides the names.
struct Asking {
    key: Secret<String>,
    csr: String,
}

impl Asking {
    fn new() -> anyhow::Result<Self> {
        let key = KeyPair::generate()?;
        let csr = CertificateParams::default()
            .serialize_request(&key)?
            .pem()?;
        Ok(Self {
            key: Secret::new(key.serialize_pem()),
            csr,
        })
    }
}

/// Turns a one-time token into this device's identity, and keeps it.
///
/// # Errors
/// The gateway refuses or cannot be reached, or what it says does not hold together.
pub async fn enrol(api: &DeviceApi, state: &State, token: String) -> anyhow::Result<Identity> {
    let machine = Machine::read(std::path::Path::new("/"));
    let asking = Asking::new()?;
    let machine_known = machine.id.is_some();
    let request = EnrolRequest {
        token,
        machine_id_hash: machine.id_hash(),
        hostname: machine.hostname,
        platform: machine.platform,
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        csr_pem: asking.csr,
    };
    let answer: EnrolResponse = api.post(ENROL, None, &request, Duration::ZERO).await?;
    // What is signed must verify with the key that came along, or every later policy would be refused.
    let verifier = Verifier::new(&answer.policy_key)?;
    verifier
        .open(&answer.policy)
        .context("the gateway's first policy")?;
    let identity = Identity {
        device_id: answer.device_id,
        relay_url: answer.relay_url,
        policy_key: answer.policy_key,
        knows_machine: machine_known,
    };
    let leaf = LeafFiles {
        certificate: answer.certificate_pem,
        key: asking.key,
        ca: None,
    };
    let key = Secret::new(answer.device_key);
    state.enrolled(&identity, &key, &answer.ca_pem, &leaf, &answer.policy)?;
    state.keep_ca_signature(answer.ca_signature.as_deref())?;
    Ok(identity)
}

/// Gets a new leaf, for a new key.
///
/// # Errors
/// The gateway refuses or cannot be reached.
pub async fn renew(
    api: &DeviceApi,
    key: &Secret<String>,
) -> anyhow::Result<Result<LeafFiles, ApiError>> {
    let asking = Asking::new()?;
    let request = CertificateRequest {
        csr_pem: asking.csr,
    };
    let answer: Result<CertificateResponse, ApiError> = api
        .post(CERTIFICATE, Some(key), &request, Duration::ZERO)
        .await;
    Ok(answer.map(|answer| LeafFiles {
        certificate: answer.certificate_pem,
        key: asking.key,
        ca: answer.ca_pem.map(|pem| GivenCa {
            pem,
            signature: answer.ca_signature,
        }),
    }))
}
