//! The kernel's half of the redirector: decides at `connect()` whether a socket goes to the agent,
//! remembers where it was going, and learns from DNS answers which addresses belong to governed names.
//!
//! It decides nothing that policy decides: it looks up tables that the agent compiled.
//! One file for each family of hooks; what they share lies in `maps`, `liveness` and `tell`.
#![no_std]
#![no_main]
#![feature(asm_experimental_arch)]

mod connect;
mod datagram;
mod dns;
mod governed;
mod liveness;
mod maps;
mod peername;
mod publish;
mod sock_addr;
mod tell;
mod verdict;

/// The licence that the kernel asks for. No helper that is used here is reserved for the GPL.
#[unsafe(link_section = "license")]
#[unsafe(no_mangle)]
static LICENSE: [u8; 11] = *b"Apache-2.0\0";

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
