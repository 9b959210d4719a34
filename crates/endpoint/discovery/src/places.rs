//! Where to look: a machine's root and the homes on it. Tests make their own.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Whose paths hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Os {
    /// Linux.
    Linux,
    /// macOS.
    Macos,
    /// Windows.
    Windows,
}

/// A machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    /// What stands for `/` (or for the system drive).
    pub root: PathBuf,
    /// Whose paths hold.
    pub os: Os,
}

/// A person's home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Home {
    /// The user's name.
    pub user: String,
    /// The user's number; 0 where there are none (Windows).
    pub uid: u32,
    /// The user's group.
    pub gid: u32,
    /// Where it is, as the machine's own users name it (below [`Places::root`]).
    pub path: PathBuf,
}
