//! What the OS tells of processes, apart from their connections.

/// Something that a process did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcessEvent {
    /// It runs a program.
    Executed(Executed),
    /// It has ended, and had opened governed connections or was denied. Of others no end is told.
    Ended(Ended),
}

/// A process that has just begun to run a program. It may have run another one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Executed {
    /// The process, in the host's pid namespace.
    pub pid: u32,
    /// The process that started it, or whoever took its place.
    pub parent: u32,
    /// When the process started, as `Opener` says it.
    pub start: Option<u64>,
    /// The user, in the host's user namespace.
    pub uid: u32,
    /// The cgroup (v2), 0 where there is none.
    pub cgroup: u64,
}

/// A process that is no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// The process, in the host's pid namespace.
    pub pid: u32,
    /// When it had started, as `Opener` says it.
    pub start: Option<u64>,
}
