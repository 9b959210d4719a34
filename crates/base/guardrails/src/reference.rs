//! What the scanner must find, found slowly and plainly: for each rule, the `regex` crate's search from
//! every place on, in the whole text. Tests and fuzzing hold the scanner to it.

use regex::bytes::{Captures, Regex, RegexBuilder};

use crate::{
    finding::{Finding, RuleIndex},
    merge::{Raw, merge},
    plan::{Mode, Plan},
    rule::{AllowTarget, Candidate, Checked, Kind, Rule},
    ruleset::Ruleset,
};

/// The rules' patterns as the `regex` crate has them.
#[derive(Debug)]
pub(crate) struct Reference<'a> {
    set: &'a Ruleset,
    patterns: Vec<Option<Regex>>,
}

impl<'a> Reference<'a> {
    pub(crate) fn new(set: &'a Ruleset) -> Self {
        let patterns = set.rules().map(|(_, rule)| pattern(&rule.pattern));
        Self {
            set,
            patterns: patterns.collect(),
        }
    }

    /// All findings of rules that hold, merged.
    pub(crate) fn scan(&self, plan: &Plan, text: &str) -> Vec<Finding> {
        let mut raws = Vec::new();
        for ((at, rule), pattern) in self.set.rules().zip(&self.patterns) {
            if let (Mode::Hold, Some(pattern)) = (plan.mode(at), pattern) {
                one(at, rule, pattern, text, &mut raws);
            }
        }
        merge(&mut raws, u64::MAX)
    }
}

fn pattern(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).unicode(false).build().ok()
}

fn one(at: RuleIndex, rule: &Rule, pattern: &Regex, text: &str, raws: &mut Vec<Raw>) {
    let mut from = 0;
    while let Some(found) = pattern.captures_at(text.as_bytes(), from) {
        let Some(whole) = found.get(0) else { return };
        from = whole.start() + 1;
        match judge(rule, &found, text) {
            Judged::Weak => {}
            Judged::Refused => from = whole.end(),
            Judged::Found(span, score) => {
                from = whole.end();
                raws.push(Raw {
                    rule: at,
                    span,
                    score,
                    specificity: rule.specificity,
                });
            }
        }
        if from > text.len() {
            return;
        }
    }
}

enum Judged {
    Found(std::ops::Range<u64>, f32),
    Refused,
    Weak,
}

fn judge(rule: &Rule, found: &Captures<'_>, text: &str) -> Judged {
    let group = match rule.secret_group {
        0 => (1..found.len())
            .filter_map(|group| found.get(group))
            .find(|group| !group.is_empty())
            .or_else(|| found.get(0)),
        group => found.get(group.into()).or_else(|| found.get(0)),
    };
    let (Some(whole), Some(group)) = (found.get(0), group) else {
        return Judged::Weak;
    };
    let bounds = |start: usize, end: usize| {
        let start = (0..=start).rev().find(|at| text.is_char_boundary(*at));
        let end = (end..=text.len()).find(|at| text.is_char_boundary(*at));
        start.unwrap_or(0)..end.unwrap_or(text.len())
    };
    let whole = bounds(whole.start(), whole.end());
    let secret = bounds(group.start(), group.end());
    let back = whole.start.saturating_sub(128);
    let back = (back..).find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let (secret_text, whole_text) = (&text[secret.clone()], &text[whole.clone()]);
    let (before, around) = (&text[back..whole.start], &text[back..whole.end]);
    let lower = around.to_ascii_lowercase();
    let keyword = |word: &str| lower.contains(&word.to_ascii_lowercase());
    if secret_text.is_empty()
        || !(rule.keywords.is_empty() || rule.keywords.iter().any(|word| keyword(word)))
        || rule
            .entropy
            .is_some_and(|least| crate::verify::entropy(secret_text) <= least)
    {
        return Judged::Weak;
    }
    let line = around.rsplit('\n').next().unwrap_or_default();
    for allow in &rule.allow {
        let target = match allow.target {
            AllowTarget::Secret => secret_text,
            AllowTarget::Match => whole_text,
            AllowTarget::Line => line,
        };
        let says =
            |each: &str| pattern(each).is_some_and(|pattern| pattern.is_match(target.as_bytes()));
        let lower = secret_text.to_ascii_lowercase();
        let by_pattern = allow.regexes.iter().any(|each| says(each));
        let by_word = allow
            .stopwords
            .iter()
            .any(|word| lower.contains(&word.to_ascii_lowercase()));
        let both = allow.all && !allow.regexes.is_empty() && !allow.stopwords.is_empty();
        if (both && by_pattern && by_word) || (!both && (by_pattern || by_word)) {
            return Judged::Refused;
        }
    }
    let candidate = Candidate {
        text: secret_text,
        whole: whole_text,
        before,
    };
    let plain = match rule.check.map_or(Checked::Maybe, |check| check(&candidate)) {
        Checked::No if rule.kind == Kind::Personal => return Judged::Weak,
        Checked::No => return Judged::Refused,
        Checked::Sure => return Judged::Found(secret.start as u64..secret.end as u64, 1.0),
        Checked::Maybe => rule.score,
        Checked::Score(score) => score,
    };
    let mut words: Vec<String> = before
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let last = words.split_off(words.len().saturating_sub(6));
    let score = match rule.context {
        Some(context) if last.iter().any(|word| context.words.contains(&&**word)) => {
            plain.max(context.score)
        }
        _ => plain,
    };
    Judged::Found(secret.start as u64..secret.end as u64, score)
}
