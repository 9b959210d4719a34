//! A machine in a folder, written down as one text: `=== path`, and the file's lines below it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use tempfile::TempDir;
use tidegate_discovery::{Found, Home, Os, Places, scan_home};

/// It is gone when this is dropped.
pub(crate) struct Machine {
    _folder: TempDir,
    /// Where it is.
    pub(crate) places: Places,
}

impl Machine {
    /// An empty machine.
    pub(crate) fn new(os: Os) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let root = folder.path().to_path_buf();
        Ok(Self {
            _folder: folder,
            places: Places { root, os },
        })
    }

    /// A machine with files.
    pub(crate) fn of(os: Os, text: &str) -> Result<Self> {
        let machine = Self::new(os)?;
        let text = format!("\n{text}");
        for file in text.split("\n=== ").skip(1) {
            let (path, content) = file.split_once('\n').unwrap_or((file, ""));
            machine.write(path, content)?;
        }
        Ok(machine)
    }

    /// Writes a file, and the folders that it is in.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) -> Result<PathBuf> {
        let real = self.real(path);
        fs::create_dir_all(real.parent().context("no parent")?)?;
        fs::write(&real, content)?;
        Ok(real)
    }

    /// Where a path of the machine is.
    pub(crate) fn real(&self, path: &str) -> PathBuf {
        self.places.real(Path::new(path))
    }

    /// The home of its one person.
    pub(crate) fn ada(&self) -> Home {
        let path = match self.places.os {
            Os::Linux => "/home/ada",
            Os::Macos => "/Users/ada",
            Os::Windows => "C:/Users/ada",
        };
        Home {
            user: "ada".into(),
            uid: 1000,
            gid: 1000,
            path: path.into(),
        }
    }

    /// What is found in it.
    pub(crate) fn scan(&self) -> Found {
        scan_home(&self.places, &self.ada())
    }
}

/// The names of the servers of a client.
pub(crate) fn names(found: &Found, client: &str) -> Vec<String> {
    let servers = found.servers.iter().map(|located| &located.server);
    let own = servers.filter(|server| server.client.as_str() == client);
    own.map(|server| server.name.clone()).collect()
}
