//! The key that policies are signed with, as root knows it. What the relay says it is holds only the first
//! time: a relay that is taken over later cannot have files changed by policies of its own.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use anyhow::Context;
use tidegate_trust::{Root, System, Trust};

use crate::{signature::Verifier, state::State};

/// The file, in a folder of root's.
const FILE: &str = "policy.key";
/// More than a key has, in bytes.
const LONGEST: u64 = 1024;

/// Where keys are found.
#[derive(Debug, Clone)]
pub struct Pin {
    /// Root's folder.
    pub folder: PathBuf,
    /// The relay's folder.
    pub state: PathBuf,
}

impl Pin {
    /// Beside the relay's folder, which it cannot write: `/var/lib/tidegate-edge-hands`.
    #[must_use]
    pub fn beside(state: &Path) -> Self {
        let mut folder = state.as_os_str().to_owned();
        folder.push("-hands");
        Self {
            folder: folder.into(),
            state: state.to_owned(),
        }
    }

    /// What checks policies: the key that the CA was installed with, or else the one that was seen first.
    ///
    /// # Errors
    /// There is none yet, or it cannot be read or kept.
    pub fn verifier(&self) -> anyhow::Result<Verifier> {
        let installed = Trust::new(Root::system(), System).gateway_key();
        let key = match installed.context("the records of the trust stores")? {
            Some(key) => key,
            None => self.seen_first()?,
        };
        Verifier::new(&key)
    }

    fn seen_first(&self) -> anyhow::Result<String> {
        let file = self.folder.join(FILE);
        match fs::metadata(&file) {
            Ok(meta) if meta.len() <= LONGEST => return Ok(fs::read_to_string(&file)?),
            Ok(_) => anyhow::bail!("{} is no key", file.display()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| file.display().to_string()),
        }
        let identity = State::open(&self.state)?.identity()?;
        let key = identity.context("this device is not enrolled")?.policy_key;
        Verifier::new(&key)?;
        self.keep(&key)
            .with_context(|| format!("{} cannot be written", file.display()))?;
        Ok(key)
    }

    fn keep(&self, key: &str) -> io::Result<()> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)?;
        let new = self.folder.join("policy.key.new");
        let mut file = fs::File::options()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)?;
        file.write_all(key.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, self.folder.join(FILE))
    }

    /// Forgets it: the device is nobody's any more.
    ///
    /// # Errors
    /// The folder stays.
    pub fn forget(&self) -> io::Result<()> {
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

    #[test]
    fn what_was_seen_first_holds() -> anyhow::Result<()> {
        let root = tempfile::tempdir()?;
        let pin = Pin {
            folder: root.path().join("pin"),
            state: root.path().join("state"),
        };
        assert!(pin.seen_first().is_err(), "nobody is enrolled");
        pin.keep(KEY)?;
        assert_eq!(pin.seen_first()?, KEY);
        pin.forget()?;
        pin.forget()?;
        assert!(pin.seen_first().is_err());
        Ok(())
    }
}
