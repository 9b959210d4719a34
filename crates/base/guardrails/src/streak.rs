//! Letters, digits and a few marks in a row: where so many stand together, told for many bytes at once.
//!
//! How long the words of a text are cannot be foretold, and a wrong guess costs a processor more than to look at
//! all bytes. So each block becomes a mask with a bit for each byte, and a few shifts say whether enough bits stand
//! side by side.

#[cfg(target_arch = "x86_64")]
mod wide;

use std::ops::Range;

use ::wide::u8x16;

/// Bytes that make a mask.
const BLOCK: usize = 64;
const VECTOR: usize = 16;
/// The first half of all bytes. No other is part of a streak.
const ASCII: usize = 128;

/// What streaks are made of: letters, digits and some marks.
#[derive(Debug)]
pub(crate) struct Kind<const MARKS: usize> {
    marks: [u8; MARKS],
    /// For each byte of ASCII, whether it is one: the highest bit says so.
    table: [u8; ASCII],
}

impl<const MARKS: usize> Kind<MARKS> {
    /// Letters, digits and these.
    pub(crate) const fn with(marks: [u8; MARKS]) -> Self {
        let mut table = [0; ASCII];
        let mut byte = 0;
        while byte < ASCII {
            if (byte as u8).is_ascii_alphanumeric() {
                table[byte] = 0x80;
            }
            byte += 1;
        }
        let mut at = 0;
        while at < MARKS {
            table[marks[at] as usize] = 0x80;
            at += 1;
        }
        Self { marks, table }
    }

    /// The next streak from a place on that is at least this long, from its first byte to its last one. What
    /// stands before the place is not looked at.
    pub(crate) fn next<const LEAST: usize>(
        &self,
        bytes: &[u8],
        from: usize,
    ) -> Option<Range<usize>> {
        #[cfg(target_arch = "x86_64")]
        if let Some(vbmi) = crate::vbmi::Vbmi::detect() {
            return wide::next::<LEAST>(vbmi, &self.table, bytes, from);
        }
        next::<LEAST>(bytes, from, |block| self.mask(block))
    }

    /// A bit for each byte that may be part of a streak; the first byte's is the lowest.
    fn mask(&self, block: &[u8; BLOCK]) -> u64 {
        let (vectors, _) = block.as_chunks::<VECTOR>();
        let bits = vectors.iter().rev().map(|bytes| self.members(*bytes));
        bits.fold(0, |mask, bits| mask << VECTOR | u64::from(bits))
    }

    #[inline]
    fn members(&self, bytes: [u8; VECTOR]) -> u32 {
        let bytes = u8x16::new(bytes);
        let within = |bytes: u8x16, first: u8, last: u8| {
            let above = bytes - u8x16::splat(first);
            above.min(u8x16::splat(last - first)).simd_eq(above)
        };
        // The bit that tells small letters from capitals is set; it makes no letter of anything else.
        let letter = within(bytes | u8x16::splat(0x20), b'a', b'z');
        let plain = letter | within(bytes, b'0', b'9');
        let any = |any: u8x16, mark: u8| any | bytes.simd_eq(u8x16::splat(mark));
        self.marks.into_iter().fold(plain, any).to_bitmask()
    }
}

#[inline(always)]
fn next<const LEAST: usize>(
    bytes: &[u8],
    from: usize,
    mask: impl Fn(&[u8; BLOCK]) -> u64,
) -> Option<Range<usize>> {
    const { assert!(0 < LEAST && LEAST <= BLOCK) }
    let mut at = from;
    // How many bytes of a streak stand right before.
    let mut before = 0;
    loop {
        let ahead = bytes.get(at..)?;
        let (mask, is_last) = match ahead.first_chunk() {
            Some(block) => (mask(block), false),
            None => (mask(&padded(ahead)), true),
        };
        let head = mask.trailing_ones() as usize;
        if before + head >= LEAST && head < BLOCK {
            return Some(at - before..at + head);
        }
        let long = side_by_side::<LEAST>(mask);
        let first = long.trailing_zeros() as usize % BLOCK;
        let end = first + (mask >> first).trailing_ones() as usize;
        if long != 0 && end < BLOCK {
            return Some(at + first..at + end);
        }
        if is_last {
            return None;
        }
        before = match mask {
            u64::MAX => before + BLOCK,
            _ => mask.leading_ones() as usize,
        };
        at += BLOCK;
    }
}

/// The last few bytes, and nothing that goes on with them.
fn padded(rest: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    for (slot, byte) in block.iter_mut().zip(rest) {
        *slot = *byte;
    }
    block
}

/// The bits after which so many are set, themselves included.
#[inline]
fn side_by_side<const LEAST: usize>(mask: u64) -> u64 {
    let (mut all, mut known) = (mask, 1);
    while known < LEAST {
        let more = known.min(LEAST - known);
        all &= all >> more;
        known += more;
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LEAST: usize = 15;
    static PLAIN: Kind<0> = Kind::with([]);
    static MARKED: Kind<4> = Kind::with(*b"+-/_");

    /// The same, byte by byte.
    fn each(bytes: &[u8], marks: &[u8]) -> Vec<Range<usize>> {
        let is = |byte: &u8| byte.is_ascii_alphanumeric() || marks.contains(byte);
        let mut found = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let long = bytes[at..].iter().take_while(|byte| is(byte)).count();
            if long >= LEAST {
                found.push(at..at + long);
            }
            at += long + 1;
        }
        found
    }

    /// All of them, which every way of looking finds.
    fn all<const MARKS: usize>(bytes: &[u8], kind: &Kind<MARKS>) -> Vec<Range<usize>> {
        let collect = |next: &dyn Fn(usize) -> Option<Range<usize>>| {
            let found = std::iter::successors(next(0), |found| next(found.end));
            found.collect::<Vec<_>>()
        };
        let found = collect(&|from| kind.next::<LEAST>(bytes, from));
        let slowly = collect(&|from| next::<LEAST>(bytes, from, |block| kind.mask(block)));
        assert_eq!(found, slowly);
        found
    }

    #[test]
    fn every_byte_is_told_as_by_itself() {
        for byte in 0..=u8::MAX {
            let bytes = [byte; LEAST];
            assert_eq!(all(&bytes, &PLAIN), each(&bytes, b""), "{byte}");
            assert_eq!(all(&bytes, &MARKED), each(&bytes, &MARKED.marks), "{byte}");
        }
    }

    #[test]
    fn a_streak_is_found_wherever_it_lies() {
        for before in 0..140 {
            for long in 0..200 {
                let mut bytes = vec![b' '; before];
                bytes.extend(vec![b'x'; long]);
                let all_of_it = (long >= LEAST).then(|| before..before + long);
                let wanted: Vec<_> = all_of_it.into_iter().collect();
                assert_eq!(all(&bytes, &PLAIN), wanted, "at the end, {before}, {long}");
                bytes.extend(b" x x");
                assert_eq!(all(&bytes, &PLAIN), wanted, "{before}, {long}");
            }
        }
    }

    proptest! {
        #[test]
        fn many_bytes_together_tell_what_each_tells(
            bytes in prop::collection::vec(prop_oneof![20 => Just(b'a'), 1 => any::<u8>()], 0..400),
        ) {
            prop_assert_eq!(all(&bytes, &PLAIN), each(&bytes, b""));
            prop_assert_eq!(all(&bytes, &MARKED), each(&bytes, &MARKED.marks));
        }
    }
}
