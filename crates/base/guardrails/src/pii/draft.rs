//! How the rules of personal data are written down: a shape, a check and words, from which the pattern
//! with its neighbours, the score and the rest follow.

use crate::rule::{Candidate, Checked, Context, Kind, Rule, Specificity};

/// What a word for the datum before it makes of the score.
const WITH_WORDS: f32 = 0.9;

/// One sign more than the datum, where it would show that the datum goes on.
const MORE: &str = r"(?:[-/:@\\_]\w|\.[0-9a-z])?";

/// A check of the datum.
type Check = crate::rule::Check;

/// A rule whose datum is looked for by itself. `shape` begins with a class of few signs.
pub(super) fn alone(
    id: &str,
    what: &str,
    regions: &'static [&'static str],
    shape: &str,
    check: Check,
    words: &'static [&'static str],
) -> Rule {
    let pattern = format!(r"\b({shape})\b{MORE}");
    rule(id, what, regions, pattern, check, words)
}

/// A rule whose pattern is complete; its first group is the datum.
pub(super) fn rule(
    id: &str,
    what: &str,
    regions: &'static [&'static str],
    pattern: String,
    check: Check,
    words: &'static [&'static str],
) -> Rule {
    Rule {
        id: id.into(),
        description: what.into(),
        kind: Kind::Personal,
        specificity: Specificity::Specific,
        pattern: pattern.into(),
        secret_group: 1,
        keywords: Vec::new(),
        entropy: None,
        allow: Vec::new(),
        check: Some(check),
        score: 0.3,
        context: (!words.is_empty()).then_some(Context {
            words,
            score: WITH_WORDS,
        }),
        regions,
    }
}

/// A rule for a datum of no shape of its own, which only counts after a label: `labels` is an
/// alternation of words, in any case. Up to 24 signs without a digit may stand between the two.
pub(super) fn labelled(
    id: &str,
    what: &str,
    regions: &'static [&'static str],
    labels: &str,
    datum: &str,
    check: Check,
) -> Rule {
    let pattern = format!(r"\b(?i:{labels})(?:[^0-9\n]{{0,24}}?[^0-9A-Za-z\n])??({datum})\b{MORE}");
    let mut rule = rule(id, what, regions, pattern, check, &[]);
    rule.specificity = Specificity::Assigned;
    rule.score = 0.6;
    rule
}

/// A check that asks one question of the datum, for the score of a datum without separators and with
/// them.
macro_rules! fits {
    ($question:expr, $bare:expr, $formed:expr) => {
        |candidate: &$crate::rule::Candidate<'_>| {
            $crate::pii::draft::graded(candidate, $question, $bare, $formed)
        }
    };
}
pub(super) use fits;

/// The score of a datum that stands for itself and fits: `bare` when it has no separators.
pub(super) fn graded(
    candidate: &Candidate<'_>,
    fits: fn(&str) -> bool,
    bare: f32,
    formed: f32,
) -> Checked {
    if !apart(candidate) || !fits(candidate.text) {
        return Checked::No;
    }
    let plain = candidate
        .text
        .bytes()
        .all(|sign| sign.is_ascii_alphanumeric());
    Checked::Score(if plain { bare } else { formed })
}

/// Whether neither neighbour says that the datum is a part of something longer.
pub(super) fn apart(candidate: &Candidate<'_>) -> bool {
    candidate.whole.ends_with(candidate.text)
        && (candidate.whole.len() > candidate.text.len() || begins(candidate.before))
}

/// Whether a datum may begin after this text.
pub(super) fn begins(before: &str) -> bool {
    let mut back = before.bytes().rev();
    let Some(last) = back.next() else {
        return true;
    };
    let earlier = back.next().unwrap_or(b' ');
    match last {
        // The rest of an identifier, a path, a hyphenated number or a host name.
        b'-' | b'/' | b'\\' => !earlier.is_ascii_alphanumeric(),
        // The rest of a fraction, a version or a time.
        b'.' | b':' => !earlier.is_ascii_digit(),
        // An amount, a number of another kind, an escape, the rest of an address.
        b'$' | b'+' | b'%' | b'@' | b'&' | b'~' => false,
        _ => !before.ends_with(['€', '£', '¥', '₹']),
    }
}

/// Whether one of these is among the last words before, as [`Context`] means it: for checks in which a
/// word does not help every datum.
pub(super) fn said(before: &str, words: &[&str]) -> bool {
    let all = before
        .split(|sign: char| !sign.is_alphanumeric())
        .filter(|word| !word.is_empty());
    all.rev()
        .take(Context::REACH)
        .any(|word| words.contains(&&*word.to_lowercase()))
}

/// Whether one of these stands in the text before, for scripts that write no spaces between words.
/// `words` of a [`Context`] are whole words and do not see those.
pub(super) fn near(candidate: &Candidate<'_>, phrases: &[&str]) -> bool {
    phrases
        .iter()
        .any(|phrase| candidate.before.contains(phrase))
}

/// Like [`graded`], and as sure as words make it when one of the phrases stands before.
pub(super) fn graded_near(
    candidate: &Candidate<'_>,
    fits: fn(&str) -> bool,
    (bare, formed): (f32, f32),
    phrases: &[&str],
) -> Checked {
    match graded(candidate, fits, bare, formed) {
        Checked::Score(score) if near(candidate, phrases) => Checked::Score(score.max(WITH_WORDS)),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_datum_does_not_begin_inside_of_something_longer() {
        for before in [
            "", "id ", "id: ", "id=", "\"", "(", "nr.", "12,", "é", "No:",
        ] {
            assert!(begins(before), "{before}");
        }
        for before in [
            "1.", "12:", "ab-", "550e-", "/x/", "a/", "$", "€", "+", "c:\\x\\", "%",
        ] {
            assert!(!begins(before), "{before}");
        }
    }
}
