//! What the kernel programs tell of executions, through a ring buffer of their own.

/// A process executed a program: from here on `/proc` shows the new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(C)]
pub struct Execution {
    /// When the process started, in nanoseconds of the boot clock; 0 where that is not known. To execute
    /// another program does not change it.
    pub start_ns: u64,
    /// When its parent started; 0 where that is not known.
    pub parent_start_ns: u64,
    /// The process (thread group) in the host's pid namespace.
    pub tgid: u32,
    /// Its parent; 0 where that is not known.
    pub parent: u32,
    /// The user in the host's user namespace.
    pub uid: u32,
    /// Zero.
    pub reserved: u32,
}
