//! Requests wait, are heard once, and are bounded.

use super::*;

const MINUTE: u64 = 60_000_000_000;

fn request(id: &str, user: &str, name: &str) -> AccessRequest {
    AccessRequest {
        id: id.into(),
        wanted: Wanted::Support { name: name.into() },
        reason: "I need it\nfor work".into(),
        user: user.into(),
    }
}

#[test]
fn one_waits_until_it_is_heard() {
    let mut requests = Requests::default();
    assert_eq!(
        requests.ask(request("1", "ann", " App\x1b"), Mono(0)),
        Ok(true)
    );
    assert_eq!(requests.ask(request("2", "ann", "App"), Mono(0)), Ok(false));
    assert_eq!(requests.ask(request("3", "bob", "App"), Mono(0)), Ok(true));
    let sent = requests.send();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0].wanted, Wanted::Support { name: "App".into() });
    assert_eq!(sent[0].reason, "I need it for work");
    // What comes meanwhile is not in that check-in.
    assert_eq!(
        requests.ask(request("4", "ann", "Other"), Mono(0)),
        Ok(true)
    );
    requests.unanswered();
    assert!(!requests.answered(), "nothing is on its way");
    assert_eq!(requests.send().len(), 3);
    assert!(requests.answered());
    assert!(requests.waiting().is_empty() && requests.heard().len() == 3);
}

#[test]
fn nobody_asks_for_everything() {
    let mut requests = Requests::default();
    for number in 0..20 {
        let done = requests.ask(
            request(&number.to_string(), "ann", &number.to_string()),
            Mono(0),
        );
        let expected = if number < 10 {
            Ok(true)
        } else {
            Err(RequestError::TooMany)
        };
        assert_eq!(done, expected);
    }
    assert_eq!(requests.ask(request("b", "bob", "1"), Mono(0)), Ok(true));
    let late = Mono(60 * MINUTE);
    assert_eq!(requests.ask(request("x", "ann", "x"), late), Ok(true));
}

#[test]
fn no_more_wait_than_there_is_room_for() {
    let mut requests = Requests::default();
    for number in 0..MOST {
        let user = format!("user-{number}");
        assert_eq!(
            requests.ask(request(&number.to_string(), &user, "x"), Mono(0)),
            Ok(true)
        );
    }
    assert_eq!(
        requests.ask(request("x", "ann", "x"), Mono(0)),
        Err(RequestError::Full)
    );
    assert_eq!(requests.send().len(), MOST_SENT);
    requests.answered();
    assert_eq!(requests.waiting().len(), MOST - MOST_SENT);
    let kept = Requests::kept(vec![request("1", "ann", "x").into(); 300]);
    assert_eq!(kept.waiting().len(), MOST);
}

#[test]
fn words_have_a_length() {
    let mut requests = Requests::default();
    let mut odd = request("1", "ann", &"x".repeat(101));
    assert_eq!(requests.ask(odd.clone(), Mono(0)), Err(RequestError::Name));
    odd = request("1", "ann", "\n \t");
    assert_eq!(requests.ask(odd.clone(), Mono(0)), Err(RequestError::Name));
    odd = request("1", &"u".repeat(10_000), "x");
    odd.reason = "\u{fc}".repeat(500);
    assert_eq!(requests.ask(odd.clone(), Mono(0)), Ok(true));
    assert_eq!(requests.waiting()[0].user.len(), LONGEST_USER);
    odd.reason.push('x');
    assert_eq!(requests.ask(odd, Mono(0)), Err(RequestError::Reason));
}
