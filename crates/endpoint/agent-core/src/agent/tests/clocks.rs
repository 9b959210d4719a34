//! Clocks that are set, forward and back, here and at the gateway. Policies have no end, and everything that waits
//! goes by the clock that nobody sets: only the leaf, and what people are shown, go by the wall clock.

use proptest::prelude::*;
use tidegate_policy::AppRule;

use super::*;

const HOUR: Duration = Duration::from_secs(3_600);
/// How far clocks jump, in days.
const JUMPS: [i64; 7] = [2, -2, 1, -1, 400, -400, 15_000];

/// The gateway's leaf of a week, that begins a day before it was made.
fn leaf(made: Timestamp) -> Validity {
    let day = 86_400_000_000;
    Validity {
        from: Timestamp::from_micros(made.micros() - day),
        to: made.plus(DAY * 7),
    }
}

/// With an app that is denied, and a leaf that was made just now.
fn start() -> Play {
    let now = Moment {
        wall: "2026-11-26T12:00:00Z".parse().unwrap(),
        mono: Mono(1_000),
        chance: 0,
    };
    let mut policy = document(5);
    policy.apps = vec![AppRule {
        app: "cursor".parse().unwrap(),
        decision: Decision::Denied,
        mode: tidegate_policy::Mode::default(),
        pinned: tidegate_policy::Pinned::default(),
        note: None,
    }];
    let kept = Kept {
        leaf: Some(leaf(now.wall)),
        ..kept(signed(&policy))
    };
    let mut play = Play::begin(settings(), kept, now);
    play.answer(answer(60, None));
    play
}

fn denies(play: &Play) -> bool {
    let (app, host) = ("cursor".parse().unwrap(), "api.openai.com".parse().unwrap());
    let subject = Subject {
        app: &app,
        host: Some(&host),
    };
    matches!(play.agent.decide(subject), Verdict::Deny(_))
}

/// A gateway that answers everything, its clock so many seconds ahead, for a time; how often a leaf was made.
fn serve(play: &mut Play, ahead: i64, time: Duration) -> usize {
    let (mut left, mut made) = (time, 0);
    loop {
        if let Some((attempt, _)) = play.check_in() {
            play.handle(Event::CheckedIn(attempt, answer(60, None)));
        } else if let Some(attempt) = play.renewal() {
            made += 1;
            let clock = play.now.wall.micros() + ahead * 1_000_000;
            let issued = leaf(Timestamp::from_micros(clock));
            play.handle(Event::CertificateIssued(attempt, issued));
        } else {
            let slept = play.agent.wake().since(play.now.mono);
            if slept > left {
                return made;
            }
            left -= slept;
            play.pass(slept);
            play.handle(Event::Tick);
        }
    }
}

#[test]
fn whatever_the_clock_is_set_to_the_policy_holds_and_check_ins_come_as_before() {
    for days in JUMPS {
        let mut play = start();
        assert!(denies(&play));
        let before = play.sleep_to_check_in();
        play.answer(answer(60, None));
        play.set(days * 86_400);
        // At once, and at every later look.
        assert!(denies(&play), "{days}");
        assert_eq!(play.agent.document().unwrap().revision, 5);
        assert_eq!(play.sleep_to_check_in(), before, "{days}");
        let again = |action: &Action| matches!(action, Action::Apply(_) | Action::Keep(_));
        assert!(!play.actions.iter().any(again), "nothing is applied anew");
        assert_eq!(play.check_in().unwrap().1.revision, 5);
        play.answer(answer(60, None));
        assert!(denies(&play));
        // Neither the old policy nor one of the old revision gets in by it.
        play.sleep_to_check_in();
        play.answer(answer(60, Some(signed(&document(4)))));
        assert!(denies(&play), "{days}");
        let problem = play.agent.view(&play.now).policy_problem.unwrap();
        assert!(problem.contains("policy revision 4"), "{problem}");
        // And news are taken as ever.
        play.sleep_to_check_in();
        play.answer(answer(60, Some(signed(&document(6)))));
        assert_eq!(play.agent.document().unwrap().revision, 6, "{days}");
    }
}

