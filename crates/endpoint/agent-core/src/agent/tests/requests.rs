//! What people ask for reaches the gateway, once.

use tidegate_device_api::{AccessRequest, Wanted};

use super::*;

pub(super) fn request(id: &str, user: &str) -> AccessRequest {
    AccessRequest {
        id: id.into(),
        wanted: Wanted::App {
            app: format!("app-{id}").parse().unwrap(),
        },
        reason: "for work".into(),
        user: user.into(),
    }
}

impl Play {
    fn ask(&mut self, id: &str) -> Result<(), RequestError> {
        let (taken, actions) = self.agent.ask(request(id, "ann"), self.now);
        self.actions = actions;
        taken
    }

    fn kept_requests(&self) -> Option<usize> {
        self.actions.iter().find_map(|action| match action {
            Action::KeepRequests(requests) => Some(requests.len()),
            _ => None,
        })
    }
}

#[test]
fn it_is_kept_sent_soon_and_forgotten_when_heard() {
    let mut play = Play::start(Settings {
        long_poll: true,
        ..settings()
    });
    play.answer(answer(60, None));
    play.sleep_to_check_in();
    // This one waits at the gateway.
    play.pass(SECOND * 20);
    assert_eq!(play.ask("1"), Ok(()));
    assert_eq!(play.kept_requests(), Some(1));
    let slept = play.sleep_to_check_in();
    assert!(slept <= SECOND, "{slept:?}");
    assert_eq!(play.check_in().unwrap().1.requests, [request("1", "ann")]);
    play.fail(failure(FailureKind::Unreachable, None));
    assert_eq!(play.kept_requests(), None);
    play.sleep_to_check_in();
    assert_eq!(play.check_in().unwrap().1.requests.len(), 1);
    assert!(!play.agent.view(&play.now).requests[0].sent);
    play.answer(answer(60, None));
    assert_eq!(play.kept_requests(), Some(0));
    let view = play.agent.view(&play.now);
    assert!(view.requests[0].sent);
    assert!(view.to_string().contains("app-1 (ann): asked"));
    assert_eq!(view.clone().of("ann").requests.len(), 1);
    assert!(view.of("bob").requests.is_empty());
    play.sleep_to_check_in();
    assert!(play.check_in().unwrap().1.requests.is_empty());
}

#[test]
fn what_was_not_heard_is_sent_after_a_restart() {
    let kept = Kept {
        requests: vec![request("1", "ann")],
        ..kept(signed(&document(5)))
    };
    let now = Play::start(settings()).now;
    let play = Play::begin(settings(), kept, now);
    assert_eq!(play.check_in().unwrap().1.requests.len(), 1);
}

#[test]
fn an_unreachable_gateway_is_not_asked_more_often_for_a_request() {
    let mut play = Play::start(settings());
    for _ in 0..8 {
        play.fail(failure(FailureKind::Unreachable, None));
        play.sleep_to_check_in();
    }
    play.fail(failure(FailureKind::Unreachable, None));
    assert_eq!(play.ask("1"), Ok(()));
    assert!(play.sleep_to_check_in() >= SECOND * 140);
}
