//! What goes in comes out; what is no frame is none, whatever it is.

use std::net::IpAddr;

use proptest::prelude::*;
use tidegate_redirect::{FailMode, Health, Limitation, RedirectError};

use super::*;

fn opener() -> impl Strategy<Value = Opener> {
    let start = prop::option::of(any::<u64>());
    (
        any::<u32>(),
        any::<u32>(),
        start,
        "\\PC{0,15}",
        any::<u64>(),
    )
        .prop_map(|(pid, uid, start, comm, cgroup)| Opener {
            pid,
            uid,
            start,
            comm,
            cgroup,
            netns: cgroup ^ 7,
        })
}

fn tables() -> impl Strategy<Value = Tables> {
    let names = prop::collection::vec("[a-z]{1,8}\\.[a-z]{2,6}", 0..40);
    let addresses = prop::collection::vec(any::<IpAddr>(), 0..40);
    let denied = prop::collection::vec(any::<u32>(), 0..40);
    let rest = (any::<u64>(), any::<bool>(), any::<bool>());
    (names, addresses, denied, rest).prop_map(
        |(names, addresses, denied, (decision, closed, quic))| Tables {
            names,
            addresses,
            denied,
            decision,
            fail: if closed {
                FailMode::Closed
            } else {
                FailMode::Open
            },
            refuse_quic: quic,
            backstop: closed != quic,
        },
    )
}

fn to_loader() -> impl Strategy<Value = ToLoader> {
    let text = || prop::option::of("\\PC{0,40}");
    prop_oneof![
        any::<u16>().prop_map(|version| ToLoader::Hello { version }),
        Just(ToLoader::Ready),
        Just(ToLoader::Taken),
        (
            any::<u32>(),
            "[a-z-]{1,20}",
            text(),
            text(),
            text(),
            any::<Option<bool>>()
        )
            .prop_map(|(uid, app, server, reason, ask, granted)| {
                ToLoader::Notify(Notice {
                    uid,
                    app,
                    server,
                    reason,
                    ask,
                    granted,
                })
            }),
        Just(ToLoader::Exempt),
        tables().prop_map(ToLoader::Apply),
        Just(ToLoader::Health),
        opener().prop_map(ToLoader::Attribute),
        Just(ToLoader::ResetOlder),
        Just(ToLoader::Pass),
    ]
}

fn to_relay() -> impl Strategy<Value = ToRelay> {
    let destination = (any::<IpAddr>(), any::<u16>()).prop_map(SocketAddr::from);
    let given = prop::collection::vec(any::<u8>(), 0..300);
    prop_oneof![
        (any::<u16>(), given).prop_map(|(version, given)| ToRelay::Start { version, given }),
        (destination, prop::option::of(opener())).prop_map(|(destination, opener)| {
            ToRelay::Flow {
                destination,
                opener,
            }
        }),
        Just(ToRelay::Stop),
        Just(ToRelay::Changed),
        ("[a-z-]{1,20}", "\\PC{0,60}", prop::option::of(any::<u32>()))
            .prop_map(|(app, program, uid)| ToRelay::Refused(Refused { app, program, uid })),
    ]
}

/// Every beginning of a frame is refused, and so is a frame with more behind it.
fn refused_unless_whole(frame: &[u8], understood: impl Fn(&[u8]) -> bool) {
    assert!(understood(frame));
    for end in 0..frame.len() {
        assert!(!understood(&frame[..end]), "{end} of {}", frame.len());
    }
    assert!(!understood(&[frame, &[0]].concat()));
}

