//! Trying a client after its policy was written: a file that the client refuses would stop it for
//! everybody at the machine, and only the client itself knows for sure.

mod run;

pub use run::Runner;

/// A client with a machine-wide policy of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Client {
    /// Claude Code.
    ClaudeCode,
    /// GitHub Copilot.
    Copilot,
    /// Codex.
    Codex,
    /// Gemini CLI.
    GeminiCli,
    /// OpenCode.
    OpenCode,
}

/// Why a client did not start.
#[derive(Debug, thiserror::Error)]
pub enum CanaryError {
    /// It said no.
    #[error("the client ended with {0}")]
    Refused(String),
    /// It could not be tried: this says nothing about the policy.
    #[error("the client could not be tried: {0}")]
    Untried(#[from] std::io::Error),
}

/// Tries a client.
pub trait Canary: Send + Sync {
    /// Starts the client once, for something that reads its policies and changes nothing.
    ///
    /// # Errors
    /// It does not start, or cannot be tried.
    fn run(&self, client: Client) -> Result<(), CanaryError>;
}
