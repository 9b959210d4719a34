//! What each client offers, as data: policies of its own, a flag in its entries, when it reads them.

use std::path::{Path, PathBuf};

use tidegate_discovery::{Format, Home, Located, Os, Places};
use tidegate_policy::AppId;

/// A policy that a client itself obeys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Native {
    /// Lists of commands and URLs, for everybody at the machine.
    ClaudeCode,
    /// The same lists, in one file.
    Copilot,
    /// By name, with a stub of the entry.
    Codex,
    /// By name; advisory, since a variable of the user's turns it off.
    Gemini,
    /// By name.
    OpenCode,
}

impl Native {
    /// All of them.
    pub(crate) const ALL: [Self; 5] = [
        Self::ClaudeCode,
        Self::Copilot,
        Self::Codex,
        Self::Gemini,
        Self::OpenCode,
    ];

    /// The one of a client.
    pub(crate) fn of(client: &AppId) -> Option<Self> {
        Some(match client.as_str() {
            "claude-code" => Self::ClaudeCode,
            "copilot-cli" | "copilot" | "github-copilot" => Self::Copilot,
            "codex" => Self::Codex,
            "gemini-cli" => Self::Gemini,
            "opencode" => Self::OpenCode,
            _ => return None,
        })
    }

    /// It goes by commands and URLs, whatever the name: so it can be right for everybody at once.
    pub(crate) const fn by_launch(self) -> bool {
        matches!(self, Self::ClaudeCode | Self::Copilot)
    }

    /// The client's folder for the machine's policies, below the root.
    fn folder(self, os: Os) -> &'static str {
        match (os, self) {
            (Os::Linux, Self::ClaudeCode) => "etc/claude-code",
            (Os::Linux, Self::Copilot) => "etc/github-copilot",
            (Os::Linux, Self::Codex) => "etc/codex",
            (Os::Linux, Self::Gemini) => "etc/gemini-cli",
            (Os::Linux, Self::OpenCode) => "etc/opencode",
            (Os::Macos, Self::ClaudeCode) => "Library/Application Support/ClaudeCode",
            (Os::Macos, Self::Copilot) => "Library/Application Support/GitHubCopilot",
            (Os::Macos, Self::Codex) => "etc/codex",
            (Os::Macos, Self::Gemini) => "Library/Application Support/GeminiCli",
            (Os::Macos, Self::OpenCode) => "Library/Application Support/opencode",
            (Os::Windows, Self::ClaudeCode) => "Program Files/ClaudeCode",
            (Os::Windows, Self::Copilot) => "Program Files/GitHubCopilot",
            (Os::Windows, Self::Codex) => "ProgramData/OpenAI/Codex",
            (Os::Windows, Self::Gemini) => "ProgramData/gemini-cli",
            (Os::Windows, Self::OpenCode) => "ProgramData/opencode",
        }
    }

    /// A file in that folder.
    pub(crate) fn file(self, places: &Places, name: &str) -> PathBuf {
        places.root.join(self.folder(places.os)).join(name)
    }
}

/// The flag by which an entry is switched off, where the client's schema has one.
pub(crate) fn flag(client: &AppId, format: Format) -> Option<(&'static str, bool)> {
    match (client.as_str(), format) {
        ("codex", Format::Toml) | ("opencode", Format::Jsonc) | ("goose", Format::Yaml) => {
            Some(("enabled", false))
        }
        ("cline" | "roo-code" | "kilo-code" | "kiro" | "amazon-q" | "windsurf", Format::Jsonc) => {
            Some(("disabled", true))
        }
        _ => None,
    }
}

/// A path as it is on this machine: what was found may be named from its root or from ours.
pub(crate) fn below(places: &Places, path: &Path) -> PathBuf {
    if path.starts_with(&places.root) {
        return path.to_owned();
    }
    places.root.join(path.strip_prefix("/").unwrap_or(path))
}

/// A file in a home.
pub(crate) fn in_home(places: &Places, home: &Home, file: &str) -> PathBuf {
    below(places, &home.path).join(file)
}

/// What a person calls a server, as the client's own policy has to: a key of the file, where there is
/// one.
pub(crate) fn name(located: &Located) -> &str {
    let key = located.entry.as_ref().and_then(|entry| entry.keys.last());
    key.map_or(&located.server.name, String::as_str)
}

/// A policy of a rank above a file's that holds for Claude Code in a home: which one, in words. The
/// process is the home's user's.
pub(crate) fn shadow_of_home(places: &Places, home: &Home, native: Native) -> Option<&'static str> {
    let cache = in_home(places, home, ".claude/remote-settings.json");
    (native == Native::ClaudeCode && is_there(&cache))
        .then_some("settings that the vendor's server manages")
}

/// The same for everybody at the machine.
pub(crate) fn shadow(places: &Places, native: Native) -> Option<&'static str> {
    let preferences = "Library/Managed Preferences/com.anthropic.claudecode.plist";
    if native != Native::ClaudeCode {
        None
    } else if places.os == Os::Macos && is_there(&places.root.join(preferences)) {
        Some("settings of the device management")
    } else if is_there(&native.file(places, "managed-mcp.json")) {
        Some("the servers of managed-mcp.json, which alone run,")
    } else {
        None
    }
}

/// Whether something with content is there.
fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|meta| meta.len() > 2)
}
