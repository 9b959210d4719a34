//! What we did to files, and what they were before: written down before it is done.
//!
//! One record for each file that carries something of ours. It holds whole configurations, credentials
//! among them: only the owner reads it, and it never leaves the machine.

use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tidegate_discovery::{Format, Located};

use crate::{
    disk::{self, DiskError, Hook, Step},
    op::Op,
};

/// The largest record: a configuration, escaped, and its entries once more.
const MOST_RECORDS: usize = 1000;

/// Something that we did, and for which server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Edit {
    /// What.
    pub(crate) op: Op,
    /// When the file was written with it, in seconds since 1970 by the file system's clock; none until
    /// it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<u64>,
    /// For which server, where it is for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) server: Option<Located>,
}

/// What we did to one file.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Which.
    pub(crate) file: PathBuf,
    /// How it is written.
    pub(crate) format: Format,
    /// Its text without anything of ours; none when it did not exist.
    pub(crate) base: Option<String>,
    /// What we did to it, in order.
    pub(crate) edits: Vec<Edit>,
    /// Digests of texts that are `base` with edits of ours and nothing else.
    pub(crate) ours: Vec<String>,
    /// Folders that we made for it, the outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) folders: Vec<PathBuf>,
}

/// Configurations hold credentials.
impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Record")
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

/// SHA-256 of a text; of a file that is not there, a word.
pub(crate) fn digest(text: Option<&str>) -> String {
    let Some(text) = text else {
        return "absent".into();
    };
    hex(&Sha256::digest(text.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The records of a home or of the machine.
#[derive(Clone, Copy)]
pub(crate) struct Store<'a> {
    /// Their folder.
    pub(crate) folder: &'a Path,
    /// See [`Step`].
    pub(crate) hook: Hook<'a>,
}

impl Store<'_> {
    fn path(&self, file: &Path) -> PathBuf {
        use std::os::unix::ffi::OsStrExt;
        let name = hex(&Sha256::digest(file.as_os_str().as_bytes()));
        self.folder.join(format!("{name}.json"))
    }

    /// What we did to a file.
    pub(crate) fn load(&self, file: &Path) -> Result<Option<Record>, DiskError> {
        self.load_from(&self.path(file))
    }

    fn load_from(&self, path: &Path) -> Result<Option<Record>, DiskError> {
        let mine = |meta: &fs::Metadata| meta.uid() == nix::unistd::geteuid().as_raw();
        match path.symlink_metadata() {
            Ok(meta) if meta.is_file() && mine(&meta) => {}
            Ok(_) => return Err(DiskError::Kind("a record is no file of ours")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        let text = disk::read(path)?.map(|(text, _)| text).unwrap_or_default();
        let record: Record = serde_json::from_str(&text)
            .map_err(|_| DiskError::Kind("a record of ours cannot be read"))?;
        if self.path(&record.file) == path {
            Ok(Some(record))
        } else {
            Err(DiskError::Kind("a record of ours is about another file"))
        }
    }

    /// All records, and what is wrong with the rest.
    pub(crate) fn all(&self) -> (Vec<Record>, Vec<String>) {
        let (mut records, mut problems) = (Vec::new(), Vec::new());
        let Ok(folder) = fs::read_dir(self.folder) else {
            return (records, problems);
        };
        let paths = folder.flatten().map(|entry| entry.path());
        let is_record = |path: &PathBuf| path.extension().is_some_and(|end| end == "json");
        let mut paths: Vec<PathBuf> = paths.filter(is_record).take(MOST_RECORDS).collect();
        paths.sort();
        for path in paths {
            match self.load_from(&path) {
                Ok(Some(record)) => records.push(record),
                Ok(None) => {}
                Err(error) => problems.push(format!("{}: {error}", path.display())),
            }
        }
        (records, problems)
    }

    /// Writes a record down; it is on disk when this returns.
    pub(crate) fn save(&self, record: &Record) -> Result<(), DiskError> {
        (self.hook)(Step::Record, &record.file)?;
        let path = self.path(&record.file);
        disk::make_folders(&path, 0o700)?;
        let text = serde_json::to_string(record).map_err(io::Error::from)?;
        if text.len() as u64 > disk::LARGEST {
            return Err(DiskError::Kind("it is too large to keep a copy of"));
        }
        disk::overwrite(&path, &text, 0o600)
    }

    /// Nothing of ours is in the file any more. The folder goes with the last record.
    pub(crate) fn forget(&self, record: &Record) -> Result<(), DiskError> {
        // Folders first: whoever is ended in between still knows by the record that they are ours.
        self.sweep(&record.folders);
        (self.hook)(Step::Forget, &record.file)?;
        match fs::remove_file(self.path(&record.file)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        self.sweep(&[]);
        Ok(())
    }

    /// Folders that we made go when nothing is in them any more; our own too.
    pub(crate) fn sweep(&self, made: &[PathBuf]) {
        let mut made: Vec<&Path> = made.iter().map(PathBuf::as_path).collect();
        made.sort_by_key(|folder| std::cmp::Reverse(folder.components().count()));
        let above = self
            .folder
            .parent()
            .filter(|above| above.ends_with("tidegate"));
        for folder in made.into_iter().chain([self.folder]).chain(above) {
            // What is not empty stays.
            drop(fs::remove_dir(folder));
        }
    }
}

/// The folders that were made for any of them.
pub(crate) fn folders(records: &[Record]) -> Vec<PathBuf> {
    let made = records.iter().flat_map(|record| &record.folders);
    made.cloned().collect()
}
