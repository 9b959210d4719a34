//! When it checks in, and which policies it takes.

use super::*;

#[test]
fn it_begins_with_what_was_kept_and_checks_in_at_once() {
    let play = Play::start(settings());
    let [
        Action::Apply(document),
        Action::FleetPass { revision: 5, .. },
        Action::KeepSeq(kept),
        Action::CheckIn { request, .. },
    ] = &play.actions[..]
    else {
        panic!("{:?}", play.actions);
    };
    assert_eq!(document.revision, 5);
    assert_eq!(
        (request.revision, request.wait_seconds, request.effective),
        (5, 0, false)
    );
    assert_eq!(request.machine_id_hash, settings().machine_id_hash);
    assert!(request.seq > 0 && request.seq <= *kept);
    assert_eq!((&request.effects, &request.inventory), (&None, &None));
}

#[test]
fn a_kept_policy_of_someone_else_is_not_obeyed() {
    let kept = SignedPolicy::new(b"{}", b"forged");
    let now = Moment {
        wall: Timestamp::default(),
        mono: Mono(0),
        chance: 0,
    };
    let (agent, actions) = Agent::start(settings(), verifier(), super::kept(kept), now);
    assert!(
        actions
            .iter()
            .all(|action| !matches!(action, Action::Apply(_)))
    );
    let problem = agent.view(&now).policy_problem.unwrap();
    assert_eq!(
        problem,
        "the kept policy: the policy's signature is not the gateway's"
    );
    let host = "api.anthropic.com".parse().unwrap();
    let subject = Subject {
        app: &AppId::unknown(),
        host: Some(&host),
    };
    assert_eq!(agent.decide(subject), Verdict::Splice);
}

#[test]
fn the_gateway_sets_the_pace_within_reason() {
    let mut play = Play::start(settings());
    for (says, least, most) in [
        (60, 54, 66),
        (0, 5, 6),
        (7, 6, 8),
        (u32::MAX, 77_760, 95_040),
    ] {
        for chance in [0, u32::MAX / 2, u32::MAX] {
            play.now.chance = chance;
            play.answer(answer(says, None));
            let slept = play.sleep_to_check_in();
            let (least, most) = (SECOND * least, SECOND * most);
            assert!((least..=most).contains(&slept), "{says}: {slept:?}");
        }
    }
}

#[test]
fn a_newer_policy_is_kept_and_applied_and_an_older_one_is_not() {
    let mut play = Play::start(settings());
    play.answer(answer(60, Some(signed(&document(9)))));
    let [Action::Keep(kept), Action::Apply(applied)] = &play.actions[..] else {
        panic!("the pass of the old policy runs still: {:?}", play.actions);
    };
    assert_eq!((kept, applied.revision), (&signed(&document(9)), 9));
    // More may follow a decision.
    assert_eq!(play.sleep_to_check_in(), SECOND * 5);
    assert_eq!(play.check_in().unwrap().1.revision, 9);

    play.answer(answer(60, Some(signed(&document(8)))));
    assert!(play.actions.is_empty());
    assert!(play.sleep_to_check_in() > SECOND * 50);
    let (_, request) = play.check_in().unwrap();
    assert_eq!(request.revision, 9);
    let problem = "the gateway sent policy revision 8, and 9 is in force";
    assert_eq!(request.problem.as_deref(), Some(problem));

    let mut forged = signed(&document(10));
    forged.signature = signed(&document(11_111)).signature;
    play.answer(answer(60, Some(forged)));
    assert_eq!(play.agent.document().unwrap().revision, 9);
    play.sleep_to_check_in();
    play.answer(answer(60, None));
    assert_eq!(play.agent.view(&play.now).policy_problem, None);
}

#[test]
fn failures_back_off_and_an_answer_ends_that() {
    let mut play = Play::start(settings());
    play.now.chance = u32::MAX;
    let mut waits = Vec::new();
    for _ in 0..9 {
        play.fail(failure(FailureKind::Unreachable, None));
        waits.push(play.sleep_to_check_in().as_secs());
    }
    assert_eq!(waits, [4, 9, 19, 39, 79, 159, 299, 299, 299]);
    play.fail(failure(FailureKind::Refused, Some(SECOND * 1000)));
    assert!(play.sleep_to_check_in() >= SECOND * 1000);
    play.answer(answer(60, None));
    play.sleep_to_check_in();
    play.fail(failure(FailureKind::Unreachable, None));
    assert!(play.sleep_to_check_in() <= SECOND * 5);
}

