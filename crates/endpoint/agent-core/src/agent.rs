//! The machine: events in, actions out.

use std::{sync::Arc, time::Duration};

use tidegate_device_api::{AccessRequest, INTERVAL, SignedPolicy};
use tidegate_policy::{AppId, Decision, Document, FailMode, Subject, Verdict};
use tidegate_types::{Mono, Timestamp};

use crate::{
    Action, Asked, Event, Found, Moment, Notice, Observation, Outcome, Person, Redirection,
    Refused, RequestError, Standing, Told, Validity,
    effects::Effects,
    force::Force,
    notice::{Given, Servers},
    passes::Passes,
    requests::Requests,
    sequence::Sequence,
    statistics::Statistics,
    task::Task,
};

pub use crate::force::Verifier;
pub(crate) use memory::NOT_YET;
use memory::State;

mod certificate;
mod check_in;
mod fleet;
mod memory;
mod retire;
mod show;

/// Between two check-ins, whatever the gateway says.
const FLOOR: Duration = Duration::from_secs(*INTERVAL.start() as u64);
/// After the network changed, devices come back within this.
const RETURN: Duration = Duration::from_secs(2);
/// A failed relay says nothing about now when it is older.
const RELAY_NEWS: Duration = Duration::from_secs(300);

/// What stays the same while the agent runs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The agent's version.
    pub agent_version: String,
    /// The gateway, for people.
    pub gateway: String,
    /// This device's id.
    pub device: Option<String>,
    /// Whose device it is, before the gateway says so.
    pub user: Option<String>,
    /// The machine's name.
    pub device_name: Option<String>,
    /// How a person asks for a denied app, as a sentence.
    pub ask: String,
    /// Whether check-ins wait at the gateway for a newer policy, so that it is here at once.
    pub long_poll: bool,
    /// The machine's id, hashed as at enrolment; none where it is not known.
    pub machine_id_hash: Option<String>,
}

/// What the last run left.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// The policy.
    pub policy: Option<SignedPolicy>,
    /// The leaf.
    pub leaf: Option<Validity>,
    /// Up to where check-ins are numbered.
    pub seq: u64,
    /// The inventory.
    pub inventory: Option<Found>,
    /// What people asked for.
    pub requests: Vec<Asked>,
    /// Of which denied servers people were told.
    pub told: Vec<Told>,
    /// Since when the policy is in force.
    pub policy_since: Option<Timestamp>,
}

/// The agent's mind.
#[derive(Debug)]
pub struct Agent {
    settings: Settings,
    force: Force,
    check_in: Task,
    certificate: Task,
    passes: Passes,
    upload: Task,
    retire: Task,
    statistics: Statistics,
    sequence: Sequence,
    effects: Effects,
    requests: Requests,
    notices: Given,
    servers: Servers,
    redirection: Redirection,
    state: State,
}

impl Agent {
    /// Starts with what the last run left. A kept policy that the gateway did not sign is not obeyed.
    #[must_use]
    pub fn start(
        settings: Settings,
        verify: Verifier,
        kept: Kept,
        now: Moment,
    ) -> (Self, Vec<Action>) {
        let mut agent = Self {
            force: Force::new(verify, settings.device.as_deref()),
            settings,
            check_in: Task::new(now.mono),
            certificate: Task::new(now.mono),
            passes: Passes::new(now.mono),
            upload: Task::new(now.mono),
            retire: Task::new(now.mono),
            statistics: Statistics::default(),
            sequence: Sequence::after(kept.seq, now.wall),
            effects: Effects::default(),
            requests: Requests::kept(kept.requests),
            notices: Given::default(),
            servers: Servers::kept(kept.told),
            redirection: Redirection::default(),
            state: State::new(kept.inventory, now),
        };
        let mut actions = Vec::new();
        if let Some(leaf) = kept.leaf {
            agent.hold(leaf, now);
        }
        match kept.policy.map(|kept| agent.force.take(&kept)) {
            Some(Ok(Some(document))) => {
                agent.state.interval = interval(document.check_in_seconds);
                agent.state.policy_since = kept.policy_since;
                actions.push(Action::Apply(document));
            }
            Some(Err(error)) => agent.state.policy = Some(format!("the kept policy: {error}")),
            Some(Ok(None)) | None => {}
        }
        agent.poll(now, &mut actions);
        (agent, actions)
    }

    /// Takes in what happened, and says what is to be done.
    pub fn handle(&mut self, event: Event, now: Moment) -> Vec<Action> {
        let mut actions = Vec::new();
        match event {
            Event::Tick => {}
            Event::NetworkChanged => self.network_changed(now),
            Event::CheckedIn(attempt, response) => {
                self.checked_in(attempt, response, now, &mut actions);
            }
            Event::CheckInFailed(attempt, failure) => {
                if self.check_in.started(attempt).is_some() {
                    self.check_in_failed(failure, now);
                }
            }
            Event::CertificateIssued(attempt, validity) => self.issued(attempt, validity, now),
            Event::CertificateFailed(attempt, failure) => {
                if self.certificate.started(attempt).is_some() {
                    self.certificate_failed(failure, now);
                }
            }
            Event::Applied { revision, problem } => {
                if revision == self.force.revision() {
                    self.state.applied = problem;
                    self.weigh(now);
                }
            }
            Event::Relay(result) => {
                self.state.relay = result.map_err(|reason| (now.mono, reason));
            }
            Event::Redirection(redirection) => {
                self.redirection = redirection;
                self.state.measured = true;
                self.weigh(now);
            }
            Event::Seen(seen) => self.saw(&seen, now, &mut actions),
            Event::FilesChanged => self.files_changed(now),
            Event::Sync => self.sync(now),
            Event::Passed(attempt, passed) => self.passed(attempt, passed, now, &mut actions),
            Event::PassFailed(attempt, reason) => self.pass_failed(attempt, reason, now),
            Event::Uploaded(attempt) => self.uploaded(attempt, now),
            Event::UploadFailed(attempt, failure) => self.upload_failed(attempt, &failure, now),
            Event::Retired(attempt) => self.retired(attempt, now),
            Event::RetireFailed(attempt, reason) => self.retire_failed(attempt, &reason, now),
        }
        self.poll(now, &mut actions);
        actions
    }

