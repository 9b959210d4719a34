//! SHA-256 (FIPS 180-4) of executables, worked out once for each version of a file.

use std::{
    fmt,
    fs::File,
    io::Read,
    os::unix::fs::MetadataExt,
    sync::{Mutex, PoisonError},
};

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{FileId, bounded::Bounded};

/// Larger files get no hash. Agents that bring their own runtime are some 400 MB.
pub const LARGEST_FILE: u64 = 1 << 30;

/// A SHA-256 as 64 hex digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Sha256Hex(String);

impl Sha256Hex {
    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Sha256Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One version of a file. The change time is in it, since a program can set the modification time back.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Version {
    file: FileId,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

#[derive(Debug)]
pub(crate) struct Fingerprints(Mutex<Bounded<Version, Sha256Hex>>);

impl Default for Fingerprints {
    fn default() -> Self {
        Self(Mutex::new(Bounded::new(1024)))
    }
}

impl Fingerprints {
    /// The hash of an open file, if it is still `file`, and did not change while it was read.
    pub(crate) fn of(&self, mut opened: File, file: FileId) -> Option<Sha256Hex> {
        let before = version(&opened)?;
        if before.file != file || before.size > LARGEST_FILE {
            return None;
        }
        if let Some(known) = self.lock().get(&before) {
            return Some(known);
        }
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        let mut left = LARGEST_FILE;
        while left > 0 {
            let read = opened.read(&mut buffer).ok()?;
            if read == 0 {
                break;
            }
            hash.update(&buffer[..read]);
            left = left.saturating_sub(read as u64);
        }
        if version(&opened)? != before {
            return None;
        }
        let digits = hash
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let hash = Sha256Hex(digits);
        self.lock().insert(before, hash.clone());
        Some(hash)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Bounded<Version, Sha256Hex>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn version(file: &File) -> Option<Version> {
    let meta = file.metadata().ok()?;
    Some(Version {
        file: FileId {
            device: meta.dev(),
            inode: meta.ino(),
        },
        size: meta.len(),
        modified: (meta.mtime(), meta.mtime_nsec()),
        changed: (meta.ctime(), meta.ctime_nsec()),
    })
}
