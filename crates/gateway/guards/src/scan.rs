//! Scans a whole text with all sets of rules.

use tidegate_guardrails::{
    Counters, Finding,
    deep::{self, Depth, Look},
};

use crate::{judge::Set, policy::Phased, rules::Rules};

/// What is in a text, and what is in it in disguise: zero-width characters, letters that look alike,
/// base64, percent signs and hexadecimal digits. And where that fell short.
pub(crate) fn whole(rules: &Rules, phased: &Phased, text: &str) -> (Vec<(Set, Finding)>, Counters) {
    let base = phased.base.as_ref();
    let base = base.map(|plan| (Set::Base, rules.base(), plan));
    let terms = phased.terms.as_ref().zip(rules.terms());
    let terms = terms.map(|(plan, set)| (Set::Terms, set, plan));
    let asked = base.into_iter().chain(terms);
    let mut asked: Vec<_> = asked
        .map(|(name, set, plan)| (name, set, plan, set.pool().take()))
        .collect();
    let looks = asked
        .iter_mut()
        .map(|(_, set, plan, scratch)| Look { set, plan, scratch });
    let mut looks: Vec<_> = looks.collect();
    let found = deep::together(&mut looks, text, Depth::default());
    let (mut all, mut counters) = (Vec::new(), Counters::default());
    for ((name, set, _, scratch), (found, counted)) in asked.into_iter().zip(found) {
        all.extend(found.into_iter().map(|finding| (name, finding)));
        counters = together(counters, counted);
        set.pool().give(scratch);
    }
    (all, counters)
}

/// What two looks at a text together fell short of.
pub(crate) const fn together(one: Counters, other: Counters) -> Counters {
    Counters {
        cap_released: one.cap_released + other.cap_released,
        degraded: one.degraded + other.degraded,
    }
}
