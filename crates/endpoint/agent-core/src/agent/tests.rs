//! The machine, played by hand and by chance.

mod certificates;
mod chance;
mod check_ins;
mod clocks;
mod documented;
mod fleet;
mod found;
mod requests;
mod standing;
mod views;

use tidegate_device_api::{CheckInRequest, CheckInResponse};
use tidegate_policy::{AppId, Catalogue};
use tidegate_types::Timestamp;

use super::*;
use crate::{Attempt, Failure, FailureKind, PassReason};

const DAY: Duration = Duration::from_secs(86_400);
const SECOND: Duration = Duration::from_secs(1);

/// The signature of our gateway is the document's length.
fn verifier() -> Verifier {
    Box::new(|document, signature| signature == document.len().to_string().as_bytes())
}

/// The first rules of the catalogue are enough, governed names and ignored ones.
fn document(revision: u64) -> Document {
    let mut document = Catalogue::builtin().default_document(revision);
    document.hosts.truncate(8);
    document
}

fn signed(document: &Document) -> SignedPolicy {
    let json = serde_json::to_vec(document).unwrap();
    SignedPolicy::new(&json, json.len().to_string().as_bytes())
}

fn settings() -> Settings {
    Settings {
        agent_version: "0.1.0".into(),
        gateway: "https://gateway.example".into(),
        device: Some("device-1".into()),
        user: Some("ann@example.com".into()),
        device_name: Some("ann-laptop".into()),
        ask: "Ask for it at https://gateway.example/ask".into(),
        long_poll: false,
        machine_id_hash: Some("5e".repeat(32)),
    }
}

/// A policy that was kept, and nothing else.
fn kept(policy: SignedPolicy) -> Kept {
    Kept {
        policy: Some(policy),
        ..Kept::default()
    }
}

fn answer(next_seconds: u32, policy: Option<SignedPolicy>) -> CheckInResponse {
    CheckInResponse {
        policy,
        next_seconds,
        ..CheckInResponse::default()
    }
}

fn failure(kind: FailureKind, retry_after: Option<Duration>) -> Failure {
    Failure {
        kind,
        reason: "no route".into(),
        retry_after,
    }
}

fn seen(app: &str, outcome: Outcome) -> Event {
    Event::Seen(Observation {
        app: app.parse().unwrap(),
        version: None,
        path: format!("/usr/bin/{app}"),
        uid: Some(1000),
        outcome,
    })
}

/// An agent with a clock that the test turns.
struct Play {
    agent: Agent,
    now: Moment,
    actions: Vec<Action>,
}

impl Play {
    /// With a policy of revision 5 and a leaf of ten days.
    fn start(settings: Settings) -> Self {
        let now = Moment {
            wall: Timestamp::default(),
            mono: Mono(1_000),
            chance: 0,
        };
        let leaf = Validity {
            from: now.wall,
            to: now.wall.plus(DAY * 10),
        };
        let kept = Kept {
            leaf: Some(leaf),
            ..kept(signed(&document(5)))
        };
        Self::begin(settings, kept, now)
    }

    fn begin(settings: Settings, kept: Kept, now: Moment) -> Self {
        let (agent, actions) = Agent::start(settings, verifier(), kept, now);
        Self {
            agent,
            now,
            actions,
        }
    }

    fn pass(&mut self, time: Duration) {
        self.now.wall = self.now.wall.plus(time);
        self.now.mono = Mono(self.now.mono.0 + u64::try_from(time.as_nanos()).unwrap());
    }

    /// Somebody sets the wall clock forward or back by seconds.
    fn set(&mut self, seconds: i64) {
        let micros = seconds.saturating_mul(1_000_000);
        self.now.wall = Timestamp::from_micros(self.now.wall.micros().saturating_add(micros));
    }

    fn handle(&mut self, event: Event) {
        self.actions = self.agent.handle(event, self.now);
        assert!(self.agent.wake() > self.now.mono);
    }

    /// Sleeps until the agent wants to be woken.
    fn sleep(&mut self) -> Duration {
        let time = self.agent.wake().since(self.now.mono);
        self.pass(time);
        self.handle(Event::Tick);
        time
    }

    /// Sleeps until it checks in.
    fn sleep_to_check_in(&mut self) -> Duration {
        let mut slept = self.sleep();
        while self.check_in().is_none() {
            slept += self.sleep();
        }
        slept
    }

    fn check_in(&self) -> Option<(Attempt, &CheckInRequest)> {
        self.actions.iter().find_map(|action| match action {
            Action::CheckIn {
                attempt, request, ..
            } => Some((*attempt, request)),
            _ => None,
        })
    }

    fn pass_wanted(&self) -> Option<(Attempt, PassReason)> {
        self.actions.iter().find_map(|action| match action {
            Action::FleetPass {
                attempt, reason, ..
            } => Some((*attempt, *reason)),
            _ => None,
        })
    }

    fn renewal(&self) -> Option<Attempt> {
        self.actions.iter().find_map(|action| match action {
            Action::RenewCertificate { attempt, .. } => Some(*attempt),
            _ => None,
        })
    }

    fn answer(&mut self, response: CheckInResponse) {
        let (attempt, _) = self.check_in().expect("a check-in is on its way");
        self.handle(Event::CheckedIn(attempt, response));
    }

    fn fail(&mut self, failure: Failure) {
        let (attempt, _) = self.check_in().expect("a check-in is on its way");
        self.handle(Event::CheckInFailed(attempt, failure));
    }
}
