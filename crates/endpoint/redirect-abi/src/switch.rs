//! What the agent sets and the kernel programs read.

/// How the programs behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(C)]
pub struct Config {
    /// How long the agent may take to answer a question, in nanoseconds of the monotonic clock, which
    /// stands still while the machine sleeps.
    pub answer_limit_ns: u64,
    /// 1: governed connections are refused while the agent does not serve; 0: let through.
    pub fail_closed: u32,
    /// 1: UDP to the governed port of governed destinations is refused.
    pub refuse_quic: u32,
    /// 1: private addresses in DNS answers are learned too; for tests and networks that need it.
    pub learn_private: u32,
    /// 1: what goes to governed destinations past the agent is dropped.
    pub backstop: u32,
}

/// What programs and agent note for each other: an index into the moments' map, which holds nanoseconds
/// of the monotonic clock. Each is one word, so that none is ever read half written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Moment {
    /// Since when a question to the agent is open; the agent answers with 0.
    Asked = 0,
    /// When it was put the last time.
    AskedLast = 1,
    /// When a bypass was told of the last time.
    BypassTold = 2,
}

/// How many moments there are.
pub const MOMENTS: usize = 3;

/// The agent's listeners in a network namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(C)]
pub struct Served {
    /// The port on 127.0.0.1.
    pub port4: u32,
    /// The port on `::1`; 0 where there is no IPv6.
    pub port6: u32,
}

/// An address that a governed name resolved to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Learned {
    /// Until when, in nanoseconds of the boot clock, which goes on while the machine sleeps.
    pub expires_ns: u64,
    /// The governed name, by the number that the agent gave it.
    pub rule: u32,
    /// Zero.
    pub reserved: u32,
}

/// What a socket of the agent's own is. Only who holds the map can say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Own {
    /// A connection of the agent's: never redirected.
    Outgoing = 1,
    /// A listener that redirected connections go to.
    Listener = 2,
}
