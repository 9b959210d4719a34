//! Reading in somebody's home, where everything may be a trap. Whoever calls runs as that person, so a
//! link can lead only to what the person may read anyway; what is left is files that never end, pipes
//! that never answer, and folders without bottom.
//!
//! Links are followed, the last component's too: people keep their settings in a repository and link to
//! them, and a link must not be a way to hide a server. Should this run as root all the same, a link is
//! followed only to what is the home's own or everybody may read.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::Read,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::Path,
};

use nix::fcntl::OFlag;
use tidegate_device_api::Looked;

/// The largest file that is read, in bytes. `~/.claude.json` reaches some megabytes.
pub(crate) const LARGEST: u64 = 20 << 20;
/// How many names of a folder are looked at.
const MOST_NAMES: usize = 10_000;

/// A file's bytes, `largest` at most.
pub(crate) fn read(path: &Path, owner: Option<u32>, largest: u64) -> Result<Vec<u8>, Looked> {
    let (file, length) = open(path, owner)?;
    if length > largest {
        return Err(Looked::TooLarge);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    let more = file.take(largest + 1).read_to_end(&mut bytes);
    match more {
        // It grew under the reader's hands.
        Ok(read) if read as u64 > largest => Err(Looked::TooLarge),
        Ok(_) => Ok(bytes),
        Err(_) => Err(Looked::Unreadable),
    }
}

/// A regular file, and its length.
pub(crate) fn open(path: &Path, owner: Option<u32>) -> Result<(File, u64), Looked> {
    let looked = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => Looked::Absent,
        _ => Looked::Unreadable,
    };
    // Looked at before it is opened: opening a device can do something.
    let found = fs::symlink_metadata(path).map_err(looked)?;
    let link = found.file_type().is_symlink();
    if !fs::metadata(path).map_err(looked)?.is_file() {
        return Err(Looked::Unreadable);
    }
    let flags = OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    let flags = if link {
        flags
    } else {
        flags | OFlag::O_NOFOLLOW
    };
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits())
        .open(path);
    let file = file.map_err(looked)?;
    let opened = file.metadata().map_err(looked)?;
    if !opened.is_file() || (link && !may_follow(&opened, owner)) {
        return Err(Looked::Unreadable);
    }
    Ok((file, opened.len()))
}

fn may_follow(target: &Metadata, owner: Option<u32>) -> bool {
    let everybody = target.mode() & 0o004 != 0;
    everybody || owner.is_none_or(|uid| target.uid() == uid)
}

/// The names in a folder, sorted, so that the same folder gives the same answer; and whether there are
/// more than are looked at.
pub(crate) fn names(folder: &Path) -> Result<(Vec<String>, bool), Looked> {
    let entries = fs::read_dir(folder).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => Looked::Absent,
        _ => Looked::Unreadable,
    })?;
    let names = entries.take(MOST_NAMES + 1).flatten();
    let mut names: Vec<_> = names
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    let more = names.len() > MOST_NAMES;
    names.sort_unstable();
    names.truncate(MOST_NAMES);
    Ok((names, more))
}
