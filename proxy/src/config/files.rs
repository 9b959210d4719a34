//! The files that a configuration was read from, and what stood in them: so that it is known when one changed.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use blake3::Hash;

/// Each file by its path, and the hash of what was read; `None` where there was nothing to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<PathBuf, Option<Hash>>);

impl Files {
    /// Reads a file, and remembers what stood in it.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn read(&mut self, path: &Path) -> std::io::Result<Vec<u8>> {
        let read = std::fs::read(path);
        let hash = read.as_ref().ok().map(|bytes| blake3::hash(bytes));
        self.0.insert(path.to_owned(), hash);
        read
    }

    /// The same files as they are now. The paths are followed anew, so a link that points elsewhere now counts as
    /// a change. What is no file but a pipe or a device gives what it has once, and is not asked again.
    #[must_use]
    pub fn as_now(&self) -> Self {
        let mut now = Self::default();
        for (path, hash) in &self.0 {
            let once =
                std::fs::metadata(path).is_ok_and(|about| !about.is_file() && !about.is_dir());
            if once {
                now.0.insert(path.clone(), *hash);
            } else {
                // That it cannot be read is remembered too.
                drop(now.read(path));
            }
        }
        now
    }

    /// Stands for all contents. Credentials are among them, so it is keyed: nobody without the key can try guesses.
    #[must_use]
    pub fn digest(&self, key: &[u8; 32]) -> String {
        let mut hasher = blake3::Hasher::new_keyed(key);
        for hash in self.0.values() {
            match hash {
                Some(hash) => hasher.update(b"1").update(hash.as_bytes()),
                None => hasher.update(b"0"),
            };
        }
        hasher.finalize().to_hex()[..16].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_link_that_points_elsewhere_is_a_change_and_a_missing_file_is_remembered()
    -> std::io::Result<()> {
        let dir = tempfile::tempdir()?;
        let path = |name: &str| dir.path().join(name);
        for (folder, text) in [("v1", "one"), ("v2", "two"), ("v3", "two")] {
            std::fs::create_dir(path(folder))?;
            std::fs::write(path(folder).join("key"), text)?;
        }
        let point = |to: &str| {
            symlink(to, path("..next"))?;
            std::fs::rename(path("..next"), path("..data"))
        };
        point("v1")?;
        symlink("..data/key", path("key"))?;
        let mut files = Files::default();
        assert_eq!(files.read(&path("key"))?, b"one");
        assert!(files.read(&path("missing")).is_err());
        assert_eq!(files.as_now(), files);
        point("v2")?;
        let second = files.as_now();
        assert_ne!(second, files);
        assert_ne!(second.digest(&[1; 32]), files.digest(&[1; 32]));
        assert_ne!(files.digest(&[1; 32]), files.digest(&[2; 32]));
        point("v3")?;
        assert_eq!(second.as_now(), second, "the same content is no change");
        std::fs::write(path("missing"), "")?;
        assert_ne!(second.as_now(), second);
        let device = Files([("/dev/zero".into(), None)].into());
        assert_eq!(device.as_now(), device, "it would never end");
        Ok(())
    }
}
