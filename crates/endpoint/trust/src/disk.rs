//! Files as they were and as they are to be: read whole, put in place whole.
//!
//! In a home everything belongs to someone who may swap folders and links under us while we are root.
//! So its folders are opened once, without following links, and everything happens below that handle.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Read, Write},
    os::{
        fd::AsRawFd,
        unix::{
            ffi::OsStrExt,
            fs::{MetadataExt, OpenOptionsExt, PermissionsExt, chown, lchown, symlink},
        },
    },
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Root;

/// Larger ones are not ours to keep a copy of.
const LARGEST: u64 = 32 << 20;

/// Where a file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Place {
    /// In a home: below it, and never through a link.
    Home { home: String, file: String },
    /// Anywhere else: an absolute path, whose folders are the system's.
    System { path: String },
}

impl Place {
    pub(crate) fn system(path: &str) -> Self {
        Self::System {
            path: path.to_owned(),
        }
    }

    /// For people.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Home { home, file } => format!("{home}/{file}"),
            Self::System { path } => path.clone(),
        }
    }

    /// Its folder, open.
    pub(crate) fn folder(&self, root: &Root) -> io::Result<Folder> {
        let (folder, name) = match self {
            Self::System { path } => {
                let path = root.path(path);
                (
                    File::open(path.parent().unwrap_or(&path))?,
                    path.file_name().map(Into::into),
                )
            }
            Self::Home { home, file } => {
                let file = Path::new(file);
                let within = file.parent().unwrap_or(file);
                (
                    open_below(&root.path(home), within)?,
                    file.file_name().map(Into::into),
                )
            }
        };
        let name: PathBuf = name.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        let path = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd()));
        Ok(Folder {
            path,
            name,
            _open: folder,
        })
    }

    /// What is there now. A folder that is not there holds nothing.
    pub(crate) fn snapshot(&self, root: &Root) -> io::Result<Snapshot> {
        match self.folder(root) {
            Ok(folder) => folder.snapshot(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Snapshot::Absent),
            Err(error) => Err(error),
        }
    }
}

/// A folder below a home, on a way without links.
fn open_below(home: &Path, folder: &Path) -> io::Result<File> {
    let home = File::open(home)?;
    let how = OpenHow::new()
        .flags(OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC)
        .resolve(ResolveFlag::RESOLVE_BENEATH | ResolveFlag::RESOLVE_NO_SYMLINKS);
    Ok(openat2(&home, folder, how).map(File::from)?)
}

/// An open folder, and the name of a file in it.
#[derive(Debug)]
pub(crate) struct Folder {
    /// Its handle as a path: it stays this folder whatever happens to its name.
    path: PathBuf,
    name: PathBuf,
    _open: File,
}

/// What is at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Snapshot {
    Absent,
    File {
        bytes: Base64,
        mode: u32,
        uid: u32,
        gid: u32,
        /// Seconds and nanoseconds since 1970; no file of ours is older.
        modified: (u64, u32),
    },
    Link {
        target: Base64,
        uid: u32,
        gid: u32,
    },
}

/// Bytes that are base64 in JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Base64(pub(crate) Vec<u8>);

impl Serialize for Base64 {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD
            .decode(text)
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}

impl Snapshot {
    /// A file of ours to be: everyone may read it.
    pub(crate) const fn ours(bytes: Vec<u8>) -> Self {
        Self::File {
            bytes: Base64(bytes),
            mode: 0o644,
            uid: 0,
            gid: 0,
            modified: (0, 0),
        }
    }

    /// What it holds, whoever owns it and whenever it was written.
    pub(crate) fn digest(&self) -> String {
        let mut hash = Sha256::new();
        match self {
            Self::Absent => hash.update(b"absent"),
            Self::File { bytes, .. } => {
                hash.update(b"file");
                hash.update(&bytes.0);
            }
            Self::Link { target, .. } => {
                hash.update(b"link");
                hash.update(&target.0);
            }
        }
        hash.finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::File { bytes, .. } => Some(&bytes.0),
            Self::Absent | Self::Link { .. } => None,
        }
    }

    pub(crate) const fn mode(&self) -> Option<u32> {
        match self {
            Self::File { mode, .. } => Some(*mode),
            Self::Absent | Self::Link { .. } => None,
        }
    }

    pub(crate) const fn owner(&self) -> Option<u32> {
        match self {
            Self::File { uid, .. } | Self::Link { uid, .. } => Some(*uid),
            Self::Absent => None,
        }
    }
}

impl Folder {
    pub(crate) fn snapshot(&self) -> io::Result<Snapshot> {
        let path = self.path.join(&self.name);
        let meta = match path.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Snapshot::Absent),
            meta => meta?,
        };
        if meta.is_symlink() {
            let target = Base64(path.read_link()?.as_os_str().as_bytes().to_vec());
            return Ok(Snapshot::Link {
                target,
                uid: meta.uid(),
                gid: meta.gid(),
            });
        }
        let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(flags.bits())
            .open(&path)?;
        let meta = file.metadata()?;
        if !meta.is_file() || meta.len() > LARGEST {
            return Err(io::Error::other("it is not a file of reasonable size"));
        }
        let mut bytes = Vec::new();
        file.take(LARGEST).read_to_end(&mut bytes)?;
        let nanos = u32::try_from(meta.mtime_nsec()).unwrap_or_default();
        Ok(Snapshot::File {
            bytes: Base64(bytes),
            mode: meta.mode() & 0o7777,
            uid: meta.uid(),
            gid: meta.gid(),
            modified: (u64::try_from(meta.mtime()).unwrap_or_default(), nanos),
        })
    }

    /// Puts something in place: whole or not at all.
    pub(crate) fn put(&self, wanted: &Snapshot) -> io::Result<()> {
        let path = self.path.join(&self.name);
        let new = self.path.join(format!(".tidegate-{}", std::process::id()));
        // A run that crashed may have left one, and a process id comes again.
        drop(fs::remove_file(&new));
        let made = match wanted {
            Snapshot::Absent => return fs::remove_file(path),
            Snapshot::Link { target, uid, gid } => {
                symlink(std::ffi::OsStr::from_bytes(&target.0), &new)
                    .and_then(|()| lchown(&new, Some(*uid), Some(*gid)).or_else(unless_root))
            }
            Snapshot::File { .. } => write(&new, wanted),
        };
        made.and_then(|()| fs::rename(&new, &path))
            .inspect_err(|_| {
                // What is half written is of no use; the first error is the one to report.
                drop(fs::remove_file(&new));
            })
    }
}

fn write(new: &Path, wanted: &Snapshot) -> io::Result<()> {
    let Snapshot::File {
        bytes,
        mode,
        uid,
        gid,
        modified,
    } = wanted
    else {
        return Ok(());
    };
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(new)?;
    file.write_all(&bytes.0)?;
    chown(new, Some(*uid), Some(*gid)).or_else(unless_root)?;
    // After the owner, whose change takes the set-id bits away.
    file.set_permissions(Permissions::from_mode(*mode))?;
    if *modified != (0, 0) {
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::new(modified.0, modified.1))?;
    }
    file.sync_all()
}

/// Without root everything is our own already.
fn unless_root(error: io::Error) -> io::Result<()> {
    match error.kind() {
        io::ErrorKind::PermissionDenied if !nix::unistd::geteuid().is_root() => Ok(()),
        _ => Err(error),
    }
}
