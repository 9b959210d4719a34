//! Extended attributes of a file: labels and access lists go with the content.

use std::{fs::File, io, path::Path};

use rustix::{
    fs::{XattrFlags, fsetxattr, getxattr, listxattr},
    io::Errno,
};

/// Copies all that can be read and may be set.
pub(super) fn copy(from: &Path, to: &File) -> io::Result<()> {
    let mut names = vec![0; 64 << 10];
    let length = match listxattr(from, &mut names[..]) {
        // The file system has none.
        Err(Errno::NOTSUP | Errno::NOSYS) => return Ok(()),
        other => other?,
    };
    let names = names.get(..length).unwrap_or_default();
    let mut value = vec![0; 64 << 10];
    for name in names
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
    {
        let read = getxattr(from, name, &mut value[..]);
        let set = read.and_then(|length| {
            let value = value.get(..length).unwrap_or_default();
            fsetxattr(to, name, value, XattrFlags::empty())
        });
        match set {
            Ok(()) => {}
            // The system sets these itself, by its own rules.
            Err(Errno::PERM | Errno::ACCESS | Errno::NOTSUP)
                if name.starts_with(b"security.") || name.starts_with(b"trusted.") => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
