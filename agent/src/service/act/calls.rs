//! Calls of the gateway: each on a task of its own, answered with an event.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use bytes::Bytes;
use http::StatusCode;
use tidegate_agent_core::{Attempt, Event, Failure, FailureKind, Validity};
use tidegate_device_api::{CHECK_IN, CheckInRequest, CheckInResponse, INVENTORY, refusal};
use tidegate_mitm::{Leaf, LeafSlot};
use tidegate_redirect::Redirector;
use tidegate_types::{Secret, Timestamp};
use tokio::sync::mpsc;

use super::{super::inventory, Act, Input};
use crate::{
    device_api::{ApiError, DeviceApi},
    enrol,
    state::{LeafFiles, State},
};

impl<R: Redirector> Act<R> {
    /// The one before, should it still wait at the gateway, was given up: its connection is closed.
    pub(super) fn check_in(
        &mut self,
        attempt: Attempt,
        request: CheckInRequest,
        timeout: Duration,
    ) {
        let (api, key, inputs) = self.hands();
        let task = tokio::spawn(async move {
            let wait = Duration::from_secs(request.wait_seconds.into());
            let asked = api.post::<_, CheckInResponse>(CHECK_IN, Some(&key), &request, wait);
            let event = match tokio::time::timeout(timeout, asked).await {
                Ok(Ok(answer)) => Event::CheckedIn(attempt, answer),
                Ok(Err(error)) => Event::CheckInFailed(attempt, failure(&error)),
                Err(_) => Event::CheckInFailed(attempt, late()),
            };
            drop(inputs.send(Input::Known(event)).await);
        });
        if let Some(before) = self.checking_in.replace(task.abort_handle()) {
            before.abort();
        }
    }

    pub(super) fn renew(&self, attempt: Attempt, timeout: Duration) {
        let (api, key, inputs) = self.hands();
        let (state, slot) = (self.state.clone(), Arc::clone(&self.leaf));
        tokio::spawn(async move {
            let renewed = tokio::time::timeout(timeout, enrol::renew(&api, &key)).await;
            let event = match renewed {
                Ok(Ok(Ok(files))) => match take(&state, &slot, &files) {
                    Ok(validity) => Event::CertificateIssued(attempt, validity),
                    Err(error) => Event::CertificateFailed(attempt, odd(&error)),
                },
                Ok(Ok(Err(error))) => Event::CertificateFailed(attempt, failure(&error)),
                Ok(Err(error)) => Event::CertificateFailed(attempt, odd(&error)),
                Err(_) => Event::CertificateFailed(attempt, late()),
            };
            drop(inputs.send(Input::Known(event)).await);
        });
    }

    pub(super) fn upload(&self, attempt: Attempt, hash: String, timeout: Duration) {
        let (api, key, inputs) = self.hands();
        let state = self.state.clone();
        tokio::spawn(async move {
            let sent = send(&api, &key, &state, &hash, timeout).await;
            let event = match sent {
                Ok(Ok(_)) => Event::Uploaded(attempt),
                Ok(Err(error)) => Event::UploadFailed(attempt, failure(&error)),
                Err(error) => Event::UploadFailed(attempt, odd(&error)),
            };
            drop(inputs.send(Input::Known(event)).await);
        });
    }

    pub(super) fn hands(&self) -> (Arc<DeviceApi>, Secret<String>, mpsc::Sender<Input>) {
        let key = self.device_key.clone();
        (Arc::clone(&self.api), key, self.inputs.clone())
    }
}

/// Puts a new leaf to use, and keeps it.
fn take(state: &State, slot: &LeafSlot, files: &LeafFiles) -> anyhow::Result<Validity> {
    let validity = validity(&files.certificate)?;
    let leaf = Leaf::from_pem(&files.certificate, files.key.expose())?;
    if let Some(ca) = &files.ca {
        state.keep_ca(&ca.pem)?;
        state.keep_ca_signature(ca.signature.as_deref())?;
    }
    state.keep_leaf(files)?;
    slot.set(leaf);
    Ok(validity)
}

/// From when to when a certificate (PEM, the first one) is good.
pub(super) fn validity(pem: &str) -> anyhow::Result<Validity> {
    let (_, pem) = x509_parser::pem::parse_x509_pem(pem.as_bytes()).context("no certificate")?;
    let leaf = pem.parse_x509().context("no certificate")?;
    let time = |at: x509_parser::time::ASN1Time| {
        Timestamp::from_micros(at.timestamp().saturating_mul(1_000_000))
    };
    let found = leaf.validity();
    Ok(Validity {
        from: time(found.not_before),
        to: time(found.not_after),
    })
}

/// Sends the inventory's bytes, if they are still the ones that the gateway asked for.
async fn send(
    api: &DeviceApi,
    key: &Secret<String>,
    state: &State,
    hash: &str,
    timeout: Duration,
) -> anyhow::Result<Result<Bytes, ApiError>> {
    let (bytes, _) = state.inventory()?.context("there is no inventory")?;
    ensure!(
        inventory::hash(&bytes) == hash,
        "the inventory is another one by now"
    );
    let sending = api.post_bytes(INVENTORY, Some(key), bytes.into(), timeout);
    let sent = tokio::time::timeout(timeout, sending).await;
    Ok(sent.unwrap_or_else(|_| Err(ApiError::Unreachable(anyhow::anyhow!("no answer in time")))))
}

/// The gateway's word decides, not the status alone: something in between may have answered, and a device
/// does not give up its policy for that.
fn kind(status: StatusCode, code: &str) -> FailureKind {
    match (status.as_u16(), code) {
        (401, _) => FailureKind::Unauthorized,
        (403, refusal::DISABLED) => FailureKind::Disabled,
        (409, refusal::DUPLICATE) => FailureKind::Duplicate,
        (410, refusal::REMOVED) => FailureKind::Removed,
        // An older gateway refuses a device that is disabled so.
        (403, _) => FailureKind::Unauthorized,
        _ => FailureKind::Refused,
    }
}

fn failure(error: &ApiError) -> Failure {
    let (kind, retry_after) = match error {
        ApiError::Refused {
            status,
            code,
            retry_after,
            ..
        } => (kind(*status, code), *retry_after),
        ApiError::Unreachable(_) => (FailureKind::Unreachable, None),
    };
    Failure {
        kind,
        reason: error.to_string(),
        retry_after,
    }
}

fn late() -> Failure {
    Failure {
        kind: FailureKind::Unreachable,
        reason: "the gateway did not answer in time".into(),
        retry_after: None,
    }
}

fn odd(error: &anyhow::Error) -> Failure {
    Failure {
        kind: FailureKind::Refused,
        reason: format!("{error:#}"),
        retry_after: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_gateways_own_word_ends_a_device() {
        let kind = |status, code| kind(StatusCode::from_u16(status).unwrap(), code);
        assert_eq!(kind(410, "device_removed"), FailureKind::Removed);
        assert_eq!(kind(409, "device_duplicate"), FailureKind::Duplicate);
        assert_eq!(kind(403, "device_disabled"), FailureKind::Disabled);
        for (status, code) in [
            (410, ""),
            (410, "device_duplicate"),
            (404, "device_removed"),
            (200, "device_removed"),
            (409, "conflict"),
            (409, ""),
            (500, "device_duplicate"),
        ] {
            assert_eq!(kind(status, code), FailureKind::Refused, "{status} {code}");
        }
        assert_eq!(kind(401, "unauthenticated"), FailureKind::Unauthorized);
        assert_eq!(kind(403, ""), FailureKind::Unauthorized);
    }
}
