//! Where to look: a machine's root and the homes on it. Tests make their own.

use std::path::{Path, PathBuf};

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

impl Places {
    /// Where a path of this machine, as its own users write it, is to be opened: below
    /// [`Self::root`]. What already lies there stays as it is.
    #[must_use]
    pub fn real(&self, path: &Path) -> PathBuf {
        let text = path.to_string_lossy();
        if self.root != Path::new("/") && path.starts_with(&self.root) {
            return path.to_path_buf();
        }
        if self.os != Os::Windows {
            return self.root.join(text.trim_start_matches('/'));
        }
        let text = text.replace('\\', "/");
        let text = match text.as_bytes() {
            [drive, b':', ..] if drive.is_ascii_alphabetic() => &text[2..],
            _ => &text,
        };
        self.root.join(text.trim_start_matches('/'))
    }

    /// How this machine's users write a path that lies below [`Self::root`], always with `/`.
    #[must_use]
    pub fn named(&self, real: &Path) -> PathBuf {
        let Ok(below) = real.strip_prefix(&self.root) else {
            return real.to_path_buf();
        };
        let drive = if self.os == Os::Windows { "C:/" } else { "/" };
        PathBuf::from(drive).join(below)
    }
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

impl Home {
    /// A path as reports write it: this home as `~`, and nobody's name in it where that can be helped.
    #[must_use]
    pub fn shown(&self, named: &Path) -> String {
        let (home, path) = (plain(&self.path), plain(named));
        match path.strip_prefix(home.trim_end_matches('/')) {
            Some("") => "~".to_owned(),
            Some(rest) if rest.starts_with('/') && home.len() > 1 => format!("~{rest}"),
            _ => path,
        }
    }
}

/// A path with one kind of separator, and without characters that no log or database takes: a settings file can
/// name a folder that no system could make.
pub(crate) fn plain(path: &Path) -> String {
    let separator = path.to_string_lossy().replace('\\', "/");
    separator.replace(char::is_control, "\u{fffd}")
}
