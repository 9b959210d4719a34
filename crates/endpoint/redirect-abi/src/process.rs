//! What processes do, as the kernel programs tell it.

/// What a process did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum ProcessKind {
    /// It runs another program now.
    Executed = 1,
    /// It has ended, all its threads.
    Ended = 2,
}

impl ProcessKind {
    /// The kind with this number.
    #[must_use]
    pub const fn from_number(number: u32) -> Option<Self> {
        Some(match number {
            1 => Self::Executed,
            2 => Self::Ended,
            _ => return None,
        })
    }
}

/// A record of the processes' ring buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Process {
    /// A [`ProcessKind`].
    pub kind: u32,
    /// The process in the host's pid namespace.
    pub tgid: u32,
    /// Its parent.
    pub parent: u32,
    /// The user in the host's user namespace.
    pub uid: u32,
    /// When it started, in nanoseconds of the boot clock.
    pub start_ns: u64,
    /// The cgroup (v2).
    pub cgroup: u64,
}
