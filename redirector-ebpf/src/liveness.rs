//! Whether the agent serves the caller's network namespace, asked at the moment it matters: pinned
//! programs outlive the agent.

use core::{mem::zeroed, ptr::read_volatile};

use aya_ebpf::{
    bindings::bpf_sock_tuple,
    helpers::generated::{
        bpf_get_netns_cookie, bpf_ktime_get_ns, bpf_sk_lookup_tcp, bpf_sk_release,
    },
};
use tidegate_redirect_abi::{Config, Family, Own};

use crate::{
    maps::{HEARTBEAT, OWN, SERVED, stored},
    sock_addr::{Call, LOOPBACK4},
};

/// `BPF_F_CURRENT_NETNS`: the namespace of the socket that the hook runs for.
const CURRENT_NETNS: u64 = u64::MAX;

/// Whether the agent takes connections of this family here.
pub enum Agent {
    /// It does, on this loopback port.
    Serves(u16),
    /// It has not been heard from.
    Stale,
    /// It has no listener in this namespace.
    Absent,
}

#[inline(always)]
pub fn agent(call: Call, family: Family, config: &Config) -> Agent {
    let Some(beat) = HEARTBEAT.get_ptr(0) else {
        return Agent::Stale;
    };
    // SAFETY: into the map; the agent writes it as one word.
    let beat = unsafe { read_volatile(beat) };
    // SAFETY: no preconditions.
    let age = unsafe { bpf_ktime_get_ns() }.saturating_sub(beat);
    if age > config.heartbeat_limit_ns {
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
