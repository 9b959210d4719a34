//! The kernel's half of the redirector: decides at `connect()` whether a socket goes to the agent,
//! remembers where it was going, learns from DNS answers which addresses belong to governed names, and
//! watches what denied processes start.
//!
//! It decides nothing that policy decides: it looks up tables that the agent compiled.
//! One file for each family of hooks; what they share lies in `maps`, `liveness`, `tell` and
//! `say`.
#![no_std]
#![no_main]
#![feature(asm_experimental_arch)]

mod backstop;
mod connect;
mod datagram;
mod dns;
mod governed;
mod liveness;
mod maps;
mod peername;
mod processes;
mod publish;
mod say;
mod sock_addr;
mod task;
mod tell;
mod verdict;

/// The licence that the kernel asks for: reading its own records (`task`) is reserved for programs that
/// may be had under the GPL, which these may, besides Apache-2.0 (see `Cargo.toml`).
#[unsafe(link_section = "license")]
#[unsafe(no_mangle)]
static LICENSE: [u8; 4] = *b"GPL\0";

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
