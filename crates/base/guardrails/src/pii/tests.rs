//! A naive matcher for one rule, with which the rules are tried, and what holds for all of them.

use std::collections::HashMap;
use std::sync::LazyLock;

use proptest::prelude::*;
use regex::bytes::{Regex, RegexBuilder};

use super::*;
use crate::rule::{Candidate, Checked, Context, Rule, RuleId};

/// The line that the product draws.
const DRAWN: f32 = 0.5;

/// Rules and their patterns, compiled once for all tests.
static COMPILED: LazyLock<HashMap<RuleId, (Rule, Regex)>> = LazyLock::new(|| {
    let compiled = |rule: Rule| {
        let regex = RegexBuilder::new(&rule.pattern).unicode(false).build();
        (rule.id.clone(), (rule, regex.unwrap()))
    };
    rules().into_iter().map(compiled).collect()
});

fn compiled(id: &str) -> &'static (Rule, Regex) {
    COMPILED.get(id).unwrap_or_else(|| panic!("no rule {id}"))
}

/// Everything that a rule finds at any score, by trying it at every place.
fn matches<'t>(id: &str, text: &'t str) -> Vec<(&'t str, f32)> {
    let (rule, regex) = compiled(id);
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(captures) = regex.captures_at(text.as_bytes(), from) {
        let whole = captures.get(0).unwrap();
        let datum = captures.get(usize::from(rule.secret_group)).unwrap();
        let candidate = Candidate {
            text: &text[datum.range()],
            whole: &text[whole.range()],
            before: &text[..whole.start()],
        };
        let own = match rule.check.map_or(Checked::Maybe, |check| check(&candidate)) {
            Checked::No => None,
            Checked::Sure => Some(1.0),
            Checked::Maybe => Some(rule.score),
            Checked::Score(score) => Some(score),
        };
        if let Some(score) = own {
            found.push((candidate.text, raised(rule, candidate.before, score)));
            from = datum.end();
        } else {
            from = whole.start() + 1;
        }
    }
    found
}

/// The score with the words before.
fn raised(rule: &Rule, before: &str, score: f32) -> f32 {
    let words = before
        .split(|sign: char| !sign.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let mut last = words.rev().take(Context::REACH).map(str::to_lowercase);
    match &rule.context {
        Some(context) if last.any(|word| context.words.contains(&&*word)) => {
            score.max(context.score)
        }
        _ => score,
    }
}

/// The best score of a rule in a text; 0 when it finds nothing.
pub(super) fn scored(id: &str, text: &str) -> f32 {
    matches(id, text)
        .into_iter()
        .map(|(_, score)| score)
        .fold(0.0, f32::max)
}

/// The rule finds exactly this, and surely enough.
#[track_caller]
pub(super) fn finds(id: &str, text: &str, datum: &str) {
    let found = matches(id, text);
    assert!(
        found
            .iter()
            .any(|(span, score)| *span == datum && *score >= DRAWN),
        "{id} in {text:?}: {found:?}"
    );
}

/// The rule finds nothing that counts.
#[track_caller]
pub(super) fn refuses(id: &str, text: &str) {
    let found = matches(id, text);
    assert!(
        found.iter().all(|(_, score)| *score < DRAWN),
        "{id} in {text:?}: {found:?}"
    );
}

/// The rule takes these numbers when a word stands before, and none of them with another last or
/// first sign in `wrong`, nor inside of longer numbers.
#[track_caller]
pub(super) fn takes(id: &str, word: &str, right: &[&str], wrong: &[&str]) {
    for number in right {
        finds(id, &format!("My {word}: {number}, thanks"), number);
        finds(id, &format!("{word} {number}"), number);
        finds(id, &format!("{{\"{word}\":\"{number}\"}}"), number);
        for longer in [
            format!("{word} 7{number}"),
            format!("{word} {number}7"),
            format!("{word} 3.{number}"),
            format!("{word} {number}-4"),
        ] {
            let found = matches(id, &longer);
            assert!(
                found
                    .iter()
                    .all(|(span, score)| span != number || *score < DRAWN),
                "{longer}: {found:?}"
            );
        }
    }
    for number in wrong {
        refuses(id, &format!("My {word}: {number}, thanks"));
    }
}

#[test]
fn every_rule_has_a_name_of_its_own_and_a_pattern_that_compiles() {
    let mut names: Vec<_> = rules().into_iter().map(|rule| rule.id).collect();
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all);
    for rule in rules() {
        let (_, regex) = compiled(&rule.id);
        assert!(!regex.is_match(b""), "{}", rule.id);
        assert!(regex.captures_len() == 2, "{}", rule.id);
        assert!(rule.id.len() <= 64 && rule.check.is_some());
        for region in rule.regions {
            assert!(region.len() == 2 && region.bytes().all(|sign| sign.is_ascii_lowercase()));
        }
        for word in rule.context.iter().flat_map(|context| context.words) {
            assert!(word.chars().all(char::is_alphanumeric), "{word}");
            assert_eq!(*word, word.to_lowercase());
        }
    }
}

