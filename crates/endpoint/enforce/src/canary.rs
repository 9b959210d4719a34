//! Trying a client after its policy was written: a file that the client refuses would stop it for
//! everybody at the machine, and only the client itself knows for sure.

mod run;

use serde::{Deserialize, Serialize};

pub use run::{Runner, is_roots};

/// A client with a machine-wide policy of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
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

impl Client {
    /// The one of an app.
    #[must_use]
    pub fn of(app: &tidegate_policy::AppId) -> Option<Self> {
        Some(match app.as_str() {
            "claude-code" => Self::ClaudeCode,
            "codex" => Self::Codex,
            "gemini-cli" => Self::GeminiCli,
            "opencode" => Self::OpenCode,
            _ => return None,
        })
    }

    /// What its command is called, and the words with which it reads its policies, says something and ends. None:
    /// nothing of that kind is known of it, so it is not tried.
    #[must_use]
    pub const fn command(self) -> Option<(&'static str, &'static [&'static str])> {
        let name = match self {
            Self::ClaudeCode => "claude",
            Self::Codex => "codex",
            Self::GeminiCli => "gemini",
            Self::OpenCode => "opencode",
            Self::Copilot => return None,
        };
        Some((name, &["mcp", "list"]))
    }
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
