//! What an app is told by: facts about a process, gathered by the endpoint. Plain data, so that the
//! gateway can replay a device's judgement.

use serde::{Deserialize, Serialize};

/// Where a package came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PackageSource {
    /// A `package.json` (npm, pnpm, yarn, bun).
    Npm,
    /// A `*.dist-info` directory (pip, pipx, uv).
    Python,
}

/// The package that a program belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Where it came from.
    pub source: PackageSource,
    /// Its name, such as `@openai/codex`.
    pub name: String,
    /// Its version, where it says one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// What is known about a process. Everything here is chosen by whoever installed the program, so it
/// says what a program claims to be; a hash of the file proves it. The thread's name is left out on
/// purpose: every process can set it to anything at any time.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ProcessFacts {
    /// Path of the executable, links resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub executable: Option<String>,
    /// For an interpreter: the script that it runs, links resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
    /// For an interpreter: the module or main class that it runs (`python -m NAME`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
    /// The package of the script, or else of the executable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<Package>,
    /// A bundle, desktop, Flatpak or Snap id, from the OS and not from the process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle: Option<String>,
}

impl ProcessFacts {
    /// What a person is shown as the program: the script where there is one, else the executable.
    #[must_use]
    pub fn program(&self) -> Option<&str> {
        self.script.as_deref().or(self.executable.as_deref())
    }
}
