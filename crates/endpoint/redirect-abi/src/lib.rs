//! Records shared between the kernel programs and the agent. Both sides are compiled from this crate,
//! and the layout is tested, so that a map's bytes mean the same to both.
//!
//! All records are `repr(C)` without hidden padding. Addresses are in network order, ports in the
//! host's.
#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod counter;
mod event;
mod execution;
mod flow;
mod map;
mod name;
mod switch;

pub use counter::{COUNTERS, Counter};
pub use event::{Event, EventKind};
pub use execution::Execution;
pub use flow::{Family, Opener, Original, PortKey};
pub use map::{
    EXECUTIONS, LAYOUT, LINES, LINES_LEVEL, MAPS, OFFSETS, OWN_MAPS, PROGRAMS, TRACEPOINTS,
};
pub use name::{InvalidName, NAME_BYTES, NameKey, name_key};
pub use switch::{Config, Learned, MOMENTS, Moment, Own, Served};

/// The only port that is governed, TCP and UDP: HTTPS and HTTP/3.
pub const GOVERNED_PORT: u16 = 443;

/// Where the canary of a health check connects to: in TEST-NET-1 (RFC 5737), so that it exists
/// nowhere, and only a redirected connection can succeed. Network order.
pub const CANARY: [u8; 4] = [192, 0, 2, 1];

#[cfg(test)]
mod tests;
