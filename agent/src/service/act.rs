//! Does what the agent's mind says. What takes time runs on a task of its own and reports back.

use std::{collections::BTreeSet, net::IpAddr, sync::Arc, time::Duration};

use anyhow::Context;
use tidegate_agent_core::{
    Action, Attempt, Event, Failure, FailureKind, Limitation, Redirection, Validity,
};
use tidegate_device_api::{CHECK_IN, CheckInRequest, CheckInResponse};
use tidegate_mitm::{Leaf, LeafSlot};
use tidegate_policy::{Document, FailMode};
use tidegate_redirect::Redirector;
use tidegate_types::{Secret, Timestamp};
use tokio::sync::mpsc;

use super::{Input, denied::Denied};
use crate::{
    compile,
    decider::Force,
    device_api::{ApiError, DeviceApi},
    enrol,
    state::{LeafFiles, State},
    who::Who,
};

/// How long one name may take to resolve.
const RESOLVE: Duration = Duration::from_secs(5);

pub(super) struct Act<R> {
    pub(super) api: Arc<DeviceApi>,
    pub(super) state: State,
    pub(super) device_key: Secret<String>,
    pub(super) force: Force,
    pub(super) leaf: Arc<LeafSlot>,
    pub(super) redirector: Arc<R>,
    pub(super) people: Arc<dyn Who>,
    pub(super) inputs: mpsc::Sender<Input>,
    pub(super) denied: Denied,
    /// What the governed names resolve to.
    pub(super) resolved: Vec<IpAddr>,
}

impl<R: Redirector> Act<R> {
    pub(super) fn perform(&mut self, action: Action) {
        match action {
            Action::CheckIn {
                attempt,
                request,
                timeout,
            } => self.check_in(attempt, request, timeout),
            Action::RenewCertificate { attempt, timeout } => self.renew(attempt, timeout),
            Action::Keep(policy) => {
                if let Err(error) = self.state.keep_policy(&policy) {
                    tracing::error!(%error, "the policy is in force, and will not outlive the agent");
                }
            }
            Action::Apply(document) => self.apply(&document),
            Action::Notify(notice) => {
                let reason = notice.reason.as_deref().unwrap_or("no reason is given");
                tracing::warn!(app = %notice.app, uid = notice.uid, reason, ask = notice.ask, "an app was refused");
                if let Some(uid) = notice.uid {
                    self.people.tell(tidegate_split::Notice {
                        uid,
                        app: notice.app.to_string(),
                        reason: notice.reason,
                        ask: Some(notice.ask),
                    });
                }
            }
        }
    }

    /// The kernel refuses a process from now on.
    pub(super) fn deny(&mut self, pid: u32) {
        if self.denied.add(pid, &self.inputs) {
            self.put_in_force();
        }
    }

    /// A process has ended.
    pub(super) fn ended(&mut self, pid: u32) {
        if self.denied.remove(pid) {
            self.put_in_force();
        }
    }

    fn apply(&mut self, document: &Arc<Document>) {
        self.denied.clear();
        self.force.store(Arc::clone(document));
        self.resolve(document);
        let problem = self.put_in_force();
        tracing::info!(revision = document.revision, problem, "a new policy");
        let revision = document.revision;
        self.tell(Event::Applied { revision, problem });
    }

    /// What names resolve to is learned from the answers that apps get. Apps that resolved a name before
    /// the agent ran are met by asking once.
    fn resolve(&self, document: &Document) {
        let names: Vec<String> = document
            .governed_names()
            .map(|name| name.as_str().to_owned())
            .collect();
        let inputs = self.inputs.clone();
        tokio::spawn(async move {
            let mut found = BTreeSet::new();
            for name in names {
                let asked = tokio::net::lookup_host((name.as_str(), 443));
                match tokio::time::timeout(RESOLVE, asked).await {
                    Ok(Ok(addresses)) => found.extend(addresses.map(|address| address.ip())),
                    Ok(Err(error)) => tracing::debug!(name, %error, "does not resolve now"),
                    Err(_) => tracing::debug!(name, "does not resolve in time"),
                }
            }
            drop(
                inputs
                    .send(Input::Resolved(found.into_iter().collect()))
                    .await,
            );
        });
    }

