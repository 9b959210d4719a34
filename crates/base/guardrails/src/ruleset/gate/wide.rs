//! The gate's look at many places at once, on processors that have AVX-512 with permutations of bytes (VBMI).
//! It tells what the look at one place after the other tells.
#![expect(
    unsafe_code,
    reason = "there are no safe names for these instructions' reads and writes of memory"
)]

use std::{
    arch::x86_64::{
        __m512i, _mm256_loadu_si256, _mm256_mask_storeu_epi16, _mm256_maskz_compress_epi16,
        _mm512_add_epi16, _mm512_add_epi32, _mm512_and_si512, _mm512_cmplt_epu32_mask,
        _mm512_cvtepi32_epi16, _mm512_cvtepu16_epi32, _mm512_i32gather_epi32, _mm512_madd_epi16,
        _mm512_maddubs_epi16, _mm512_mask_i32gather_epi32, _mm512_mask_mov_epi8,
        _mm512_mask_or_epi32, _mm512_mask_test_epi32_mask, _mm512_maskz_compress_epi16,
        _mm512_maskz_mov_epi8, _mm512_min_epu32, _mm512_movepi8_mask, _mm512_permutex2var_epi8,
        _mm512_permutexvar_epi8, _mm512_rorv_epi32, _mm512_set1_epi8, _mm512_set1_epi16,
        _mm512_set1_epi32, _mm512_setzero_si512, _mm512_slli_epi32, _mm512_srli_epi32,
        _mm512_storeu_si512, _mm512_test_epi32_mask,
    },
    ops::Range,
};

use super::{AT_ONCE, Bits, CODES, Index, PAIRS, Passed, ROOM};
use crate::{
    alphabet::{BEYOND, CODE, WORDS},
    ruleset::list::{LATER, Later, List},
    vbmi::{READ, Vbmi, load},
};

/// Places that are looked at in one instruction.
const LANES: usize = 16;
/// Places that are written down in one instruction. Their windows lie within what is read: the byte before each, its
/// own, and the two after it.
const STEP: usize = 2 * LANES;
/// The table's words of 32 bits, for one of its planes.
const PLANE: i32 = 2 * PAIRS as i32;

/// The byte before a place, and all from there on that are looked at.
const AROUND: usize = 1 + 3 + LATER;
/// As many lists as an index can tell apart.
const LISTS: usize = 1 << 16;
/// A list's words of 32 bits, which begin with those for its [`Later`] bytes, and those for each of these.
const WORDS_ALL: u32 = (size_of::<List>() / 4) as u32;
const WORDS_EACH: u32 = (size_of::<Later>() / LATER / 4) as u32;

const _: () = assert!(STEP + 3 <= READ && AT_ONCE.is_multiple_of(STEP) && AT_ONCE + STEP <= ROOM);
const _: () = assert!(size_of::<Index>() > 2 * PAIRS * CODES);
const _: () =
    assert!(WORDS_ALL.is_power_of_two() && WORDS_EACH * 32 == 128 && LATER == size_of::<i32>());
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

/// Which of at most [`AT_ONCE`] places that passed the next bytes leave, and the list of each, as far as it can: says
/// at how many it looked, and how many are left. The text begins with the byte before the first place.
pub(super) fn fit(
    _: Vbmi,
    (index, lists): (&Index, &[List]),
    text: &[u8],
    passed: &mut Passed,
    count: usize,
) -> (usize, usize) {
    let Some(last) = text.len().checked_sub(AROUND) else {
        return (0, 0);
    };
    if count > AT_ONCE || lists.is_empty() || lists.len() > LISTS {
        return (0, 0);
    }
    let places = passed.places.get(..count).unwrap_or_default();
    let count = places.partition_point(|place| usize::from(*place) <= last);
    // SAFETY: there is a `Vbmi` only where the processor has these instructions. The rest was asked.
    (count, unsafe { left(index, lists, text, passed, count) })
}

