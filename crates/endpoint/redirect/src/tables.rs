//! What a backend looks up. Decisions are made from the policy once, then compiled to these.

use std::net::IpAddr;

/// What happens to governed connections when the agent does not serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FailMode {
    /// They are refused.
    Closed,
    /// They go where they wanted to go.
    #[default]
    Open,
}

/// The tables of all backends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tables {
    /// Governed names, lower case, without a dot at the end. Each stands for itself and everything
    /// below it: the final word is the name in the TLS handshake.
    pub names: Vec<String>,
    /// Governed addresses that are known beforehand; those that names resolve to are learned.
    pub addresses: Vec<IpAddr>,
    /// Processes whose connections to governed destinations are refused at once: theirs, and those of
    /// whatever they have started or will start, as far as the OS tells.
    pub denied: Vec<u32>,
    /// Which decision `denied` comes from, such as the policy's revision. While it stays the same, what a
    /// denied process started stays denied after that process has ended and left the list. When it
    /// changes, only what comes from a process on the new list does.
    pub decision: u64,
    /// What happens when the agent does not serve.
    pub fail: FailMode,
    /// Whether UDP to port 443 of governed destinations is refused, so that apps fall back to TCP.
    pub refuse_quic: bool,
    /// Whether packets to governed destinations that went past the agent are dropped. Does nothing unless
    /// the fail mode is closed.
    pub backstop: bool,
}
