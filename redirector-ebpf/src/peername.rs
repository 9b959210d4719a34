//! `getpeername()`: the app sees the address that it asked for, not the agent's.

use aya_ebpf::{macros::cgroup_sock_addr, programs::SockAddrContext};
use tidegate_redirect_abi::Family;

use crate::{
    maps::{ORIGINALS, stored},
    sock_addr::Call,
    verdict::PASS,
};

#[cgroup_sock_addr(getpeername4)]
pub fn getpeername4(ctx: SockAddrContext) -> i32 {
    let call = Call::new(&ctx);
    let original = stored(&ORIGINALS, call.socket());
    if !original.is_null() {
        // SAFETY: into the socket's storage.
        let (address, port) = unsafe { ((*original).address[0], (*original).port) };
        call.set4(address, port as u16);
    }
    PASS
}

#[cgroup_sock_addr(getpeername6)]
pub fn getpeername6(ctx: SockAddrContext) -> i32 {
    let call = Call::new(&ctx);
    let original = stored(&ORIGINALS, call.socket());
    if !original.is_null() {
        // SAFETY: as above.
        let (family, address, port) =
            unsafe { ((*original).family, (*original).address, (*original).port) };
        let family = if family == Family::V4 as u32 {
            Family::V4
        } else {
            Family::V6
        };
        call.set6(family, address, port as u16);
    }
    PASS
}