/// Which bytes of what was read make the windows of sixteen places from here on.
const fn spread(first: u8) -> [u8; READ] {
    let mut bytes = [0; READ];
    let mut at = 0;
    while at < READ {
        bytes[at] = first + (at / 4) as u8 + (at % 4) as u8;
        at += 1;
    }
    bytes
}

static SPREAD: [[u8; READ]; STEP / LANES] = [spread(0), spread(LANES as u8)];
/// 0, 1, 2 and so on.
static COUNT: [u16; STEP] = {
    let mut count = [0; STEP];
    let mut at = 0;
    while at < STEP {
        count[at] = at as u16;
        at += 1;
    }
    count
};

#[target_feature(
    enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi1,bmi2,lzcnt,popcnt"
)]
fn within(
    bits: &Bits,
    text: &[u8],
    start: usize,
    count: usize,
    passed: &mut Passed,
) -> (usize, usize) {
    let codes = Codes::new();
    let inner = _mm512_set1_epi32(i32::from(WORDS) << 18);
    let (mut looked, mut found) = (0, 0);
    // The byte before the first place.
    let Some(mut ahead) = start.checked_sub(1).and_then(|at| text.get(at..)) else {
        return (0, 0);
    };
    while looked + STEP <= count.min(AT_ONCE)
        && let Some(read) = ahead.first_chunk::<READ>()
    {
        let codes = codes.of(load(read));
        let mut passing = 0;
        for (at, spread) in SPREAD.iter().enumerate() {
            let window = windows(_mm512_permutexvar_epi8(load(spread), codes));
            let row = _mm512_and_si512(_mm512_srli_epi32(window, 5), _mm512_set1_epi32(PLANE - 1));
            let within = _mm512_cmplt_epu32_mask(window, inner);
            let row = _mm512_mask_or_epi32(row, within, row, _mm512_set1_epi32(PLANE));
            // SAFETY: a row is less than twice `PLANE`, and the table has as many words.
            let rows = unsafe { _mm512_i32gather_epi32::<4>(row, bits.as_ptr().cast()) };
            let bit = _mm512_rorv_epi32(rows, window);
            let passes = _mm512_test_epi32_mask(bit, _mm512_set1_epi32(1));
            passing |= u32::from(passes) << (LANES * at);
        }
        let places = _mm512_add_epi16(load(&COUNT), _mm512_set1_epi16(looked as i16));
        let places = _mm512_maskz_compress_epi16(passing, places);
        debug_assert!(found + STEP <= ROOM);
        // SAFETY: `found` is at most `AT_ONCE`, so that there is room for as many more.
        unsafe { _mm512_storeu_si512(passed.places.as_mut_ptr().add(found).cast(), places) };
        found += passing.count_ones() as usize;
        looked += STEP;
        ahead = ahead.get(STEP..).unwrap_or_default();
    }
    (looked, found)
}

