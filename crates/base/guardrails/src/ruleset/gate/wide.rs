//! The gate's look at many places at once, on processors that have AVX-512 with permutations of bytes (VBMI).
//! It tells what the look at one place after the other tells.
#![expect(
    unsafe_code,
    reason = "there are no safe names for these instructions' reads and writes of memory"
)]

use std::{
    arch::x86_64::{
        _mm512_add_epi32, _mm512_and_si512, _mm512_cmplt_epu32_mask, _mm512_i32gather_epi32,
        _mm512_loadu_si512, _mm512_madd_epi16, _mm512_maddubs_epi16, _mm512_mask_i32gather_epi32,
        _mm512_mask_mov_epi8, _mm512_mask_or_epi32, _mm512_mask_storeu_epi32,
        _mm512_mask_test_epi32_mask, _mm512_maskz_compress_epi32, _mm512_maskz_mov_epi8,
        _mm512_min_epu32, _mm512_movepi8_mask, _mm512_permutex2var_epi8, _mm512_permutexvar_epi8,
        _mm512_rorv_epi32, _mm512_set1_epi8, _mm512_set1_epi32, _mm512_setzero_si512,
        _mm512_slli_epi32, _mm512_srli_epi32, _mm512_storeu_si512, _mm512_test_epi32_mask,
    },
    ops::Range,
};

use super::{AT_ONCE, Bits, CODES, Index, Later, PAIRS, Passed, ROOM};
use crate::{
    alphabet::{BEYOND, CODE, WORDS},
    vbmi::{READ, Vbmi, load},
};

/// Places that are looked at in one instruction.
const LANES: usize = 16;
/// Places whose windows lie within what is read: the byte before each, its own, and the two after it.
const STEP: usize = 3 * LANES;
/// The table's words of 32 bits, for one of its planes.
const PLANE: i32 = 2 * PAIRS as i32;

/// Bytes that are read from a place on, those looked at and two more.
const AHEAD: usize = 3 + 4;
/// As many lists as an index can tell apart.
const LISTS: usize = 1 << 16;
/// A list's words of 32 bits for its fourth and its fifth byte.
const WORDS_EACH: u32 = (size_of::<Later>() / 2 / 4) as u32;

const _: () = assert!(STEP + 3 <= READ && AT_ONCE.is_multiple_of(STEP) && AT_ONCE + LANES <= ROOM);
const _: () = assert!(size_of::<Index>() > 2 * PAIRS * CODES && WORDS_EACH == 4);
const _: () = assert!(cfg!(target_endian = "little"));

/// Writes down which of at most [`AT_ONCE`] places pass, from `start` on, as far as it can: says at how many it
/// looked, and how many passed.
pub(super) fn pass(
    _: Vbmi,
    bits: &Bits,
    text: &[u8],
    range: &Range<usize>,
    passed: &mut Passed,
) -> (usize, usize) {
    // SAFETY: there is a `Vbmi` only where the processor has these instructions.
    unsafe { within(bits, text, range.start, range.len(), passed) }
}

/// Which of at most [`AT_ONCE`] places of a text that passed the next bytes leave, and the list of each, as far as it
/// can: says at how many it looked, and how many are left.
pub(super) fn fit(
    _: Vbmi,
    (index, later): (&Index, &[Later]),
    text: &[u8],
    passed: &mut Passed,
    count: usize,
) -> (usize, usize) {
    let Some(last) = text.len().checked_sub(AHEAD) else {
        return (0, 0);
    };
    if count > AT_ONCE || later.is_empty() || later.len() > LISTS {
        return (0, 0);
    }
    let places = passed.places.get(..count).unwrap_or_default();
    let count = places.partition_point(|place| *place as usize <= last);
    // SAFETY: there is a `Vbmi` only where the processor has these instructions. The rest was asked.
    (count, unsafe { left(index, later, text, passed, count) })
}

/// Which bytes of what was read make the windows of sixteen places from here on: of each, the lowest byte of 32
/// bits is the last one.
const fn spread(first: u8) -> [u8; READ] {
    let mut bytes = [0; READ];
    let mut at = 0;
    while at < READ {
        bytes[at] = first + (at / 4) as u8 + 3 - (at % 4) as u8;
        at += 1;
    }
    bytes
}

