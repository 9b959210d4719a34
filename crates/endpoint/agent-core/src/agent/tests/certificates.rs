//! When the leaf is renewed.

use tidegate_policy::Treatment;

use super::*;

/// Answers check-ins until the leaf is to be renewed.
fn sleep_to_renewal(play: &mut Play) -> Duration {
    let mut slept = Duration::ZERO;
    for _ in 0..100_000 {
        if let Some((attempt, _)) = play.check_in() {
            play.handle(Event::CheckedIn(attempt, answer(3600, None)));
            if play.renewal().is_some() {
                return slept;
            }
        }
        slept += play.sleep();
        if play.renewal().is_some() {
            return slept;
        }
    }
    panic!("it is never renewed");
}

fn leaf(play: &Play, life: Duration) -> Validity {
    Validity {
        from: play.now.wall,
        to: play.now.wall.plus(life),
    }
}

#[test]
fn it_is_renewed_in_the_middle_of_its_life() {
    for (chance, least, most) in [(0, 120, 121), (u32::MAX, 131, 132)] {
        let mut play = Play::start(settings());
        play.now.chance = chance;
        // The start drew no chance: ten days, renewed after five.
        let slept = sleep_to_renewal(&mut play);
        assert_eq!(slept.as_secs() / 3600, 120, "{chance}");
        let (attempt, life) = (play.renewal().unwrap(), leaf(&play, DAY * 10));
        play.handle(Event::CertificateIssued(attempt, life));
        let slept = sleep_to_renewal(&mut play);
        assert!(
            (least..=most).contains(&(slept.as_secs() / 3600)),
            "{slept:?}"
        );
    }
}

#[test]
fn without_a_leaf_it_asks_at_once_and_again() {
    let now = Moment {
        wall: Timestamp::default(),
        mono: Mono(0),
        chance: 0,
    };
    let mut play = Play::begin(settings(), Kept::default(), now);
    let attempt = play.renewal().unwrap();
    play.handle(Event::CertificateFailed(
        attempt,
        failure(FailureKind::Refused, None),
    ));
    assert!(sleep_to_renewal(&mut play) <= SECOND * 5);
    assert_eq!(play.agent.view(&play.now).certificate, None);
    // A leaf that is over already does not make a flood.
    let (attempt, life) = (play.renewal().unwrap(), leaf(&play, Duration::ZERO));
    play.handle(Event::CertificateIssued(attempt, life));
    assert!(sleep_to_renewal(&mut play) >= SECOND * 60);
}

#[test]
fn other_names_need_another_leaf() {
    let mut play = Play::start(settings());
    let mut fewer = document(6);
    fewer
        .hosts
        .retain(|rule| rule.treatment == Treatment::Governed);
    // Other rules, the same governed names.
    play.answer(answer(60, Some(signed(&fewer))));
    play.sleep_to_check_in();
    assert_eq!(play.renewal(), None);

    fewer.revision = 7;
    fewer.hosts.pop();
    play.answer(answer(60, Some(signed(&fewer))));
    play.sleep();
    let first = play.renewal().expect("the names changed");
    // They change again while the renewal is on its way.
    play.sleep_to_check_in();
    fewer.revision = 8;
    fewer.hosts.pop();
    play.answer(answer(60, Some(signed(&fewer))));
    let life = leaf(&play, DAY * 10);
    play.handle(Event::CertificateIssued(first, life));
    let slept = sleep_to_renewal(&mut play);
    assert!(slept <= SECOND * 70, "{slept:?}");
}

#[test]
fn a_clock_that_was_set_forward_is_noticed() {
    let mut play = Play::start(settings());
    play.answer(answer(86_400, None));
    play.now.wall = play.now.wall.plus(DAY * 9);
    let slept = sleep_to_renewal(&mut play);
    assert!(slept <= SECOND * 3600, "{slept:?}");
}
