//! The cgroup that the programs are attached to.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tidegate_redirect::RedirectError;

use crate::os;

/// Where the cgroup2 hierarchy is mounted: by the type of the file system, since hybrid systems have
/// it elsewhere than pure ones.
///
/// # Errors
/// None is mounted, or the list of mounts cannot be read.
pub fn find_root() -> Result<PathBuf, RedirectError> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").map_err(os("the list of mounts"))?;
    root_in(&mounts).ok_or_else(|| {
        RedirectError::Unsupported(
            "no cgroup2 hierarchy is mounted; mount one with `mount -t cgroup2 none DIR`".into(),
        )
    })
}

/// The format is proc_pid_mountinfo(5): the type follows the lone `-`, the mount point is the fifth
/// field, and the root of the mount the fourth. A mount of a part of the hierarchy (a container's) is
/// none of the root.
fn root_in(mounts: &str) -> Option<PathBuf> {
    mounts.lines().find_map(|line| {
        let (mount, kind) = line.split_once(" - ")?;
        if kind.split(' ').next() != Some("cgroup2") {
            return None;
        }
        let mut fields = mount.split(' ').skip(3);
        let (root, point) = (fields.next()?, fields.next()?);
        (root == "/").then(|| PathBuf::from(unescape(point)))
    })
}

/// Spaces and the like are octal escapes.
fn unescape(text: &str) -> String {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let octal = after
            .get(..3)
            .filter(|_| first == b'\\')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        if let Some(byte) = octal {
            plain.push(byte);
            rest = after.get(3..).unwrap_or_default();
        } else {
            plain.push(first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// Whether a cgroup has no parent.
pub(crate) fn is_root(cgroup: &Path) -> bool {
    // Only the root lacks the file.
    !cgroup.join("cgroup.type").exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HYBRID: &str = "\
30 23 0:26 / /sys/fs/cgroup ro,nosuid - tmpfs tmpfs ro,mode=755
31 30 0:27 / /sys/fs/cgroup/unified rw,nosuid shared:9 - cgroup2 none rw,nsdelegate
32 30 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
";

    #[test]
    fn the_root_is_found_by_its_type_wherever_it_is() {
        assert_eq!(root_in(HYBRID), Some("/sys/fs/cgroup/unified".into()));
        let spaced = "1 2 0:3 / /mnt/a\\040b rw - cgroup2 cgroup2 rw";
        assert_eq!(root_in(spaced), Some("/mnt/a b".into()));
    }

    #[test]
    fn a_part_of_the_hierarchy_is_not_its_root() {
        let bind = "1 2 0:3 /docker/abc /sys/fs/cgroup rw - cgroup2 none rw";
        assert_eq!(root_in(bind), None);
        assert_eq!(
            root_in("1 2 0:3 / /sys/fs/cgroup rw - cgroup none rw"),
            None
        );
        assert_eq!(root_in("nonsense"), None);
    }
}
