//! What people ask for reaches the gateway, once.

use tidegate_device_api::{AccessRequest, RequestAnswer, Wanted};

use super::*;
use crate::Answer;

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
    assert_eq!(play.kept_requests(), Some(1), "it waits for its answer");
    let view = play.agent.view(&play.now);
    assert!(view.requests[0].sent);
    assert!(
        view.to_string()
            .contains("app-1 (ann): asked, not answered yet")
    );
    assert_eq!(view.clone().of("ann").requests.len(), 1);
    assert!(view.of("bob").requests.is_empty());
    play.sleep_to_check_in();
    let again = play.check_in().unwrap().1;
    assert!(again.requests.is_empty());
    assert_eq!(again.open, ["1"]);
}

#[test]
fn the_answer_is_told_once_shown_and_kept_over_a_restart() {
    for (granted, note, shown) in [
        (true, None, "app-1 (ann): approved\n"),
        (
            false,
            Some("Use the\nother one."),
            "app-1 (ann): refused: Use the other one.\n",
        ),
    ] {
        let mut play = Play::start(settings());
        play.ask("1").unwrap();
        play.sleep_to_check_in();
        play.answer(answer(60, None));
        play.sleep_to_check_in();
        let given = RequestAnswer {
            id: "1".into(),
            granted,
            note: note.map(str::to_owned),
        };
        let unknown = RequestAnswer {
            id: "7".into(),
            ..given.clone()
        };
        let mut response = answer(60, None);
        response.answers = vec![unknown, given];
        play.answer(response.clone());
        let told = |play: &Play| {
            let told = play.actions.iter().filter_map(|action| match action {
                Action::Answered(asked) => Some((asked.request.user.clone(), asked.answer.clone())),
                _ => None,
            });
            told.collect::<Vec<_>>()
        };
        let expected = Answer {
            granted,
            note: note.map(|_| "Use the other one.".into()),
        };
        assert_eq!(told(&play), [("ann".into(), Some(expected))]);
        let kept = play.actions.iter().find_map(|action| match action {
            Action::KeepRequests(kept) => Some(kept.clone()),
            _ => None,
        });
        assert!(play.agent.view(&play.now).to_string().contains(shown));
        play.sleep_to_check_in();
        assert!(
            play.check_in().unwrap().1.open.is_empty(),
            "nothing is open"
        );
        play.answer(response.clone());
        assert_eq!(told(&play), [], "it was told");
        // As JSON, as it lies on disk.
        let text = serde_json::to_string(&kept.unwrap()).unwrap();
        let kept = Kept {
            requests: serde_json::from_str(&text).unwrap(),
            ..Kept::default()
        };
        let play = Play::begin(settings(), kept, play.now);
        assert!(play.agent.view(&play.now).to_string().contains(shown));
    }
}

#[test]
fn what_was_not_heard_is_sent_after_a_restart() {
    let kept = Kept {
        requests: vec![request("1", "ann").into()],
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
