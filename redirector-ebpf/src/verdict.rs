//! What a hook says, and how the caller hears it.

use aya_ebpf::helpers::generated::bpf_set_retval;

use crate::maps::HAS_SET_RETVAL;

/// Let the call go on.
pub const PASS: i32 = 1;

/// Why a call fails, as the caller sees it.
#[derive(Clone, Copy)]
pub enum Refusal {
    /// `ECONNREFUSED`: at once, and clients go on to the next address or protocol.
    Refused = 111,
    /// `ENETUNREACH`: the way there is closed for now.
    Unreachable = 101,
}

/// Makes the call fail. On kernels before 5.18 the caller sees `EPERM`.
#[inline(always)]
pub fn refuse(refusal: Refusal) -> i32 {
    if HAS_SET_RETVAL.load() != 0 {
        // SAFETY: no preconditions in these hooks.
        unsafe { bpf_set_retval(-(refusal as i32)) };
    }
    0
}
