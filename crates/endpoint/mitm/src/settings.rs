//! Limits and times, with values that fit a laptop.

use std::{path::PathBuf, time::Duration};

/// Limits and times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Connections at once; those beyond are reset.
    pub connections: usize,
    /// How long an app may be silent before its true destination is asked whether it speaks first.
    pub silence: Duration,
    /// How long a TLS hello may take from its first byte.
    pub hello: Duration,
    /// How long the rest of the handshake may take.
    pub handshake: Duration,
    /// How long connecting to somewhere else may take.
    pub connect: Duration,
    /// How long opening a connection to the gateway may take: name, TCP and TLS together. Apps wait for it
    /// before they pass untouched.
    pub gateway: Duration,
    /// How long an app that pins certificates is remembered.
    pub pinned: Duration,
    /// A file that is written when the organisation's CA is installed: apps that distrusted it until then
    /// get another chance.
    pub installed: Option<PathBuf>,
    /// How long open connections may go on after the server was told to stop.
    pub drain: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connections: 4096,
            silence: Duration::from_secs(1),
            hello: Duration::from_secs(10),
            handshake: Duration::from_secs(15),
            connect: Duration::from_secs(10),
            gateway: Duration::from_secs(5),
            pinned: Duration::from_secs(60 * 60),
            installed: None,
            drain: Duration::from_secs(10),
        }
    }
}
