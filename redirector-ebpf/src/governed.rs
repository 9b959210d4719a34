//! Whether a destination is governed: by the agent's tables, or because a governed name resolved to it.

use aya_ebpf::{btf_maps::lpm_trie::Key, helpers::generated::bpf_ktime_get_boot_ns};
use tidegate_redirect_abi::{Counter, Family, GOVERNED_PORT};

use crate::{
    maps::{LEARNED, V4, V6, count},
    sock_addr::Destination,
};

/// Whether the agent has a say in what goes there.
#[inline(always)]
pub fn is_governed(to: &Destination) -> bool {
    if to.port != GOVERNED_PORT {
        return false;
    }
    let listed = match to.family {
        Family::V4 => V4.get(&Key::new(32, to.address[0].to_ne_bytes())).is_some(),
        Family::V6 => V6.get(&Key::new(128, bytes(&to.address))).is_some(),
    };
    listed || is_learned(&to.key())
}

#[inline(always)]
fn is_learned(key: &[u32; 4]) -> bool {
    // SAFETY: the entry may be reused by another address while it is read; then the connection is
    // judged by that one's expiry, and the name in the handshake has the final word anyway.
    let Some(learned) = (unsafe { LEARNED.get(key) }) else {
        return false;
    };
    // SAFETY: no preconditions.
    let now = unsafe { bpf_ktime_get_boot_ns() };
    if learned.expires_ns <= now {
        return false;
    }
    count(Counter::LearnedHits);
    true
}

/// The same bytes.
#[inline(always)]
pub fn bytes(words: &[u32; 4]) -> [u8; 16] {
    // SAFETY: both are sixteen plain bytes.
    unsafe { core::mem::transmute(*words) }
}
