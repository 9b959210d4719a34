//! Who decides about a connection. The agent's binary does, with the policy and the process tables;
//! this crate only asks.

use tidegate_policy::{AppId, FailMode, HostName, Verdict};
use tidegate_redirect::Opener;

/// A decision about a connection, and who it was made about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// What is done with it.
    pub verdict: Verdict,
    /// The app that opened it.
    pub app: AppId,
    /// Its version, where its package or path says one.
    pub version: Option<String>,
    /// The OS user's name; empty where unknown.
    pub user: String,
    /// The OS user's number, where known.
    pub uid: Option<u32>,
    /// The executable or script; empty where unknown.
    pub process: String,
}

/// Decides about connections.
pub trait Decider: Send + Sync + 'static {
    /// What is done with a connection to `host`, which is the name in its TLS handshake, or none where
    /// it names none. Called once for each connection, and again for one that is open when the policy
    /// changes. Must not block: it runs on the proxy's threads.
    fn decide(&self, opener: Option<&Opener>, host: Option<&HostName>) -> Judged;

    /// What happens while a connection cannot be governed.
    fn fail(&self) -> FailMode;

    /// The policy's revision. Connections that are open when it changes are judged anew at their next
    /// request.
    fn revision(&self) -> u64;
}
