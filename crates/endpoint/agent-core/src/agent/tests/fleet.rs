//! When passes are run, and what the gateway hears of them.

use tidegate_device_api::{Effect, EffectItem, EffectReport, EffectState, Means};
use tidegate_policy::{AppRule, Decision, McpRule, McpTarget, Mode, Pinned, ToolRules};

use super::*;
use crate::Passed;

const MILLI: Duration = Duration::from_millis(1);

pub(super) fn server(name: &str, state: EffectState) -> Effect {
    Effect {
        item: EffectItem::McpServer {
            identity: "npm:server".parse().unwrap(),
            launch: "0".repeat(64).parse().unwrap(),
            client: "claude-code".parse().unwrap(),
            name: name.into(),
            user: Some("ann".into()),
            config_path: "~/.claude.json".into(),
        },
        decision: Decision::Denied,
        state,
        means: vec![Means::NativePolicy],
        detail: None,
    }
}

impl Play {
    /// A pass ends: this inventory, these effects.
    pub(super) fn passes(&mut self, attempt: Attempt, hash: &str, effects: Vec<Effect>) {
        let found = Found {
            hash: hash.into(),
            bytes: 100,
            apps: 3,
            servers: 2,
            at: self.now.wall,
        };
        let problems = Vec::new();
        self.handle(Event::Passed(
            attempt,
            Passed {
                found,
                effects,
                problems,
            },
        ));
    }

    fn works(&mut self) {
        self.handle(Event::Redirection(Redirection {
            effective: true,
            ..Redirection::default()
        }));
    }

    pub(super) fn sleep_to_pass(&mut self) -> (Duration, Attempt, PassReason) {
        let mut slept = Duration::ZERO;
        for _ in 0..10_000 {
            slept += self.sleep();
            if let Some((attempt, reason)) = self.pass_wanted() {
                return (slept, attempt, reason);
            }
            if self.check_in().is_some() {
                self.answer(answer(3600, None));
            }
        }
        panic!("no pass");
    }

    fn effects(&self) -> Option<&EffectReport> {
        self.check_in()
            .and_then(|(_, request)| request.effects.as_ref())
    }
}

/// A device that waits at the gateway, with one pass done.
pub(super) fn settled() -> Play {
    let mut play = Play::start(Settings {
        long_poll: true,
        ..settings()
    });
    let (attempt, reason) = play.pass_wanted().unwrap();
    assert_eq!(reason, PassReason::First);
    play.answer(answer(60, None));
    play.works();
    play.passes(attempt, "aa", Vec::new());
    play.sleep_to_check_in();
    assert_eq!(play.check_in().unwrap().1.wait_seconds, 60);
    play
}

/// Denies an app, and a server with a note.
pub(super) fn denial(revision: u64) -> Document {
    let mut policy = document(revision);
    policy.apps = vec![AppRule {
        app: "cursor".parse().unwrap(),
        decision: Decision::Denied,
        mode: Mode::default(),
        pinned: Pinned::default(),
        note: None,
    }];
    policy.mcp_servers = vec![McpRule {
        target: McpTarget {
            identity: "npm:server".parse().unwrap(),
            arguments: None,
            launch: None,
        },
        decision: Decision::Denied,
        tools: ToolRules::default(),
        note: Some("Leaks".into()),
    }];
    policy
}

#[test]
fn a_decision_is_in_force_at_once_and_its_effect_is_told_within_a_second() {
    let mut play = settled();
    play.pass(SECOND * 30);
    play.now.chance = u32::MAX;
    play.answer(answer(60, Some(signed(&denial(6)))));
    assert!(matches!(
        &play.actions[..],
        [
            Action::Keep(_),
            Action::Apply(_),
            Action::FleetPass {
                revision: 6,
                reason: PassReason::NewPolicy,
                ..
            }
        ]
    ));
    let (attempt, _) = play.pass_wanted().unwrap();
    play.handle(Event::Applied {
        revision: 6,
        problem: None,
    });
    play.pass(MILLI * 300);
    // The redirection is measured anew: what it was before says nothing of this policy.
    play.passes(attempt, "bb", vec![server("s", EffectState::Verified)]);
    assert!(play.agent.effects.send().is_none());
    play.works();
    let slept = play.sleep_to_check_in();
    assert!(slept <= MILLI * 501, "{slept:?}");
    let report = play.effects().expect("the effects are told");
    assert_eq!((report.revision, report.effects.len()), (6, 2));
    assert!(
        report
            .effects
            .iter()
            .all(|one| one.state == EffectState::Verified)
    );
    assert_eq!(report.effects[0].means, [Means::Socket]);
    let (_, request) = play.check_in().unwrap();
    assert_eq!(request.inventory.as_deref(), Some("bb"));
    // Once it is answered it is not told again.
    play.answer(answer(60, None));
    play.sleep_to_check_in();
    assert_eq!(play.effects(), None);
}

