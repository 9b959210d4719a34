//! The machine, as it describes itself to the gateway.

use std::path::Path;

use sha2::{Digest, Sha256};
use tidegate_device_api::Platform;

/// What is known of the machine.
#[derive(Debug, Clone)]
pub struct Machine {
    /// Its name.
    pub hostname: String,
    /// SHA-256 of its machine id, in hex: the id itself is for this machine only (machine-id(5)).
    pub id_hash: String,
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
        let digest = Sha256::digest(format!("tidegate-edge:{id}:{hostname}"));
        let release = line("etc/os-release");
        let pretty = release
            .lines()
            .find_map(|line| line.strip_prefix("PRETTY_NAME="))
            .map(|name| name.trim_matches('"').to_owned());
        Self {
            hostname,
            id_hash: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
            platform: Platform {
                os: std::env::consts::OS.to_owned(),
                os_version: pretty.unwrap_or_else(|| "unknown".into()),
                arch: std::env::consts::ARCH.to_owned(),
            },
        }
    }
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
        assert_eq!(machine.id_hash.len(), 64);
        assert!(!machine.id_hash.contains("abc"));
        Ok(())
    }
}
