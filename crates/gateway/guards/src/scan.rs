//! Scans a whole text with all sets of rules.

use tidegate_guardrails::{Counters, Finding, Plan, Ruleset, deep::Depth};

use crate::{judge::Set, policy::Phased, rules::Rules};

/// What is in a text, and what is in it in disguise: zero-width characters, letters that look alike,
/// base64, percent signs and hexadecimal digits. And where that fell short.
pub(crate) fn whole(rules: &Rules, phased: &Phased, text: &str) -> (Vec<(Set, Finding)>, Counters) {
    let base = phased.base.as_ref();
    let base = base.map(|plan| (Set::Base, rules.base(), plan));
    let terms = phased.terms.as_ref().zip(rules.terms());
    let terms = terms.map(|(plan, set)| (Set::Terms, set, plan));
    let (mut all, mut counters) = (Vec::new(), Counters::default());
    for (name, set, plan) in base.into_iter().chain(terms) {
        let (found, counted) = with(set, plan, text);
        all.extend(found.into_iter().map(|finding| (name, finding)));
        counters = together(counters, counted);
    }
    (all, counters)
}

fn with(set: &Ruleset, plan: &Plan, text: &str) -> (Vec<Finding>, Counters) {
    let mut scratch = set.pool().take();
    let found = set.scan_deep(plan, text, Depth::default(), &mut scratch);
    set.pool().give(scratch);
    found
}

/// What two looks at a text together fell short of.
pub(crate) const fn together(one: Counters, other: Counters) -> Counters {
    Counters {
        cap_released: one.cap_released + other.cap_released,
        degraded: one.degraded + other.degraded,
    }
}
