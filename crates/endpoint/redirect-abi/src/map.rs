//! The names by which the agent finds maps and programs in the object, and the version of their
//! layout.

/// The version of all records and maps together: pins of another version are never reused.
pub const LAYOUT: u32 = 1;

/// All maps. The array and the programs agree by test.
pub const MAPS: [&str; 13] = [
    "CONFIG",
    "HEARTBEAT",
    "SERVED",
    "V4",
    "V6",
    "NAMES",
    "LEARNED",
    "DENIED",
    "OWN",
    "ORIGINALS",
    "PORTS",
    "COUNTERS",
    "EVENTS",
];

/// All programs, in the order they are attached: those that serve a redirected connection come before
/// those that redirect, so that none is ever half redirected.
pub const PROGRAMS: [&str; 8] = [
    "on_tcp_connect",
    "getpeername4",
    "getpeername6",
    "dns_ingress",
    "sendmsg4",
    "sendmsg6",
    "connect4",
    "connect6",
];
