//! Opening a file that may have become something else meanwhile.

use std::{
    fs::{File, FileType, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use nix::fcntl::OFlag;
use tidegate_device_api::Looked;

/// Why something could not be read.
pub(super) type Trouble = (Looked, Option<&'static str>);

pub(super) const SPENT: Trouble = (Looked::TooLarge, Some("more than is looked at in one pass"));

pub(super) fn regular(kind: &FileType) -> Result<(), Trouble> {
    if kind.is_file() {
        return Ok(());
    }
    let why = if kind.is_symlink() {
        "a symbolic link"
    } else {
        "not a regular file"
    };
    Err((Looked::Unreadable, Some(why)))
}

pub(super) fn trouble(error: &io::Error) -> Trouble {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => (Looked::Absent, None),
        io::ErrorKind::PermissionDenied => (Looked::Unreadable, Some("permission denied")),
        _ => (Looked::Unreadable, Some("cannot be read")),
    }
}

/// Without waiting, should it be a pipe by now.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
    OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits())
        .open(path)
}
