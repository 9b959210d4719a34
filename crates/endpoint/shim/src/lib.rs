//! Our shim between an MCP client and a server that speaks over standard input and output (MCP
//! 2025-06-18, stdio transport: one JSON-RPC 2.0 message a line). The client starts
//! `tidegate-edge mcp-run … -- SERVER`, and should notice nothing: bytes pass as they are, and so do
//! exit codes, signals, the environment and standard error. What changes is what was decided: a denied
//! server does not start or is ended, a denied tool is answered with an error and never called, and
//! denied tools are left out of lists. The tools that a server lists are noted for discovery, so that
//! nobody has to start a server to ask it.
//!
//! Two threads pass bytes on, blocking, since nothing is faster for one message at a time; signals,
//! decisions and the child's end are awaited beside them.
#![deny(unsafe_code)]
#![warn(missing_docs)]

mod answer;
mod calls;
mod child;
mod client;
mod decisions;
mod lines;
mod listing;
mod message;
mod pending;
mod pump;
mod run;
mod seen;
mod session;
mod watch;

use std::path::PathBuf;

use tidegate_policy::{FailMode, Identified};

pub use decisions::{Decisions, DecisionsError};
pub use run::run;
pub use seen::FOLDER as SEEN_FOLDER;

/// What a shim is told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What the person calls the server, for messages.
    pub name: String,
    /// What the server is, as discovery tells it too.
    pub server: Identified,
    /// The program.
    pub command: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// What happens while there are no decisions: the agent never wrote any, or they cannot be
    /// trusted.
    pub fail: FailMode,
    /// Where the agent writes the decisions.
    pub decisions: PathBuf,
    /// Whose file that has to be: root's.
    pub owner: u32,
    /// Where the tools are noted that the server lists: [`SEEN_FOLDER`] in the person's home. None:
    /// they are not.
    pub notes: Option<PathBuf>,
    /// The time, in seconds since the Unix epoch.
    pub now: fn() -> u64,
}