static SPREAD: [[u8; READ]; STEP / LANES] = [spread(0), spread(16), spread(32)];
/// 0, 1, 2 and so on.
static COUNT: [u32; LANES] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn within(
    bits: &Bits,
    text: &[u8],
    start: usize,
    count: usize,
    passed: &mut Passed,
) -> (usize, usize) {
    let (low, high) = CODE.split_at(READ);
    let (Some(low), Some(high)) = (low.first_chunk(), high.first_chunk()) else {
        return (0, 0);
    };
    let (low, high) = (load::<[u8; READ]>(low), load::<[u8; READ]>(high));
    let beyond = _mm512_set1_epi8(BEYOND as i8);
    // Two codes make 12 bits, two of these 24: the codes of a place, the highest that of the byte before.
    let pair = _mm512_set1_epi32(0x4001_4001);
    let pairs = _mm512_set1_epi32(0x1000_0001);
    let inner = _mm512_set1_epi32(i32::from(WORDS) << 18);
    let (mut looked, mut found) = (0, 0);
    // The byte before the first place.
    let Some(mut ahead) = start.checked_sub(1).and_then(|at| text.get(at..)) else {
        return (0, 0);
    };
    while looked + STEP <= count.min(AT_ONCE)
        && let Some(read) = ahead.first_chunk::<READ>()
    {
        let read = load(read);
        let codes = _mm512_permutex2var_epi8(low, read, high);
        let codes = _mm512_mask_mov_epi8(codes, _mm512_movepi8_mask(read), beyond);
        for (spread, first) in SPREAD.iter().zip((0..).step_by(LANES)) {
            let window = _mm512_permutexvar_epi8(load(spread), codes);
            let window = _mm512_madd_epi16(_mm512_maddubs_epi16(window, pair), pairs);
            let row = _mm512_and_si512(_mm512_srli_epi32(window, 5), _mm512_set1_epi32(PLANE - 1));
            let within = _mm512_cmplt_epu32_mask(window, inner);
            let row = _mm512_mask_or_epi32(row, within, row, _mm512_set1_epi32(PLANE));
            // SAFETY: a row is less than twice `PLANE`, and the table has as many words.
            let rows = unsafe { _mm512_i32gather_epi32::<4>(row, bits.as_ptr().cast()) };
            let bit = _mm512_rorv_epi32(rows, window);
            let passes = _mm512_test_epi32_mask(bit, _mm512_set1_epi32(1));
            let place = _mm512_set1_epi32((looked + first) as i32);
            let place = _mm512_add_epi32(load(&COUNT), place);
            let place = _mm512_maskz_compress_epi32(passes, place);
            let window = _mm512_maskz_compress_epi32(passes, window);
            debug_assert!(found + LANES <= ROOM);
            // SAFETY: `found` is at most `AT_ONCE`, so that there is room for sixteen more.
            unsafe {
                _mm512_storeu_si512(passed.places.as_mut_ptr().add(found).cast(), place);
                _mm512_storeu_si512(passed.keys.as_mut_ptr().add(found).cast(), window);
            }
            found += passes.count_ones() as usize;
        }
        looked += STEP;
        ahead = ahead.get(STEP..).unwrap_or_default();
    }
    (looked, found)
}

/// # Safety
/// There are at most [`AT_ONCE`] places, [`AHEAD`] bytes of text; and some lists, at most [`LISTS`].
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
unsafe fn left(
    index: &Index,
    later: &[Later],
    text: &[u8],
    passed: &mut Passed,
    count: usize,
) -> usize {
    let (none, one) = (_mm512_setzero_si512(), _mm512_set1_epi32(1));
    let byte = _mm512_set1_epi32(0xff);
    let last = _mm512_set1_epi32(later.len() as i32 - 1);
    let furthest = _mm512_set1_epi32(i32::try_from(text.len() - AHEAD).unwrap_or(i32::MAX));
    let mut fit = 0;
    for at in (0..count).step_by(LANES) {
        let rest = (count - at).min(LANES) as u32;
        let lanes = (u32::from(u16::MAX) >> (LANES as u32 - rest)) as u16;
        // SAFETY: there is room for sixteen more than `AT_ONCE`.
        let (places, windows) = unsafe {
            (
                _mm512_loadu_si512(passed.places.as_ptr().add(at).cast()),
                _mm512_loadu_si512(passed.keys.as_ptr().add(at).cast()),
            )
        };
        let window = _mm512_and_si512(windows, _mm512_set1_epi32(0x3_ffff));
        // SAFETY: a window of three codes is less than the index is long without its last.
        let list =
            unsafe { _mm512_mask_i32gather_epi32::<2>(none, lanes, window, index.as_ptr().cast()) };
        let list = _mm512_min_epu32(_mm512_and_si512(list, _mm512_set1_epi32(0xffff)), last);
        // No place is further than the furthest; this says so to whoever doubts it.
        let read = _mm512_min_epu32(places, furthest);
        // SAFETY: the text has `AHEAD` bytes from each of these on.
        let near = unsafe {
            _mm512_mask_i32gather_epi32::<1>(none, lanes, read, text.as_ptr().add(3).cast())
        };
        // Those beyond ASCII stand where byte 0 does.
        let near = _mm512_maskz_mov_epi8(!_mm512_movepi8_mask(near), near);
        let fourth = _mm512_and_si512(near, byte);
        let fifth = _mm512_and_si512(_mm512_srli_epi32(near, 8), byte);
        let words = _mm512_slli_epi32(list, 3);
        let of_fourth = _mm512_add_epi32(words, _mm512_srli_epi32(fourth, 5));
        let of_fifth = _mm512_add_epi32(words, _mm512_srli_epi32(fifth, 5));
        // SAFETY: a list is one of those that are there, and has four words for each byte, of which a byte of ASCII
        // tells one.
        let (of_fourth, of_fifth) = unsafe {
            let words = later.as_ptr().cast::<i32>();
            (
                _mm512_mask_i32gather_epi32::<4>(none, lanes, of_fourth, words),
                _mm512_mask_i32gather_epi32::<4>(
                    none,
                    lanes,
                    of_fifth,
                    words.add(WORDS_EACH as usize),
                ),
            )
        };
        let fits = _mm512_mask_test_epi32_mask(lanes, _mm512_rorv_epi32(of_fourth, fourth), one);
        let fits = _mm512_mask_test_epi32_mask(fits, _mm512_rorv_epi32(of_fifth, fifth), one);
        let place = _mm512_maskz_compress_epi32(fits, places);
        let list = _mm512_maskz_compress_epi32(fits, list);
        // Not all of them: what stands behind the last ones is yet to be looked at, by other means.
        let fitting = fits.count_ones();
        let first = (u32::from(u16::MAX) >> (LANES as u32 - fitting)) as u16;
        // SAFETY: what fits is no more than what was read, which these overwrite.
        unsafe {
            _mm512_mask_storeu_epi32(passed.places.as_mut_ptr().add(fit).cast(), first, place);
            _mm512_mask_storeu_epi32(passed.keys.as_mut_ptr().add(fit).cast(), first, list);
        }
        fit += fitting as usize;
    }
    fit
}