#[test]
fn the_policy_holds_over_a_restart_with_another_clock_and_numbers_go_on() {
    for days in JUMPS {
        let mut play = start();
        play.sleep_to_check_in();
        let (last, policy) = (
            play.check_in().unwrap().1.seq,
            play.agent.force.signed().unwrap(),
        );
        let kept = Kept {
            policy: Some(SignedPolicy::clone(policy)),
            leaf: play.agent.state.validity,
            seq: last + 50,
            ..Kept::default()
        };
        play.set(days * 86_400);
        play.now.mono = Mono(7);
        let mut play = Play::begin(settings(), kept, play.now);
        assert!(denies(&play), "{days}");
        // What was written down counts, or the clock where it is ahead: never what was used before.
        assert!(play.check_in().unwrap().1.seq > last, "{days}");
        play.answer(answer(60, None));
        assert!(denies(&play), "{days}");
    }
}

#[test]
fn a_leaf_that_is_not_valid_here_is_made_anew_within_an_hour_and_not_in_a_flood() {
    // This machine's clock is wrong, the gateway's is right: no leaf is of any use, and it is told.
    for days in [8, 30, -2, -30, 400] {
        let mut play = start();
        play.set(days * 86_400);
        let made = serve(&mut play, -days * 86_400, DAY);
        assert!((1..=25).contains(&made), "{days}: {made} in a day");
        let view = play.agent.view(&play.now).certificate.unwrap();
        let which = if days > 0 { "is ahead" } else { "is behind" };
        assert!(
            !view.valid && view.problem.unwrap().contains(which),
            "{days}"
        );
        let told = loop {
            if let Some((_, request)) = play.check_in() {
                break request.problem.clone();
            }
            play.sleep();
        };
        assert!(told.unwrap().contains(which), "the gateway hears of it");
        play.answer(answer(60, None));
        // It is set right: the leaf that is held is good, or another one is had within the hour.
        play.set(-days * 86_400);
        serve(&mut play, 0, HOUR + SECOND * 120);
        let view = play.agent.view(&play.now).certificate.unwrap();
        assert_eq!((view.valid, view.problem), (true, None), "{days}");
        assert!(denies(&play));
    }
}

#[test]
fn a_gateway_whose_clock_is_wrong_for_a_day_leaves_devices_well() {
    for days in [2, -2, 30, -8] {
        let mut play = start();
        // Other names: a leaf is made while it is wrong.
        let mut fewer = document(6);
        fewer.hosts.pop();
        fewer.apps = play.agent.document().unwrap().apps.clone();
        play.sleep_to_check_in();
        play.answer(answer(60, Some(signed(&fewer))));
        let made = serve(&mut play, days * 86_400, DAY);
        assert!((1..=25).contains(&made), "{days}: {made} in a day");
        serve(&mut play, 0, HOUR + SECOND * 120);
        let view = play.agent.view(&play.now).certificate.unwrap();
        assert_eq!((view.valid, view.problem), (true, None), "{days}");
        assert!(denies(&play));
    }
}

#[test]
fn a_clock_that_is_half_a_leaf_ahead_asks_once_an_hour() {
    let mut play = start();
    play.set(5 * 86_400);
    let made = serve(&mut play, -5 * 86_400, DAY);
    assert!((1..=25).contains(&made), "{made}");
    assert!(play.agent.view(&play.now).certificate.unwrap().valid);
}

proptest! {
    /// A clock that jumps all the time: nothing is loosened, nothing is asked more often.
    #[test]
    fn jumps_neither_loosen_nor_flood(jumps in prop::collection::vec((any::<i32>(), 0..7_200_u64), 1..60)) {
        let mut play = start();
        let (mut made, mut time) = (0, Duration::ZERO);
        for (seconds, after) in jumps {
            play.set(seconds.into());
            let after = Duration::from_secs(after);
            made += serve(&mut play, 0, after);
            time += after;
            prop_assert!(denies(&play));
            prop_assert_eq!(play.agent.force.revision(), 5);
        }
        // A leaf a minute is the most that is ever asked for.
        prop_assert!(made as u64 <= time.as_secs() / 60 + 1, "{made} in {time:?}");
    }
}
