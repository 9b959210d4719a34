//! How a number begins: how many digits, which mark, and how many digits then.
//!
//! The bytes at a match's first places, each for itself, cannot tell `0.123456` from `12.345.678-9`. Most numbers
//! in texts are parted otherwise than all that rules look for, and one look at a table says so.

use super::columns::SEEN;

/// Kinds of bytes that may stand behind the first digits.
pub(super) const MARKS: usize = 8;
/// So many digits behind the mark, or more, are told from fewer.
pub(super) const MOST: usize = 7;
/// So many digits, or more, are one shape, whatever follows.
pub(super) const LONG: usize = 8;
/// All shapes: for each count of first digits, for each mark, for each count of later digits.
pub(super) const SHAPES: usize = (LONG + 1) * MARKS * (MOST + 1);

/// A shape, as a place among all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape(u16);

/// The shapes that a rule may begin with: for each count of first digits, a bit for each mark and count.
pub(super) type Shapes = [u64; LONG + 1];

impl Shape {
    /// The shape of what begins with a digit, where enough bytes are there.
    #[inline]
    pub(super) fn of(ahead: &[u8]) -> Option<Self> {
        let ahead = ahead.first_chunk::<SEEN>()?;
        let [low, high] = others(ahead);
        let first = (low.trailing_zeros() / 8) as usize;
        if first == 0 {
            return None;
        }
        // Of long numbers no mark is looked at: then all lies within the bytes that are there.
        const { assert!(LONG == 8 && LONG + MOST < SEEN) }
        let Some(mark) = ahead.get(first).filter(|_| first < LONG) else {
            return Some(Self((LONG * MARKS * (MOST + 1)) as u16));
        };
        let rest = (u128::from(high) << 64 | u128::from(low)) >> (8 * (first + 1));
        let second = (rest.trailing_zeros() / 8).min(MOST as u32) as usize;
        let mark = usize::from(KINDS[usize::from(*mark)]);
        Some(Self(((first * MARKS + mark) * (MOST + 1) + second) as u16))
    }

    /// Its place among [`SHAPES`].
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Whether a shape, by its place, is one of these.
pub(super) fn has(shapes: &Shapes, index: usize) -> bool {
    shapes[index / 64] >> (index % 64) & 1 == 1
}

const _: () = assert!(MARKS * (MOST + 1) == 64);

/// The kind of each byte as a mark.
pub(super) static KINDS: [u8; 256] = {
    let mut kinds = [6; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = match byte as u8 {
            b'.' => 0,
            b'-' => 1,
            b' ' => 2,
            b'/' => 3,
            b':' => 4,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => 5,
            b')' => 7,
            _ => 6,
        };
        byte += 1;
    }
    kinds
};

/// The highest bit of each byte that is no digit, of eight and of the next eight.
#[inline]
fn others(ahead: &[u8; SEEN]) -> [u64; 2] {
    const fn each(byte: u8) -> u64 {
        u64::from_ne_bytes([byte; 8])
    }
    const HIGH: u64 = each(0x80);
    let mut halves = [0; 2];
    for (other, half) in halves.iter_mut().zip(ahead.as_chunks().0) {
        let half = u64::from_le_bytes(*half);
        // Seven bits each, so that no sum is carried into the next byte.
        let seven = half & !HIGH;
        let digit = (seven + each(0x80 - b'0')) & !(seven + each(0x80 - b'9' - 1));
        *other = (!digit | half) & HIGH;
    }
    halves
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        Limits,
        ruleset::{Pattern, opening::shapes},
    };

    fn named(first: usize, mark: u8, second: usize) -> Option<Shape> {
        let mark = usize::from(KINDS[usize::from(mark)]);
        Some(Shape(((first * MARKS + mark) * (MOST + 1) + second) as u16))
    }

    #[test]
    fn shapes_are_told() {
        let of = |text: &str| Shape::of(text.as_bytes());
        assert_eq!(of("12.345.678-9 and"), named(2, b'.', 3));
        assert_eq!(of("0.1234567890 and"), named(1, b'.', 7));
        assert_eq!(of("1234567-1234567 "), named(7, b'-', 7));
        assert_eq!(of("1:x and some more"), named(1, b':', 0));
        assert_eq!(of("1\u{b2}345678901234."), named(1, b',', 0));
        assert_eq!(of("12345678-12345678"), Some(Shape(512)));
        assert_eq!(of("1234567890123456"), Some(Shape(512)));
        assert_eq!(of("x123456789012345"), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        /// Where a pattern matches, the shape of what stands there is one of its own.
        #[test]
        fn no_match_has_another_shape(at in 0_usize..8, text in "[0-9]{1,9}[-./: a-f)]?[0-9k]{0,8}[-./ :x]?[0-9]{0,9}é?") {
            const PATTERNS: [&str; 8] = [
                r"\b(\d{1,2}\.\d{3}\.\d{3}-[0-9kK]|\d{7,8}-?[0-9kK])\b(?:[-/:@\\_]\w|\.[0-9a-z])?",
                r"\b(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})\b(?:\.\d|[-_]\w)?",
                r"\d+",
                r"[0-9a-f]{3,20}$",
                r"\d{3}",
                r"\d{2}[ -]?\d(?:x|\d{4})",
                r"\d+(?:[.)][^0-9]|[^a-z]\d{8})",
                r"\d{6}.\d?",
            ];
            static ALL: std::sync::LazyLock<[(Shapes, regex::bytes::Regex); 8]> = std::sync::LazyLock::new(|| {
                PATTERNS.map(|pattern| {
                    let own = Pattern::compile(pattern, 0, &Limits::default()).unwrap();
                    let regex = regex::bytes::RegexBuilder::new(&format!("^(?:{pattern})"));
                    (shapes(&own.dfa), { regex }.unicode(false).build().unwrap())
                })
            });
            let (shapes, regex) = &ALL[at];
            for after in ["", " and enough behind it"] {
                let text = format!("{text}{after}");
                if let Some(shape) = Shape::of(text.as_bytes())
                    && regex.is_match(text.as_bytes())
                {
                    prop_assert!(has(shapes, shape.index()), "{}: {}", PATTERNS[at], text);
                }
            }
        }
    }

    #[test]
    fn shapes_that_a_pattern_never_has_are_known() {
        let own = Pattern::compile(r"\b(?:\d{1,2}\.\d{3}\.\d|\d{7}x)", 0, &Limits::default());
        let own = shapes(&own.unwrap().dfa);
        let may = |text: &str| has(&own, Shape::of(text.as_bytes()).unwrap().index());
        for text in [
            "12.345.6 and more",
            "1.345.6 and more.",
            "1234567x and more",
        ] {
            assert!(may(text), "{text}");
        }
        for text in [
            "0.123456 and more",
            "1.34 and even more",
            "123.456.7 and more",
            "12345678 and more",
        ] {
            assert!(!may(text), "{text}");
        }
    }
}
