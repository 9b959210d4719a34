//! Finding the file that a path names. The path may lie in somebody's home: a link there must not make us
//! deny a file that is not theirs, such as everybody's shell.

use std::{
    collections::VecDeque,
    ffi::OsString,
    fs::{self, File, Metadata},
    io,
    os::{fd::AsFd, unix::fs::MetadataExt},
    path::{Component, Path, PathBuf},
};

use nix::{
    fcntl::{AT_FDCWD, OFlag, OpenHow, ResolveFlag, openat2},
    sys::stat::fstat,
};

use super::NotDenied;

/// Links that are followed, as the kernel does.
const MOST_LINKS: usize = 40;
/// Names that are walked, with those of links.
const MOST_NAMES: usize = 512;

/// What a file is, whatever its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Inode {
    device: u64,
    number: u64,
}

impl Inode {
    pub(super) fn at(path: &Path) -> io::Result<Self> {
        let meta = fs::metadata(path)?;
        Ok(Self {
            device: meta.dev(),
            number: meta.ino(),
        })
    }

    /// Of an open file: what the kernel holds in memory is asked, not the disk.
    pub(super) fn of(file: impl AsFd) -> io::Result<Self> {
        let stat = fstat(file)?;
        Ok(Self {
            device: stat.st_dev,
            number: stat.st_ino,
        })
    }
}

/// A file that may be denied.
pub(super) struct Found {
    /// Opened without asking for its contents, which makes no event.
    pub(super) file: File,
    pub(super) inode: Inode,
    /// Without links.
    pub(super) path: PathBuf,
}

impl Found {
    /// Follows the path, name by name.
    pub(super) fn at(path: &Path) -> Result<Self, NotDenied> {
        let Way {
            path,
            owner,
            linked,
        } = walk(path)?;
        // No links are left in it. Should one be there by now, somebody has put it there just now.
        let how = OpenHow::new()
            .flags(OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC)
            .resolve(ResolveFlag::RESOLVE_NO_SYMLINKS);
        let file =
            openat2(AT_FDCWD, &path, how).map_err(|errno| cannot("opening it")(errno.into()))?;
        let file = File::from(file);
        let meta = file.metadata().map_err(cannot("looking at it"))?;
        if !meta.is_file() {
            return Err(NotDenied::Harm("it is no regular file"));
        }
        let theirs = |owner| meta.uid() == owner || (!linked && meta.nlink() == 1);
        if owner.is_some_and(|owner| !theirs(owner)) {
            return Err(NotDenied::Harm(
                "a user's link leads to a file that is not that user's",
            ));
        }
        let inode = Inode {
            device: meta.dev(),
            number: meta.ino(),
        };
        Ok(Self { file, inode, path })
    }
}

fn cannot(what: &'static str) -> impl FnOnce(io::Error) -> NotDenied {
    move |error| NotDenied::Os { what, error }
}

/// How a path leads to its file.
struct Way {
    /// The path without links.
    path: PathBuf,
    /// The one user besides root who could have led it elsewhere.
    owner: Option<u32>,
    /// Whether that user's links were followed.
    linked: bool,
}

fn walk(path: &Path) -> Result<Way, NotDenied> {
    if !path.is_absolute() {
        return Err(NotDenied::Harm("its path does not begin at the root"));
    }
    let mut rest: VecDeque<OsString> = names(path);
    let mut way = Way {
        path: PathBuf::from("/"),
        owner: None,
        linked: false,
    };
    let (mut links, mut walked) = (0, 0);
    while let Some(name) = rest.pop_front() {
        walked += 1;
        if walked > MOST_NAMES {
            return Err(NotDenied::Harm("its path has no end"));
        }
        if name == ".." {
            way.path.pop();
            continue;
        }
        way.path.push(&name);
        let meta = fs::symlink_metadata(&way.path).map_err(cannot("looking for it"))?;
        if meta.is_dir() || meta.is_symlink() {
            way.led_by(&meta)?;
        }
        if meta.is_symlink() {
            links += 1;
            if links > MOST_LINKS {
                return Err(NotDenied::Harm("its links have no end"));
            }
            let target = fs::read_link(&way.path).map_err(cannot("following a link"))?;
            way.path.pop();
            if target.is_absolute() {
                way.path = PathBuf::from("/");
            }
            for name in names(&target).into_iter().rev() {
                rest.push_front(name);
            }
        }
    }
    Ok(way)
}

impl Way {
    fn led_by(&mut self, meta: &Metadata) -> Result<(), NotDenied> {
        let uid = meta.uid();
        if uid == 0 {
            return Ok(());
        }
        if self.owner.is_some_and(|owner| owner != uid) {
            return Err(NotDenied::Harm(
                "the folders and links on its way are of several users",
            ));
        }
        self.owner = Some(uid);
        self.linked |= meta.is_symlink();
        Ok(())
    }
}

fn names(path: &Path) -> VecDeque<OsString> {
    path.components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some("..".into()),
            _ => None,
        })
        .collect()
}
