//! Pins: files on a BPF file system that keep programs attached and maps alive without the agent.
//!
//! `DIR/links/PROGRAM` and `DIR/maps-vN/MAP`, N being the layout's version: a new agent takes over
//! maps of its own version and swaps the programs inside the links, so that there is no moment
//! without them.

use std::{
    fs::{self, DirBuilder},
    io,
    os::{fd::AsFd, unix::fs::DirBuilderExt},
    path::{Path, PathBuf},
};

use nix::{
    mount::{MsFlags, mount},
    sys::statfs::{BPF_FS_MAGIC, statfs},
};
use tidegate_redirect::RedirectError;
use tidegate_redirect_abi::{LAYOUT, PROGRAMS};

use crate::{bpf, os};

/// Where the agent's pins are, unless told otherwise.
pub const DEFAULT_PINS: &str = "/sys/fs/bpf/tidegate";

const BPFFS: &str = "/sys/fs/bpf";

/// The directories of one agent's pins.
pub(crate) struct Pins {
    pub(crate) maps: PathBuf,
    pub(crate) links: PathBuf,
    dir: PathBuf,
}

impl Pins {
    /// Makes the directories, readable by root only, on a BPF file system that is mounted if need be.
    pub(crate) fn prepare(dir: &Path) -> Result<Self, RedirectError> {
        let pins = Self::at(dir);
        if dir.starts_with(BPFFS) && !is_bpffs(Path::new(BPFFS)) {
            mount(
                Some("bpf"),
                BPFFS,
                Some("bpf"),
                MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC,
                Some("mode=700"),
            )
            .map_err(|error| os("mounting a BPF file system")(error.into()))?;
        }
        for path in [&pins.maps, &pins.links] {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(path)
                .map_err(os(format!("creating {}", path.display())))?;
        }
        if is_bpffs(dir) {
            Ok(pins)
        } else {
            Err(RedirectError::Unsupported(format!(
                "{} is not on a BPF file system; choose a directory under {BPFFS}",
                dir.display()
            )))
        }
    }

    fn at(dir: &Path) -> Self {
        Self {
            maps: dir.join(format!("maps-v{LAYOUT}")),
            links: dir.join("links"),
            dir: dir.to_owned(),
        }
    }

    pub(crate) fn link(&self, program: &str) -> PathBuf {
        self.links.join(program)
    }

    /// Removes the maps of other layouts: no program of ours uses them any more.
    pub(crate) fn sweep(&self) -> Result<(), RedirectError> {
        for path in map_directories(&self.dir)? {
            if path != self.maps {
                remove_all(&path)?;
            }
        }
        Ok(())
    }
}

fn is_bpffs(path: &Path) -> bool {
    statfs(path).is_ok_and(|info| info.filesystem_type() == BPF_FS_MAGIC)
}

/// Takes the redirection away without the agent: removes all pins, so that the kernel detaches the
/// programs. Nothing there is no error. Returns how many links were removed.
///
/// # Errors
/// A pin cannot be removed; those before it are gone.
pub fn detach(dir: &Path) -> Result<usize, RedirectError> {
    let pins = Pins::at(dir);
    if !dir.exists() {
        return Ok(0);
    }
    let mut removed = 0;
    // What redirects goes first, so that nothing is redirected to an agent that is not told of it.
    for program in PROGRAMS.iter().rev() {
        let path = pins.link(program);
        if let Ok(link) = bpf::open_pinned(&path)
            && let Err(error) = bpf::detach_link(link.as_fd())
        {
            tracing::debug!(%error, program, "detached by removing its pin only");
        }
        match fs::remove_file(path) {
            Ok(()) => removed += 1,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(os(format!("removing the pin of {program}"))(error)),
        }
    }
    for path in map_directories(dir)? {
        remove_all(&path)?;
    }
    // Only what is ours is removed: the directory may hold other people's pins.
    for path in [&pins.links, &pins.dir] {
        match fs::remove_dir(path) {
            Err(error)
                if !matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::DirectoryNotEmpty
                ) =>
            {
                return Err(os(format!("removing {}", path.display()))(error));
            }
            _ => {}
        }
    }
    Ok(removed)
}

/// The directories of maps, of any layout.
fn map_directories(dir: &Path) -> Result<Vec<PathBuf>, RedirectError> {
    let read = |dir: &Path| -> io::Result<Vec<PathBuf>> {
        fs::read_dir(dir)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect()
    };
    let mut found = read(dir).map_err(os(format!("reading {}", dir.display())))?;
    found.retain(|path| {
        path.file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"maps-v"))
    });
    Ok(found)
}

fn remove_all(path: &Path) -> Result<(), RedirectError> {
    fs::remove_dir_all(path).map_err(os(format!("removing {}", path.display())))
}
