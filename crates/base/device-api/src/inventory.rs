//! The inventory: which AI apps and MCP servers are on a device. It is uploaded only when the gateway
//! does not have it: a check-in names its hash, and the gateway asks for what it lacks.
//!
//! `POST /device/v1/inventory`, the body being the inventory as JSON, at most [`LARGEST_INVENTORY`]
//! bytes; the answer is 204. The hash is SHA-256 over exactly these bytes, in lower-case hexadecimal.
//!
//! An older gateway reads what a newer agent writes: words that it does not know are `Other`, and an entry
//! that it cannot read at all is left out, and hides no other.

use serde::{Deserialize, Serialize};
use tidegate_policy::{AppId, LaunchHash, McpIdentity};

use crate::lenient::readable;

/// The largest inventory that a gateway takes, in bytes. A device leaves out coverage, then tools'
/// descriptions, then servers, in this order, and says so in `truncated`.
pub const LARGEST_INVENTORY: usize = 4 << 20;

/// What is on a device.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Inventory {
    /// AI apps, by id, path and user.
    #[serde(default, deserialize_with = "readable")]
    pub apps: Vec<InstalledApp>,
    /// MCP servers, by user, client, file and name.
    #[serde(default, deserialize_with = "readable")]
    pub mcp_servers: Vec<McpServer>,
    /// What was looked at.
    #[serde(default, deserialize_with = "readable")]
    pub coverage: Vec<Coverage>,
    /// More was found than fits.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}

/// What sort of thing an installed app is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstalledKind {
    /// A desktop app.
    Desktop,
    /// A program for the terminal.
    Cli,
    /// An editor with AI in it.
    Editor,
    /// An extension of an editor.
    EditorExtension,
    /// An extension of a browser.
    BrowserExtension,
    /// A server of local models.
    LocalModel,
    /// Something that a newer agent has a word for.
    #[serde(other)]
    Other,
}

/// Where an app was installed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstallSource {
    /// Debian's package database.
    Dpkg,
    /// RPM's package database.
    Rpm,
    /// Alpine's package database.
    Apk,
    /// A Snap.
    Snap,
    /// A Flatpak.
    Flatpak,
    /// An AppImage.
    AppImage,
    /// npm, pnpm, yarn or bun.
    Npm,
    /// pip, pipx or uv.
    Python,
    /// Homebrew.
    Homebrew,
    /// A macOS application bundle.
    Bundle,
    /// A Windows uninstall entry.
    Uninstall,
    /// A Windows MSIX package.
    Msix,
    /// An editor's or browser's extension folder.
    Extension,
    /// The vendor's own installer, into a folder of the user.
    Vendor,
    /// Only a file in a known place.
    File,
    /// A source that a newer agent has a word for.
    #[serde(other)]
    Other,
}

/// An AI app on a device.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InstalledApp {
    /// The app, as the catalogue names it.
    pub app: AppId,
    /// Its name for people.
    pub name: String,
    /// What it is.
    pub kind: InstalledKind,
    /// Its version, where it says one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Who makes it, as the package says, or else the catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publisher: Option<String>,
    /// Where it lies, a home written as `~`.
    pub path: String,
    /// Where it was installed from.
    pub source: InstallSource,
    /// Whose it is; none for the whole machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

/// Whom a server's configuration holds for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everybody at this machine, set by its management.
    Managed,
    /// One user.
    User,
    /// One user in one project, kept with the user.
    Local,
    /// Everybody in one project, kept with the project.
    Project,
    /// Brought along by a plugin.
    Plugin,
    /// Brought along by an extension or bundle.
    Extension,
    /// Seen as a running process or in traffic only.
    Process,
    /// A scope that a newer agent has a word for.
    #[serde(other)]
    Other,
}

/// How a client and a server speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// Standard input and output of a child.
    Stdio,
    /// Server-sent events over HTTP (MCP 2024-11-05).
    Sse,
    /// Streamable HTTP (MCP 2025-03-26 and later).
    Http,
    /// A WebSocket.
    Websocket,
    /// A TCP socket.
    Tcp,
    /// A transport that a newer agent has a word for.
    #[serde(other)]
    Other,
}

/// How tools are known. A server is never started to ask it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolSource {
    /// The bundle's manifest lists them.
    Manifest,
    /// Our shim saw `tools/list`.
    Shim,
    /// The gateway saw `tools/list` go by.
    Traffic,
    /// The client's own configuration names them (allow lists).
    Config,
    /// A source that a newer agent has a word for.
    #[serde(other)]
    Other,
}

/// A tool of a server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it says it does, 300 characters at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// The tools that our shim saw a server list. It is written by the shim and read by discovery, on one
/// machine: `~/.local/state/tidegate/tools/LAUNCH.json`, `LAUNCH` being the [`LaunchHash`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenTools {
    /// The server.
    pub identity: McpIdentity,
    /// What it listed, by name, 1,000 at most.
    pub tools: Vec<Tool>,
    /// When, in seconds since the Unix epoch.
    pub seen_at: u64,
}

/// An MCP server in a client's configuration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct McpServer {
    /// Whose home it was found in; none for the whole machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The client that uses it.
    pub client: AppId,
    /// Whom it holds for.
    pub scope: Scope,
    /// The file that names it, a home written as `~`.
    pub config_path: String,
    /// The project, a home written as `~`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// What the person calls it.
    pub name: String,
    /// What it is.
    pub identity: McpIdentity,
    /// The version that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Over the identity and the server's arguments.
    pub arguments: LaunchHash,
    /// Over the whole launch.
    pub launch: LaunchHash,
    /// How it is spoken to.
    pub transport: Transport,
    /// The program, secrets taken out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Its arguments, secrets taken out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// Where it is, secrets taken out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Names of environment variables and headers that it is given, never their values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<String>,
    /// Whether the client's configuration has it switched on.
    pub enabled: bool,
    /// Its tools, as far as they are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<Tool>,
    /// How they are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_source: Option<ToolSource>,
}

/// How a place looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Looked {
    /// It was read.
    Found,
    /// There is nothing.
    Absent,
    /// It may not be read, or is no regular file.
    Unreadable,
    /// It was read and is not what the client could have written; what could be told was.
    Broken,
    /// It is larger, deeper or more than is read.
    TooLarge,
    /// A finding that a newer agent has a word for.
    #[serde(other)]
    Other,
}

/// A place that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Coverage {
    /// Whose home it is in; none for the whole machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// For which client.
    pub client: AppId,
    /// The place, a home written as `~`.
    pub path: String,
    /// How it looked.
    pub looked: Looked,
    /// More in words, never content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}
