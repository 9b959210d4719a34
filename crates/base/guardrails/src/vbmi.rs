//! Processors that have AVX-512 with permutations of bytes (VBMI, VBMI2): Intel's since Ice Lake, AMD's since Zen 4.
#![expect(
    unsafe_code,
    reason = "there is no safe name for this instruction's read of memory"
)]

use std::{
    arch::x86_64::{__m512i, _mm512_loadu_si512},
    sync::LazyLock,
};

/// Bytes that are read at once.
pub(crate) const READ: usize = 64;

/// That this processor is one: who has it may call what is made for them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Vbmi(());

impl Vbmi {
    /// Asks the processor once: texts are short, and it is asked for each streak of one.
    #[inline]
    pub(crate) fn detect() -> Option<Self> {
        static HAS: LazyLock<bool> = LazyLock::new(Vbmi::has);
        HAS.then_some(Self(()))
    }

    fn has() -> bool {
        is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vbmi")
            && is_x86_feature_detected!("avx512vbmi2")
            // Any processor with these has those that count bits, too.
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("popcnt")
    }
}

/// Reads that many bytes.
#[target_feature(enable = "avx512f,avx512bw")]
pub(crate) fn load<T>(from: &T) -> __m512i {
    const { assert!(size_of::<T>() == READ) }
    // SAFETY: that many bytes are there; they may lie anywhere.
    unsafe { _mm512_loadu_si512(std::ptr::from_ref(from).cast()) }
}
