//! The decision, against a slower way to say the same, and by its laws.

use proptest::prelude::*;

use super::*;
use crate::{HostRule, arbitrary};

/// The same by walking up the name: the first rule that is met decides.
fn expected(document: &Document, app: &AppId, host: &HostName) -> Verdict {
    let mut names = host.as_str();
    let treatment = loop {
        let rule = document
            .hosts
            .iter()
            .find(|rule| rule.host.as_str() == names);
        match (rule, names.split_once('.')) {
            (Some(rule), _) => break rule.treatment,
            (None, Some((_, above))) => names = above,
            (None, None) => break Treatment::Ignored,
        }
    };
    let safe = document.never_block.iter().any(|safe| host.is_within(safe));
    if treatment == Treatment::Ignored || safe {
        return Verdict::Splice;
    }
    let (decision, mode, pinned, note) = match document.apps.iter().find(|rule| rule.app == *app) {
        Some(rule) => (rule.decision, rule.mode, rule.pinned, rule.note.clone()),
        None => (
            document.default_decision,
            document.default_mode,
            document.default_pinned,
            None,
        ),
    };
    match decision {
        Decision::Denied => Verdict::Deny(Why {
            app: app.clone(),
            note,
        }),
        _ => Verdict::Relay { mode, pinned },
    }
}

fn decide(document: &Document, app: &AppId, host: &HostName) -> Verdict {
    document.decide(Subject {
        app,
        host: Some(host),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn it_decides_as_the_slow_way_does(
        document in arbitrary::document(), app in arbitrary::app(), host in arbitrary::host(),
    ) {
        prop_assert_eq!(decide(&document, &app, &host), expected(&document, &app, &host));
    }

    #[test]
    fn the_order_of_host_rules_does_not_matter(
        document in arbitrary::document(), app in arbitrary::app(), host in arbitrary::host(),
    ) {
        let mut turned = document.clone();
        turned.hosts.reverse();
        prop_assert_eq!(decide(&document, &app, &host), decide(&turned, &app, &host));
    }

    #[test]
    fn a_rule_for_the_host_itself_is_the_last_word(
        mut document in arbitrary::document(), app in arbitrary::app(), host in arbitrary::host(),
    ) {
        document.hosts.retain(|rule| rule.host != host);
        document.hosts.push(HostRule { host: host.clone(), treatment: Treatment::Ignored });
        prop_assert_eq!(decide(&document, &app, &host), Verdict::Splice);
        let last = document.hosts.len() - 1;
        document.hosts[last].treatment = Treatment::Governed;
        document.never_block.clear();
        prop_assert_ne!(decide(&document, &app, &host), Verdict::Splice);
        prop_assert!(document.governed_names().any(|name| *name == host));
        document.never_block.push(host.clone());
        prop_assert_eq!(decide(&document, &app, &host), Verdict::Splice);
    }

    #[test]
    fn without_a_name_nothing_is_read(document in arbitrary::document(), app in arbitrary::app()) {
        let subject = Subject { app: &app, host: None };
        prop_assert_eq!(document.decide(subject), Verdict::Splice);
    }

    #[test]
    fn what_is_governed_is_looked_at(document in arbitrary::document(), host in arbitrary::host()) {
        let looked_at = document.governed_names().any(|name| host.is_within(name));
        prop_assert!(looked_at || !document.governs(&host));
    }
}
