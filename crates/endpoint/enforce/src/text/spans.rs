//! Members between commas: what objects and arrays of JSON and inline tables have in common.

use std::ops::Range;

/// What comments of a format look like.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Comments {
    /// `// …` and `/* … */`.
    Slashes,
    /// None between members.
    None,
}

/// A list of members: where it stands without its brackets, and where each member does.
pub(super) struct Members {
    /// Just after the opening bracket to just before the closing one.
    pub(super) inner: Range<usize>,
    /// Each member, in order.
    pub(super) each: Vec<Range<usize>>,
    /// What may stand between them.
    pub(super) comments: Comments,
}

impl Members {
    /// The text without one of them and its comma.
    pub(super) fn without(&self, text: &str, at: usize) -> Option<String> {
        let member = self.each.get(at)?;
        let mut out = text.to_owned();
        let comma = self.comma(text, member.end);
        let mut end = comma.map_or(member.end, |comma| comma + 1);
        let mut start = member.start;
        // A line of its own goes whole.
        let line = super::line_start(text, start).max(self.inner.start);
        let stop = super::line_stop(text, end).min(self.inner.end);
        let alone = text[line..start].trim().is_empty();
        if alone && text[end..stop].trim().is_empty() && text[..line].ends_with('\n') {
            start = line;
            end = if text[..stop].ends_with('\n') {
                stop
            } else {
                end
            };
        } else if comma.is_some() {
            // On a shared line the space after the comma belongs to it.
            end += spaces(text[end..stop].bytes());
        } else if at > 0 {
            start -= spaces(text[line..start].bytes().rev());
        }
        out.replace_range(start..end, "");
        if comma.is_none() && at > 0 {
            // It was the last: the comma before it separates nothing now.
            let before = self.comma(text, self.each.get(at - 1)?.end)?;
            out.replace_range(before..=before, "");
        }
        Some(out)
    }

    /// The text with another member, after the one at `after`, or first.
    pub(super) fn with(&self, text: &str, member: &str, after: Option<usize>) -> Option<String> {
        let mut out = text.to_owned();
        let gap = self.gap(text);
        match (after, self.each.first()) {
            (Some(at), _) => {
                let end = self.each.get(at)?.end;
                out.insert_str(end, &format!(",{gap}{member}"));
            }
            (None, Some(first)) => {
                out.insert_str(first.start, &format!("{member},{gap}"));
            }
            (None, None) => out.insert_str(self.inner.start, member),
        }
        Some(out)
    }

    /// What stands between two members here: a line end and the indent, or a space.
    fn gap(&self, text: &str) -> String {
        let Some(first) = self.each.first() else {
            return String::new();
        };
        let line = super::line_start(text, first.start);
        let indent = &text[line..first.start];
        if line > self.inner.start && indent.trim().is_empty() {
            return format!("{}{indent}", super::line_end(text));
        }
        let tight = match (self.each.first(), self.each.get(1)) {
            (Some(one), Some(two)) => {
                text[one.end..two.start].trim_end() == &text[one.end..two.start]
            }
            _ => false,
        };
        if tight { String::new() } else { " ".into() }
    }

    /// The comma that follows a byte, past white space and comments.
    fn comma(&self, text: &str, from: usize) -> Option<usize> {
        let mut at = from;
        while at < self.inner.end {
            let rest = &text[at..self.inner.end];
            if rest.starts_with(',') {
                return Some(at);
            } else if self.comments == Comments::Slashes && rest.starts_with("//") {
                at = super::line_stop(text, at);
            } else if self.comments == Comments::Slashes && rest.starts_with("/*") {
                at += rest.find("*/")? + 2;
            } else if rest.starts_with(char::is_whitespace) {
                at += rest.chars().next()?.len_utf8();
            } else {
                return None;
            }
        }
        None
    }
}

fn spaces(bytes: impl Iterator<Item = u8>) -> usize {
    bytes
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count()
}