#[test]
fn a_shell_that_never_answers_is_not_waited_for() {
    let mut play = Play::start(settings());
    let (given_up, _) = play.check_in().unwrap();
    play.sleep_to_check_in();
    assert!(!play.agent.view(&play.now).connected);
    // The answer to the first one comes while the second runs.
    play.handle(Event::CheckedIn(
        given_up,
        answer(60, Some(signed(&document(9)))),
    ));
    assert_eq!(play.agent.document().unwrap().revision, 5);
}

#[test]
fn a_long_poll_begins_again_at_once() {
    let mut play = Play::start(Settings {
        long_poll: true,
        ..settings()
    });
    play.answer(answer(60, None));
    play.sleep_to_check_in();
    assert_eq!(play.check_in().unwrap().1.wait_seconds, 60);
    play.pass(SECOND * 60);
    play.answer(answer(60, None));
    assert!(play.sleep_to_check_in() <= SECOND);
    // A gateway that does not hold it is not asked more often for that.
    play.answer(answer(60, None));
    assert!(play.sleep_to_check_in() > SECOND * 50);
    // After a failure the next one is answered at once, and so tells whether all is well.
    play.fail(failure(FailureKind::Unreachable, None));
    play.sleep_to_check_in();
    assert_eq!(play.check_in().unwrap().1.wait_seconds, 0);
    play.answer(answer(3600, None));
    play.sleep_to_check_in();
    assert_eq!(play.check_in().unwrap().1.wait_seconds, 300);
}

#[test]
fn a_new_network_ends_the_waiting_but_not_the_floor() {
    let mut play = Play::start(settings());
    for _ in 0..8 {
        play.fail(failure(FailureKind::Unreachable, None));
        play.sleep_to_check_in();
    }
    play.fail(failure(FailureKind::Unreachable, None));
    play.pass(SECOND * 20);
    play.handle(Event::NetworkChanged);
    assert!(play.sleep_to_check_in() <= SECOND * 2);
    // A flapping network does not make a flood.
    play.pass(SECOND);
    play.handle(Event::NetworkChanged);
    play.handle(Event::NetworkChanged);
    assert_eq!(play.sleep_to_check_in(), SECOND * 4);
}

#[test]
fn what_was_seen_is_reported_once() {
    let mut play = Play::start(settings());
    play.handle(seen("curl", Outcome::Relayed));
    play.actions = Vec::new();
    play.sleep_to_check_in();
    let apps = &play.check_in().unwrap().1.apps;
    assert_eq!((apps.len(), apps[0].relayed), (1, 1));
    play.fail(failure(FailureKind::Unreachable, None));
    play.handle(seen("curl", Outcome::Pinned));
    play.sleep_to_check_in();
    let apps = &play.check_in().unwrap().1.apps;
    assert_eq!((apps[0].relayed, apps[0].denied, apps[0].pinned), (1, 0, 1));
    play.answer(answer(60, None));
    play.sleep_to_check_in();
    assert!(play.check_in().unwrap().1.apps.is_empty());
}

/// Whoever names files, users and servers, and asks for things, cannot make a check-in too long.
#[test]
fn the_longest_check_in_is_taken() {
    use tidegate_device_api::{AccessRequest, EffectState, LARGEST_CHECK_IN, Wanted};
    let nasty = "\"\\\u{1}".repeat(500);
    let mut play = Play::start(settings());
    let (attempt, _) = play.pass_wanted().unwrap();
    play.answer(answer(60, None));
    for number in 0..600 {
        let Event::Seen(mut seen) = seen(&format!("app-{number:060}"), Outcome::Denied) else {
            panic!("no observation");
        };
        (seen.version, seen.path) = (Some(nasty.clone()), nasty.clone());
        play.handle(Event::Seen(seen));
    }
    let denied = vec![super::fleet::server(&nasty, EffectState::Failed); 3_000];
    play.handle(Event::Redirection(Redirection {
        effective: false,
        problem: Some(nasty.clone()),
        limitations: Vec::new(),
    }));
    play.passes(attempt, "aa", denied);
    for number in 0..100 {
        let request = AccessRequest {
            id: number.to_string(),
            wanted: Wanted::Support {
                name: "\"".repeat(100),
            },
            reason: "\u{1f600}".repeat(500),
            user: format!("{number}{nasty}"),
        };
        assert_eq!(play.agent.ask(request, play.now).0, Ok(()));
    }
    play.sleep_to_check_in();
    let (_, request) = play.check_in().unwrap();
    assert!(
        request
            .effects
            .as_ref()
            .is_some_and(|report| report.truncated)
    );
    assert_eq!(request.requests.len(), 20);
    let length = serde_json::to_vec(request).unwrap().len();
    assert!(
        (LARGEST_CHECK_IN / 2..=LARGEST_CHECK_IN).contains(&length),
        "{length}"
    );
}
