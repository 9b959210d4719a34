//! What is kept for the fleet: the number of the last check-in, the inventory, what people asked for and were
//! told, and that this device is none any more.

use anyhow::Context;
use tidegate_agent_core::{Asked, Told};
use tidegate_device_api::LARGEST_INVENTORY;
use tidegate_types::Timestamp;

use super::State;

impl State {
    /// Up to where check-ins are numbered; 0 where none was, or the file is damaged: the clock helps then.
    #[must_use]
    pub fn seq(&self) -> u64 {
        let text = self.read("seq").unwrap_or_default().unwrap_or_default();
        text.trim().parse().unwrap_or(0)
    }

    /// Keeps up to where check-ins are numbered.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep_seq(&self, seq: u64) -> anyhow::Result<()> {
        self.write("seq", seq.to_string().as_bytes())
    }

    /// The inventory's bytes and when it was found.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn inventory(&self) -> anyhow::Result<Option<(Vec<u8>, Timestamp)>> {
        // One more than there may be: what is cut off is not taken for a whole.
        let bytes = self.read_bytes("inventory.json", LARGEST_INVENTORY as u64 + 1)?;
        let at = self.read("inventory.at")?.unwrap_or_default();
        let at = at.trim().parse().unwrap_or_default();
        Ok(bytes.map(|bytes| (bytes, at)))
    }

    /// Keeps a new inventory.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn keep_inventory(&self, bytes: &[u8], at: Timestamp) -> anyhow::Result<()> {
        self.write("inventory.json", bytes)?;
        self.write("inventory.at", at.to_string().as_bytes())
    }

    /// What people asked for, and what became of it; nothing where the file is damaged.
    #[must_use]
    pub fn requests(&self) -> Vec<Asked> {
        lenient(self.json("requests.json"))
    }

    /// Keeps what people asked for.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep_requests(&self, requests: &[Asked]) -> anyhow::Result<()> {
        self.write("requests.json", &serde_json::to_vec(requests)?)
    }

    /// The OS user who signed in on this device; none where nobody did.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn person(&self) -> anyhow::Result<Option<u32>> {
        let text = self.read("person")?;
        Ok(text.and_then(|text| text.trim().parse().ok()))
    }

    /// Keeps who signed in.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep_person(&self, uid: u32) -> anyhow::Result<()> {
        self.write("person", uid.to_string().as_bytes())
    }

    /// Nobody is signed in any more.
    ///
    /// # Errors
    /// The file cannot be removed.
    pub fn forget_person(&self) -> anyhow::Result<()> {
        self.remove("person")
    }

    /// Since when the kept policy is in force: when its file was written.
    #[must_use]
    pub fn policy_since(&self) -> Option<Timestamp> {
        let written = std::fs::metadata(self.dir.join("policy.json"))
            .ok()?
            .modified()
            .ok()?;
        let since = written.duration_since(std::time::UNIX_EPOCH).ok()?;
        i64::try_from(since.as_micros())
            .ok()
            .map(Timestamp::from_micros)
    }

    /// Of which denied servers people were told; of none where the file is damaged.
    #[must_use]
    pub fn told(&self) -> Vec<Told> {
        lenient(self.json("told.json"))
    }

    /// Keeps of which denied servers people were told.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep_told(&self, told: &[Told]) -> anyhow::Result<()> {
        self.write("told.json", &serde_json::to_vec(told)?)
    }

    /// Whether an admin removed this device, and nobody enrolled it anew since.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn is_removed(&self) -> anyhow::Result<bool> {
        Ok(self.read("removed")?.is_some())
    }

    /// Forgets who this device is, and that it may not become one by itself again.
    ///
    /// # Errors
    /// A file cannot be removed or written.
    pub fn retire(&self) -> anyhow::Result<()> {
        // First of all: a crash in between must not leave a device that enrols with a token lying about.
        self.write("removed", b"")?;
        let others = super::FILES.iter().filter(|name| **name != "removed");
        others
            .into_iter()
            .try_for_each(|name| self.remove(name))
            .context("forgetting who this device was")
    }
}

/// What is only of use, and damaged, is nothing; an agent does not fail to start for it.
fn lenient<T>(read: anyhow::Result<Option<Vec<T>>>) -> Vec<T> {
    match read {
        Ok(list) => list.unwrap_or_default(),
        Err(error) => {
            tracing::warn!(%error, "what was kept is passed over");
            Vec::new()
        }
    }
}
