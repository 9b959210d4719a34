//! What passes found: the inventory, and what people are told of denied servers.

use tidegate_device_api::EffectState;

use super::{
    fleet::{denial, server, settled},
    *,
};

const MILLI: Duration = Duration::from_millis(1);

impl Play {
    fn told(&self) -> Vec<&Notice> {
        let actions = self.actions.iter();
        let notices = actions.filter_map(|action| match action {
            Action::Notify(notice) => Some(notice),
            _ => None,
        });
        notices.collect()
    }
}

fn kept_policy() -> Kept {
    kept(signed(&denial(6)))
}

fn upload(play: &Play) -> Option<(crate::Attempt, String)> {
    play.actions.iter().find_map(|action| match action {
        Action::UploadInventory { attempt, hash, .. } => Some((*attempt, hash.clone())),
        _ => None,
    })
}

#[test]
fn a_check_in_that_is_answered_while_it_is_uploaded_costs_no_interval() {
    let mut play = settled();
    let mut wanted = answer(60, None);
    wanted.want_inventory = true;
    play.answer(wanted.clone());
    let attempt = loop {
        play.sleep();
        if let Some((attempt, _)) = upload(&play) {
            break attempt;
        }
    };
    while play.check_in().is_none() {
        play.sleep();
    }
    play.answer(wanted);
    play.handle(Event::Uploaded(attempt));
    let mut slept = Duration::ZERO;
    while play.check_in().is_none() {
        slept += play.sleep();
    }
    assert!(slept <= SECOND * 5, "{slept:?}");
}

#[test]
fn the_inventory_is_uploaded_when_the_gateway_lacks_it() {
    let mut play = settled();
    assert_eq!(play.check_in().unwrap().1.inventory.as_deref(), Some("aa"));
    let mut wanted = answer(60, None);
    wanted.want_inventory = true;
    play.answer(wanted);
    while upload(&play).is_none() {
        assert!(play.sleep() <= MILLI * 501);
    }
    let (attempt, hash) = upload(&play).unwrap();
    assert_eq!(hash, "aa");
    play.handle(Event::UploadFailed(
        attempt,
        failure(FailureKind::Unreachable, None),
    ));
    let mut slept = Duration::ZERO;
    while upload(&play).is_none() {
        slept += play.sleep();
    }
    assert!(slept <= SECOND * 5, "{slept:?}");
    let (attempt, _) = upload(&play).unwrap();
    play.handle(Event::Uploaded(attempt));
    // Decisions are waited for again, soon and not in a minute.
    assert!(play.sleep_to_check_in() <= SECOND * 5);
    play.answer(answer(3600, None));
    let now = play.now.mono;
    while play.now.mono.since(now) < SECOND * 7200 {
        play.sleep();
        assert_eq!(upload(&play), None);
        if play.check_in().is_some() {
            play.answer(answer(3600, None));
        }
    }
}

#[test]
fn a_check_in_that_is_answered_early_is_followed_soon_by_one_that_waits() {
    let mut play = settled();
    assert!(play.check_in().unwrap().1.wait_seconds > 0);
    let mut wanted = answer(60, None);
    wanted.want_inventory = true;
    play.answer(wanted);
    let mut slept = play.sleep();
    while play.check_in().is_none() {
        slept += play.sleep();
    }
    assert!(slept <= SECOND * 5, "{slept:?}");
    assert!(play.check_in().unwrap().1.wait_seconds > 0);
}

/// A decision is heard while a check-in waits at the gateway. Between two that wait there is little time,
/// whatever came of a decision and however chance will have it.
#[test]
fn a_device_is_not_deaf_for_longer_than_a_second_and_a_half() {
    for chance in [0, u32::MAX / 3, u32::MAX] {
        let mut play = settled();
        play.now.chance = chance;
        play.pass(SECOND * 30);
        play.answer(answer(60, Some(signed(&super::fleet::denial(6)))));
        let answered = play.now.mono;
        let (attempt, _) = play.pass_wanted().unwrap();
        play.handle(Event::Redirection(Redirection {
            effective: true,
            ..Redirection::default()
        }));
        play.passes(attempt, "bb", Vec::new());
        // With the effects and an inventory that the gateway lacks.
        play.sleep_to_check_in();
        let mut wanted = answer(60, None);
        wanted.want_inventory = true;
        play.answer(wanted);
        while upload(&play).is_none() {
            play.sleep();
        }
        let (attempt, _) = upload(&play).unwrap();
        play.handle(Event::Uploaded(attempt));
        play.sleep_to_check_in();
        let waits = play.check_in().unwrap().1.wait_seconds;
        assert!((54..=60).contains(&waits), "{waits}");
        let deaf = play.now.mono.since(answered);
        assert!(deaf <= MILLI * 2_100, "{deaf:?}");
        // The whole interval, again and again.
        for _ in 0..5 {
            let waits = play.check_in().unwrap().1.wait_seconds;
            play.pass(SECOND * waits + MILLI);
            play.answer(answer(60, None));
            let slept = play.sleep_to_check_in();
            assert!(slept <= MILLI * 501, "{slept:?}");
        }
    }
}

