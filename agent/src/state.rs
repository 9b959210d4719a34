//! What the agent keeps on disk: who this device is, its keys, and the last policy it was given. Files
//! of their owner only, each replaced whole.

use std::{
    fs,
    io::{Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, fchown},
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};
use tidegate_device_api::SignedPolicy;
use tidegate_types::Secret;

/// More than any file of ours holds, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// The folder.
#[derive(Debug, Clone)]
pub struct State {
    dir: PathBuf,
}

/// Who this device is. Nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The device's id at the gateway.
    pub device_id: String,
    /// The data plane's base URL.
    pub relay_url: String,
    /// What policies are signed with (Ed25519, base64).
    pub policy_key: String,
}

/// The leaf and its key, as PEM.
#[derive(Debug, Clone)]
pub struct LeafFiles {
    /// Leaf and chain.
    pub certificate: String,
    /// The private key.
    pub key: Secret<String>,
    /// The CA that signed it, where the gateway says: another one than before when it was replaced.
    pub ca: Option<String>,
}

impl State {
    /// Opens the folder, and makes it where there is none.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn open(dir: &Path) -> anyhow::Result<Self> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)
            .with_context(|| format!("{} cannot be made", dir.display()))?;
        Ok(Self {
            dir: dir.to_owned(),
        })
    }

    /// Who this device is; `None` before enrolment.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub fn identity(&self) -> anyhow::Result<Option<Identity>> {
        self.json("device.json")
    }

    /// The device's key.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn device_key(&self) -> anyhow::Result<Secret<String>> {
        let text = self.read("device.key")?.context("there is no device key")?;
        Ok(Secret::new(text))
    }

    /// The organisation's CA (PEM).
    ///
    /// # Errors
    /// It cannot be read.
    pub fn ca(&self) -> anyhow::Result<Option<String>> {
        self.read("ca.pem")
    }

    /// The leaf in use.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn leaf(&self) -> anyhow::Result<Option<LeafFiles>> {
        let (certificate, key) = (self.read("leaf.pem")?, self.read("leaf.key")?);
        Ok(certificate.zip(key).map(|(certificate, key)| LeafFiles {
            certificate,
            key: Secret::new(key),
            ca: None,
        }))
    }

    /// The last policy.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub fn policy(&self) -> anyhow::Result<Option<SignedPolicy>> {
        self.json("policy.json")
    }

    /// Keeps what enrolment gave. The identity comes last: with it the device is enrolled.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn enrolled(
        &self,
        identity: &Identity,
        device_key: &Secret<String>,
        ca: &str,
        leaf: &LeafFiles,
        policy: &SignedPolicy,
    ) -> anyhow::Result<()> {
        self.write("device.key", device_key.expose().as_bytes())?;
        self.write("ca.pem", ca.as_bytes())?;
        self.keep_leaf(leaf)?;
        self.keep_policy(policy)?;
        self.write("device.json", &serde_json::to_vec_pretty(identity)?)
    }

    /// Keeps a new leaf.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn keep_leaf(&self, leaf: &LeafFiles) -> anyhow::Result<()> {
        self.write("leaf.key", leaf.key.expose().as_bytes())?;
        self.write("leaf.pem", leaf.certificate.as_bytes())
    }

    /// Keeps the organisation's CA.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep_ca(&self, pem: &str) -> anyhow::Result<()> {
        if self.ca()?.as_deref() != Some(pem) {
            tracing::warn!(
                "the organisation's CA is another one: run `tidegate-edge trust install`"
            );
            self.write("ca.pem", pem.as_bytes())?;
        }
        Ok(())
    }

    /// Keeps a new policy.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep_policy(&self, policy: &SignedPolicy) -> anyhow::Result<()> {
        self.write("policy.json", &serde_json::to_vec(policy)?)
    }

    /// Forgets who this device is.
    ///
    /// # Errors
    /// A file cannot be removed.
    pub fn forget(&self) -> anyhow::Result<()> {
        for name in [
            "device.json",
            "device.key",
            "leaf.key",
            "leaf.pem",
            "policy.json",
            "ca.pem",
        ] {
            match fs::remove_file(self.dir.join(name)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(error).with_context(|| format!("{name} cannot be removed"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Makes sure that no other agent runs on this state; held until the file is dropped. The folder
    /// itself is locked: the loader may look into it and not write.
    ///
    /// # Errors
    /// Another one runs.
    pub fn lock(&self) -> anyhow::Result<fs::File> {
        let file = fs::File::open(&self.dir)
            .with_context(|| format!("{} cannot be opened", self.dir.display()))?;
        file.try_lock()
            .map_err(|_| anyhow::anyhow!("another tidegate-edge runs already"))?;
        Ok(file)
    }

    fn json<T: serde::de::DeserializeOwned>(&self, name: &str) -> anyhow::Result<Option<T>> {
        let text = self.read(name)?;
        text.map(|text| serde_json::from_str(&text))
            .transpose()
            .with_context(|| format!("{} is damaged", self.dir.join(name).display()))
    }

    /// Root reads these files too, and the folder is not root's: so no links, and nothing that blocks or
    /// has no end.
    fn read(&self, name: &str) -> anyhow::Result<Option<String>> {
        let path = self.dir.join(name);
        let shown = || format!("{} cannot be read", path.display());
        let file = fs::OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY)
            .open(&path);
        let file = match file {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(shown),
        };
        ensure!(
            file.metadata()?.is_file(),
            "{} is not a file",
            path.display()
        );
        let mut text = String::new();
        file.take(LARGEST)
            .read_to_string(&mut text)
            .with_context(shown)?;
        Ok(Some(text))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let path = self.dir.join(name);
        let fresh = self.dir.join(format!("{name}.new"));
        let write = || -> std::io::Result<()> {
            // A leftover of a crash may have other permissions.
            match fs::remove_file(&fresh) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&fresh)?;
            // Root writes for the relay, whose folder it is.
            if nix::unistd::geteuid().is_root() {
                let owner = fs::metadata(&self.dir)?;
                fchown(&file, Some(owner.uid()), Some(owner.gid()))?;
            }
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&fresh, &path)
        };
        write().with_context(|| format!("{} cannot be written", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_is_kept_comes_back_and_only_its_owner_can_read_it() -> anyhow::Result<()> {
        let dir = tempfile::tempdir()?;
        let state = State::open(&dir.path().join("state"))?;
        assert_eq!(state.identity()?, None);
        let identity = Identity {
            device_id: "d".into(),
            relay_url: "https://tide.example.com".into(),
            policy_key: "k".into(),
        };
        let leaf = LeafFiles {
            certificate: "c".into(),
            key: Secret::new("leaf-secret".into()),
            ca: None,
        };
        let policy = SignedPolicy::new(b"{}", b"s");
        let key = Secret::new("tg-device-secret".to_owned());
        state.enrolled(&identity, &key, "ca", &leaf, &policy)?;
        assert_eq!(state.identity()?, Some(identity));
        assert_eq!(state.device_key()?.expose(), key.expose());
        assert_eq!(state.policy()?, Some(policy));
        let kept = state.leaf()?.context("no leaf")?;
        assert_eq!(kept.key.expose(), leaf.key.expose());
        for entry in fs::read_dir(dir.path().join("state"))? {
            let mode = entry?.metadata()?.permissions().mode();
            assert_eq!(mode & 0o077, 0);
        }
        state.forget()?;
        assert_eq!(state.identity()?, None);
        Ok(())
    }

    #[test]
    fn links_pipes_and_what_has_no_end_are_not_read() -> anyhow::Result<()> {
        let dir = tempfile::tempdir()?;
        let state = State::open(dir.path())?;
        std::os::unix::fs::symlink("/etc/hostname", dir.path().join("ca.pem"))?;
        assert!(state.ca().is_err());
        nix::unistd::mkfifo(&dir.path().join("leaf.pem"), nix::sys::stat::Mode::S_IRWXU)?;
        assert!(state.leaf().is_err());
        let long = fs::File::create(dir.path().join("device.key"))?;
        long.set_len(10 * LARGEST)?;
        assert_eq!(state.device_key()?.expose().len() as u64, LARGEST);
        Ok(())
    }

    #[test]
    fn what_root_keeps_belongs_to_whose_folder_it_is() -> anyhow::Result<()> {
        let dir = tempfile::tempdir()?;
        let owner = match nix::unistd::geteuid().is_root() {
            true => 65_534,
            false => nix::unistd::geteuid().as_raw(),
        };
        std::os::unix::fs::chown(dir.path(), Some(owner), None)?;
        State::open(dir.path())?.keep_ca("pem")?;
        assert_eq!(fs::metadata(dir.path().join("ca.pem"))?.uid(), owner);
        Ok(())
    }

    #[test]
    fn one_agent_at_a_time() -> anyhow::Result<()> {
        let dir = tempfile::tempdir()?;
        let state = State::open(dir.path())?;
        let held = state.lock()?;
        assert!(state.lock().is_err());
        drop(held);
        assert!(state.lock().is_ok());
        Ok(())
    }
}
