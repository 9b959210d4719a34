//! `connect()`: a governed connection is sent to the agent, and the socket remembers where it was
//! going.

use aya_ebpf::{
    bindings::bpf_sock,
    helpers::generated::{bpf_get_netns_cookie, bpf_get_socket_cookie, bpf_setsockopt},
    macros::cgroup_sock_addr,
    programs::SockAddrContext,
};
use tidegate_redirect_abi::{Config, Counter, EventKind, Family, Own};

use crate::{
    datagram,
    governed::is_governed,
    liveness::{Agent, agent, ask, ask_again},
    maps::{
        CONFIG, DENIED, INHERITED, ORIGINALS, OWN, count, forget, stored, stored_or_new,
    },
    say,
    sock_addr::{Call, Destination, LOOPBACK4},
    tell::{current_process, tell, write_opener},
    verdict::{PASS, Refusal, refuse},
};

const SOL_SOCKET: i32 = 1;
const SO_BINDTODEVICE: i32 = 25;

/// What becomes of a connection.
enum Course {
    /// Nothing.
    Direct,
    /// To the agent on this loopback port.
    Agent(u16),
    /// It fails.
    Refused(Refusal),
}

#[cgroup_sock_addr(connect4)]
pub fn connect4(ctx: SockAddrContext) -> i32 {
    let call = Call::new(&ctx);
    let to = call.destination4();
    if call.is_udp() {
        return datagram::judge(call, &to);
    }
    match course(call, &to) {
        Course::Direct => PASS,
        Course::Agent(port) => {
            call.set4(LOOPBACK4, port);
            PASS
        }
        Course::Refused(why) => refuse(why),
    }
}

#[cgroup_sock_addr(connect6)]
pub fn connect6(ctx: SockAddrContext) -> i32 {
    let call = Call::new(&ctx);
    let to = call.destination6();
    if call.is_udp() {
        return datagram::judge(call, &to);
    }
    match course(call, &to) {
        Course::Direct => PASS,
        // A mapped destination stays mapped, a real one real: a V6ONLY socket has no other.
        Course::Agent(port) => {
            let loopback = match to.family {
                Family::V4 => [LOOPBACK4, 0, 0, 0],
                Family::V6 => [0, 0, 0, 1_u32.to_be()],
            };
            call.set6(to.family, loopback, port);
            PASS
        }
        Course::Refused(why) => refuse(why),
    }
}

#[inline(always)]
fn course(call: Call, to: &Destination) -> Course {
    if !call.is_tcp() {
        return Course::Direct;
    }
    let socket = call.socket();
    if socket.is_null() {
        return Course::Direct;
    }
    let course = if is_governed(to) {
        govern(call, socket, to)
    } else {
        say::not_governed(to);
        Course::Direct
    };
    if matches!(course, Course::Direct) {
        // A socket may be disconnected and used again: it must not carry where it was going before.
        forget(&ORIGINALS, socket);
    }
    course
}

#[inline(always)]
fn govern(call: Call, socket: *mut bpf_sock, to: &Destination) -> Course {
    if is_own(socket) {
        count(Counter::Bypassed);
        say::own(to);
        return Course::Direct;
    }
    let Some(config) = CONFIG.get(0) else {
        return Course::Direct;
    };
    match agent(call, to.family, config) {
        Agent::Serves(_) if is_denied() => {
            count(Counter::Denied);
            tell(EventKind::Denied, call, to);
            say::denied(to);
            Course::Refused(Refusal::Refused)
        }
        Agent::Serves(port) => {
            if remember(call, socket, to) {
                count(Counter::Redirected);
                ask(call, to);
                say::redirected(to, port);
                Course::Agent(port)
            } else {
                count(Counter::NoMemory);
                say::no_memory(to);
                without_agent(to, config)
            }
        }
        Agent::Stale => {
            ask_again(call, to, config);
            tell(EventKind::Stale, call, to);
            say::stale(to);
            without_agent(to, config)
        }
        Agent::Absent => {
            tell(EventKind::NoListener, call, to);
            // SAFETY: the context is this hook's.
            say::absent(to, unsafe { bpf_get_netns_cookie(call.context()) });
            without_agent(to, config)
        }
    }
}

/// Whether the socket is the agent's own connection.
#[inline(always)]
pub fn is_own(socket: *mut bpf_sock) -> bool {
    let own = stored(&OWN, socket);
    // SAFETY: not null, then into the socket's storage.
    !own.is_null() && unsafe { *own } == Own::Outgoing as u32
}

#[inline(always)]
pub fn is_denied() -> bool {
    let process = current_process();
    DENIED.get_ptr(process).is_some() || INHERITED.get_ptr(process).is_some()
}

#[inline(always)]
fn without_agent(to: &Destination, config: &Config) -> Course {
    if config.fail_closed == 0 {
        count(Counter::FailedOpen);
        say::failed_open(to);
        Course::Direct
    } else {
        count(Counter::FailedClosed);
        say::failed_closed(to);
        Course::Refused(Refusal::Unreachable)
    }
}

/// Notes where the socket was going. A second `connect()` overwrites the first.
#[inline(always)]
fn remember(call: Call, socket: *mut bpf_sock, to: &Destination) -> bool {
    let original = stored_or_new(&ORIGINALS, socket);
    if original.is_null() {
        return false;
    }
    // SAFETY: into the socket's storage, of this size and aligned.
    unsafe {
        (*original).family = to.family as u32;
        (*original).port = to.port.into();
        (*original).address = to.address;
        (*original).cookie = bpf_get_socket_cookie(call.context());
        write_opener(call, &raw mut (*original).opener);
    }
    // SAFETY: the hook's own socket.
    if unsafe { (*socket).bound_dev_if } != 0 {
        unbind(call);
    }
    true
}

/// A socket that is bound to a device (`curl --interface`, VPN clients) never reaches loopback.
#[inline(always)]
fn unbind(call: Call) {
    let mut none = [0_u8; 4];
    // SAFETY: four bytes for a device name; empty means any.
    let failed = unsafe {
        bpf_setsockopt(
            call.context(),
            SOL_SOCKET,
            SO_BINDTODEVICE,
            none.as_mut_ptr().cast(),
            4,
        )
    };
    if failed == 0 {
        count(Counter::Unbound);
    }
}
