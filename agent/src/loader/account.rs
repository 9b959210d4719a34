//! Whom the relay runs as.

use std::{
    fs, io,
    os::unix::fs::{MetadataExt, chown, lchown},
    path::Path,
};

use anyhow::{Context, bail, ensure};
use nix::unistd::{User, geteuid};

/// A user of this machine that is not root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// Its number.
    pub uid: u32,
    /// Its group's.
    pub gid: u32,
}

impl Account {
    /// Finds the user, for whom only root can act.
    ///
    /// # Errors
    /// This is not root, or there is no such user, or it is root: says what to do.
    pub fn find(name: &str) -> anyhow::Result<Self> {
        ensure!(
            geteuid().is_root(),
            "the agent must be started as root: by the service manager, or with sudo"
        );
        let user = User::from_name(name).with_context(|| format!("looking for user {name}"))?;
        let Some(user) = user else {
            bail!(
                "agent.user: there is no user \"{name}\" on this machine. The packages make one; by hand \
                 it is: useradd --system --user-group --no-create-home --home-dir /nonexistent \
                 --shell /usr/sbin/nologin {name}"
            );
        };
        ensure!(
            !user.uid.is_root() && user.gid.as_raw() != 0,
            "agent.user: \"{name}\" is root, or in root's group; the relay must be neither"
        );
        Ok(Self {
            name: name.to_owned(),
            uid: user.uid.as_raw(),
            gid: user.gid.as_raw(),
        })
    }

    /// Makes the state folder this user's. Once: a folder that is the user's already is left alone, since
    /// links in it could lead root anywhere.
    ///
    /// # Errors
    /// The folder is somebody else's, or open to others, or may not be given away.
    pub fn hand_over(&self, folder: &Path) -> anyhow::Result<()> {
        let meta = fs::symlink_metadata(folder)?;
        let shown = folder.display();
        ensure!(meta.is_dir(), "{shown} is not a folder");
        ensure!(
            meta.mode() & 0o077 == 0,
            "{shown} is open to others: chmod 700 {shown}"
        );
        if meta.uid() == self.uid {
            return Ok(());
        }
        ensure!(
            meta.uid() == geteuid().as_raw(),
            "{shown} belongs to user {}, and not to {}",
            meta.uid(),
            self.name
        );
        // Only root could write here until now. The folder comes last, so that what was interrupted is
        // done again.
        let given = || -> io::Result<()> {
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                if entry.file_type()?.is_file() {
                    lchown(entry.path(), Some(self.uid), Some(self.gid))?;
                }
            }
            chown(folder, Some(self.uid), Some(self.gid))
        };
        given().with_context(|| {
            let name = &self.name;
            format!("{shown} cannot be given to {name}: chown -R {name}: {shown}")
        })
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn somebody() -> Account {
        let root = geteuid().is_root();
        Account {
            name: "somebody".into(),
            uid: if root { 65_534 } else { geteuid().as_raw() },
            gid: if root {
                65_534
            } else {
                nix::unistd::getegid().as_raw()
            },
        }
    }

    #[test]
    fn only_another_user_than_root_will_do() {
        let said = |name| format!("{:#}", Account::find(name).unwrap_err());
        if geteuid().is_root() {
            assert!(said("root").contains("must be neither"));
            assert!(said("no-such-user-here").contains("useradd"));
            assert!(Account::find("nobody").is_ok());
        } else {
            assert!(said("nobody").contains("as root"));
        }
    }

    #[test]
    fn the_folder_and_what_root_wrote_becomes_the_users_and_links_lead_nowhere()
    -> anyhow::Result<()> {
        let dir = tempfile::tempdir()?;
        let (folder, other) = (dir.path().join("state"), dir.path().join("other"));
        fs::create_dir(&folder)?;
        fs::write(&other, "root's")?;
        fs::write(folder.join("device.key"), "key")?;
        symlink(&other, folder.join("ca.pem"))?;
        let before = fs::metadata(&other)?.uid();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
        let error = somebody().hand_over(&folder).unwrap_err();
        assert!(error.to_string().contains("chmod 700"), "{error}");
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
        for _ in 0..2 {
            somebody().hand_over(&folder)?;
        }
        assert_eq!(fs::metadata(&folder)?.uid(), somebody().uid);
        assert_eq!(
            fs::metadata(folder.join("device.key"))?.uid(),
            somebody().uid
        );
        assert_eq!(fs::metadata(&other)?.uid(), before);
        let third = Account {
            uid: somebody().uid + 1,
            ..somebody()
        };
        if geteuid().is_root() {
            assert!(third.hand_over(&folder).is_err(), "it is another user's");
        }
        Ok(())
    }
}
