//! A connection that an app opened and the OS handed over.

use std::net::SocketAddr;

use tokio::net::TcpStream;

/// A connection on its way to somewhere else.
#[derive(Debug)]
pub struct Flow {
    /// The app's end.
    pub stream: TcpStream,
    /// Where the app was going.
    pub destination: SocketAddr,
    /// Who opened it, where the OS says.
    pub opener: Option<Opener>,
}

/// Who opened a connection, as the kernel saw it at that moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opener {
    /// The process, in the host's pid namespace.
    pub pid: u32,
    /// The user, in the host's user namespace.
    pub uid: u32,
    /// When the process started, in the unit in which this OS tells it of its processes (Linux: clock
    /// ticks since boot, proc(5) `stat` field 22), where that is known. Process and start together are
    /// never used twice.
    pub start: Option<u64>,
    /// The thread's name: the app chooses it, so it is shown and never decides.
    pub comm: String,
    /// The cgroup (v2), 0 where there is none.
    pub cgroup: u64,
    /// The network namespace's cookie, 0 where there are none.
    pub netns: u64,
}
