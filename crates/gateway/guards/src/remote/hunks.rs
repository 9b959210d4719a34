//! What a service changed of a text that it gave back as a whole: word by word, so that only those words are
//! replaced.

use std::{
    ops::Range,
    time::{Duration, Instant},
};

use similar::{Algorithm, DiffTag, capture_diff_slices_deadline};

/// How long the comparison may take; after that, larger pieces are taken for changed.
const PATIENCE: Duration = Duration::from_millis(50);

/// A place in a text, and what shall stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hunk<'w> {
    /// Bytes of the text.
    pub(super) span: Range<usize>,
    pub(super) with: String,
    /// What it was found to be.
    pub(super) what: &'w str,
}

/// The places where two texts differ, in their order and apart from each other. None of them is empty: what was only
/// added stands beside a word of the text.
pub(super) fn hunks(old: &str, new: &str) -> Vec<Hunk<'static>> {
    let (was, is) = (words(old), words(new));
    let texts = |words: &[Range<usize>], of: &'_ str| -> Vec<String> {
        let texts = words.iter().filter_map(|word| of.get(word.clone()));
        texts.map(str::to_owned).collect()
    };
    let (left, right) = (texts(&was, old), texts(&is, new));
    let deadline = Instant::now() + PATIENCE;
    let ops = capture_diff_slices_deadline(Algorithm::Myers, &left, &right, Some(deadline));
    // What is between two runs that are the same.
    let same = ops.iter().map(similar::DiffOp::as_tag_tuple);
    let same = same.filter(|(tag, ..)| *tag == DiffTag::Equal);
    let same = same.map(|(_, from, to)| (from, to));
    let end = (left.len()..left.len(), right.len()..right.len());
    let mut changed: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    let (mut from, mut to) = (0, 0);
    for (old, new) in same.chain([end]) {
        if from < old.start || to < new.start {
            changed.push((from..old.start, to..new.start));
        }
        (from, to) = (old.end, new.end);
    }
    let mut found: Vec<Hunk<'static>> = Vec::new();
    for (from, to) in changed {
        let mut with = right.get(to).unwrap_or_default().concat();
        let mut span = bytes(&was, &from);
        if span.is_empty() {
            // It was only added: before the next word, or behind the last one.
            let last = found.last_mut();
            if let Some(next) = was.get(from.start) {
                span = next.clone();
                with += old.get(span.clone()).unwrap_or_default();
            } else if let Some(last) = last.filter(|last| last.span.end == old.len()) {
                last.with += &with;
                continue;
            } else if let Some(behind) = was.last() {
                span = behind.clone();
                with.insert_str(0, old.get(span.clone()).unwrap_or_default());
            } else {
                continue;
            }
        }
        found.push(Hunk {
            span,
            with,
            what: "text",
        });
    }
    found
}

fn bytes(words: &[Range<usize>], range: &Range<usize>) -> Range<usize> {
    match words.get(range.clone()) {
        Some([first, .., last]) => first.start..last.end,
        Some([one]) => one.clone(),
        _ => 0..0,
    }
}

/// Runs of letters and digits; everything else by itself.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut in_word = false;
    for (at, char) in text.char_indices() {
        let end = at + char.len_utf8();
        let part = char.is_alphanumeric();
        match words.last_mut() {
            Some(word) if part && in_word => word.end = end,
            _ => words.push(at..end),
        }
        in_word = part;
    }
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn apply(old: &str, hunks: &[Hunk<'_>]) -> String {
        let (mut out, mut from) = (String::new(), 0);
        for hunk in hunks {
            assert!(
                !hunk.span.is_empty() && hunk.span.start >= from,
                "{hunks:?}"
            );
            out += &old[from..hunk.span.start];
            out += &hunk.with;
            from = hunk.span.end;
        }
        out + &old[from..]
    }

    #[test]
    fn only_the_words_that_changed_are_replaced() {
        let old = "é 😀 Ada and Ada, Bob";
        let found = hunks(old, "é 😀 {NAME} and {NAME}, Bob");
        let spans: Vec<_> = found.iter().map(|hunk| &old[hunk.span.clone()]).collect();
        assert_eq!(spans, ["Ada", "Ada"]);
        assert_eq!(hunks("same", "same"), []);
        assert_eq!(hunks("", "more"), [], "there is nothing to replace");
    }

    proptest! {
        #[test]
        fn what_is_replaced_gives_the_other_text(old in "[ab 😀.]{1,12}", new in "[ab 😀.]{0,12}") {
            prop_assert_eq!(apply(&old, &hunks(&old, &new)), new);
        }
    }
}
