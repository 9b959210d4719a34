//! A redirected connection's original destination, published under its source address and port: that
//! is all the accepting end knows of it.
//!
//! `TCP_CONNECT_CB` fires after the source port is chosen and before the first packet leaves, so the
//! entry is always there when the agent accepts.

use core::ptr::read_volatile;

use aya_ebpf::{
    bindings::{BPF_SOCK_OPS_TCP_CONNECT_CB, bpf_sock_ops},
    helpers::generated::bpf_get_netns_cookie,
    macros::sock_ops,
    programs::SockOpsContext,
};
use tidegate_redirect_abi::{Counter, Family, PortKey};

use crate::{
    maps::{ORIGINALS, PORTS, SERVED, count, stored},
    say,
    sock_addr::LOOPBACK4,
};

const AF_INET: u32 = 2;
const GO_ON: u32 = 1;

#[sock_ops]
pub fn on_tcp_connect(ctx: SockOpsContext) -> u32 {
    if ctx.op() == BPF_SOCK_OPS_TCP_CONNECT_CB as u32 {
        publish(ctx.ops);
    }
    GO_ON
}

#[inline(always)]
fn publish(ops: *mut bpf_sock_ops) {
    // SAFETY: a field of the context; may be null.
    let socket = unsafe { read_volatile(&raw const (*ops).__bindgen_anon_2.sk) };
    if socket.is_null() {
        return;
    }
    let original = stored(&ORIGINALS, socket);
    if original.is_null() {
        withdraw(ops);
        return;
    }
    // SAFETY: into the socket's storage.
    let original = unsafe { &*original };
    let key = if original.family == Family::V4 as u32 {
        key4(ops)
    } else {
        key6(ops)
    };
    match PORTS.insert(&key, original, 0) {
        Ok(()) => {
            count(Counter::Published);
            say::published(key.port, key.netns);
        }
        Err(_) => {
            count(Counter::PublishFailed);
            say::publish_failed(key.port, key.netns);
        }
    }
}

/// A process that connects to the agent itself must not find what a connection from the same port,
/// which failed before it was accepted, has left. Other connections on loopback may well share a port
/// with one that is on its way.
#[inline(always)]
fn withdraw(ops: *mut bpf_sock_ops) {
    // SAFETY: fields of the context.
    let (family, remote4, a, b, port) = unsafe {
        (
            read_volatile(&raw const (*ops).family),
            read_volatile(&raw const (*ops).remote_ip4),
            read_volatile(&raw const (*ops).remote_ip6[0]),
            read_volatile(&raw const (*ops).remote_ip6[1]),
            u32::from_be(read_volatile(&raw const (*ops).remote_port)),
        )
    };
    let is_v4 = remote4 == LOOPBACK4;
    if !is_v4 && (family == AF_INET || a != 0 || b != 0) {
        return;
    }
    // SAFETY: the context is this hook's.
    let netns = unsafe { bpf_get_netns_cookie(ops.cast()) };
    // SAFETY: a listener that is replaced right now has nothing to lose.
    let Some(served) = (unsafe { SERVED.get(netns) }) else {
        return;
    };
    // That there was nothing is no error.
    if is_v4 && port == served.port4 {
        let _ = PORTS.remove(key4(ops));
    } else if !is_v4 && port == served.port6 {
        let _ = PORTS.remove(key6(ops));
    }
}

#[inline(always)]
fn key4(ops: *mut bpf_sock_ops) -> PortKey {
    // SAFETY: fields of the context.
    unsafe {
        PortKey {
            netns: bpf_get_netns_cookie(ops.cast()),
            address: [read_volatile(&raw const (*ops).local_ip4), 0, 0, 0],
            family: Family::V4 as u32,
            port: read_volatile(&raw const (*ops).local_port),
        }
    }
}

#[inline(always)]
fn key6(ops: *mut bpf_sock_ops) -> PortKey {
    // SAFETY: fields of the context.
    unsafe {
        PortKey {
            netns: bpf_get_netns_cookie(ops.cast()),
            address: [
                read_volatile(&raw const (*ops).local_ip6[0]),
                read_volatile(&raw const (*ops).local_ip6[1]),
                read_volatile(&raw const (*ops).local_ip6[2]),
                read_volatile(&raw const (*ops).local_ip6[3]),
            ],
            family: Family::V6 as u32,
            port: read_volatile(&raw const (*ops).local_port),
        }
    }
}
