//! Programs that are executed, as the OS tells of them.

use crate::RedirectError;

/// A process that is another program from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Execution {
    /// The process, in the host's pid namespace.
    pub pid: u32,
    /// Its user, in the host's user namespace.
    pub uid: u32,
    /// When it started, in the unit of [`Opener::start`](crate::Opener::start), where that is known.
    pub start: Option<u64>,
    /// Who started it, and when that one started, where both are known.
    pub parent: Option<(u32, u64)>,
}

/// Where executions are told. There is one reader.
pub trait Executions: Send {
    /// Waits (blocks) until something is executed, and adds what there is to `into`, some hundreds at most.
    /// Whether there was more that could not be told: then nothing may be concluded from what was not heard.
    ///
    /// # Errors
    /// Nothing will be told any more.
    fn next(&mut self, into: &mut Vec<Execution>) -> Result<bool, RedirectError>;
}