    /// Governs these addresses too.
    pub(super) fn resolved(&mut self, addresses: Vec<IpAddr>) {
        if addresses != self.resolved {
            self.resolved = addresses;
            self.put_in_force();
            self.end_older();
        }
    }

    /// Ends connections to governed addresses that nobody took: they are older than the agent, or than
    /// what it knew. Where the policy fails closed their packets are dropped anyway, and an app that is
    /// told so connects again. Where it fails open, nothing that runs is broken.
    fn end_older(&self) {
        if self.force.load().fail != FailMode::Closed {
            return;
        }
        let redirector = Arc::clone(&self.redirector);
        tokio::task::spawn_blocking(move || match redirector.reset_older() {
            Ok(0) => {}
            Ok(ended) => tracing::info!(ended, "connections older than the policy were ended"),
            Err(error) => tracing::warn!(%error, "connections older than the policy stay, unheard"),
        });
    }

    fn put_in_force(&self) -> Option<String> {
        let denied = self.denied.pids();
        let tables = compile::tables(&self.force.load(), self.resolved.clone(), denied);
        let applied = self.redirector.apply(&tables);
        if let Err(error) = &applied {
            tracing::error!(%error, "the tables stay as they were");
        }
        applied.err().map(|error| error.to_string())
    }

    /// Measures how the redirection is doing, and reports it.
    pub(super) fn measure(&self) {
        let (redirector, inputs) = (Arc::clone(&self.redirector), self.inputs.clone());
        tokio::task::spawn_blocking(move || {
            let health = redirector.health();
            let limitation = |found: tidegate_redirect::Limitation| Limitation {
                name: found.name.to_owned(),
                effect: found.effect,
            };
            let event = Event::Redirection(Redirection {
                effective: health.effective,
                problem: health.problem,
                limitations: health.limitations.into_iter().map(limitation).collect(),
            });
            // Full, or the agent ends: it is measured again.
            let _told = inputs.try_send(Input::Known(event));
        });
    }

    fn check_in(&self, attempt: Attempt, request: CheckInRequest, timeout: Duration) {
        let (api, key, inputs) = self.hands();
        tokio::spawn(async move {
            let wait = Duration::from_secs(request.wait_seconds.into());
            let asked = api.post::<_, CheckInResponse>(CHECK_IN, Some(&key), &request, wait);
            let event = match tokio::time::timeout(timeout, asked).await {
                Ok(Ok(answer)) => Event::CheckedIn(attempt, answer),
                Ok(Err(error)) => Event::CheckInFailed(attempt, failure(&error)),
                Err(_) => Event::CheckInFailed(attempt, late()),
            };
            drop(inputs.send(Input::Known(event)).await);
        });
    }

    fn renew(&self, attempt: Attempt, timeout: Duration) {
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

    fn hands(&self) -> (Arc<DeviceApi>, Secret<String>, mpsc::Sender<Input>) {
        let key = self.device_key.clone();
        (Arc::clone(&self.api), key, self.inputs.clone())
    }

    fn tell(&self, event: Event) {
        if self.inputs.try_send(Input::Known(event)).is_err() {
            tracing::debug!("the agent is behind with what happens");
        }
    }

    /// From when to when the kept leaf is good.
    pub(super) fn validity(&self) -> anyhow::Result<Option<Validity>> {
        let files = self.state.leaf()?;
        files.map(|files| validity(&files.certificate)).transpose()
    }
}

/// Puts a new leaf to use, and keeps it.
fn take(state: &State, slot: &LeafSlot, files: &LeafFiles) -> anyhow::Result<Validity> {
    let validity = validity(&files.certificate)?;
    let leaf = Leaf::from_pem(&files.certificate, files.key.expose())?;
    if let Some(ca) = &files.ca {
        state.keep_ca(ca)?;
    }
    state.keep_leaf(files)?;
    slot.set(leaf);
    Ok(validity)
}

/// From when to when a certificate (PEM, the first one) is good.
fn validity(pem: &str) -> anyhow::Result<Validity> {
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

fn failure(error: &ApiError) -> Failure {
    let (kind, retry_after) = match error {
        ApiError::Refused {
            status,
            retry_after,
            ..
        } => {
            let unauthorized = matches!(status.as_u16(), 401 | 403);
            let kind = if unauthorized {
                FailureKind::Unauthorized
            } else {
                FailureKind::Refused
            };
            (kind, *retry_after)
        }
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