proptest! {
    #[test]
    fn what_the_relay_says_comes_out_as_it_went_in(message in to_loader()) {
        let frame = message.encode().unwrap();
        prop_assert_eq!(ToLoader::decode(&frame), Ok(message));
        refused_unless_whole(&frame, |bytes| ToLoader::decode(bytes).is_ok());
    }

    #[test]
    fn what_the_loader_says_comes_out_as_it_went_in(message in to_relay()) {
        let frame = message.encode().unwrap();
        prop_assert_eq!(ToRelay::decode(&frame), Ok(message));
        refused_unless_whole(&frame, |bytes| ToRelay::decode(bytes).is_ok());
    }

    #[test]
    fn noise_is_read_without_harm(kind in 0_u8..12, noise in prop::collection::vec(any::<u8>(), 0..200)) {
        let frame = [&[kind], &noise[..]].concat();
        if let Ok(message) = ToLoader::decode(&frame) {
            prop_assert_eq!(message.encode().unwrap(), frame.clone());
        }
        if let Ok(message) = ToRelay::decode(&frame) {
            prop_assert_eq!(message.encode().unwrap(), frame.clone());
        }
        if let Ok(Answer::Health(health)) = Answer::decode(&frame) {
            prop_assert!(health.counters.len() <= 64);
        }
    }
}

#[test]
fn a_length_that_is_not_there_takes_no_memory() {
    // Four billion names, addresses, bytes.
    for kind in [5, 7, 9] {
        let frame = [&[kind][..], &[0xff; 40]].concat();
        assert!(ToLoader::decode(&frame).is_err());
    }
    assert!(ToRelay::decode(&[&[1, 1, 0][..], &[0xff; 4]].concat()).is_err());
}

#[test]
fn names_are_host_names_below_a_top_level_domain() {
    let decoded = |name: &str| {
        let tables = Tables {
            names: vec![name.into()],
            ..Tables::default()
        };
        ToLoader::decode(&ToLoader::Apply(tables).encode().unwrap())
    };
    assert!(decoded("api.openai.com").is_ok());
    for name in ["", "com", ".", "a..b", "API.openai.com", "a/b.c", "1.2.3.4"] {
        assert_eq!(decoded(name), Err(Malformed::Value("name")), "{name}");
    }
}

#[test]
fn what_is_too_long_is_not_sent() {
    let tables = Tables {
        names: vec![format!("{}.example", "a".repeat(60)); 4000],
        ..Tables::default()
    };
    let error = ToLoader::Apply(tables).encode().unwrap_err();
    assert_eq!(error, Malformed::Long);
}

#[test]
fn answers_come_out_as_they_went_in() {
    let health = Health {
        effective: true,
        problem: Some("none".into()),
        limitations: vec![Limitation {
            name: "no_set_retval",
            effect: "EPERM".into(),
        }],
        counters: vec![("redirected", 7), ("published", u64::MAX)],
    };
    let os = RedirectError::Os {
        what: "exempting a socket".into(),
        error: std::io::Error::from_raw_os_error(1),
    };
    let who = Attributed {
        app: "claude-code".parse().unwrap(),
        version: Some("2.1.3".into()),
        user: "ann".into(),
        program: "/usr/bin/claude".into(),
    };
    for answer in [
        Answer::Done,
        Answer::Failed(Failure::from(&os)),
        Answer::Health(health),
        Answer::Attributed(who),
        Answer::Attributed(Attributed::unknown(7)),
        Answer::Count(9),
    ] {
        let frame = answer.encode().unwrap();
        assert_eq!(Answer::decode(&frame), Ok(answer));
        refused_unless_whole(&frame, |bytes| Answer::decode(bytes).is_ok());
    }
    let back = RedirectError::from(Failure::from(&os));
    assert!(matches!(&back, RedirectError::Os { what, error }
        if what == "exempting a socket" && error.raw_os_error() == Some(1)));
    let said = RedirectError::Unsupported("too old".into());
    assert_eq!(
        RedirectError::from(Failure::from(&said)).to_string(),
        "too old"
    );
}

#[test]
fn texts_for_people_are_cut_between_characters() {
    let who = Attributed {
        program: "ä".repeat(4000),
        ..Attributed::unknown(1)
    };
    let frame = Answer::Attributed(who).encode().unwrap();
    let Ok(Answer::Attributed(who)) = Answer::decode(&frame) else {
        panic!("it is no answer");
    };
    assert_eq!(who.program, "ä".repeat(2048));
}
