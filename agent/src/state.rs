//! What the agent keeps on disk: who this device is, its keys, and the last policy it was given. Files
//! of their owner only, each replaced whole.

use std::{
    fs,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use tidegate_device_api::SignedPolicy;
use tidegate_types::Secret;

mod files;
mod fleet;

/// More than any file of ours holds, in bytes, but for the inventory.
const LARGEST: u64 = 1024 * 1024;
/// Every file of a device that is enrolled.
const FILES: &[&str] = &[
    "device.json",
    "device.key",
    "leaf.key",
    "leaf.pem",
    "policy.json",
    "ca.pem",
    "ca.sig",
    "seq",
    "inventory.json",
    "inventory.at",
    "requests.json",
    "told.json",
    "person",
    "removed",
];

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
    /// The machine's hash at enrolment was over its id alone, so that the same comes out again later. Older
    /// agents put its name in, which people change.
    #[serde(default)]
    pub knows_machine: bool,
}

/// The leaf and its key, as PEM.
#[derive(Debug, Clone)]
pub struct LeafFiles {
    /// Leaf and chain.
    pub certificate: String,
    /// The private key.
    pub key: Secret<String>,
    /// The CA that signed it, where the gateway says: another one than before when it was replaced.
    pub ca: Option<GivenCa>,
}

/// A CA as the gateway gave it.
#[derive(Debug, Clone)]
pub struct GivenCa {
    /// The certificate.
    pub pem: String,
    /// The gateway's signature over it (base64); older gateways send none.
    pub signature: Option<String>,
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

    /// The gateway's signature over that CA (base64); none from a gateway that sends none.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn ca_signature(&self) -> anyhow::Result<Option<String>> {
        self.read("ca.sig")
    }

    /// Keeps the signature that belongs to the CA, after it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep_ca_signature(&self, signature: Option<&str>) -> anyhow::Result<()> {
        match signature {
            Some(signature) => self.write("ca.sig", signature.as_bytes()),
            None => self.remove("ca.sig"),
        }
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
        self.forget()?;
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

    /// Forgets who this device is, and what a crash in the middle of a write left.
    ///
    /// # Errors
    /// A file cannot be removed.
    pub fn forget(&self) -> anyhow::Result<()> {
        FILES.iter().try_for_each(|name| self.remove(name))?;
        let fresh = FILES.iter().map(|name| format!("{name}.new"));
        fresh.into_iter().try_for_each(|name| self.remove(&name))
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
}

#[cfg(test)]
mod tests;
