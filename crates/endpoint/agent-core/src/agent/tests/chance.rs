//! Whatever happens, in whatever order: the revision never falls, the agent always wants to be woken
//! later, never asks too often, and loses no count.

use proptest::prelude::*;
use tidegate_device_api::{EffectReport, EffectState};

use super::{fleet::server, requests::request, *};
use crate::Passed;

#[derive(Debug, Clone)]
enum Step {
    Sleep,
    Oversleep(u32),
    Answer {
        newest: bool,
        next: u32,
        revision: Option<u64>,
        forged: bool,
    },
    Fail(Option<u64>),
    Stale,
    Network,
    Seen(u8, u8),
    Issued(u32),
    NotIssued,
    Files,
    Passed {
        hash: u8,
        effects: u8,
    },
    NotPassed,
    Measured(bool),
    Asked(u8),
    Uploaded(bool),
    /// Somebody sets the clock, by seconds.
    Clock(i32),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Sleep),
        1 => any::<u32>().prop_map(Step::Oversleep),
        4 => (any::<bool>(), any::<u32>(), prop::option::of(0..20_u64), any::<bool>())
            .prop_map(|(newest, next, revision, forged)| Step::Answer { newest, next, revision, forged }),
        2 => prop::option::of(0..100_000_u64).prop_map(Step::Fail),
        1 => Just(Step::Stale),
        1 => Just(Step::Network),
        6 => (any::<u8>(), any::<u8>()).prop_map(|(app, outcome)| Step::Seen(app, outcome)),
        1 => any::<u32>().prop_map(Step::Issued),
        1 => Just(Step::NotIssued),
        2 => Just(Step::Files),
        4 => (0..3_u8, 0..3_u8).prop_map(|(hash, effects)| Step::Passed { hash, effects }),
        1 => Just(Step::NotPassed),
        2 => any::<bool>().prop_map(Step::Measured),
        1 => any::<u8>().prop_map(Step::Asked),
        1 => any::<bool>().prop_map(Step::Uploaded),
        1 => any::<i32>().prop_map(Step::Clock),
    ]
}

/// What is on its way, and what was given up.
#[derive(Default)]
struct Shell {
    check_in: Option<(Attempt, u64)>,
    stale: Option<Attempt>,
    renewal: Option<Attempt>,
    last_began: Option<Mono>,
    seen: u64,
    acknowledged: u64,
    pass: Option<(Attempt, Mono)>,
    last_change: Option<Mono>,
    upload: Option<Attempt>,
    /// On disk.
    seq: u64,
    last_seq: u64,
    /// What the gateway was told, and what it has heard.
    told: Option<EffectReport>,
    heard: Option<EffectReport>,
    inventory: Option<String>,
}

impl Shell {
    fn does(&mut self, play: &Play) {
        for action in &play.actions {
            match action {
                Action::CheckIn {
                    attempt,
                    request,
                    timeout,
                } => {
                    let apps = request.apps.iter();
                    let sent = apps.map(|app| app.relayed + app.denied + app.pinned).sum();
                    // Nothing is held back, and nothing is sent that was acknowledged.
                    assert_eq!(sent + self.acknowledged, self.seen);
                    assert!(*timeout <= SECOND * 330);
                    assert!(request.seq > self.last_seq && request.seq <= self.seq);
                    self.last_seq = request.seq;
                    assert!(request.effects.is_none() || request.effects != self.heard);
                    let known = request.effects.as_ref();
                    assert!(known.is_none_or(|report| report.revision == request.revision));
                    self.told.clone_from(&request.effects);
                    assert_eq!(request.inventory, self.inventory);
                    if let Some(last) = self.last_began.replace(play.now.mono) {
                        assert!(play.now.mono.since(last) >= SECOND * 3 / 2);
                    }
                    self.stale = self
                        .check_in
                        .replace((*attempt, sent))
                        .map(|(stale, _)| stale)
                        .or(self.stale);
                }
                Action::RenewCertificate { attempt, .. } => self.renewal = Some(*attempt),
                Action::KeepSeq(seq) => self.seq = *seq,
                Action::FleetPass {
                    attempt, reason, ..
                } => {
                    if let Some((_, began)) = self.pass.replace((*attempt, play.now.mono)) {
                        // Only one that took too long is not waited for.
                        assert!(play.now.mono.since(began) >= SECOND * 300);
                    }
                    if *reason == PassReason::Changed {
                        let last = self.last_change.replace(play.now.mono);
                        assert!(last.is_none_or(|last| play.now.mono.since(last) >= SECOND * 2));
                    }
                }
                Action::UploadInventory { attempt, hash, .. } => {
                    assert_eq!(Some(hash), self.inventory.as_ref());
                    self.upload = Some(*attempt);
                }
                Action::Keep(_)
                | Action::Apply(_)
                | Action::Notify(_)
                | Action::KeepRequests(_)
                | Action::Answered(_)
                | Action::KeepTold(_) => {}
                Action::Retire { .. } => panic!("nobody removed it"),
            }
        }
    }
}

