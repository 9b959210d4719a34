//! User names from `/etc/passwd` (passwd(5)), read again when the file changes.

use std::{
    collections::HashMap,
    os::unix::fs::MetadataExt,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{User, view};

/// A file with more is cut: it would hold some ten thousand users.
const LARGEST: u64 = 1 << 20;

type Names = Arc<HashMap<u32, String>>;
/// When it was changed, to the nanosecond, its inode and its size.
type Version = (i64, i64, u64, u64);

#[derive(Debug)]
pub(crate) struct Users {
    path: PathBuf,
    read: Mutex<Option<(Version, Names)>>,
}

impl Users {
    pub(crate) const fn at(path: PathBuf) -> Self {
        Self {
            path,
            read: Mutex::new(None),
        }
    }

    pub(crate) fn user(&self, uid: u32) -> User {
        let name = self.names().and_then(|names| names.get(&uid).cloned());
        User { uid, name }
    }

    fn names(&self) -> Option<Names> {
        let meta = self.path.metadata().ok()?;
        let version = (meta.mtime(), meta.mtime_nsec(), meta.ino(), meta.size());
        let mut held = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((read, names)) = &*held
            && *read == version
        {
            return Some(names.clone());
        }
        let text = view::read(&view::open(&self.path)?, LARGEST)?;
        let names: Names = Arc::new(parse(&text));
        *held = Some((version, names.clone()));
        Some(names)
    }
}

/// The first line of an id wins, as in getpwuid(3).
fn parse(text: &[u8]) -> HashMap<u32, String> {
    let mut names = HashMap::new();
    for line in String::from_utf8_lossy(text).lines() {
        let mut fields = line.split(':');
        let (name, uid) = (fields.next().unwrap_or_default(), fields.nth(1));
        if let Some(uid) = uid.and_then(|uid| uid.parse().ok())
            && !name.is_empty()
        {
            names.entry(uid).or_insert_with(|| name.to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_file() -> anyhow::Result<()> {
        let dir = tempfile::tempdir()?;
        let users = Users::at(dir.path().join("passwd"));
        assert_eq!(users.user(7).to_string(), "uid 7");
        std::fs::write(&users.path, "bad\n:x:7:\nann:x:7:7::/:\nbob:x:7:7::/:\n+\n")?;
        assert_eq!(users.user(7).name.as_deref(), Some("ann"));
        std::fs::write(&users.path, "carol:x:7:7::/:/bin/sh\n")?;
        assert_eq!(users.user(7).to_string(), "carol");
        Ok(())
    }
}
