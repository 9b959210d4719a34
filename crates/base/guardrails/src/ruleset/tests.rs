//! What sets of rules refuse, and what they say about themselves.

use std::cell::Cell;

use super::{Pattern, opening::Need};
use crate::{
    Limits, RuleError, Ruleset,
    rule::{Allow, Rule},
    samples::rules,
};

fn one(change: impl FnOnce(&mut Rule)) -> Vec<RuleError> {
    let mut all = rules();
    change(&mut all[0]);
    Ruleset::compile(all, &Limits::default())
        .err()
        .unwrap_or_default()
}

#[test]
fn every_bad_rule_is_named_with_its_reason() {
    let mut all = rules();
    all[1].pattern = "(".into();
    all[3].pattern = "x*".into();
    all[5].pattern = r"(?u)\bkey\b".into();
    let errors = Ruleset::compile(all, &Limits::default()).unwrap_err();
    let places: Vec<usize> = errors.iter().map(|error| error.at).collect();
    assert_eq!(places, [1, 3, 5]);
    assert!(errors[0].to_string().contains("token-long"));
    assert!(errors[0].reason.contains("unclosed group"), "{}", errors[0]);
    assert!(errors[2].reason.contains("(?-u:"), "{}", errors[2]);
}

#[test]
fn limits_are_kept() {
    assert!(
        one(|rule| rule.pattern = "(?:[a-z]{900}){900}".into())[0]
            .reason
            .contains("compile")
    );
    assert!(
        one(|rule| rule.pattern = "a".repeat(70_000).into())[0]
            .reason
            .contains("70000")
    );
    assert!(one(|rule| rule.id = "a".repeat(99).into())[0].rule.len() <= 64);
    assert!(
        one(|rule| rule.id = "family".into())[0]
            .reason
            .contains("name")
    );
    assert!(one(|rule| rule.score = 2.0)[0].reason.contains("score"));
    assert!(
        one(|rule| rule.secret_group = 3)[0]
            .reason
            .contains("group 3")
    );
    let words = Allow {
        regexes: vec!["[".into()],
        ..Allow::default()
    };
    assert!(
        one(|rule| rule.allow.push(words))[0]
            .reason
            .contains("allow list")
    );
    let few = Limits {
        rules: 3,
        ..Limits::default()
    };
    assert_eq!(Ruleset::compile(rules(), &few).unwrap_err()[0].at, 3);
    let small = Limits {
        compiled_together: 10_000,
        ..Limits::default()
    };
    let errors = Ruleset::compile(rules(), &small).unwrap_err();
    assert!(errors[0].reason.contains("memory"), "{}", errors[0]);
}

#[test]
fn compiling_stops_when_it_takes_too_long() {
    let asked = Cell::new(0);
    let errors = Ruleset::compile_while(rules(), &Limits::default(), &|| {
        asked.set(asked.get() + 1);
        asked.get() < 4
    })
    .unwrap_err();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].at, 3);
}

#[test]
fn the_fingerprint_follows_what_is_found() {
    let print = |change: fn(&mut Rule)| {
        let mut all = rules();
        change(&mut all[4]);
        Ruleset::compile(all, &Limits::default())
            .unwrap()
            .fingerprint()
    };
    let plain = print(|_| {});
    assert_eq!(plain, print(|_| {}));
    assert_eq!(plain, print(|rule| rule.description = "other".into()));
    assert_ne!(plain, print(|rule| rule.entropy = Some(2.5)));
    assert_ne!(plain, print(|rule| rule.keywords.push("b".into())));
    assert_ne!(plain, print(|rule| rule.allow[0].all = true));
    assert_ne!(plain, print(|rule| rule.pattern = "key=([a-z]{9})".into()));
}

#[test]
fn rules_are_found_by_place_and_name() {
    let set = Ruleset::compile(rules(), &Limits::default()).unwrap();
    let at = set.find("mail").unwrap();
    assert_eq!(&*set.rule(at).unwrap().id, "mail");
    assert_eq!(set.find("none"), None);
    assert_eq!(set.rules().count(), set.len());
}

#[test]
fn what_every_match_of_a_pattern_needs_is_known() {
    let need = |pattern: &str| {
        let pattern = Pattern::compile(pattern, 0, &Limits::default()).unwrap();
        Need::of(&pattern.dfa).map(|need| (need.marks, need.within))
    };
    assert_eq!(need(r"\b\d{1,3}\.\d{1,3}\b"), Some((*b"..", 4)));
    assert_eq!(need(r"[0-9a-f]{1,4}:{1,2}[0-9a-f]*"), Some((*b"::", 5)));
    // Of two, the one that comes sooner.
    assert_eq!(need(r"\d{2}/\d{2}-\d{4}"), Some((*b"//", 3)));
    assert_eq!(need(r"\d{4}-?\d{4}"), None);
    assert_eq!(need(r"\d{3}(?:\.|:)\d{3}"), None);
    assert_eq!(need(r"\d{1,3}(?:\.\d)?$"), None);
    assert_eq!(need(r"\d{20}\.\d"), None, "too far away");
    // Between a name and its value it may stand later, and one of two may.
    let assigned = need(r"key[\w ]{0,32}(?:=>|:=|:|=)[a-f0-9]{32}");
    assert_eq!(assigned, Some((*b"=:", 36)));
    assert_eq!(need(r"key[\w ]{0,32}(?:=|>)[a-f0-9]{32}"), None);
}

#[test]
fn a_need_is_met_near_or_by_what_may_come() {
    for rest in ["", "and enough behind it."] {
        let met = |marks: &[u8; 2], within: u8, text: &str, at: usize| {
            let marks = *marks;
            let text = format!("{text}{rest}");
            Need { marks, within }.is_met(text.as_bytes(), at)
        };
        assert!(met(b"..", 4, "x123.", 1));
        assert!(!met(b"..", 4, "x1234.", 1));
        assert!(!met(b"..", 4, ".1234", 1));
        assert!(met(b"=:", 6, "key = ", 0));
        assert!(met(b"=:", 6, "key: 1", 0));
        assert!(!met(b"=:", 6, "key 12=", 0));
        let open = rest.is_empty();
        assert_eq!(met(b"..", 4, "x123", 1), open, "the next byte may be one");
        assert_eq!(met(b"..", 4, "x1234", 4), open);
        assert!(met(b"=:", 40, "key", 0), "the end is near");
        assert!(!met(b"=:", 20, "key of a door that is shut: ", 0));
        assert!(met(b"=:", 30, "key of a door that is shut: ", 0));
    }
}
