//! The bodies of fuzz targets in `tests/fuzz`: each takes any bytes and panics when a promise of this crate
//! is broken. They are here so that an ordinary test can replay the corpora.
#![allow(
    clippy::missing_panics_doc,
    reason = "a fuzz target reports by panicking"
)]

use crate::{
    AppId, Decision, Document, HostName, Launch, McpIdentity, NoLookup, Scheme, Subject, Verdict,
    identify, redact_args,
};

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

/// Lines are the words of a launch: it is something, the same each time, also behind `env`; its form is
/// final; no home is in it, unless a URL spells one; and what was redacted has no credential left.
pub fn launch(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let words: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let local = |words: &[String]| {
        let (command, args) = words.split_first()?;
        let launch = Launch::Local {
            command: command.clone(),
            args: args.to_vec(),
        };
        Some(identify(&launch, Some("/home/ann"), &NoLookup))
    };
    let Some(found) = local(&words) else {
        return;
    };
    let identity = found.identity.as_str();
    assert_eq!(
        identity.parse::<McpIdentity>().ok(),
        Some(found.identity.clone())
    );
    // A URL's path is the server's, and may spell anything.
    let path = found.identity.scheme() == Scheme::Url;
    assert!(path || !identity.contains("/home/ann"), "{identity}");
    assert_eq!(local(&words), Some(found.clone()));
    let mut longer = vec!["env".to_owned(), "--".to_owned(), "A=b".to_owned()];
    longer.extend(words.iter().cloned());
    // A command with spaces is a command line only where a shell reads it, and `A=b` never is one.
    let plain = words
        .first()
        .is_some_and(|word| !word.contains(|c: char| c.is_whitespace() || "=:-".contains(c)));
    if plain && found.identity.scheme() != Scheme::Opaque {
        let again = local(&longer).map(|found| found.identity);
        assert_eq!(again, Some(found.identity));
    }
    let remote = identify(
        &Launch::Remote {
            url: text.to_owned(),
        },
        None,
        &NoLookup,
    )
    .identity;
    if remote.scheme() == Scheme::Url {
        let url = remote.rest().to_owned();
        assert_eq!(
            identify(&Launch::Remote { url }, None, &NoLookup).identity,
            remote
        );
    }
    let (once, _) = redact_args(&words);
    assert_eq!(once.len(), words.len());
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
        fn any_bytes_are_a_launch(text in "(env|npx|sh|-c|uvx|\\n|https?://|[a-z.:/@%]|\\PC){0,40}") {
            super::launch(text.as_bytes());
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
