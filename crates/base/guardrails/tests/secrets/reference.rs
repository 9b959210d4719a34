//! A rule in the plainest way: its pattern over the whole text, then keywords, entropy, allow lists and
//! check. Slow, and independent of the scanner.

#![allow(
    clippy::panic,
    clippy::expect_used,
    reason = "helpers of tests may stop them"
)]

use std::collections::HashMap;

use regex::bytes::{Captures, Regex, RegexBuilder};
use tidegate_guardrails::checks;
use tidegate_guardrails::rule::{Candidate, Checked};

use crate::files::Written;

/// A pattern as the scanner compiles it.
pub(crate) fn compile(pattern: &str) -> Regex {
    RegexBuilder::new(pattern)
        .unicode(false)
        .size_limit(16 << 20)
        .build()
        .unwrap_or_else(|error| panic!("{pattern}: {error}"))
}

/// Shannon entropy in bits per byte.
fn entropy(text: &str) -> f64 {
    let mut counts = HashMap::new();
    for byte in text.bytes() {
        *counts.entry(byte).or_insert(0_u32) += 1;
    }
    let length = text.len() as f64;
    counts
        .values()
        .map(|count| f64::from(*count) / length)
        .map(|share| -share * share.log2())
        .sum()
}

fn secret<'t>(captures: &Captures<'t>) -> &'t [u8] {
    captures
        .iter()
        .skip(1)
        .flatten()
        .find(|group| !group.is_empty())
        .unwrap_or_else(|| captures.get(0).expect("a match has a whole"))
        .as_bytes()
}

fn is_finding(rule: &Written, captures: &Captures<'_>) -> bool {
    let whole = std::str::from_utf8(captures.get(0).expect("a match").as_bytes()).unwrap_or("");
    let text = std::str::from_utf8(secret(captures)).unwrap_or("");
    let lower = text.to_lowercase();
    let allowed = rule.allowlists.iter().any(|allow| {
        allow
            .stopwords
            .iter()
            .any(|word| lower.contains(word.as_str()))
            || allow
                .regexes
                .iter()
                .any(|pattern| compile(pattern).is_match(text.as_bytes()))
    });
    let refused = rule.tidegate.check.as_ref().is_some_and(|name| {
        let check = checks::named(name).unwrap_or_else(|| panic!("{}: no check {name}", rule.id));
        let before = "";
        check(&Candidate {
            text,
            whole,
            before,
        }) == Checked::No
    });
    (rule.entropy == 0.0 || entropy(text) > rule.entropy) && !allowed && !refused
}

/// Whether the rule finds something in a text.
pub(crate) fn finds(rule: &Written, pattern: &Regex, text: &str) -> bool {
    let lower = text.to_lowercase();
    rule.keywords
        .iter()
        .any(|word| lower.contains(word.as_str()))
        && pattern
            .captures_iter(text.as_bytes())
            .any(|captures| is_finding(rule, &captures))
}
