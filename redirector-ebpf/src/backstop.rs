//! What leaves for governed destinations past the agent: connections that are older than the hooks, or
//! that were made in a way they do not see. Off unless the policy is fail-closed.
//!
//! A redirected socket's peer is the agent, so no packet of one ever carries a governed address. Drops
//! are silent, and the app only sees a stall: what can be refused properly is refused at `connect()`.

use core::ptr::read_volatile;

use aya_ebpf::{
    bindings::{__sk_buff, bpf_sock},
    helpers::generated::{
        bpf_get_socket_uid, bpf_ktime_get_ns, bpf_sk_fullsock, bpf_skb_cgroup_id,
    },
    macros::cgroup_skb,
    programs::SkBuffContext,
};
use tidegate_redirect_abi::{Counter, Event, EventKind, Family, GOVERNED_PORT, Moment};

use crate::{
    connect::is_own,
    governed::is_governed,
    liveness::{moment, note},
    maps::{CONFIG, EVENTS, count},
    say,
    sock_addr::{Destination, IPPROTO_TCP, IPPROTO_UDP, destination6},
};

const AF_INET: u32 = 2;
const DROP: i32 = 0;
const PASS: i32 = 1;
/// A retransmission is not worth being told of.
const SECOND: u64 = 1_000_000_000;

#[cgroup_skb(egress)]
pub fn backstop_egress(ctx: SkBuffContext) -> i32 {
    match bypass(ctx.skb.skb) {
        Some(to) => {
            count(Counter::Backstopped);
            tell(ctx.skb.skb, &to);
            DROP
        }
        None => PASS,
    }
}

/// Where a packet is going that must not. Most packets are done with after the port.
#[inline(always)]
fn bypass(skb: *mut __sk_buff) -> Option<Destination> {
    // SAFETY: a field of the context; may be null.
    let socket = unsafe { read_volatile(&raw const (*skb).__bindgen_anon_2.sk) };
    if socket.is_null() {
        return None;
    }
    // SAFETY: not null; every kind of socket has a peer's port.
    if unsafe { read_volatile(&raw const (*socket).dst_port) } != GOVERNED_PORT.to_be() {
        return None;
    }
    let config = CONFIG.get(0)?;
    if config.backstop == 0 {
        return None;
    }
    // SAFETY: not null.
    let socket = unsafe { bpf_sk_fullsock(socket) };
    if socket.is_null() {
        return None;
    }
    // SAFETY: not null.
    let protocol = unsafe { read_volatile(&raw const (*socket).protocol) };
    let watched = protocol == IPPROTO_TCP || (protocol == IPPROTO_UDP && config.refuse_quic != 0);
    if !watched {
        return None;
    }
    let to = peer(socket);
    if is_own(socket) || !is_governed(&to) {
        return None;
    }
    Some(to)
}

#[inline(always)]
fn peer(socket: *mut bpf_sock) -> Destination {
    // SAFETY: fields of a full socket.
    unsafe {
        if read_volatile(&raw const (*socket).family) == AF_INET {
            return Destination {
                family: Family::V4,
                address: [read_volatile(&raw const (*socket).dst_ip4), 0, 0, 0],
                port: GOVERNED_PORT,
            };
        }
        destination6(
            [
                read_volatile(&raw const (*socket).dst_ip6[0]),
                read_volatile(&raw const (*socket).dst_ip6[1]),
                read_volatile(&raw const (*socket).dst_ip6[2]),
                read_volatile(&raw const (*socket).dst_ip6[3]),
            ],
            GOVERNED_PORT,
        )
    }
}

/// Whoever happens to run now is not who sent this, so only the socket says anything.
#[inline(always)]
fn tell(skb: *mut __sk_buff, to: &Destination) {
    // SAFETY: no preconditions.
    let now = unsafe { bpf_ktime_get_ns() };
    let last = moment(Moment::BypassTold);
    if last != 0 && now.saturating_sub(last) < SECOND {
        return;
    }
    note(Moment::BypassTold, now);
    say::dropped(to);
    let Some(mut entry) = EVENTS.reserve_untyped::<Event>(0) else {
        count(Counter::EventsLost);
        return;
    };
    let event = entry.as_mut_ptr();
    // SAFETY: the ring buffer gave a record of this size, aligned to 8; every field is written.
    unsafe {
        (*event).kind = EventKind::Bypass as u32;
        (*event).family = to.family as u32;
        (*event).address = to.address;
        (*event).port = to.port.into();
        (*event).reserved = 0;
        (*event).opener.netns = 0;
        (*event).opener.cgroup = bpf_skb_cgroup_id(skb);
        (*event).opener.tgid = 0;
        (*event).opener.uid = bpf_get_socket_uid(skb);
        (*event).opener.start_ns = 0;
        (*event).opener.comm = [0; 16];
    }
    entry.submit(0);
}
