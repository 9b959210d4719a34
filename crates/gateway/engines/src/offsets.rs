//! Places in texts, from a service's unit to bytes.

use std::ops::Range;

/// What a service counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Unicode code points, as Python counts.
    CodePoint,
    /// UTF-16 code units, as JavaScript and .NET count.
    Utf16,
}

impl Unit {
    const fn of(self, c: char) -> usize {
        match self {
            Self::CodePoint => 1,
            Self::Utf16 => c.len_utf16(),
        }
    }
}

/// A range of bytes. `None` where it lies outside of the text, ends before it begins, or would cut a character
/// in two.
#[must_use]
pub fn to_bytes(text: &str, range: &Range<usize>, unit: Unit) -> Option<Range<usize>> {
    if range.start > range.end {
        return None;
    }
    let (mut start, mut end) = (None, None);
    let mut counted = 0;
    let bounds = text.char_indices().map(|(at, c)| (at, unit.of(c)));
    for (at, size) in bounds.chain([(text.len(), 0)]) {
        if counted == range.start {
            start.get_or_insert(at);
        }
        if counted == range.end {
            end.get_or_insert(at);
            break;
        }
        counted += size;
    }
    Some(start?..end?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_character_is_not_cut() {
        assert_eq!(to_bytes("a😀b", &(1..2), Unit::CodePoint), Some(1..5));
        assert_eq!(to_bytes("a😀b", &(1..3), Unit::Utf16), Some(1..5));
        assert_eq!(to_bytes("a😀b", &(1..2), Unit::Utf16), None);
        assert_eq!(to_bytes("ab", &(1..3), Unit::CodePoint), None);
        assert_eq!(
            to_bytes("ab", &Range { start: 2, end: 1 }, Unit::CodePoint),
            None
        );
        assert_eq!(to_bytes("", &(0..0), Unit::Utf16), Some(0..0));
    }

    proptest! {
        #[test]
        fn what_was_counted_is_what_is_cut(before: String, inside: String, after: String) {
            let text = format!("{before}{inside}{after}");
            let bytes = before.len()..before.len() + inside.len();
            let points = before.chars().count()..before.chars().count() + inside.chars().count();
            prop_assert_eq!(to_bytes(&text, &points, Unit::CodePoint), Some(bytes.clone()));
            let units = |text: &str| text.encode_utf16().count();
            let units = units(&before)..units(&before) + units(&inside);
            prop_assert_eq!(to_bytes(&text, &units, Unit::Utf16), Some(bytes));
        }
    }
}
