//! Finds where a run of a string's plain bytes ends: at a quote, a backslash or a control character.

use wide::u8x16;

/// Bytes that are looked at together.
const VECTOR: usize = 16;
/// Where a run is long, four times as many.
const BLOCK: usize = 4 * VECTOR;
/// A run is long from so many vectors on.
const LONG: usize = 4;

/// From `at` on: the offset of the first quote, backslash or control character (or the length),
/// and whether what lies before may hold bytes above ASCII.
#[inline]
pub(super) fn run(bytes: &[u8], mut at: usize) -> (usize, bool) {
    let mut above = 0;
    let mut vectors = 0;
    while let Some(sixteen) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let vector = u8x16::new(*sixteen);
        let found = stops(vector).to_bitmask();
        if found != 0 {
            let before = found.trailing_zeros();
            above |= vector.to_bitmask() & ((1 << before) - 1);
            return (at + before as usize, above != 0);
        }
        above |= vector.to_bitmask();
        at += VECTOR;
        vectors += 1;
        if vectors == LONG {
            let (next, found) = blocks(bytes, at);
            at = next;
            above |= found;
        }
    }
    rest(bytes, at, above != 0)
}

/// The length of a string that begins here, where it has a few bytes, all of them plain ones of ASCII.
#[inline]
pub(super) fn short(bytes: &[u8], at: usize) -> Option<usize> {
    let sixteen = bytes.get(at..)?.first_chunk()?;
    let vector = u8x16::new(*sixteen);
    let stops = stops(vector).to_bitmask() | vector.to_bitmask();
    let length = stops.trailing_zeros() as usize;
    (sixteen.get(length) == Some(&b'"')).then_some(length)
}

/// All bits of every byte that ends a run.
#[inline]
fn stops(vector: u8x16) -> u8x16 {
    // This turns `"` into the first byte after the control characters, and none of these into another.
    let turned = vector ^ u8x16::splat(0x02);
    let control = turned.min(u8x16::splat(0x20)).simd_eq(turned);
    control | vector.simd_eq(u8x16::splat(b'\\'))
}

/// Skips whole blocks without a stop; also the highest bits of all that was skipped, put together.
fn blocks(bytes: &[u8], mut at: usize) -> (usize, u32) {
    let mut above = u8x16::splat(0);
    while let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk::<BLOCK>) {
        let (mut stop, mut or) = (u8x16::splat(0), above);
        let (vectors, _) = block.as_chunks();
        for vector in vectors.iter().copied().map(u8x16::new) {
            stop |= stops(vector);
            or |= vector;
        }
        if stop.to_bitmask() != 0 {
            break;
        }
        above = or;
        at += BLOCK;
    }
    (at, above.to_bitmask())
}

/// The same byte by byte, for the last few.
fn rest(bytes: &[u8], mut at: usize, mut high: bool) -> (usize, bool) {
    while let Some(&byte) = bytes.get(at) {
        if byte == b'"' || byte == b'\\' || byte < 0x20 {
            break;
        }
        high |= byte & 0x80 != 0;
        at += 1;
    }
    (at, high)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{VECTOR, rest, run, short};

    /// What [`short`] says, byte by byte.
    fn short_slowly(bytes: &[u8], from: usize) -> Option<usize> {
        let (end, high) = rest(bytes, from, false);
        let told = bytes.len() >= from + VECTOR && end < from + VECTOR && !high;
        (told && bytes[end] == b'"').then(|| end - from)
    }

    #[test]
    fn every_stop_is_found_at_every_place_and_nothing_else_is_one() {
        for length in 0..200 {
            let mut bytes = vec![b'a'; length];
            assert_eq!(run(&bytes, 0), (length, false));
            for at in 0..length {
                for byte in (0..=0x20).chain([b'"', b'\\', 0x7f, 0x80, 0xa2, 0xdc, 0xff]) {
                    bytes[at] = byte;
                    for from in [0, at / 2, at] {
                        assert_eq!(
                            run(&bytes, from),
                            rest(&bytes, from, false),
                            "{byte} at {at}"
                        );
                        assert_eq!(short(&bytes, from), short_slowly(&bytes, from));
                    }
                }
                bytes[at] = b'a';
            }
        }
    }

    proptest! {
        #[test]
        fn many_bytes_together_tell_what_each_tells(
            bytes in prop::collection::vec(prop_oneof![40 => 0x20_u8..0x7f, 1 => any::<u8>()], 0..400),
            from in 0_usize..420,
        ) {
            prop_assert_eq!(run(&bytes, from), rest(&bytes, from, false));
            prop_assert_eq!(short(&bytes, from), short_slowly(&bytes, from));
        }
    }
}
