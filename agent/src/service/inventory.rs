//! The inventory as it is uploaded: bounded bytes, and the hash by which the gateway knows them.

use anyhow::Context;
use sha2::{Digest, Sha256};
use tidegate_agent_core::Found;
use tidegate_device_api::{Inventory, LARGEST_INVENTORY};
use tidegate_types::Timestamp;

/// An inventory's bytes, and what is said of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Packed {
    pub(super) bytes: Vec<u8>,
    pub(super) found: Found,
}

/// Leaves out what does not fit.
pub(super) fn pack(inventory: Inventory, at: Timestamp) -> anyhow::Result<Packed> {
    let bytes = tidegate_discovery::seal(inventory).json;
    let found = found(&bytes, at).context("the inventory cannot be written")?;
    Ok(Packed { bytes, found })
}

/// What is to be said of bytes that were kept; none where they are no inventory.
pub(super) fn found(bytes: &[u8], at: Timestamp) -> Option<Found> {
    let inventory: Inventory = serde_json::from_slice(bytes).ok()?;
    (bytes.len() <= LARGEST_INVENTORY).then(|| Found {
        hash: hash(bytes),
        bytes: bytes.len() as u64,
        apps: inventory.apps.len(),
        servers: inventory.mcp_servers.len(),
        at,
    })
}

/// SHA-256 in lower-case hexadecimal.
pub(super) fn hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use tidegate_device_api::{Coverage, Looked, McpServer, Scope, Tool, Transport};

    use super::*;

    fn server(tools: usize, description: usize, args: usize) -> McpServer {
        McpServer {
            user: Some("ann".into()),
            client: "claude-code".parse().unwrap(),
            scope: Scope::User,
            config_path: "~/.claude.json".into(),
            project: None,
            name: "files".into(),
            identity: "npm:files".parse().unwrap(),
            version: None,
            arguments: "0".repeat(64).parse().unwrap(),
            launch: "0".repeat(64).parse().unwrap(),
            transport: Transport::Stdio,
            command: None,
            args: vec!["a".repeat(args)],
            url: None,
            given: Vec::new(),
            enabled: true,
            tools: (0..tools)
                .map(|number| Tool {
                    name: format!("tool-{number}"),
                    description: Some("d".repeat(description)),
                })
                .collect(),
            tool_source: None,
        }
    }

    fn place(detail: usize) -> Coverage {
        Coverage {
            user: None,
            client: "codex".parse().unwrap(),
            path: "/etc/codex".into(),
            looked: Looked::Absent,
            detail: Some("x".repeat(detail)),
        }
    }

    #[test]
    fn what_fits_is_whole() -> anyhow::Result<()> {
        let inventory = Inventory {
            mcp_servers: vec![server(2, 10, 10)],
            coverage: vec![place(10)],
            ..Inventory::default()
        };
        let packed = pack(inventory.clone(), Timestamp::default())?;
        assert_eq!(
            serde_json::from_slice::<Inventory>(&packed.bytes)?,
            inventory
        );
        let again = found(&packed.bytes, Timestamp::default());
        assert_eq!(again.as_ref(), Some(&packed.found));
        assert_eq!(found(b"{", Timestamp::default()), None);
        assert_eq!((packed.found.apps, packed.found.servers), (0, 1));
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hash(b""), empty);
        Ok(())
    }

    #[test]
    fn what_does_not_is_left_out_in_order() -> anyhow::Result<()> {
        const MIB: usize = 1 << 20;
        let left = |servers: Vec<McpServer>, coverage| -> anyhow::Result<Inventory> {
            let inventory = Inventory {
                mcp_servers: servers,
                coverage: vec![place(coverage)],
                ..Inventory::default()
            };
            let packed = pack(inventory, Timestamp::default())?;
            assert!(packed.bytes.len() <= LARGEST_INVENTORY);
            let read: Inventory = serde_json::from_slice(&packed.bytes)?;
            assert!(read.truncated && read.coverage.is_empty());
            Ok(read)
        };
        let one = left(vec![server(1, 100, 100)], 5 * MIB)?;
        assert!(one.mcp_servers[0].tools[0].description.is_some());
        let two = left(vec![server(5, MIB, 100)], 10)?;
        assert_eq!(two.mcp_servers.len(), 1);
        assert!(
            two.mcp_servers[0]
                .tools
                .iter()
                .all(|tool| tool.description.is_none())
        );
        let three = left(vec![server(0, 0, MIB); 9], 10)?;
        assert!((1..=3).contains(&three.mcp_servers.len()));
        Ok(())
    }
}
