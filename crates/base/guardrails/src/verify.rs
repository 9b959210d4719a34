//! From a match to a finding: the secret in it, keywords, entropy, allow lists, check, context.

use std::ops::Range;

use regex_automata::{Anchored, Input};

use crate::{
    rule::{Candidate, Checked, Context, Kind, Rule},
    ruleset::{Compiled, Secret, Seen},
    scratch::Scratch,
};

/// Bytes before a match that checks, keywords and context words see.
pub(crate) const BEFORE: usize = 128;

/// What a match turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Verdict {
    /// The secret's place and its score.
    Finding(Range<usize>, f32),
    /// Known to be something else, as a whole: nothing in it is looked at by this rule again.
    Refused,
    /// It lacks a keyword or is too regular. What begins after its first byte may be better.
    Weak,
}

/// What this match of the rule is. The text must reach [`BEFORE`] bytes back, and at least a byte past
/// the match unless it ends there.
pub(crate) fn verify(
    rule: (u16, &Compiled),
    text: &str,
    matched: Range<usize>,
    scratch: &mut Scratch,
) -> Verdict {
    judge(rule, text, matched, scratch).unwrap_or(Verdict::Weak)
}

fn judge(
    (at, compiled): (u16, &Compiled),
    text: &str,
    matched: Range<usize>,
    scratch: &mut Scratch,
) -> Option<Verdict> {
    let whole = whole_characters(text, matched.clone());
    let back = text.ceil_char_boundary(whole.start.saturating_sub(BEFORE));
    let line = text.get(back..whole.end)?;
    if !has_keyword(&compiled.rule, line) {
        return None;
    }
    let before = text.get(back..whole.start)?;
    let secret = whole_characters(text, secret((at, compiled), text, matched, scratch));
    let candidate = Candidate {
        text: text.get(secret.clone())?,
        whole: text.get(whole)?,
        before,
    };
    let rule = &compiled.rule;
    if candidate.text.is_empty() {
        return None;
    }
    if rule
        .entropy
        .is_some_and(|least| entropy(candidate.text) <= least)
    {
        return None;
    }
    let seen = Seen {
        secret: candidate.text,
        whole: candidate.whole,
        line: line.rsplit_once('\n').map_or(line, |(_, line)| line),
    };
    if compiled.allow.iter().any(|list| list.allows(seen)) {
        return Some(Verdict::Refused);
    }
    let checked = rule.check.map_or(Checked::Maybe, |check| check(&candidate));
    let raised = |score: f32| match rule.context {
        Some(context) if stands_in(&context, before) => score.max(context.score),
        _ => score,
    };
    Some(match checked {
        Checked::Sure => Verdict::Finding(secret, 1.0),
        Checked::Maybe => Verdict::Finding(secret, raised(rule.score)),
        Checked::Score(score) => Verdict::Finding(secret, raised(score)),
        // Numbers with separators: the one that is right may begin within the one that is not.
        Checked::No if rule.kind == Kind::Personal => Verdict::Weak,
        Checked::No => Verdict::Refused,
    })
}

/// The group that is the secret, or the first that took part, or the whole match.
fn secret(
    (at, compiled): (u16, &Compiled),
    text: &str,
    matched: Range<usize>,
    scratch: &mut Scratch,
) -> Range<usize> {
    match &compiled.pattern.secret {
        Secret::Whole => matched,
        Secret::Head(dfa) => {
            let input = Input::new(text)
                .range(matched.clone())
                .anchored(Anchored::Yes);
            let found = scratch
                .head(at, dfa)
                .map(|cache| dfa.try_search_fwd(cache, &input));
            match found {
                Some(Ok(Some(end))) => matched.start..end.offset(),
                _ => matched,
            }
        }
        Secret::Group(groups) => {
            let found = groups.find(text, matched.clone(), &mut scratch.groups);
            found.unwrap_or(matched)
        }
    }
}

/// Widened to whole characters: bytes of a character are not taken apart.
fn whole_characters(text: &str, range: Range<usize>) -> Range<usize> {
    text.floor_char_boundary(range.start)..text.ceil_char_boundary(range.end)
}

fn has_keyword(rule: &Rule, text: &str) -> bool {
    rule.keywords.is_empty()
        || rule
            .keywords
            .iter()
            .any(|keyword| contains(text.as_bytes(), keyword.as_bytes()))
}

/// Whether it occurs, in whatever case.
fn contains(text: &[u8], word: &[u8]) -> bool {
    let Some(first) = word.first() else {
        return true;
    };
    let (lower, upper) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
    memchr::memchr2_iter(lower, upper, text).any(|at| {
        text.get(at..at + word.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(word))
    })
}

/// Shannon entropy in bits for each byte, as gitleaks reckons it.
pub(crate) fn entropy(text: &str) -> f32 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let len = text.len() as f64;
    let each = counts.iter().filter(|count| **count > 0).map(|count| {
        let share = f64::from(*count) / len;
        -share * share.log2()
    });
    each.sum::<f64>() as f32
}

/// Whether one of the last words before is among these.
fn stands_in(context: &Context, before: &str) -> bool {
    let words = before
        .rsplit(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(Context::REACH);
    let mut lower = words.map(str::to_lowercase);
    lower.any(|word| context.words.contains(&word.as_str()))
}
