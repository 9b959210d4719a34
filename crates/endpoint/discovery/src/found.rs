//! What was found. It passes between the agent's own processes as JSON and holds launches in the raw,
//! credentials among them: only the redacted [`McpServer`] in it may leave the machine.

use std::{fmt, path::PathBuf};

use serde::{Deserialize, Serialize};
use tidegate_device_api::{Coverage, InstalledApp, McpServer};
use tidegate_policy::AppId;

/// How a configuration file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// JSON (RFC 8259), comments and trailing commas allowed: a plain file is one too.
    Jsonc,
    /// TOML 1.0.
    Toml,
    /// YAML 1.2.
    Yaml,
}

/// Where a server stands in a file, so that the entry can be changed and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The file.
    pub file: PathBuf,
    /// How it is written.
    pub format: Format,
    /// The keys from the root of the document down to the entry.
    pub keys: Vec<String>,
    /// The file belongs to a project, and so perhaps to a repository: it is not ours to edit.
    pub shared: bool,
}

/// A launch as it stands in the file, variables not expanded. It may hold credentials.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RawLaunch {
    /// The program.
    pub command: Option<String>,
    /// Its arguments.
    pub args: Vec<String>,
    /// The URL.
    pub url: Option<String>,
}

/// It holds credentials, so nothing of it is shown.
impl fmt::Debug for RawLaunch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawLaunch").finish_non_exhaustive()
    }
}

/// A server, and where it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Located {
    /// What may be told of it.
    pub server: McpServer,
    /// How it is launched; for one that our shim wraps, the launch inside.
    pub raw: RawLaunch,
    /// Something in the launch was taken for a credential: it must not be written where others read.
    pub secret: bool,
    /// Our shim stands in the entry already.
    pub wrapped: bool,
    /// Where it stands; none for one that was only seen running.
    pub entry: Option<Entry>,
}

/// What was found in one home, or on the machine itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Found {
    /// AI apps.
    pub apps: Vec<InstalledApp>,
    /// The files by which they start.
    #[serde(default)]
    pub programs: Vec<Program>,
    /// MCP servers.
    pub servers: Vec<Located>,
    /// What was looked at.
    pub coverage: Vec<Coverage>,
    /// Files and folders whose change means that it has to be looked at again.
    pub watch: Vec<PathBuf>,
}

/// A file by which an app starts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Program {
    /// The app.
    pub app: AppId,
    /// The file, links resolved, as it is on this machine.
    pub path: PathBuf,
    /// An interpreter reads it; it is not executed itself.
    pub script: bool,
}