/// A digit string whose last digit makes the check fit, by trying all ten: the rules' own arithmetic is
/// held to published numbers elsewhere, here to itself within sentences.
fn with_check_digit(id: &str, body: &str) -> Option<String> {
    let (rule, regex) = compiled(id);
    (0..10)
        .map(|digit| format!("{body}{digit}"))
        .find(|number| {
            let candidate = Candidate {
                text: number,
                whole: number,
                before: "",
            };
            regex.is_match(number.as_bytes())
                && rule
                    .check
                    .is_some_and(|check| check(&candidate) != Checked::No)
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Rules with a check digit over bare digits: found in a sentence, and not with any other last digit.
    #[test]
    fn a_number_is_found_in_a_sentence_and_not_with_another_check_digit(
        digits in "[1-9][0-9]{14}",
        before in "[a-z ]{0,20}",
        after in "( [a-z]{1,9}|[,.;)\"])?",
    ) {
        for (id, word, length) in [
            ("credit-card", "card", 15), ("us-npi", "npi", 9), ("us-aba-routing", "aba", 8), ("ca-sin", "sin", 8),
            ("gb-nhs", "nhs", 9), ("au-tfn", "tfn", 8), ("au-acn", "acn", 8), ("in-aadhaar", "uidai", 11),
            ("fr-siren", "siren", 8), ("fr-siret", "siret", 13), ("it-partita-iva", "partita", 10), ("nl-bsn", "bsn", 8),
            ("pt-nif", "contribuinte", 8), ("pl-pesel", "pesel", 10), ("pl-nip", "nip", 9), ("pl-regon", "regon", 8),
            ("tr-tckn", "tckn", 10), ("il-id", "zehut", 8), ("za-id", "identity", 12), ("th-tnin", "tnin", 12),
            ("hr-oib", "oib", 10), ("gr-afm", "afm", 8), ("hu-taj", "taj", 8), ("ro-cnp", "cnp", 12),
            ("bg-egn", "egn", 9), ("pe-ruc", "ruc", 10), ("ar-cuit", "cuit", 10), ("br-cpf", "cpf", 10),
            ("de-tax-id", "steuer", 10), ("kr-brn", "brn", 9), ("jp-my-number", "mynumber", 11), ("cz-rodne-cislo", "rc", 9),
        ] {
            let Some(right) = with_check_digit(id, &digits[..length]) else { continue };
            let sentence = format!("{before} {word} {right}{after}");
            let found = matches(id, &sentence);
            prop_assert!(found.iter().any(|(span, score)| *span == right && *score >= 0.85), "{id} {sentence}: {found:?}");
            for digit in (0..10).map(|digit| digit.to_string()).filter(|digit| !right.ends_with(&**digit)) {
                let wrong = format!("{}{digit}", &right[..length]);
                let sentence = format!("{before} {word} {wrong}{after}");
                let found = matches(id, &sentence);
                prop_assert!(found.is_empty(), "{id} {sentence}: {found:?}");
            }
        }
    }

    /// No rule panics, and what it finds lies on boundaries of characters.
    #[test]
    fn nothing_panics(text in "[ -~äß€漢]{0,60}", digits in "[-0-9 ./()+A-Z]{0,40}") {
        for rule in rules() {
            for text in [&text, &digits, &format!("{text}{digits}")] {
                for (span, score) in matches(&rule.id, text) {
                    prop_assert!(!span.is_empty() && (0.0..=1.0).contains(&score));
                }
            }
        }
    }

    /// Bare runs of digits, as code and logs are full of, are no findings without a word.
    #[test]
    fn bare_digits_are_seldom_anyones(digits in "[1-9][0-9]{6,12}") {
        let ids = rules().into_iter().map(|rule| rule.id);
        let sure: Vec<_> = ids.filter(|id| scored(id, &digits) >= DRAWN).collect();
        // What one in several hundred passes: two check digits, or a birthday and more.
        let strong = ["de-tax-id", "be-national-number", "no-fodselsnummer", "lu-matricule", "ch-ahv"];
        prop_assert!(sure.iter().all(|id| strong.contains(&&**id)), "{digits}: {sure:?}");
    }
}
