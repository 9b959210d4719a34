//! Where a user's session is. One bus serves all sessions of a user (systemd's user manager runs it), and
//! lies in the folder that the login manager made for them (XDG Base Directory, `XDG_RUNTIME_DIR`).

use std::{
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// A user who is logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The user.
    pub uid: u32,
    /// Their main group.
    pub gid: u32,
    /// Their bus.
    pub bus: PathBuf,
}

impl Session {
    /// The session of a user, found by their folder in `run_user` (`/run/user`): only root makes folders
    /// there, and its owner is known by it without asking a directory service. None where they are not
    /// logged in. Whether there is a bus in it is seen by who may look into it.
    #[must_use]
    pub fn of(run_user: &Path, uid: u32) -> Option<Self> {
        let folder = run_user.join(uid.to_string());
        let meta = folder.symlink_metadata().ok()?;
        (meta.is_dir() && meta.uid() == uid).then(|| Self {
            uid,
            gid: meta.gid(),
            bus: folder.join("bus"),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        os::unix::fs::{chown, symlink},
    };

    use super::*;

    #[test]
    fn the_folder_says_who_it_is() -> anyhow::Result<()> {
        let run = tempfile::tempdir()?;
        let me = rustix::process::geteuid().as_raw();
        assert_eq!(Session::of(run.path(), me), None);
        let own = run.path().join(me.to_string());
        fs::create_dir(&own)?;
        let session = Session {
            uid: me,
            gid: rustix::process::getegid().as_raw(),
            bus: own.join("bus"),
        };
        assert_eq!(Session::of(run.path(), me), Some(session));
        // Somebody else's folder under this name, or a link to one.
        fs::create_dir(run.path().join("4711"))?;
        assert_eq!(Session::of(run.path(), 4711), None);
        symlink(&own, run.path().join("4712"))?;
        assert_eq!(Session::of(run.path(), 4712), None);
        if me == 0 {
            chown(run.path().join("4711"), Some(4711), Some(42))?;
            let found = Session::of(run.path(), 4711).unwrap();
            assert_eq!((found.uid, found.gid), (4711, 42));
        }
        Ok(())
    }
}
