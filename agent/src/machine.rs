//! The machine, as it describes itself to the gateway.

use std::path::Path;

use sha2::{Digest, Sha256};
use tidegate_device_api::Platform;

/// What is known of the machine.
#[derive(Debug, Clone)]
pub struct Machine {
    /// Its name.
    pub hostname: String,
    /// SHA-256 of its machine id, in hex: the id itself is for this machine only (machine-id(5)). None where
    /// it has none, or it cannot be read now.
    pub id: Option<String>,
    /// The system.
    pub platform: Platform,
}

impl Machine {
    /// Reads it from below `root`, which is `/` but in tests.
    #[must_use]
    pub fn read(root: &Path) -> Self {
        let line = |path: &str| {
            let text = std::fs::read_to_string(root.join(path)).unwrap_or_default();
            text.trim().to_owned()
        };
        let id = line("etc/machine-id");
        let hostname = line("proc/sys/kernel/hostname");
        let release = line("etc/os-release");
        let pretty = release
            .lines()
            .find_map(|line| line.strip_prefix("PRETTY_NAME="))
            .map(|name| name.trim_matches('"').to_owned());
        Self {
            hostname,
            // systemd says so in images, until the machine's first start.
            id: (!matches!(&*id, "" | "uninitialized")).then(|| hash(&id)),
            platform: Platform {
                os: std::env::consts::OS.to_owned(),
                os_version: pretty.unwrap_or_else(|| "unknown".into()),
                arch: std::env::consts::ARCH.to_owned(),
            },
        }
    }

    /// What enrolment says: the id's hash, or else the name's.
    #[must_use]
    pub fn id_hash(&self) -> String {
        let name = || hash(&format!("name:{}", self.hostname));
        self.id.clone().unwrap_or_else(name)
    }
}

/// For this program only, as machine-id(5) asks for.
fn hash(text: &str) -> String {
    let digest = Sha256::digest(format!("tidegate-edge:{text}"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_there() -> anyhow::Result<()> {
        let root = tempfile::tempdir()?;
        std::fs::create_dir_all(root.path().join("etc"))?;
        std::fs::create_dir_all(root.path().join("proc/sys/kernel"))?;
        std::fs::write(root.path().join("etc/machine-id"), "abc\n")?;
        std::fs::write(root.path().join("proc/sys/kernel/hostname"), "laptop\n")?;
        let release = "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n";
        std::fs::write(root.path().join("etc/os-release"), release)?;
        let machine = Machine::read(root.path());
        assert_eq!(machine.hostname, "laptop");
        assert_eq!(
            machine.platform.os_version,
            "Debian GNU/Linux 12 (bookworm)"
        );
        assert_eq!(machine.id_hash().len(), 64);
        assert!(!machine.id_hash().contains("abc"));
        // People rename machines, and they stay the same.
        std::fs::write(root.path().join("proc/sys/kernel/hostname"), "other\n")?;
        assert_eq!(Machine::read(root.path()).id, machine.id);
        std::fs::write(root.path().join("etc/machine-id"), "def\n")?;
        assert_ne!(Machine::read(root.path()).id, machine.id);
        for none in ["", "\n", "uninitialized\n"] {
            std::fs::write(root.path().join("etc/machine-id"), none)?;
            let machine = Machine::read(root.path());
            assert_eq!((&machine.id, machine.id_hash().len()), (&None, 64));
        }
        Ok(())
    }
}
