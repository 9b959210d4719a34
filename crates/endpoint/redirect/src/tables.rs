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
    /// Processes whose connections to governed destinations are refused at once.
    pub denied: Vec<u32>,
    /// What happens when the agent does not serve.
    pub fail: FailMode,
    /// Whether UDP to port 443 of governed destinations is refused, so that apps fall back to TCP.
    pub refuse_quic: bool,
}
