//! What is no finding though it matches, compiled.

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::bytes::{RegexSet, RegexSetBuilder};

use crate::{
    limits::Limits,
    rule::{Allow, AllowTarget},
};

/// An [`Allow`], compiled.
#[derive(Debug)]
pub(crate) struct AllowList {
    patterns: Option<RegexSet>,
    words: Option<AhoCorasick>,
    target: AllowTarget,
    all: bool,
}

/// What an allow list may look at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen<'a> {
    pub(crate) secret: &'a str,
    pub(crate) whole: &'a str,
    pub(crate) line: &'a str,
}

impl AllowList {
    pub(super) fn compile(allow: &Allow, limits: &Limits) -> Result<Self, String> {
        let size = |texts: &[Box<str>]| texts.iter().map(|text| text.len()).sum::<usize>();
        if size(&allow.regexes) + size(&allow.stopwords) > limits.pattern {
            return Err(format!(
                "an allow list has more than {} bytes: shorten it",
                limits.pattern
            ));
        }
        let patterns = match allow.regexes.is_empty() {
            true => None,
            false => Some(
                RegexSetBuilder::new(&allow.regexes)
                    .unicode(false)
                    .size_limit(limits.compiled)
                    .build()
                    .map_err(|error| {
                        let all = error.to_string();
                        let last = all.lines().last().unwrap_or_default().trim();
                        let last: String = last.chars().take(200).collect();
                        format!("a pattern of an allow list cannot be used: {last}")
                    })?,
            ),
        };
        let words = match allow.stopwords.is_empty() {
            true => None,
            false => Some(
                AhoCorasick::builder()
                    .ascii_case_insensitive(true)
                    .kind(Some(AhoCorasickKind::ContiguousNFA))
                    .build(allow.stopwords.iter().map(|word| word.as_bytes()))
                    .map_err(|_| "the stop words of an allow list are too many".to_owned())?,
            ),
        };
        Ok(Self {
            patterns,
            words,
            target: allow.target,
            all: allow.all,
        })
    }

    /// Whether this match is allowed. A list that says nothing allows nothing.
    pub(crate) fn allows(&self, seen: Seen<'_>) -> bool {
        let target = match self.target {
            AllowTarget::Secret => seen.secret,
            AllowTarget::Match => seen.whole,
            AllowTarget::Line => seen.line,
        };
        let pattern = self
            .patterns
            .as_ref()
            .map(|patterns| patterns.is_match(target.as_bytes()));
        let word = self.words.as_ref().map(|words| words.is_match(seen.secret));
        match (pattern, word) {
            (Some(pattern), Some(word)) if self.all => pattern && word,
            (pattern, word) => pattern.unwrap_or(false) || word.unwrap_or(false),
        }
    }
}
