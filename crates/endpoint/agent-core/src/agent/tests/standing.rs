//! What a device does when the gateway does not serve it any more.

use super::*;

#[test]
fn a_duplicate_keeps_its_policy_and_asks_once_an_hour() {
    let mut play = Play::start(settings());
    play.fail(failure(FailureKind::Duplicate, Some(SECOND)));
    let view = play.agent.view(&play.now);
    assert_eq!((view.state, view.connected), (Standing::Duplicate, false));
    assert!(
        view.to_string().contains("DUPLICATE: another machine uses"),
        "{view}"
    );
    assert_eq!(serde_json::to_value(&view).unwrap()["state"], "duplicate");
    assert_eq!(play.agent.document().unwrap().revision, 5);
    // Neither a new network nor a gateway that is gone makes it ask more often.
    play.handle(Event::NetworkChanged);
    for _ in 0..3 {
        assert!(play.sleep_to_check_in() >= SECOND * 3240);
        play.fail(failure(FailureKind::Unreachable, None));
        assert_eq!(play.agent.view(&play.now).state, Standing::Duplicate);
    }
    play.sleep_to_check_in();
    play.answer(answer(60, None));
    let view = play.agent.view(&play.now);
    assert_eq!((view.state, view.advice), (Standing::Enrolled, None));
}

#[test]
fn a_disabled_device_keeps_its_policy_and_backs_off() {
    let mut play = Play::start(settings());
    for _ in 0..8 {
        play.fail(failure(FailureKind::Disabled, None));
        assert_eq!(play.agent.view(&play.now).state, Standing::Disabled);
        play.sleep_to_check_in();
    }
    play.fail(failure(FailureKind::Disabled, None));
    assert!(play.sleep_to_check_in() >= SECOND * 150);
    assert_eq!(play.agent.document().unwrap().revision, 5);
}

#[test]
fn a_removed_device_undoes_everything_and_is_silent() {
    let mut play = Play::start(settings());
    let (pass, _) = play.pass_wanted().unwrap();
    play.fail(failure(FailureKind::Removed, None));
    let retire = |play: &Play| {
        play.actions.iter().find_map(|action| match action {
            Action::Retire { attempt, .. } => Some(*attempt),
            _ => None,
        })
    };
    // At once nothing is governed; what the pass does that runs is undone when it has ended.
    assert!(
        matches!(&play.actions[..], [Action::Apply(document)] if document.hosts.is_empty()),
        "{:?}",
        play.actions
    );
    play.sleep();
    assert!(play.actions.is_empty(), "{:?}", play.actions);
    play.passes(pass, "aa", Vec::new());
    while retire(&play).is_none() {
        assert!(play.sleep() <= SECOND);
    }
    let first = retire(&play).unwrap();
    assert_eq!(play.agent.document(), None);
    assert_eq!(play.agent.view(&play.now).state, Standing::Removed);
    play.handle(Event::RetireFailed(first, "a home is gone".into()));
    let problems = play.agent.view(&play.now).inventory_problems;
    assert_eq!(problems, ["not everything is undone yet: a home is gone"]);
    while retire(&play).is_none() {
        play.sleep();
    }
    let second = retire(&play).unwrap();
    play.handle(Event::Retired(second));
    // Nothing that is asked, seen or changed makes it speak again.
    let (refused, actions) = play
        .agent
        .ask(super::requests::request("1", "ann"), play.now);
    assert_eq!((refused, actions), (Err(RequestError::Removed), Vec::new()));
    for event in [
        Event::NetworkChanged,
        Event::FilesChanged,
        seen("curl", Outcome::Relayed),
    ] {
        play.handle(event);
        assert!(play.actions.is_empty(), "{:?}", play.actions);
    }
    for _ in 0..10 {
        play.sleep();
        assert!(play.actions.is_empty(), "{:?}", play.actions);
    }
    let text = play.agent.view(&play.now).to_string();
    assert!(text.contains("tidegate-edge login --token"), "{text}");
    assert!(text.contains("none yet: nothing is governed"), "{text}");
}

#[test]
fn a_policy_for_another_device_is_not_taken() {
    let mut play = Play::start(settings());
    for (revision, audience, taken) in [
        (6, "device:device-2", false),
        (7, "device:", false),
        (8, "device:device-1", true),
        (9, "team:engineering", true),
        (10, "fleet", true),
    ] {
        let mut policy = document(revision);
        policy.audience = audience.into();
        play.answer(answer(60, Some(signed(&policy))));
        let held = play.agent.document().unwrap().revision;
        assert_eq!(held == revision, taken, "{audience}");
        let problem = play.agent.view(&play.now).policy_problem;
        assert_eq!(problem.is_none(), taken, "{problem:?}");
        play.sleep_to_check_in();
    }
}

#[test]
fn a_kept_policy_for_another_device_is_not_obeyed() {
    let mut policy = document(6);
    policy.audience = "device:device-2".into();
    let now = Play::start(settings()).now;
    let mut nobody = settings();
    nobody.device = None;
    for settings in [settings(), nobody] {
        let play = Play::begin(settings, kept(signed(&policy)), now);
        assert_eq!(play.agent.document(), None);
    }
}

#[test]
fn denials_outlive_any_absence_of_the_gateway() {
    use tidegate_policy::{AppRule, Decision, Mode, Pinned};
    let mut play = Play::start(settings());
    let mut policy = document(9);
    policy.apps = vec![AppRule {
        app: "cursor".parse().unwrap(),
        decision: Decision::Denied,
        mode: Mode::default(),
        pinned: Pinned::default(),
        note: None,
    }];
    play.answer(answer(60, Some(signed(&policy))));
    let before = play.agent.document().cloned();
    let mut past = Duration::ZERO;
    while past < DAY * 365 {
        past += play.sleep_to_check_in();
        play.fail(failure(FailureKind::Unreachable, Some(SECOND * 3600)));
        play.pass(DAY * 30);
        past += DAY * 30;
    }
    assert_eq!(play.agent.document().cloned(), before);
    // And a restart.
    let play = Play::begin(settings(), kept(signed(&policy)), play.now);
    assert_eq!(play.agent.document().cloned(), before);
}
