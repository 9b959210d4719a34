//! Whether the agent serves the caller's network namespace, asked at the moment it matters: pinned
//! programs outlive the agent.
//!
//! An agent that is gone has no listener. One that hangs still has: so a redirected connection also puts
//! a question, and the agent answers it from the tasks that serve connections. A question that stays open
//! for too long means that it hangs. Where nothing is redirected nothing is asked, and nobody wakes up.

use core::{
    mem::zeroed,
    ptr::{read_volatile, write_volatile},
};

use aya_ebpf::{
    bindings::bpf_sock_tuple,
    helpers::generated::{
        bpf_get_netns_cookie, bpf_ktime_get_ns, bpf_sk_lookup_tcp, bpf_sk_release,
    },
};
use tidegate_redirect_abi::{Config, Counter, EventKind, Family, Moment, Own};

use crate::{
    maps::{MOMENTS, OWN, SERVED, count, stored},
    sock_addr::{Call, Destination, LOOPBACK4},
    tell::tell,
};

/// `BPF_F_CURRENT_NETNS`: the namespace of the socket that the hook runs for.
const CURRENT_NETNS: u64 = u64::MAX;

/// Whether the agent takes connections of this family here.
pub enum Agent {
    /// It does, on this loopback port.
    Serves(u16),
    /// It has not answered for too long.
    Stale,
    /// It has no listener in this namespace.
    Absent,
}

#[inline(always)]
pub fn agent(call: Call, family: Family, config: &Config) -> Agent {
    let asked = moment(Moment::Asked);
    if asked != 0 && now().saturating_sub(asked) > config.answer_limit_ns {
        return Agent::Stale;
    }
    // SAFETY: the context is this hook's.
    let netns = unsafe { bpf_get_netns_cookie(call.context()) };
    // SAFETY: a listener that is replaced while this is read is looked for below.
    let Some(served) = (unsafe { SERVED.get(netns) }) else {
        return Agent::Absent;
    };
    let port = match family {
        Family::V4 => served.port4,
        Family::V6 => served.port6,
    } as u16;
    if port != 0 && is_ours(call, family, port) {
        Agent::Serves(port)
    } else {
        Agent::Absent
    }
}

/// Asks the agent whether it is there, unless it has been asked and has not answered yet.
///
/// Two CPUs may ask at the same time; one answer does for both.
#[inline(always)]
pub fn ask(call: Call, to: &Destination) {
    if moment(Moment::Asked) == 0 {
        let now = now();
        // Noted before it is told: the answer must not be overwritten by the question.
        note(Moment::Asked, now);
        put(call, to, now);
    }
}

/// Asks again where the answer is overdue, since a question may have been lost: then one lost record
/// would be the end of the redirection. Once in each limit is enough.
#[inline(always)]
pub fn ask_again(call: Call, to: &Destination, config: &Config) {
    let now = now();
    if now.saturating_sub(moment(Moment::AskedLast)) > config.answer_limit_ns {
        put(call, to, now);
    }
}

#[inline(always)]
fn put(call: Call, to: &Destination, now: u64) {
    note(Moment::AskedLast, now);
    count(Counter::Asked);
    tell(EventKind::Question, call, to);
}

#[inline(always)]
fn now() -> u64 {
    // SAFETY: no preconditions.
    unsafe { bpf_ktime_get_ns() }
}

/// Reads a moment; 0 where there is none.
#[inline(always)]
pub fn moment(which: Moment) -> u64 {
    match MOMENTS.get_ptr(which as u32) {
        // SAFETY: into the map; it is always written as one word.
        Some(moment) => unsafe { read_volatile(moment) },
        None => 0,
    }
}

/// Notes a moment.
#[inline(always)]
pub fn note(which: Moment, at: u64) {
    if let Some(moment) = MOMENTS.get_ptr_mut(which as u32) {
        // SAFETY: into the map.
        unsafe { write_volatile(moment, at) };
    }
}

/// Whether the listener on that port is the agent's: another process could have taken the port.
#[inline(always)]
fn is_ours(call: Call, family: Family, port: u16) -> bool {
    // SAFETY: plain numbers.
    let mut tuple: bpf_sock_tuple = unsafe { zeroed() };
    let port = port.to_be();
    // The source only has to be one that no connection has.
    let size = match family {
        Family::V4 => {
            tuple.__bindgen_anon_1.ipv4.saddr = LOOPBACK4;
            tuple.__bindgen_anon_1.ipv4.daddr = LOOPBACK4;
            tuple.__bindgen_anon_1.ipv4.sport = 1_u16.to_be();
            tuple.__bindgen_anon_1.ipv4.dport = port;
            12
        }
        Family::V6 => {
            let loopback = [0, 0, 0, 1_u32.to_be()];
            tuple.__bindgen_anon_1.ipv6.saddr = loopback;
            tuple.__bindgen_anon_1.ipv6.daddr = loopback;
            tuple.__bindgen_anon_1.ipv6.sport = 1_u16.to_be();
            tuple.__bindgen_anon_1.ipv6.dport = port;
            36
        }
    };
    // SAFETY: the tuple is of the size that names its family; what is found is released below.
    unsafe {
        let found = bpf_sk_lookup_tcp(call.context(), &raw mut tuple, size, CURRENT_NETNS, 0);
        if found.is_null() {
            return false;
        }
        let own = stored(&OWN, found);
        let ours = !own.is_null() && *own == Own::Listener as u32;
        bpf_sk_release(found.cast());
        ours
    }
}
