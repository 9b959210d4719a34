//! Does what the agent's mind says. What takes time runs on a task of its own and reports back.

use std::{collections::BTreeSet, net::IpAddr, sync::Arc, time::Duration};

use tidegate_agent_core::{Action, Event, Kept, Limitation, Redirection};
use tidegate_mitm::LeafSlot;
use tidegate_policy::{Document, FailMode};
use tidegate_redirect::Redirector;
use tidegate_types::{Secret, Timestamp};
use tokio::{sync::mpsc, task::AbortHandle};

use super::{Input, denied::Denied, fleet::Fleet, inventory};
use crate::{compile, decider::Force, device_api::DeviceApi, state::State, who::Who};

mod calls;
mod homes;
mod tell;

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
    pub(super) fleet: Arc<dyn Fleet>,
    /// The check-in that is on its way.
    pub(super) checking_in: Option<AbortHandle>,
    /// What the governed names resolve to.
    pub(super) resolved: Vec<IpAddr>,
}

impl<R: Redirector> Act<R> {
    pub(super) fn perform(&mut self, action: Action, now: Timestamp) {
        match action {
            Action::CheckIn {
                attempt,
                request,
                timeout,
            } => self.check_in(attempt, request, timeout),
            Action::RenewCertificate { attempt, timeout } => self.renew(attempt, timeout),
            Action::Keep(policy) => kept("the policy", self.state.keep_policy(&policy)),
            Action::KeepSeq(seq) => kept("the number of check-ins", self.state.keep_seq(seq)),
            Action::KeepRequests(requests) => {
                kept("what people ask for", self.state.keep_requests(&requests));
            }
            Action::KeepTold(told) => kept("what people were told", self.state.keep_told(&told)),
            Action::Apply(document) => self.apply(&document),
            Action::Notify(notice) => self.notify(notice),
            Action::Answered(asked) => self.answered(asked),
            Action::FleetPass {
                attempt,
                policy,
                revision,
                reason,
                timeout,
            } => {
                tracing::debug!(revision, ?reason, "a pass");
                self.pass(attempt, &policy, now, timeout);
            }
            Action::UploadInventory {
                attempt,
                hash,
                timeout,
            } => self.upload(attempt, hash, timeout),
            Action::Retire { attempt, timeout } => {
                tracing::warn!("this device was removed: nothing is governed any more");
                self.retire(attempt, timeout);
            }
        }
    }

    /// What the last run left.
    pub(super) fn left(&self) -> anyhow::Result<Kept> {
        let leaf = self.state.leaf()?;
        let leaf = leaf.map(|files| calls::validity(&files.certificate));
        let found = self.state.inventory().unwrap_or_else(|error| {
            tracing::warn!(%error, "the last inventory is passed over");
            None
        });
        Ok(Kept {
            policy: self.state.policy()?,
            leaf: leaf.transpose()?,
            seq: self.state.seq(),
            inventory: found.and_then(|(bytes, at)| inventory::found(&bytes, at)),
            requests: self.state.requests(),
            told: self.state.told(),
            policy_since: self.state.policy_since(),
        })
    }

    /// The kernel refuses a process from now on.
    pub(super) fn deny(&mut self, pid: u32) {
        if self.denied.add(pid) {
            self.put_in_force();
        }
    }

    /// A kernel that cannot watch processes keeps those that have ended until it is told; their numbers come
    /// round again after hours.
    pub(super) fn forget_ended(&mut self) {
        if self.denied.forget_ended() {
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
        self.measure();
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

    fn put_in_force(&mut self) -> Option<String> {
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

    fn tell(&self, event: Event) {
        if self.inputs.try_send(Input::Known(event)).is_err() {
            tracing::debug!("the agent is behind with what happens");
        }
    }
}

/// It holds all the same, and will not outlive the agent where it was not written.
fn kept(what: &str, done: anyhow::Result<()>) {
    if let Err(error) = done {
        tracing::error!(%error, "{what} will not outlive the agent");
    }
}
