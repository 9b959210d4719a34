//! Scans a whole text with all sets of rules.

use tidegate_guardrails::{Finding, Plan, Ruleset, deep::Depth};

use crate::{judge::Set, policy::Phased, rules::Rules};

/// What is in a text, and what is in it in disguise: zero-width characters, letters that look alike,
/// base64, percent signs and hexadecimal digits.
pub(crate) fn whole(rules: &Rules, phased: &Phased, text: &str) -> Vec<(Set, Finding)> {
    let mut found = Vec::new();
    if let Some(plan) = &phased.base {
        found.extend(with(rules.base(), plan, text).map(|finding| (Set::Base, finding)));
    }
    if let Some((plan, terms)) = phased.terms.as_ref().zip(rules.terms()) {
        found.extend(with(terms, plan, text).map(|finding| (Set::Terms, finding)));
    }
    found
}

fn with(set: &Ruleset, plan: &Plan, text: &str) -> impl Iterator<Item = Finding> {
    let mut scratch = set.pool().take();
    let (found, _) = set.scan_deep(plan, text, Depth::default(), &mut scratch);
    set.pool().give(scratch);
    found.into_iter()
}