    /// When to come back with [`Event::Tick`] at the latest. It is always later than the moment that
    /// was handled last.
    #[must_use]
    pub fn wake(&self) -> Mono {
        if self.state.standing == Standing::Removed {
            return self.retire.wake();
        }
        let tasks = [&self.check_in, &self.certificate, &self.upload];
        let wakes = tasks.map(Task::wake).into_iter();
        let next = wakes.fold(self.passes.wake(), Mono::min);
        self.state.tell_at.map_or(next, |at| next.min(at))
    }

    /// Takes what a person asks for: the gateway hears it with the next check-in. What is to be done holds
    /// either way.
    ///
    /// # Errors
    /// It is not taken, and why.
    pub fn ask(
        &mut self,
        request: AccessRequest,
        now: Moment,
    ) -> (Result<(), RequestError>, Vec<Action>) {
        let mut actions = Vec::new();
        let taken = match self.state.standing {
            Standing::Removed => Err(RequestError::Removed),
            _ => self.requests.ask(request, now.mono),
        };
        if taken == Ok(true) {
            actions.push(Action::KeepRequests(self.requests.keep()));
            self.tell_soon(FLOOR / 2, now);
        }
        self.poll(now, &mut actions);
        (taken.map(drop), actions)
    }

    /// A person wants news now. The gateway is not asked more often than it wants for that.
    fn sync(&mut self, now: Moment) {
        match self.state.standing {
            Standing::Enrolled if self.state.control.is_err() => self.network_changed(now),
            Standing::Enrolled => self.tell_soon(FLOOR / 2, now),
            _ => {}
        }
    }

    /// The policy in force.
    #[must_use]
    pub fn document(&self) -> Option<&Arc<Document>> {
        self.force.document()
    }

    /// What is done with a connection. Without a policy nothing is governed.
    #[must_use]
    pub fn decide(&self, subject: Subject<'_>) -> Verdict {
        self.document()
            .map_or(Verdict::Splice, |document| document.decide(subject))
    }

    /// What happens to governed connections while the gateway cannot be reached.
    #[must_use]
    pub fn fail_mode(&self) -> FailMode {
        self.document()
            .map_or_else(FailMode::default, |document| document.fail)
    }

    fn poll(&mut self, now: Moment, actions: &mut Vec<Action>) {
        if self.state.standing == Standing::Removed {
            return self.poll_retire(now, actions);
        }
        // A policy is put in force at homes before the gateway is asked for the next one.
        self.poll_pass(now, actions);
        self.poll_check_in(now, actions);
        self.poll_certificate(now, actions);
        self.poll_upload(now, actions);
    }

    fn saw(&mut self, seen: &Observation, now: Moment, actions: &mut Vec<Action>) {
        let unruled = self.document().map(|document| document.default_decision);
        if seen.app != AppId::unknown() && self.denies_servers() {
            self.passes.at_work(&now);
        }
        if self.statistics.see(seen) && unruled == Some(Decision::Denied) {
            self.weigh(now);
        }
        if seen.outcome == Outcome::Denied && self.notices.is_news(&seen.app, seen.uid, now.mono) {
            let rules = self.document().map(|document| document.apps.as_slice());
            let rule = rules
                .unwrap_or_default()
                .iter()
                .find(|rule| rule.app == seen.app);
            actions.push(Action::Notify(Notice {
                whom: seen.uid.map(Person::Number),
                refused: Refused::App(seen.app.clone()),
                reason: rule.and_then(|rule| rule.note.clone()),
                ask: self.settings.ask.clone(),
            }));
        }
    }

    /// Whether there are MCP servers that must not run.
    fn denies_servers(&self) -> bool {
        self.document().is_some_and(|document| {
            let mut rules = document.mcp_servers.iter();
            document.default_mcp_decision == Decision::Denied
                || rules.any(|rule| rule.decision == Decision::Denied)
        })
    }

    /// A request on its way is lost with the old network; its answer, should one come, is too late.
    fn network_changed(&mut self, now: Moment) {
        if self.state.standing != Standing::Enrolled {
            return;
        }
        self.check_in.forgive();
        self.certificate.forgive();
        self.upload.forgive();
        self.unanswered();
        let since = self
            .state
            .began
            .map_or(FLOOR, |began| now.mono.since(began));
        let wait = FLOOR.saturating_sub(since).max(now.part(RETURN));
        self.check_in.wait(&now, wait);
        if self.state.certificate.is_some() {
            self.certificate.hurry(&now, RETURN);
        }
    }
}

/// What a gateway says, within reason.
fn interval(seconds: u32) -> Duration {
    Duration::from_secs(seconds.clamp(*INTERVAL.start(), *INTERVAL.end()).into())
}

#[cfg(test)]
mod tests;
