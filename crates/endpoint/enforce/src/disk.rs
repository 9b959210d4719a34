//! Files: read whole and bounded, replaced whole and only if they are still what was read.
//!
//! The exchange is the point: `renameat2(RENAME_EXCHANGE)` puts ours in place and gives us what was
//! there, in one step. If that is not what the edit was made from, it goes back. So a client that writes
//! in the same moment loses nothing.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown},
    path::{Path, PathBuf},
};

use nix::fcntl::{AT_FDCWD, OFlag, RenameFlags, renameat2};

mod attributes;

/// The largest configuration that is edited, in bytes.
pub(crate) const LARGEST: u64 = 20 << 20;

/// Why a file is not read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DiskError {
    /// Something else than a file of reasonable size with one name, ours to write.
    #[error("{0}")]
    Kind(&'static str),
    /// Somebody wrote it in the meantime.
    #[error("it changed while it was edited")]
    Raced,
    /// The system says no.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// A moment in a write, for tests that end the process there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// The record is about to be written.
    Record,
    /// The new file is about to be written beside the old one.
    Beside,
    /// It is about to be put in place.
    Swap,
    /// It is in place; the record is about to be closed.
    Close,
    /// Nothing of ours is left but the record, which is about to go.
    Forget,
}

/// Called at each step; an error ends the pass as a kill would.
pub(crate) type Hook<'a> = &'a dyn Fn(Step, &Path) -> io::Result<()>;

/// Nothing happens in between.
pub(crate) fn no_hook(_: Step, _: &Path) -> io::Result<()> {
    Ok(())
}

/// A file's text, and when it was last written, in seconds since 1970. A file that is not there has none.
///
/// # Errors
/// It is no regular file, is too large, or is not UTF-8.
pub(crate) fn read(path: &Path) -> Result<Option<(String, u64)>, DiskError> {
    // Without O_NONBLOCK a FIFO would hold us for ever.
    let flags = OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits())
        .open(path);
    let mut file = match opened {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let meta = file.metadata()?;
    if !meta.is_file() || meta.len() > LARGEST {
        return Err(DiskError::Kind("it is no regular file of reasonable size"));
    }
    let mut bytes = Vec::new();
    Read::by_ref(&mut file)
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)?;
    let text = String::from_utf8(bytes).map_err(|_| DiskError::Kind("it is not UTF-8"))?;
    Ok(Some((
        text,
        u64::try_from(meta.mtime()).unwrap_or_default(),
    )))
}

/// Where a file really is. A link is followed as long as it stays below `within`; a missing file is where
/// its folder is.
///
/// # Errors
/// It leads elsewhere, or nowhere.
pub(crate) fn resolve(path: &Path, within: &Path) -> Result<PathBuf, DiskError> {
    let within = within.canonicalize()?;
    let real = match path.canonicalize() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if path.symlink_metadata().is_ok() {
                return Err(DiskError::Kind("it is a link to nowhere"));
            }
            // The folder may have to be made, and all above it.
            let above = path.ancestors().skip(1).find(|above| above.exists());
            let above = above.ok_or(DiskError::Kind("it has no folder"))?;
            let rest = path
                .strip_prefix(above)
                .map_err(|_| DiskError::Kind("it has no folder"))?;
            above.canonicalize()?.join(rest)
        }
        real => real?,
    };
    if real.starts_with(&within) {
        Ok(real)
    } else {
        Err(DiskError::Kind("it lies elsewhere, behind a link"))
    }
}

/// Replaces a file's text, or makes or removes the file (`None`), if it still has `expected`.
///
/// # Errors
/// [`DiskError::Raced`] when it does not; else what the system says. The file is then as it was.
pub(crate) fn replace(
    path: &Path,
    expected: Option<&str>,
    new: Option<&str>,
    mode: u32,
    hook: Hook<'_>,
) -> Result<(), DiskError> {
    let Some(new) = new else {
        hook(Step::Swap, path)?;
        return remove(path, expected);
    };
    hook(Step::Beside, path)?;
    let beside = beside(path)?;
    let made = prepare(&beside, path, expected.is_some(), new, mode)
        .and_then(|()| Ok(hook(Step::Swap, path)?))
        .and_then(|()| swap(&beside, path, expected, new));
    if made.is_err() && read(&beside).is_ok_and(|left| left.is_some_and(|(text, _)| text == new)) {
        // Only ever what we wrote: what we got in exchange is somebody's.
        drop(fs::remove_file(&beside));
    }
    made?;
    sync_folder(path);
    Ok(())
}

