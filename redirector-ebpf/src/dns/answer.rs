//! The answer section: every address in it belongs to the name that was asked for, directly or behind
//! aliases.

use core::ffi::{c_long, c_void};

use aya_ebpf::bindings::__sk_buff;
use tidegate_redirect_abi::{Counter, Learned};

use super::{NEXT, STOP, load};
use crate::{
    maps::{LEARNED, count},
    say,
};

/// How many records of an answer are looked at.
pub const MOST: u32 = 64;
/// How many labels an owner's name may have; most are one pointer.
const LABELS: u32 = 16;

const A: u16 = 1;
const AAAA: u16 = 28;
const IN: u16 = 1;
const MAPPED: u32 = u32::from_ne_bytes([0, 0, 0xff, 0xff]);
const SECOND: u64 = 1_000_000_000;
/// Apps and resolvers keep addresses longer than they may.
const LEAST: u64 = 3600;
/// A promise of years is not believed.
const LONGEST: u64 = 7 * 24 * 3600;

/// The loop's context.
pub struct Walk {
    pub skb: *mut __sk_buff,
    /// Where the next record begins.
    pub at: u32,
    pub rule: u32,
    pub now: u64,
    pub learn_private: u32,
}

/// One record.
pub extern "C" fn record(_: u32, context: *mut c_void) -> c_long {
    // SAFETY: the loop's own context, alive while it runs.
    let walk = unsafe { &mut *context.cast::<Walk>() };
    match read(walk) {
        Some(()) => NEXT,
        None => STOP,
    }
}

#[inline(always)]
fn read(walk: &mut Walk) -> Option<()> {
    let at = after_name(walk.skb, walk.at)?;
    let [t1, t0, c1, c0, e3, e2, e1, e0, l1, l0] = load::<10>(walk.skb, at)?;
    let data = at + 10;
    let length = u16::from_be_bytes([l1, l0]);
    if u16::from_be_bytes([c1, c0]) == IN {
        let ttl = u32::from_be_bytes([e3, e2, e1, e0]);
        match (u16::from_be_bytes([t1, t0]), length) {
            (A, 4) => {
                let address = load::<4>(walk.skb, data)?;
                keep(
                    walk,
                    [0, 0, MAPPED, u32::from_ne_bytes(address)],
                    ttl,
                    is_private4(address),
                );
            }
            (AAAA, 16) => {
                let address = load::<16>(walk.skb, data)?;
                // SAFETY: both are sixteen plain bytes.
                let words: [u32; 4] = unsafe { core::mem::transmute(address) };
                keep(
                    walk,
                    words,
                    ttl,
                    is_private6(&words, address[0], address[1]),
                );
            }
            _ => {}
        }
    }
    walk.at = data + u32::from(length);
    Some(())
}

/// Where a name ends: at its root, or after the first pointer, which is not followed.
#[inline(always)]
fn after_name(skb: *mut __sk_buff, mut at: u32) -> Option<u32> {
    for _ in 0..LABELS {
        let [byte] = load::<1>(skb, at)?;
        if byte >= 0xc0 {
            return Some(at + 2);
        }
        if byte > 63 {
            return None;
        }
        at += 1 + u32::from(byte);
        if byte == 0 {
            return Some(at);
        }
    }
    None
}

#[inline(always)]
fn keep(walk: &Walk, address: [u32; 4], ttl: u32, private: bool) {
    if private && walk.learn_private == 0 {
        count(Counter::NotLearned);
        say::not_learned(&address, walk.rule);
        return;
    }
    // A TTL with its top bit set is zero (RFC 2181 §8).
    let ttl = if ttl > i32::MAX as u32 {
        0
    } else {
        u64::from(ttl)
    };
    let seconds = ttl.clamp(LEAST, LONGEST);
    let learned = Learned {
        expires_ns: walk.now + seconds * SECOND,
        rule: walk.rule,
        reserved: 0,
    };
    if LEARNED.insert(&address, learned, 0).is_ok() {
        count(Counter::Learned);
        say::learned(&address, walk.rule, seconds);
    }
}

/// Addresses that no name of the internet means: a resolver could otherwise steer a local service into
/// the agent. RFC 1122 (0/8, 127/8), 1918, 3927, 6598, multicast and above.
#[inline(always)]
fn is_private4([a, b, _, _]: [u8; 4]) -> bool {
    match a {
        0 | 10 | 127 => true,
        100 => b & 0xc0 == 64,
        169 => b == 254,
        172 => b & 0xf0 == 16,
        192 => b == 168,
        _ => a >= 224,
    }
}

/// The same: unspecified, loopback, mapped and compatible (RFC 4291), unique local (4193), link-local,
/// multicast.
#[inline(always)]
fn is_private6(words: &[u32; 4], first: u8, second: u8) -> bool {
    (words[0] == 0 && words[1] == 0)
        || first & 0xfe == 0xfc
        || (first == 0xfe && second & 0xc0 == 0x80)
        || first == 0xff
}
