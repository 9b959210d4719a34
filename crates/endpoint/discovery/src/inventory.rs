//! What goes to the gateway: everything that was found, in one order, each thing once, and no more than a
//! gateway takes. The same machine gives the same bytes.

use std::fmt;

use sha2::{Digest, Sha256};
use tidegate_device_api::{Inventory, LARGEST_INVENTORY};

use crate::Found;

/// SHA-256 (FIPS 180-4) over an inventory's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InventoryHash(pub [u8; 32]);

/// In lower-case hexadecimal.
impl fmt::Display for InventoryHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// An inventory, the bytes to send, and their hash.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// What it says.
    pub inventory: Inventory,
    /// The same as JSON.
    pub json: Vec<u8>,
    /// Over `json`.
    pub hash: InventoryHash,
}

/// Puts together what was found in homes (with the user's name) and on the machine (without).
///
/// What does not fit into [`LARGEST_INVENTORY`] is left out in the order that it names, and `truncated`
/// says so.
#[must_use]
pub fn inventory(found: &[(Option<String>, Found)]) -> Sealed {
    let mut all = Inventory::default();
    for (user, found) in found {
        let user = || user.clone();
        all.apps.extend(found.apps.iter().cloned().map(|mut app| {
            app.user = app.user.or_else(user);
            app
        }));
        let servers = found.servers.iter().map(|located| located.server.clone());
        all.mcp_servers.extend(servers.map(|mut server| {
            server.user = server.user.or_else(user);
            server
        }));
        all.coverage
            .extend(found.coverage.iter().cloned().map(|mut place| {
                place.user = place.user.or_else(user);
                place
            }));
    }
    all.apps.sort_unstable();
    all.apps.dedup();
    all.mcp_servers.sort_by(|a, b| {
        let place = (&a.user, &a.client, &a.config_path, &a.name);
        place
            .cmp(&(&b.user, &b.client, &b.config_path, &b.name))
            .then_with(|| a.cmp(b))
    });
    all.mcp_servers.dedup();
    all.coverage.sort_unstable();
    all.coverage.dedup();
    seal(all)
}

/// An inventory as it is sent. What does not fit into [`LARGEST_INVENTORY`] is left out in the order that it
/// names, and `truncated` says so.
#[must_use]
pub fn seal(mut inventory: Inventory) -> Sealed {
    let mut json = bytes(&inventory);
    if json.len() > LARGEST_INVENTORY {
        inventory.truncated = true;
        inventory.coverage.clear();
        json = bytes(&inventory);
    }
    if json.len() > LARGEST_INVENTORY {
        let tools = inventory
            .mcp_servers
            .iter_mut()
            .flat_map(|server| &mut server.tools);
        tools.for_each(|tool| tool.description = None);
        json = bytes(&inventory);
    }
    while json.len() > LARGEST_INVENTORY {
        // By as much as is too much, so that few rounds do.
        let kept = |count: usize| count * LARGEST_INVENTORY / json.len() * 9 / 10;
        match inventory.mcp_servers.len() {
            0 => inventory.apps.truncate(kept(inventory.apps.len())),
            servers => inventory.mcp_servers.truncate(kept(servers)),
        }
        json = bytes(&inventory);
    }
    let hash = InventoryHash(Sha256::digest(&json).into());
    Sealed {
        inventory,
        json,
        hash,
    }
}

fn bytes(inventory: &Inventory) -> Vec<u8> {
    // Plain structures of texts cannot fail to be written.
    serde_json::to_vec(inventory).unwrap_or_default()
}

#[cfg(test)]
mod tests;