#[test]
fn the_last_runs_inventory_is_known_at_once() {
    let found = Found {
        hash: "cc".into(),
        bytes: 1,
        apps: 1,
        servers: 1,
        at: Timestamp::default(),
    };
    let kept = Kept {
        inventory: Some(found),
        ..kept(signed(&document(5)))
    };
    let now = Play::start(settings()).now;
    let play = Play::begin(settings(), kept, now);
    assert_eq!(play.check_in().unwrap().1.inventory.as_deref(), Some("cc"));
}

#[test]
fn a_person_is_told_once_of_each_denied_server() {
    let mut play = settled();
    play.pass(SECOND * 30);
    play.answer(answer(60, Some(signed(&denial(6)))));
    let (attempt, _) = play.pass_wanted().unwrap();
    let denied = || {
        vec![
            server("files", EffectState::PendingRestart),
            server("again", EffectState::Verified),
        ]
    };
    play.passes(attempt, "aa", denied());
    let told = play.told();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].whom, Some(Person::Name("ann".into())));
    assert_eq!(told[0].reason.as_deref(), Some("Leaks"));
    assert_eq!(told[0].ask, settings().ask);
    assert!(matches!(&told[0].refused, Refused::McpServer { name, .. } if name == "files"));
    let kept = play.actions.iter().find_map(|action| match action {
        Action::KeepTold(told) => Some(told.clone()),
        _ => None,
    });
    // Neither another pass nor a restart says it again.
    play.handle(Event::FilesChanged);
    let (_, attempt, _) = play.sleep_to_pass();
    play.passes(attempt, "aa", denied());
    assert!(play.told().is_empty());
    let kept = Kept {
        told: kept.unwrap(),
        ..kept_policy()
    };
    let mut again = Play::begin(settings(), kept, play.now);
    let (attempt, _) = again.pass_wanted().unwrap();
    again.passes(attempt, "aa", denied());
    assert!(again.told().is_empty());
    // What was allowed meanwhile, or could not be denied, is news.
    for state in [None, Some(EffectState::Failed)] {
        again.handle(Event::FilesChanged);
        let (_, attempt, _) = again.sleep_to_pass();
        let effects = state.map(|state| server("files", state));
        again.passes(attempt, "aa", effects.into_iter().collect());
        assert!(again.told().is_empty());
    }
    again.handle(Event::FilesChanged);
    let (_, attempt, _) = again.sleep_to_pass();
    again.passes(attempt, "aa", denied());
    assert_eq!(again.told().len(), 1);
}

/// Sleeps until a pass is wanted, or so long.
fn next_pass(play: &mut Play, most: Duration) -> Option<(Attempt, PassReason)> {
    let mut slept = Duration::ZERO;
    while play.pass_wanted().is_none() && slept < most {
        if play.check_in().is_some() {
            play.answer(answer(60, None));
            continue;
        }
        slept += play.sleep();
    }
    play.pass_wanted()
}

#[test]
fn an_app_at_work_is_looked_at_twice_and_not_all_the_time() {
    let now = Play::start(settings()).now;
    let mut play = Play::begin(settings(), kept_policy(), now);
    let (first, _) = play.pass_wanted().unwrap();
    play.answer(answer(60, None));
    play.passes(first, "same", Vec::new());
    play.pass(SECOND * 30);
    play.handle(seen("claude-code", Outcome::Relayed));
    for _ in 0..2 {
        let (attempt, reason) =
            next_pass(&mut play, SECOND * 3).expect("a server may have come along");
        assert_eq!(reason, PassReason::Changed);
        play.passes(attempt, "same", vec![server("one", EffectState::Verified)]);
    }
    play.handle(seen("codex", Outcome::Relayed));
    assert_eq!(next_pass(&mut play, SECOND * 15), None);
    // Who is not known is no client of servers.
    play.pass(SECOND * 60);
    play.handle(seen("unknown", Outcome::Relayed));
    assert_eq!(next_pass(&mut play, SECOND * 15), None);
}

#[test]
fn where_no_server_is_denied_apps_at_work_are_left_alone() {
    let mut play = Play::start(settings());
    let (attempt, _) = play.pass_wanted().unwrap();
    play.answer(answer(60, None));
    play.passes(attempt, "same", Vec::new());
    play.pass(SECOND * 30);
    play.handle(seen("claude-code", Outcome::Relayed));
    assert_eq!(next_pass(&mut play, SECOND * 15), None);
}
