//! The machine: events in, actions out.

use std::{sync::Arc, time::Duration};

use tidegate_device_api::SignedPolicy;
use tidegate_policy::{Document, FailMode, Subject, Verdict};
use tidegate_types::{Mono, Timestamp};

use crate::{
    Action, Event, Moment, Notice, Observation, Outcome, Redirection, Validity, force::Force,
    notice::Given, statistics::Statistics, task::Task,
};

pub use crate::force::Verifier;

mod certificate;
mod check_in;
mod show;

/// Between two check-ins, whatever the gateway says.
const FLOOR: Duration = Duration::from_secs(5);
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
    /// Whose device it is.
    pub user: Option<String>,
    /// How a person asks for a denied app, as a sentence.
    pub ask: String,
    /// Whether check-ins wait at the gateway for a newer policy, so that it is here at once.
    pub long_poll: bool,
}

/// The agent's mind.
#[derive(Debug)]
pub struct Agent {
    settings: Settings,
    force: Force,
    check_in: Task,
    certificate: Task,
    statistics: Statistics,
    notices: Given,
    redirection: Redirection,
    state: State,
}

/// What is remembered of what happened.
#[derive(Debug)]
struct State {
    /// Between check-ins, as the gateway said last.
    interval: Duration,
    last_check_in: Option<Timestamp>,
    /// When the last check-in began.
    began: Option<Mono>,
    /// Why the gateway does not answer check-ins; empty before the first answer.
    control: Result<(), String>,
    /// Why the last relayed call did not reach the gateway, and when.
    relay: Result<(), (Mono, String)>,
    /// Why the policy that came was not taken.
    policy: Option<String>,
    /// Why the policy in force is not obeyed.
    applied: Option<String>,
    /// Seconds to wait at the gateway may be asked for.
    may_wait: bool,
    /// The last check-in asked for some.
    waited: bool,
    validity: Option<Validity>,
    renew_at: Timestamp,
    /// The governed names changed while a renewal was on its way.
    renew_again: bool,
    certificate: Option<String>,
}

impl Agent {
    /// Starts with what the last run left: the policy that was kept, the leaf that it had. A kept policy
    /// that the gateway did not sign is not obeyed.
    #[must_use]
    pub fn start(
        settings: Settings,
        verify: Verifier,
        kept: Option<&SignedPolicy>,
        leaf: Option<Validity>,
        now: Moment,
    ) -> (Self, Vec<Action>) {
        let mut agent = Self {
            settings,
            force: Force::new(verify),
            check_in: Task::new(now.mono),
            certificate: Task::new(now.mono),
            statistics: Statistics::default(),
            notices: Given::default(),
            redirection: Redirection::default(),
            state: State {
                interval: Duration::from_secs(60),
                last_check_in: None,
                began: None,
                control: Err("not checked in yet".into()),
                relay: Ok(()),
                policy: None,
                applied: None,
                may_wait: false,
                waited: false,
                validity: None,
                renew_at: now.wall,
                renew_again: false,
                certificate: None,
            },
        };
        let mut actions = Vec::new();
        if let Some(leaf) = leaf {
            agent.hold(leaf, now);
        }
        match kept.map(|kept| agent.force.take(kept)) {
            Some(Ok(Some(document))) => {
                agent.state.interval = interval(document.check_in_seconds);
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
                }
            }
            Event::Relay(result) => {
                self.state.relay = result.map_err(|reason| (now.mono, reason));
            }
            Event::Redirection(redirection) => self.redirection = redirection,
            Event::Seen(seen) => self.saw(&seen, now, &mut actions),
        }
        self.poll(now, &mut actions);
        actions
    }

    /// When to come back with [`Event::Tick`] at the latest. It is always later than the moment that
    /// was handled last.
    #[must_use]
    pub fn wake(&self) -> Mono {
        self.check_in.wake().min(self.certificate.wake())
    }

    /// The policy in force.
    #[must_use]
    pub const fn document(&self) -> Option<&Arc<Document>> {
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
        self.poll_check_in(now, actions);
        self.poll_certificate(now, actions);
    }

    fn saw(&mut self, seen: &Observation, now: Moment, actions: &mut Vec<Action>) {
        self.statistics.see(seen);
        if seen.outcome == Outcome::Denied && self.notices.is_news(&seen.app, seen.uid, now.mono) {
            let rules = self.document().map(|document| document.apps.as_slice());
            let rule = rules
                .unwrap_or_default()
                .iter()
                .find(|rule| rule.app == seen.app);
            actions.push(Action::Notify(Notice {
                uid: seen.uid,
                app: seen.app.clone(),
                reason: rule.and_then(|rule| rule.note.clone()),
                ask: self.settings.ask.clone(),
            }));
        }
    }

    /// A request on its way is lost with the old network; its answer, should one come, is too late.
    fn network_changed(&mut self, now: Moment) {
        self.check_in.forgive();
        self.certificate.forgive();
        self.statistics.unanswered();
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

/// What a gateway says, within reason: 5 seconds to a day.
fn interval(seconds: u32) -> Duration {
    Duration::from_secs(u64::from(seconds.min(86_400))).max(FLOOR)
}

#[cfg(test)]
mod tests;
