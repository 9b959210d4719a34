//! A block's mask in three instructions, on processors that have AVX-512 with permutations of bytes.
#![expect(unsafe_code, reason = "not every processor has these instructions")]

use std::{
    arch::x86_64::{_mm512_movepi8_mask, _mm512_permutex2var_epi8},
    ops::Range,
};

use super::{ASCII, BLOCK};
use crate::vbmi::{READ, Vbmi, load};

const _: () = assert!(BLOCK == READ);

/// As [`super::Kind::next`], of the bytes that a table has.
pub(super) fn next<const LEAST: usize>(
    _: Vbmi,
    table: &[u8; ASCII],
    bytes: &[u8],
    from: usize,
) -> Option<Range<usize>> {
    // SAFETY: there is a `Vbmi` only where the processor has these instructions.
    unsafe { within::<LEAST>(table, bytes, from) }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,bmi1,bmi2,lzcnt,popcnt")]
fn within<const LEAST: usize>(
    table: &[u8; ASCII],
    bytes: &[u8],
    from: usize,
) -> Option<Range<usize>> {
    let (low, high) = table.split_at(BLOCK);
    let low = load::<[u8; BLOCK]>(low.first_chunk()?);
    let high = load::<[u8; BLOCK]>(high.first_chunk()?);
    super::next::<LEAST>(bytes, from, |block| {
        let block = load(block);
        // Of a byte beyond ASCII, the look-up takes no notice of the highest bit.
        let is = _mm512_movepi8_mask(_mm512_permutex2var_epi8(low, block, high));
        is & !_mm512_movepi8_mask(block)
    })
}
