//! Reading and writing the state's files: no links, bounded, each replaced whole.

use std::{
    fs,
    io::{Read, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, fchown},
};

use anyhow::{Context, ensure};

use super::{LARGEST, State};

impl State {
    pub(super) fn json<T: serde::de::DeserializeOwned>(
        &self,
        name: &str,
    ) -> anyhow::Result<Option<T>> {
        let text = self.read(name)?;
        text.map(|text| serde_json::from_str(&text))
            .transpose()
            .with_context(|| format!("{} is damaged", self.dir.join(name).display()))
    }

    /// Root reads these files too, and the folder is not root's: so no links, and nothing that blocks or
    /// has no end.
    pub(super) fn read(&self, name: &str) -> anyhow::Result<Option<String>> {
        let bytes = self.read_bytes(name, LARGEST)?;
        let text = bytes.map(String::from_utf8).transpose();
        text.with_context(|| format!("{} is damaged", self.dir.join(name).display()))
    }

    /// At most `largest` bytes of a file.
    pub(super) fn read_bytes(&self, name: &str, largest: u64) -> anyhow::Result<Option<Vec<u8>>> {
        let path = self.dir.join(name);
        let shown = || format!("{} cannot be read", path.display());
        let file = fs::OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY)
            .open(&path);
        let file = match file {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(shown),
        };
        ensure!(
            file.metadata()?.is_file(),
            "{} is not a file",
            path.display()
        );
        let mut bytes = Vec::new();
        file.take(largest)
            .read_to_end(&mut bytes)
            .with_context(shown)?;
        Ok(Some(bytes))
    }

    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let path = self.dir.join(name);
        let fresh = self.dir.join(format!("{name}.new"));
        let write = || -> std::io::Result<()> {
            // A leftover of a crash may have other permissions.
            match fs::remove_file(&fresh) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&fresh)?;
            // Root writes for the relay, whose folder it is.
            if nix::unistd::geteuid().is_root() {
                let owner = fs::metadata(&self.dir)?;
                fchown(&file, Some(owner.uid()), Some(owner.gid()))?;
            }
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&fresh, &path)
        };
        write().with_context(|| format!("{} cannot be written", path.display()))
    }

    /// Removes a file, where it is there.
    pub(super) fn remove(&self, name: &str) -> anyhow::Result<()> {
        match fs::remove_file(self.dir.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("{name} cannot be removed"))
            }
            _ => Ok(()),
        }
    }
}
