//! DNS answers on their way in: the addresses of governed names are known before the app that asked
//! reads the answer, so its `connect()` cannot be faster.
//!
//! Every loop is `bpf_loop` (5.17): the verifier looks at its body once instead of unrolling it. What
//! a parser would reject is left alone; nothing is ever dropped here.

use core::{
    arch::asm,
    ffi::{c_long, c_void},
};

use aya_ebpf::{
    bindings::__sk_buff,
    helpers::generated::{
        bpf_ktime_get_boot_ns, bpf_loop, bpf_map_lookup_elem, bpf_skb_load_bytes,
    },
    macros::cgroup_skb,
    programs::SkBuffContext,
};
use tidegate_redirect_abi::{Counter, NAME_BYTES};

use crate::maps::{CONFIG, NAMES, SCRATCH, count};

mod answer;

/// A whole name backwards ends at byte `NAME_BYTES + 4`; its key, prefix length first, may begin
/// anywhere before.
#[repr(C)]
pub struct Scratch {
    key: [u8; 4 + 2 * NAME_BYTES],
}

const IPV4: u32 = 0x0800_u16.to_be() as u32;
const IPV6: u32 = 0x86dd_u16.to_be() as u32;
const UDP: u8 = 17;
const PORT: u16 = 53;
const PASS: i32 = 1;
const STOP: c_long = 1;
const NEXT: c_long = 0;

#[cgroup_skb(ingress)]
pub fn dns_ingress(ctx: SkBuffContext) -> i32 {
    learn(ctx.skb.skb);
    PASS
}

/// Reads from the packet; none past its end.
#[inline(always)]
fn load<const N: usize>(skb: *mut __sk_buff, at: u32) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    // SAFETY: the buffer has the length that is asked for.
    let failed = unsafe { bpf_skb_load_bytes(skb.cast(), at, bytes.as_mut_ptr().cast(), N as u32) };
    if failed == 0 { Some(bytes) } else { None }
}

#[inline(always)]
fn learn(skb: *mut __sk_buff) -> Option<()> {
    let message = message(skb)?;
    let [_, _, high, low, q1, q0, a1, a0, _, _, _, _] = load::<12>(skb, message)?;
    // An answer (RFC 1035 §4.1.1) without error to one question.
    if high & 0x80 == 0 || low & 0x0f != 0 || u16::from_be_bytes([q1, q0]) != 1 {
        return None;
    }
    let scratch = SCRATCH.get_ptr_mut(0)?;
    let mut question = Question {
        skb,
        scratch,
        at: message + 12,
        label: 0,
        length: 0,
    };
    // SAFETY: the callback takes this context.
    unsafe {
        bpf_loop(
            NAME_BYTES as u32 - 1,
            question_byte as *mut c_void,
            (&raw mut question).cast(),
            0,
        )
    };
    let rule = rule(scratch, question.length)?;
    count(Counter::Answers);
    let config = CONFIG.get(0)?;
    let mut walk = answer::Walk {
        skb,
        at: message + 12 + question.length + 4,
        rule,
        // SAFETY: no preconditions.
        now: unsafe { bpf_ktime_get_boot_ns() },
        learn_private: config.learn_private,
    };
    let answers = u32::from(u16::from_be_bytes([a1, a0])).min(answer::MOST);
    // SAFETY: the callback takes this context.
    unsafe {
        bpf_loop(
            answers,
            answer::record as *mut c_void,
            (&raw mut walk).cast(),
            0,
        )
    };
    Some(())
}

/// Where the DNS message of a UDP packet from port 53 begins.
#[inline(always)]
fn message(skb: *mut __sk_buff) -> Option<u32> {
    // SAFETY: a field of the context.
    let protocol = unsafe { core::ptr::read_volatile(&raw const (*skb).protocol) };
    let udp = if protocol == IPV4 {
        let [first, _, _, _, _, _, f1, f0, _, next] = load::<10>(skb, 0)?;
        // A later fragment holds no header.
        if next != UDP || u16::from_be_bytes([f1, f0]) & 0x1fff != 0 {
            return None;
        }
        u32::from(first & 15) * 4
    } else if protocol == IPV6 {
        let [next] = load::<1>(skb, 6)?;
        if next != UDP {
            return None;
        }
        40
    } else {
        return None;
    };
    if u16::from_be_bytes(load::<2>(skb, udp)?) != PORT {
        return None;
    }
    Some(udp + 8)
}

struct Question {
    skb: *mut __sk_buff,
    scratch: *mut Scratch,
    at: u32,
    /// How much of the current label is to come.
    label: u32,
    /// How long the name is on the wire, once its end was seen.
    length: u32,
}

/// One byte of the name that was asked for, written backwards as `redirect-abi` describes.
extern "C" fn question_byte(index: u32, context: *mut c_void) -> c_long {
    let question = context.cast::<Question>();
    // SAFETY: the loop's own context, alive while it runs.
    let question = unsafe { &mut *question };
    let Some([byte]) = load::<1>(question.skb, question.at + index) else {
        return STOP;
    };
    let (written, end) = if question.label == 0 {
        // A pointer or an unknown label type: not in a question.
        if byte > 63 {
            return STOP;
        }
        question.label = byte.into();
        if byte == 0 {
            (0, true)
        } else {
            (0x80 | byte, false)
        }
    } else {
        question.label -= 1;
        (plain(byte), false)
    };
    let place = 4 + below_256(NAME_BYTES as u32 - 1 - index);
    // SAFETY: between 4 and 259.
    unsafe {
        (*question.scratch)
            .key
            .as_mut_ptr()
            .add(place)
            .write(written)
    };
    if end {
        question.length = index + 1;
        return STOP;
    }
    NEXT
}

/// The same number, in a way that the verifier follows: the compiler, which knows that it is small
/// already, would drop a mask that is written in Rust.
#[inline(always)]
fn below_256(number: u32) -> usize {
    let mut number = u64::from(number);
    // SAFETY: changes nothing but the register.
    unsafe { asm!("{0} &= 255", inout(reg) number, options(nomem, nostack)) };
    number as usize
}

/// Lower case; a byte that no governed name holds becomes one that none holds, so that it cannot pass
/// for a length.
#[inline(always)]
fn plain(byte: u8) -> u8 {
    if byte >= 0x80 {
        0x7f
    } else {
        byte.to_ascii_lowercase()
    }
}

/// The governed name that the name belongs to.
#[inline(always)]
fn rule(scratch: *mut Scratch, length: u32) -> Option<u32> {
    if length == 0 || length >= NAME_BYTES as u32 {
        return None;
    }
    let start = below_256(NAME_BYTES as u32 - length);
    let bits = (length * 8).to_ne_bytes();
    // SAFETY: `start` is at most 255, and a key of 260 bytes from there fits the 516.
    unsafe {
        let key = (*scratch).key.as_mut_ptr().add(start);
        key.write(bits[0]);
        key.add(1).write(bits[1]);
        key.add(2).write(bits[2]);
        key.add(3).write(bits[3]);
        let found = bpf_map_lookup_elem(core::ptr::from_ref(&NAMES).cast_mut().cast(), key.cast())
            .cast::<u32>();
        if found.is_null() { None } else { Some(*found) }
    }
}
