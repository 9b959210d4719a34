//! Where `/` is. Elsewhere in tests, and in images that are prepared.

use std::path::{Path, PathBuf};

/// A root folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root(PathBuf);

impl Root {
    /// This machine's.
    #[must_use]
    pub fn system() -> Self {
        Self("/".into())
    }

    /// Another one.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Whether it is this machine's.
    #[must_use]
    pub fn is_system(&self) -> bool {
        self.0 == Path::new("/")
    }

    /// Where an absolute path lies below it.
    #[must_use]
    pub fn path(&self, absolute: &str) -> PathBuf {
        self.0.join(absolute.trim_start_matches('/'))
    }

    /// Whether something is there, a dangling link too.
    pub(crate) fn has(&self, absolute: &str) -> bool {
        self.path(absolute).symlink_metadata().is_ok()
    }

    pub(crate) fn is_folder(&self, absolute: &str) -> bool {
        self.path(absolute).is_dir()
    }

    /// The folders in a folder, as absolute paths, sorted.
    pub(crate) fn folders(&self, absolute: &str) -> Vec<String> {
        let entries = self
            .path(absolute)
            .read_dir()
            .into_iter()
            .flatten()
            .flatten();
        let mut folders: Vec<String> = entries
            .filter(|entry| entry.path().is_dir())
            .filter_map(|entry| Some(format!("{absolute}/{}", entry.file_name().to_str()?)))
            .collect();
        folders.sort();
        folders
    }
}
