//! The body of a fuzz target in `tests/fuzz`: it takes any bytes and panics when a promise of this crate is
//! broken. It is here so that an ordinary test can replay the corpus.
#![allow(
    clippy::missing_panics_doc,
    reason = "a fuzz target reports by panicking"
)]

use crate::{AppId, Decision, Document, HostName, Subject, Verdict};

/// Hosts and apps of a document that are asked about.
const MOST: usize = 16;

/// A document that can be read says the same when it is written and read again, and decides what its rules
/// say; a host name or an app's id has one form.
pub fn document(data: &[u8]) {
    if let Ok(text) = str::from_utf8(data) {
        names(text);
    }
    let Ok(document) = Document::from_json(data) else {
        return;
    };
    let written = serde_json::to_vec(&document).unwrap_or_default();
    let again = Document::from_json(&written);
    assert!(
        again.is_ok_and(|again| again == document),
        "it does not survive the wire"
    );
    let unknown = AppId::unknown();
    let rules = document.apps.iter().take(MOST);
    let apps: Vec<&AppId> = rules.map(|rule| &rule.app).chain([&unknown]).collect();
    let named = document.hosts.iter().map(|rule| &rule.host);
    for host in named.chain(&document.never_block).take(2 * MOST) {
        for app in &apps {
            decided(&document, app, host);
        }
    }
    for app in apps {
        let nameless = document.decide(Subject { app, host: None });
        assert_eq!(
            nameless,
            Verdict::Splice,
            "a connection without a name was read"
        );
    }
}

fn decided(document: &Document, app: &AppId, host: &HostName) {
    let verdict = document.decide(Subject {
        app,
        host: Some(host),
    });
    let safe = document.never_block.iter().any(|safe| host.is_within(safe));
    let rule = document.apps.iter().find(|rule| rule.app == *app);
    let denied = rule.map_or(document.default_decision, |rule| rule.decision) == Decision::Denied;
    match verdict {
        Verdict::Splice => assert!(safe || !document.governs(host)),
        Verdict::Deny(why) => {
            assert!(denied && !safe && document.governs(host));
            assert_eq!(why.app, *app);
        }
        Verdict::Relay { .. } => assert!(!denied && !safe && document.governs(host)),
    }
}

fn names(text: &str) {
    if let Ok(host) = text.parse::<HostName>() {
        let one = host.as_str();
        assert!(one.len() <= 253 && !one.ends_with('.'));
        assert_eq!(one, one.to_ascii_lowercase());
        assert_eq!(one.parse(), Ok(host.clone()));
        assert!(one.parse::<std::net::IpAddr>().is_err());
        assert!(host.is_within(&host));
    }
    if let Ok(app) = text.parse::<AppId>() {
        assert_eq!(app.as_str(), text);
        assert!(!text.contains(['/', '\0', '\n', '%', '"']));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::arbitrary;

    proptest! {
        #[test]
        fn any_bytes_are_a_document_or_none(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            super::document(&bytes);
        }

        #[test]
        fn any_document_decides_by_its_rules(document in arbitrary::document()) {
            super::document(&serde_json::to_vec(&document).unwrap());
        }

        #[test]
        fn a_damaged_document_is_another_one_or_none(
            document in arbitrary::document(),
            at in any::<prop::sample::Index>(),
            byte in prop_oneof![any::<u8>(), prop::sample::select(b"{}[]\",:0-.eE\\".to_vec())],
        ) {
            let mut text = serde_json::to_vec(&document).unwrap();
            let at = at.index(text.len());
            text[at] = byte;
            super::document(&text);
        }
    }
}
