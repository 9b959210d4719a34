//! The file system as one process sees it: below `/proc/PID/root`. Everything in it may be hostile:
//! links that lead out of a container, pipes that never answer, files without end.

use std::{
    fs::{File, Metadata, OpenOptions},
    io::Read,
    os::unix::fs::OpenOptionsExt,
    path::{Component, Path, PathBuf},
};

/// As many as the kernel follows (path_resolution(7)).
const MOST_LINKS: usize = 40;
/// Linux's `PATH_MAX`.
const LONGEST_PATH: usize = 4096;

#[derive(Debug, Clone)]
pub(crate) struct View {
    root: PathBuf,
}

impl View {
    pub(crate) const fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// The path with every link followed, inside this view: absolute links start at its root, and `..`
    /// ends there. None where something on the way does not exist.
    pub(crate) fn resolve(&self, path: &Path) -> Option<PathBuf> {
        let mut todo = parts(path);
        let mut done = PathBuf::from("/");
        let mut links = 0;
        while let Some(part) = todo.pop() {
            if part == ".." {
                done.pop();
                continue;
            }
            let here = done.join(&part);
            if here.as_os_str().len() > LONGEST_PATH {
                return None;
            }
            let real = self.real(&here);
            if !real.symlink_metadata().ok()?.is_symlink() {
                done = here;
                continue;
            }
            links += 1;
            if links > MOST_LINKS {
                return None;
            }
            let target = real.read_link().ok()?;
            if target.is_absolute() {
                done = PathBuf::from("/");
            }
            todo.extend(parts(&target));
        }
        Some(done)
    }

    /// What lies at a resolved path.
    pub(crate) fn metadata(&self, resolved: &Path) -> Option<Metadata> {
        self.real(resolved).symlink_metadata().ok()
    }

    pub(crate) fn is_file(&self, resolved: &Path) -> bool {
        self.metadata(resolved).is_some_and(|meta| meta.is_file())
    }

    /// The first `most` bytes of a regular file at a resolved path.
    pub(crate) fn read(&self, resolved: &Path, most: u64) -> Option<Vec<u8>> {
        // A link that was put there since would lead out.
        read(&open_with(&self.real(resolved), libc::O_NOFOLLOW)?, most)
    }

    /// The names in a directory at a resolved path, `most` at most.
    pub(crate) fn names(&self, resolved: &Path, most: usize) -> Vec<String> {
        let entries = self.real(resolved).read_dir().into_iter().flatten();
        let names = entries.take(most).flatten();
        names
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect()
    }

    fn real(&self, resolved: &Path) -> PathBuf {
        self.root
            .join(resolved.strip_prefix("/").unwrap_or(resolved))
    }
}

/// The parts of a path, last first.
fn parts(path: &Path) -> Vec<std::ffi::OsString> {
    let part = |component: Component<'_>| match component {
        Component::Normal(part) => Some(part.to_owned()),
        Component::ParentDir => Some("..".into()),
        Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
    };
    path.components().rev().filter_map(part).collect()
}

/// Opens a regular file and nothing else: a pipe would block, a device may act.
pub(crate) fn open(path: &Path) -> Option<File> {
    open_with(path, 0)
}

fn open_with(path: &Path, flags: libc::c_int) -> Option<File> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY | flags)
        .open(path)
        .ok()?;
    file.metadata().ok()?.is_file().then_some(file)
}

/// The first `most` bytes.
pub(crate) fn read(file: &File, most: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests;
