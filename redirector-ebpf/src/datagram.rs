//! UDP to governed destinations: HTTP/3 is refused at once, so that apps fall back to TCP, which can
//! be redirected.

use aya_ebpf::{macros::cgroup_sock_addr, programs::SockAddrContext};
use tidegate_redirect_abi::{Counter, EventKind};

use crate::{
    connect::{is_denied, is_own},
    governed::is_governed,
    liveness::{Agent, agent, ask_again},
    maps::{CONFIG, count},
    say,
    sock_addr::{Call, Destination},
    tell::tell,
    verdict::{PASS, Refusal, refuse},
};

#[cgroup_sock_addr(sendmsg4)]
pub fn sendmsg4(ctx: SockAddrContext) -> i32 {
    let call = Call::new(&ctx);
    judge(call, &call.destination4())
}

#[cgroup_sock_addr(sendmsg6)]
pub fn sendmsg6(ctx: SockAddrContext) -> i32 {
    let call = Call::new(&ctx);
    judge(call, &call.destination6())
}

/// Whether a datagram may go there.
#[inline(always)]
pub fn judge(call: Call, to: &Destination) -> i32 {
    if !call.is_udp() || !is_governed(to) {
        return PASS;
    }
    let socket = call.socket();
    if socket.is_null() || is_own(socket) {
        return PASS;
    }
    let Some(config) = CONFIG.get(0) else {
        return PASS;
    };
    match agent(call, to.family, config) {
        Agent::Serves(_) => {
            if is_denied() {
                count(Counter::Denied);
                tell(EventKind::Denied, call, to);
                say::denied(to);
                return refuse(Refusal::Refused);
            }
            if config.refuse_quic == 0 {
                return PASS;
            }
            count(Counter::QuicRefused);
            tell(EventKind::QuicRefused, call, to);
            say::quic(to);
            refuse(Refusal::Refused)
        }
        gone @ (Agent::Stale | Agent::Absent) => {
            if matches!(gone, Agent::Stale) {
                ask_again(call, to, config);
            }
            if config.fail_closed == 0 {
                count(Counter::FailedOpen);
                say::failed_open(to);
                return PASS;
            }
            count(Counter::FailedClosed);
            say::failed_closed(to);
            refuse(Refusal::Unreachable)
        }
    }
}