/// # Safety
/// There are at most [`AT_ONCE`] places, [`AROUND`] bytes of text; and some lists, at most [`LISTS`].
#[target_feature(
    enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi1,bmi2,lzcnt,popcnt"
)]
unsafe fn left(
    index: &Index,
    lists: &[List],
    text: &[u8],
    passed: &mut Passed,
    count: usize,
) -> usize {
    let codes = Codes::new();
    let (none, one) = (_mm512_setzero_si512(), _mm512_set1_epi32(1));
    let byte = _mm512_set1_epi32(0xff);
    let last = _mm512_set1_epi32(lists.len() as i32 - 1);
    let furthest = _mm512_set1_epi32(i32::try_from(text.len() - AROUND).unwrap_or(i32::MAX));
    let mut fit = 0;
    for at in (0..count).step_by(LANES) {
        let rest = (count - at).min(LANES) as u32;
        let lanes = (u32::from(u16::MAX) >> (LANES as u32 - rest)) as u16;
        // SAFETY: there is room for sixteen more than `AT_ONCE`.
        let places = unsafe { _mm256_loadu_si256(passed.places.as_ptr().add(at).cast()) };
        // No place is further than the furthest; this says so to whoever doubts it.
        let read = _mm512_min_epu32(_mm512_cvtepu16_epi32(places), furthest);
        // SAFETY: the text has `AROUND` bytes from each of these on.
        let (around, near) = unsafe {
            let text = text.as_ptr();
            (
                _mm512_mask_i32gather_epi32::<1>(none, lanes, read, text.cast()),
                _mm512_mask_i32gather_epi32::<1>(none, lanes, read, text.add(4).cast()),
            )
        };
        let window = _mm512_and_si512(windows(codes.of(around)), _mm512_set1_epi32(0x3_ffff));
        // SAFETY: a window of three codes is less than the index is long without its last.
        let list =
            unsafe { _mm512_mask_i32gather_epi32::<2>(none, lanes, window, index.as_ptr().cast()) };
        let list = _mm512_min_epu32(_mm512_and_si512(list, _mm512_set1_epi32(0xffff)), last);
        // Those beyond ASCII stand where byte 0 does.
        let near = _mm512_maskz_mov_epi8(!_mm512_movepi8_mask(near), near);
        let words = _mm512_slli_epi32::<{ WORDS_ALL.ilog2() }>(list);
        let (mut fits, mut bytes, mut of) = (lanes, near, words);
        for _ in 0..LATER {
            let byte = _mm512_and_si512(bytes, byte);
            let word = _mm512_add_epi32(of, _mm512_srli_epi32(byte, 5));
            // SAFETY: a list is one of those that are there, and has four words for each byte, of which a byte of
            // ASCII tells one.
            let may = unsafe {
                _mm512_mask_i32gather_epi32::<4>(none, lanes, word, lists.as_ptr().cast())
            };
            fits = _mm512_mask_test_epi32_mask(fits, _mm512_rorv_epi32(may, byte), one);
            bytes = _mm512_srli_epi32(bytes, 8);
            of = _mm512_add_epi32(of, _mm512_set1_epi32(WORDS_EACH as i32));
        }
        let places = _mm256_maskz_compress_epi16(fits, places);
        let lists = _mm256_maskz_compress_epi16(fits, _mm512_cvtepi32_epi16(list));
        // Not all of them: what stands behind the last ones is yet to be looked at, by other means.
        let fitting = fits.count_ones();
        let first = (u32::from(u16::MAX) >> (LANES as u32 - fitting)) as u16;
        // SAFETY: what fits is no more than what was read, which these overwrite.
        unsafe {
            _mm256_mask_storeu_epi16(passed.places.as_mut_ptr().add(fit).cast(), first, places);
            _mm256_mask_storeu_epi16(passed.lists.as_mut_ptr().add(fit).cast(), first, lists);
        }
        fit += fitting as usize;
    }
    fit
}

/// The codes of bytes, looked up for 64 bytes at once.
#[derive(Clone, Copy)]
struct Codes {
    low: __m512i,
    high: __m512i,
}

impl Codes {
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn new() -> Self {
        let (halves, _) = CODE.as_chunks::<READ>();
        Self {
            low: load(&halves[0]),
            high: load(&halves[1]),
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
    fn of(self, bytes: __m512i) -> __m512i {
        let codes = _mm512_permutex2var_epi8(self.low, bytes, self.high);
        let beyond = _mm512_set1_epi8(BEYOND as i8);
        _mm512_mask_mov_epi8(codes, _mm512_movepi8_mask(bytes), beyond)
    }
}

/// The windows of sixteen places, each of four codes in the order of the text: two codes of 6 bits make 12, two of these
/// the whole. The code of the byte before comes to be the highest.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn windows(codes: __m512i) -> __m512i {
    let pairs = _mm512_maddubs_epi16(codes, _mm512_set1_epi16(0x0140));
    _mm512_madd_epi16(pairs, _mm512_set1_epi32(0x0001_1000))
}