/// Writes a file of our own, whatever is there.
pub(crate) fn overwrite(path: &Path, text: &str, mode: u32) -> Result<(), DiskError> {
    let beside = beside(path)?;
    prepare(&beside, path, false, text, mode)?;
    fs::rename(&beside, path)?;
    sync_folder(path);
    Ok(())
}

/// A name beside a file, the same after a crash, so that a later run finds and reuses it.
fn beside(path: &Path) -> Result<PathBuf, DiskError> {
    let name = path.file_name().ok_or(DiskError::Kind("it has no name"))?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(".tidegate-new");
    Ok(path.with_file_name(hidden))
}

/// Writes the new file beside the old one, with all that the old one has but its content.
fn prepare(
    beside: &Path,
    path: &Path,
    exists: bool,
    new: &str,
    mode: u32,
) -> Result<(), DiskError> {
    match fs::remove_file(beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(beside)?;
    file.write_all(new.as_bytes())?;
    let mode = if exists {
        let old = path.symlink_metadata()?;
        if !old.is_file() || old.nlink() != 1 {
            return Err(DiskError::Kind("it is no regular file with one name"));
        }
        if old.uid() != nix::unistd::geteuid().as_raw() {
            return Err(DiskError::Kind("it belongs to somebody else"));
        }
        if file.metadata()?.gid() != old.gid() {
            chown(beside, None, Some(old.gid()))?;
        }
        attributes::copy(path, &file)?;
        old.mode() & 0o7777
    } else {
        mode
    };
    file.set_permissions(Permissions::from_mode(mode))?;
    file.sync_all()?;
    Ok(())
}

/// Puts the new file in place of the expected one.
fn swap(beside: &Path, path: &Path, expected: Option<&str>, new: &str) -> Result<(), DiskError> {
    let rename = |flags| renameat2(AT_FDCWD, beside, AT_FDCWD, path, flags);
    let same = |file: &Path, text: Option<&str>| {
        Ok::<_, DiskError>(read(file)?.as_ref().map(|(now, _)| now.as_str()) == text)
    };
    let Some(expected) = expected else {
        return match rename(RenameFlags::RENAME_NOREPLACE) {
            Err(nix::Error::EEXIST) => Err(DiskError::Raced),
            Err(nix::Error::EINVAL) if !path.exists() => Ok(fs::rename(beside, path)?),
            other => Ok(other.map_err(io::Error::from)?),
        };
    };
    if !same(path, Some(expected))? {
        return Err(DiskError::Raced);
    }
    match rename(RenameFlags::RENAME_EXCHANGE) {
        // Some file systems cannot: then the look just before has to do.
        Err(nix::Error::EINVAL | nix::Error::ENOSYS) => return Ok(fs::rename(beside, path)?),
        other => other.map_err(io::Error::from)?,
    }
    if same(beside, Some(expected)).unwrap_or(false) {
        return Ok(fs::remove_file(beside)?);
    }
    // Somebody wrote between our look and the exchange: theirs goes back in place.
    rename(RenameFlags::RENAME_EXCHANGE).map_err(io::Error::from)?;
    if !same(beside, Some(new)).unwrap_or(false) {
        // And again, over ours while theirs lay beside: the latest stays in place.
        rename(RenameFlags::RENAME_EXCHANGE).map_err(io::Error::from)?;
    }
    Err(DiskError::Raced)
}

fn remove(path: &Path, expected: Option<&str>) -> Result<(), DiskError> {
    let now = read(path)?.map(|(text, _)| text);
    match (now, expected) {
        (None, _) => Ok(()),
        (Some(now), Some(expected)) if now == expected => Ok(fs::remove_file(path)?),
        _ => Err(DiskError::Raced),
    }
}

/// The name itself has to survive a power cut. Where the file system cannot, the rename still is whole.
fn sync_folder(path: &Path) {
    if let Some(folder) = path.parent().and_then(|folder| File::open(folder).ok()) {
        drop(folder.sync_all());
    }
}

/// The folders that a file lacks, the outermost first.
pub(crate) fn missing_folders(path: &Path) -> Vec<PathBuf> {
    let above = path.ancestors().skip(1);
    let mut missing: Vec<PathBuf> = above
        .take_while(|folder| !folder.exists())
        .map(Path::to_owned)
        .collect();
    missing.reverse();
    missing
}

/// Makes the folders of a file.
pub(crate) fn make_folders(path: &Path, mode: u32) -> io::Result<()> {
    for folder in missing_folders(path) {
        fs::DirBuilder::new().mode(mode).create(&folder)?;
        // Whatever the process masks: a client that may not read its policy would not start.
        fs::set_permissions(&folder, Permissions::from_mode(mode))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
