//! What a pass is told.

use std::fmt;

use serde::{Deserialize, Serialize};
use tidegate_policy::AppId;

/// A process of a client, as the caller saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningClient {
    /// The client.
    pub client: AppId,
    /// Whose process it is.
    pub uid: u32,
    /// When it started, in seconds since 1970.
    pub started: u64,
}

/// A client's own policy of a rank above ours, in somebody's home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shadow {
    /// The client.
    pub client: AppId,
    /// Whose home it is in.
    pub uid: u32,
    /// Which policy it is, for people.
    pub by: String,
}

/// What a pass is told about the machine around it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Settings {
    /// Our shim, as clients are to start it.
    #[serde(default = "shim")]
    pub shim: String,
    /// A pass as root puts native policies in force: then a home's pass leaves to it what they can say.
    #[serde(default)]
    pub native: bool,
    /// Clients that run now.
    #[serde(default)]
    pub running: Vec<RunningClient>,
    /// What the passes over the homes said ([`Outcome::shadowed`](crate::Outcome::shadowed)), for the
    /// pass over the machine.
    #[serde(default)]
    pub shadowed: Vec<Shadow>,
    /// What is written for a client, for the whole machine, is on trial until somebody has run the client
    /// ([`judge`](crate::judge)); else only the text is checked.
    #[serde(default)]
    pub trial: bool,
}

fn shim() -> String {
    "/usr/bin/tidegate-edge".into()
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            shim: shim(),
            native: true,
            running: Vec::new(),
            shadowed: Vec::new(),
            trial: false,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("shim", &self.shim)
            .field("native", &self.native)
            .field("trial", &self.trial)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// Whether a client runs that has not read what was written at `since`. A process of the same
    /// second may have read the old file.
    pub(crate) fn is_stale(&self, client: &AppId, uid: Option<u32>, since: u64) -> bool {
        self.running.iter().any(|process| {
            process.client == *client
                && uid.is_none_or(|uid| process.uid == uid)
                && process.started <= since
        })
    }
}