fn event(step: &Step, play: &Play, shell: &mut Shell) -> Option<Event> {
    Some(match step {
        Step::Sleep | Step::Oversleep(_) | Step::Clock(_) => Event::Tick,
        Step::Answer {
            newest,
            next,
            revision,
            forged,
        } => {
            let (attempt, sent) = shell.check_in.take()?;
            // An answer to a try that was given up acknowledges nothing.
            if play.agent.check_in.started(attempt).is_some() {
                shell.acknowledged += sent;
                shell.heard = shell.told.take().or(shell.heard.take());
            }
            let newest = play.agent.force.revision() + u64::from(*newest);
            let mut policy =
                revision.map(|revision| signed(&document(revision.max(newest) - revision % 2)));
            if let Some(policy) = policy.as_mut().filter(|_| *forged) {
                policy.signature.clear();
            }
            let mut answer = answer(*next, policy);
            answer.want_inventory = next % 2 == 0;
            answer.scan = next % 16 == 0;
            Event::CheckedIn(attempt, answer)
        }
        Step::Fail(after) => {
            let (attempt, _) = shell.check_in.take()?;
            Event::CheckInFailed(
                attempt,
                failure(FailureKind::Refused, after.map(Duration::from_secs)),
            )
        }
        Step::Stale => {
            Event::CheckedIn(shell.stale.take()?, answer(0, Some(signed(&document(99)))))
        }
        Step::Network => {
            shell.stale = shell
                .check_in
                .take()
                .map(|(attempt, _)| attempt)
                .or(shell.stale);
            Event::NetworkChanged
        }
        Step::Seen(app, outcome) => {
            shell.seen += 1;
            let outcomes = [Outcome::Relayed, Outcome::Denied, Outcome::Pinned];
            seen(&format!("app-{app}"), outcomes[usize::from(outcome % 3)])
        }
        Step::Issued(life) => {
            let life = Duration::from_secs(u64::from(*life));
            let validity = Validity {
                from: play.now.wall,
                to: play.now.wall.plus(life),
            };
            Event::CertificateIssued(shell.renewal.take()?, validity)
        }
        Step::NotIssued => {
            Event::CertificateFailed(shell.renewal.take()?, failure(FailureKind::Refused, None))
        }
        step => return homes(step, play, shell),
    })
}

/// What happens in the homes of the machine.
fn homes(step: &Step, play: &Play, shell: &mut Shell) -> Option<Event> {
    Some(match step {
        Step::Files => Event::FilesChanged,
        Step::Passed { hash, effects } => {
            let (attempt, _) = shell.pass.take()?;
            let hash = hash.to_string();
            if play.agent.passes.started(attempt).is_some() {
                shell.inventory = Some(hash.clone());
            }
            let found = Found {
                hash,
                bytes: 7,
                apps: 1,
                servers: 1,
                at: play.now.wall,
            };
            let name = effects.to_string();
            let effects = vec![server(&name, EffectState::Verified)];
            let problems = Vec::new();
            Event::Passed(
                attempt,
                Passed {
                    found,
                    effects,
                    problems,
                },
            )
        }
        Step::NotPassed => Event::PassFailed(shell.pass.take()?.0, "no".into()),
        Step::Measured(effective) => Event::Redirection(Redirection {
            effective: *effective,
            ..Redirection::default()
        }),
        Step::Uploaded(true) => Event::Uploaded(shell.upload.take()?),
        Step::Uploaded(false) => {
            Event::UploadFailed(shell.upload.take()?, failure(FailureKind::Refused, None))
        }
        _ => return None,
    })
}

proptest! {
    #[test]
    fn invariants_hold(long_poll: bool, steps in prop::collection::vec((step(), any::<u32>()), 1..300)) {
        let mut play = Play::start(Settings { long_poll, ..settings() });
        let mut shell = Shell::default();
        shell.does(&play);
        for (step, chance) in steps {
            play.now.chance = chance;
            match step {
                Step::Sleep => play.pass(play.agent.wake().since(play.now.mono)),
                Step::Oversleep(more) => {
                    let wake = play.agent.wake().since(play.now.mono);
                    play.pass(wake + Duration::from_millis(u64::from(more)));
                }
                Step::Clock(seconds) => play.set(seconds.into()),
                _ => {}
            }
            let revision = play.agent.force.revision();
            if let Step::Asked(number) = step {
                let asked = request(&number.to_string(), "ann");
                play.actions = play.agent.ask(asked, play.now).1;
                shell.does(&play);
            }
            let Some(event) = event(&step, &play, &mut shell) else {
                continue;
            };
            // It asserts that the next wake-up lies ahead.
            play.handle(event);
            shell.does(&play);
            prop_assert!(play.agent.force.revision() >= revision);
            prop_assert!(play.agent.force.revision() != 99);
            let most = DAY * 11 / 10;
            prop_assert!(play.agent.wake().since(play.now.mono) <= most);
            let view = play.agent.view(&play.now);
            let counts = view.counts;
            prop_assert_eq!(counts.relayed + counts.denied + counts.pinned, shell.seen);
        }
    }
}
