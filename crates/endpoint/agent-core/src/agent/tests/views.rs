//! What people are shown and told.

use tidegate_policy::{AppRule, Decision, Mode, Pinned};

use super::*;
use crate::{Counts, Limitation, Person, View};

fn deny(app: &str, note: Option<&str>) -> AppRule {
    AppRule {
        app: app.parse().unwrap(),
        decision: Decision::Denied,
        mode: Mode::default(),
        pinned: Pinned::default(),
        note: note.map(str::to_owned),
    }
}

fn play() -> Play {
    let mut play = Play::start(settings());
    let mut policy = document(9);
    policy.apps = vec![deny("cursor", Some("Not reviewed\x1b[2J yet"))];
    play.answer(answer(60, Some(signed(&policy))));
    play.handle(Event::Redirection(Redirection {
        effective: true,
        problem: None,
        limitations: vec![Limitation {
            name: "no_quic".into(),
            effect: "QUIC passes".into(),
        }],
    }));
    play
}

#[test]
fn a_glance_says_it_all() {
    let mut play = play();
    play.handle(seen("cursor", Outcome::Denied));
    play.handle(seen("curl", Outcome::Relayed));
    let view = play.agent.view(&play.now);
    assert!(view.connected && view.redirection.effective);
    assert_eq!(
        view.counts,
        Counts {
            relayed: 1,
            denied: 1,
            pinned: 0
        }
    );
    assert_eq!((view.denied.len(), view.denied[0].refused), (1, 1));
    let text = view.to_string();
    for part in [
        "connected to https://gateway.example",
        "ann@example.com",
        "revision 9",
        "fails open",
        "Redirection  in force",
        "good until 1970-01-11",
        "1 relayed, 1 denied, 0 pinned",
        "cursor (denied)",
        // What a terminal would obey is taken out.
        "cursor: Not reviewed [2J yet",
        "Ask for it at https://gateway.example/ask",
        "no_quic: QUIC passes",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let json = serde_json::to_value(&view).unwrap();
    assert_eq!(json["policy"]["revision"], 9);
    assert_eq!(json["denied"][0]["app"], "cursor");
    // It reaches `status` as JSON, and is printed there.
    let mut read: View = serde_json::from_value(json).unwrap();
    assert_eq!(read, view);
    assert!(text.contains("Checked in   1970-01-"), "{text}");
    read.connected = false;
    read.reason = Some("no answer".into());
    read.redirection.effective = false;
    read.redirection.problem = Some("detached".into());
    let text = read.to_string();
    for part in [
        "NOT CONNECTED to https://gateway.example: no answer",
        "NOT IN FORCE: detached",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn trouble_is_named() {
    let mut play = play();
    play.handle(Event::Relay(Err("relay refused".into())));
    let view = play.agent.view(&play.now);
    assert_eq!(
        (view.connected, view.reason.as_deref()),
        (false, Some("relay refused"))
    );
    play.handle(Event::Relay(Ok(())));
    assert!(play.agent.view(&play.now).connected);
    play.handle(Event::Relay(Err("relay refused".into())));
    // Old news is no news.
    play.now.mono = Mono(play.now.mono.0 + 300_000_000_000);
    assert!(play.agent.view(&play.now).connected);

    play.handle(Event::Applied {
        revision: 8,
        problem: Some("old".into()),
    });
    assert_eq!(play.agent.view(&play.now).policy_problem, None);
    play.handle(Event::Applied {
        revision: 9,
        problem: Some("map is full".into()),
    });
    play.actions.clear();
    play.pass(DAY);
    play.handle(Event::Tick);
    play.sleep_to_check_in();
    let (_, request) = play.check_in().unwrap();
    assert_eq!(
        (request.effective, request.problem.as_deref()),
        (false, Some("map is full"))
    );
    play.fail(failure(FailureKind::Unauthorized, None));
    let text = play.agent.view(&play.now).to_string();
    let refused = "NOT CONNECTED to https://gateway.example: the gateway does not accept this device: no route";
    assert!(text.contains(refused), "{text}");
    assert!(text.contains("PROBLEM: map is full"), "{text}");
}

#[test]
fn a_refusal_is_told_once_in_a_while() {
    let mut play = play();
    play.handle(seen("cursor", Outcome::Denied));
    let Some(Action::Notify(notice)) = play.actions.first() else {
        panic!("{:?}", play.actions);
    };
    assert_eq!(notice.reason.as_deref(), Some("Not reviewed\x1b[2J yet"));
    assert_eq!(notice.whom, Some(Person::Number(1000)));
    play.handle(seen("cursor", Outcome::Denied));
    assert!(play.actions.is_empty());
    // Another person at the same machine knows nothing of it yet.
    let Event::Seen(mut theirs) = seen("cursor", Outcome::Denied) else {
        panic!("no observation");
    };
    theirs.uid = Some(1001);
    play.handle(Event::Seen(theirs));
    assert_eq!(play.actions.len(), 1, "{:?}", play.actions);
    play.pass(SECOND * 601);
    play.handle(seen("cursor", Outcome::Denied));
    let told = |action: &Action| matches!(action, Action::Notify(_));
    assert!(play.actions.iter().any(told));
}

#[test]
fn apps_that_are_denied_by_default_are_listed_when_seen() {
    let mut play = Play::start(settings());
    let mut policy = document(9);
    policy.default_decision = Decision::Denied;
    play.answer(answer(60, Some(signed(&policy))));
    assert!(play.agent.view(&play.now).denied.is_empty());
    play.handle(seen("curl", Outcome::Denied));
    let denied = play.agent.view(&play.now).denied;
    assert_eq!((denied.len(), denied[0].app.as_str()), (1, "curl"));
    assert_eq!(play.agent.fail_mode(), FailMode::Open);
}

#[test]
fn the_gateway_says_whose_device_it_is_and_what_is_left() {
    let mut play = play();
    let view = play.agent.view(&play.now);
    assert_eq!(
        (view.user.as_deref(), view.team),
        (Some("ann@example.com"), None)
    );
    assert_eq!(view.device_name.as_deref(), Some("ann-laptop"));
    let budget = tidegate_device_api::BudgetLeft {
        of: tidegate_device_api::Holder::Team,
        window: "1mo".into(),
        model: None,
        cap_micro_usd: tidegate_types::MicroUsd::from_micros(2_000_000),
        left_micro_usd: tidegate_types::MicroUsd::ZERO,
        resets_at: None,
    };
    let person = tidegate_device_api::SignedIn {
        name: "Eve".into(),
        email: "eve@example.com".into(),
        team: Some("research".into()),
    };
    play.sleep_to_check_in();
    play.answer(CheckInResponse {
        user: Some(person),
        budgets: vec![budget; 100],
        ..answer(60, None)
    });
    let view = play.agent.view(&play.now);
    assert_eq!(view.user.as_deref(), Some("Eve <eve@example.com>"));
    assert_eq!(view.team.as_deref(), Some("research"));
    assert_eq!(view.budgets.len(), tidegate_device_api::MOST_ALLOWANCES);
    let policy = view.policy.unwrap();
    assert!(policy.since.is_some_and(|since| since <= play.now.wall));
    // They signed out.
    play.sleep_to_check_in();
    play.answer(answer(60, None));
    let view = play.agent.view(&play.now);
    assert!(view.budgets.is_empty() && view.team.is_none());
}

#[test]
fn news_that_a_person_asks_for_come_soon_and_not_faster_than_the_gateway_wants() {
    let mut play = play();
    play.sleep_to_check_in();
    play.answer(answer(600, None));
    play.pass(SECOND * 30);
    play.handle(Event::Sync);
    assert!(play.sleep_to_check_in() < SECOND);
    play.answer(answer(600, None));
    for _ in 0..3 {
        play.handle(Event::Sync);
    }
    assert!(play.sleep_to_check_in() >= SECOND * 2);
    // Without a connection it is tried at once, and not more often than that.
    play.fail(failure(FailureKind::Unreachable, None));
    play.pass(SECOND * 10);
    play.handle(Event::Sync);
    assert!(play.sleep_to_check_in() <= SECOND * 2);
}