#[test]
fn effects_follow_what_is_measured() {
    let mut play = settled();
    play.pass(SECOND * 30);
    play.answer(answer(60, Some(signed(&denial(6)))));
    let (attempt, _) = play.pass_wanted().unwrap();
    play.works();
    play.passes(attempt, "aa", Vec::new());
    play.sleep_to_check_in();
    play.answer(answer(60, None));
    play.handle(Event::Redirection(Redirection {
        effective: false,
        problem: Some("detached".into()),
        limitations: Vec::new(),
    }));
    play.sleep_to_check_in();
    let report = play.effects().unwrap();
    assert_eq!(report.effects[0].state, EffectState::Failed);
    assert_eq!(report.effects[0].detail.as_deref(), Some("detached"));
    let text = play.agent.view(&play.now).to_string();
    assert!(
        text.contains("cursor: FAILED (connections): detached"),
        "{text}"
    );
    assert!(text.contains("3 AI apps, 2 MCP servers"), "{text}");
}

#[test]
fn a_pass_that_fails_says_so_and_is_run_again() {
    let mut play = settled();
    play.pass(SECOND * 30);
    play.answer(answer(60, Some(signed(&denial(6)))));
    let (attempt, _) = play.pass_wanted().unwrap();
    play.works();
    play.handle(Event::PassFailed(attempt, "no memory".into()));
    play.sleep_to_check_in();
    let (_, request) = play.check_in().unwrap();
    let problem = "the homes of this machine were not looked at: no memory";
    assert_eq!(request.problem.as_deref(), Some(problem));
    // The app is refused all the same; of servers nothing is said.
    assert_eq!(play.effects().unwrap().effects.len(), 1);
    play.answer(answer(60, None));
    let (slept, attempt, _) = play.sleep_to_pass();
    assert!(slept <= SECOND * 5, "{slept:?}");
    play.passes(attempt, "aa", vec![server("s", EffectState::Verified)]);
    assert!(play.agent.view(&play.now).inventory_problems.is_empty());
}

#[test]
fn files_that_change_lead_to_one_pass_and_then_to_another() {
    let mut play = settled();
    play.pass(SECOND * 30);
    for _ in 0..100 {
        play.handle(Event::FilesChanged);
        play.pass(MILLI);
    }
    let (slept, attempt, reason) = play.sleep_to_pass();
    assert_eq!((slept, reason), (MILLI * 100, PassReason::Changed));
    // During the pass.
    play.handle(Event::FilesChanged);
    assert_eq!(play.pass_wanted(), None);
    play.passes(attempt, "aa", Vec::new());
    assert_eq!(play.pass_wanted(), None);
    let (slept, attempt, reason) = play.sleep_to_pass();
    assert_eq!((slept, reason), (SECOND * 2, PassReason::Changed));
    play.passes(attempt, "aa", Vec::new());
    let (slept, attempt, reason) = play.sleep_to_pass();
    assert!(
        (SECOND * 3240..=SECOND * 3960).contains(&slept),
        "{slept:?}"
    );
    assert_eq!(reason, PassReason::Hourly);
    // A policy that comes during a pass does not wait longer than for its end.
    play.sleep_to_check_in();
    play.answer(answer(60, Some(signed(&denial(6)))));
    assert_eq!(play.pass_wanted(), None);
    play.passes(attempt, "aa", vec![server("old", EffectState::Failed)]);
    assert!(matches!(
        play.pass_wanted(),
        Some((_, PassReason::NewPolicy))
    ));
    play.works();
    assert!(
        play.agent.effects.send().is_none(),
        "that was the old policy's"
    );
}

#[test]
fn a_pass_that_never_ends_is_not_waited_for() {
    let mut play = settled();
    play.handle(Event::FilesChanged);
    let (_, given_up, _) = play.sleep_to_pass();
    let (slept, _, _) = play.sleep_to_pass();
    assert!(slept >= SECOND * 305, "{slept:?}");
    play.passes(given_up, "late", Vec::new());
    let inventory = play.agent.view(&play.now).inventory.unwrap();
    assert_eq!(inventory.hash, "aa");
}

#[test]
fn an_admin_has_it_look_at_once() {
    let mut play = settled();
    let mut asked = answer(60, None);
    asked.scan = true;
    play.answer(asked);
    let Some((attempt, PassReason::Asked)) = play.pass_wanted() else {
        panic!("{:?}", play.actions);
    };
    // The gateway answered at once; when it is done the device waits there again.
    play.passes(attempt, "aa", Vec::new());
    assert!(play.sleep_to_check_in() <= SECOND * 5);
    assert_eq!(play.check_in().unwrap().1.wait_seconds, 60);
}
