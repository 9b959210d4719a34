//! How long the allocator of the binaries (mimalloc) keeps memory that nobody uses. Left alone it is a
//! second, and then it waits to be called again: a second's worth of freed bodies counts as the gateway's, and
//! the agent's loader, which reads megabytes about the kernel once and never works again, keeps them for good.
#![warn(missing_docs)]
#![allow(
    unsafe_code,
    reason = "the allocator's settings are C functions without a safe binding"
)]

use libmimalloc_sys::{mi_option_get, mi_option_set, mi_option_t};

/// `mi_option_purge_delay`, in milliseconds; the binding does not name it.
const PURGE_DELAY: mi_option_t = 15;
/// mimalloc's own, by which it is seen that nobody has chosen another (`MIMALLOC_PURGE_DELAY`).
const USUAL_MS: std::ffi::c_long = 1_000;

/// Has freed memory go back to the system after so many milliseconds; at once with 0. To be called first of
/// all, before there are other threads.
pub fn return_after(milliseconds: std::ffi::c_long) {
    // SAFETY: both read and write one word of the allocator's table of options, at an index that is in
    // it (see the test); no other thread runs yet.
    unsafe {
        if mi_option_get(PURGE_DELAY) == USUAL_MS {
            mi_option_set(PURGE_DELAY, milliseconds);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number is right for the allocator in use: no other option has this value.
    #[test]
    fn the_option_is_the_one_that_is_meant() {
        // SAFETY: reads one word, as above.
        let usual = unsafe { mi_option_get(PURGE_DELAY) };
        assert_eq!(usual, USUAL_MS, "mimalloc's options were numbered anew");
    }
}
