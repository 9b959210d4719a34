//! What is on devices: inventories by the hash of their bytes, so that devices that are alike share
//! one, and one that nobody has any more goes.

use std::collections::BTreeSet;

use tidegate_device_api::{Coverage, InstalledApp, Inventory, McpServer};
use tidegate_types::{DeviceId, Timestamp};

use crate::{
    Beat, Store, StoreError,
    devices::{Named, set_inventory},
    pulse::beat,
    sql::{Sql, params},
    words::{from_json, json_text, wire},
};

/// An inventory as a device uploaded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInventory {
    /// SHA-256 over the bytes of the upload.
    pub hash: [u8; 32],
    /// How many bytes that were.
    pub bytes: usize,
    /// What was in it and could be read.
    pub inventory: Inventory,
    /// Entries that could not be read.
    pub dropped: usize,
}

/// An inventory, and since when a device has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredInventory {
    /// Its hash.
    pub hash: [u8; 32],
    /// When the gateway got it.
    pub stored_at: Timestamp,
    /// What is in it.
    pub inventory: Inventory,
    /// Entries that could not be read.
    pub dropped: u64,
}

/// The most items of which is kept when the fleet first and last saw them.
const MAX_ITEMS: i64 = 50_000;

impl Store {
    /// Keeps an inventory that a device uploaded, and notes that the device has it.
    ///
    /// # Errors
    /// `NotFound` when the device is gone.
    pub async fn note_inventory(
        &self,
        device: DeviceId,
        new: NewInventory,
    ) -> Result<(), StoreError> {
        let now = self.now();
        self.write(move |sql| {
            // The device first, as when sightings are noted: everybody waits in one order.
            let lock = format!("SELECT 1 FROM devices WHERE id = $1{}", sql.for_update());
            sql.one(&lock, &params![device.uuid()], "device")?;
            keep(sql, now, &new)?;
            match set_inventory(sql, device, new.hash, now)? {
                Named::Other(Some(before)) => forget_unused(sql, now, vec![before])?,
                Named::Other(None) | Named::Same | Named::Lacking(_) => {}
            }
            beat(sql, [Beat::Devices, Beat::Inventory])
        })
        .await
    }

    /// Whether an inventory is stored.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn has_inventory(&self, hash: [u8; 32]) -> Result<bool, StoreError> {
        self.read(move |sql| {
            let select = "SELECT 1 FROM inventories WHERE hash = $1";
            Ok(!sql.query(select, &params![hash.as_slice()])?.is_empty())
        })
        .await
    }

    /// What is on a device; nothing before its first scan.
    ///
    /// # Errors
    /// `NotFound` when there is no such device.
    pub async fn device_inventory(
        &self,
        device: DeviceId,
    ) -> Result<Option<StoredInventory>, StoreError> {
        self.read(move |sql| {
            let of = "SELECT inventory FROM devices WHERE id = $1";
            let row = sql.one(of, &params![device.uuid()], "device")?;
            match row.opt(0, crate::sql::Row::bytes)? {
                Some(hash) => read(sql, hash).map(Some),
                None => Ok(None),
            }
        })
        .await
    }
}

fn keep(sql: &mut dyn Sql, now: Timestamp, new: &NewInventory) -> Result<(), StoreError> {
    let Inventory {
        apps,
        mcp_servers,
        coverage,
        truncated,
    } = &new.inventory;
    let insert = "INSERT INTO inventories (hash, bytes, apps, servers, dropped, truncated, \
         coverage, stored_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (hash) DO NOTHING";
    let hash = new.hash.as_slice();
    let values = params![
        hash,
        new.bytes,
        apps.len(),
        mcp_servers.len(),
        new.dropped,
        *truncated,
        json_text(coverage)?,
        now,
    ];
    if sql.execute(insert, &values)? == 0 {
        return Ok(());
    }
    let insert = "INSERT INTO inventory_apps (inventory, position, app, version, source, entry) \
         VALUES ($1, $2, $3, $4, $5, $6)";
    let mut rows = Vec::with_capacity(apps.len());
    for (position, app) in apps.iter().enumerate() {
        let version = app.version.as_deref();
        let row = params![
            hash,
            position,
            app.app.as_str(),
            version,
            wire(&app.source)?,
            json_text(app)?
        ];
        rows.push(row.into());
    }
    sql.execute_all(insert, &rows)?;
    let insert = "INSERT INTO inventory_servers (inventory, position, identity, name, client, \
         version, transport, arguments, launch, tools, entry) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let mut rows = Vec::with_capacity(mcp_servers.len());
    for (position, server) in mcp_servers.iter().enumerate() {
        let row = params![
            hash,
            position,
            server.identity.as_str(),
            server.name.as_str(),
            server.client.as_str(),
            server.version.as_deref(),
            wire(&server.transport)?,
            server.arguments.to_string(),
            server.launch.to_string(),
            server.tools.len(),
            json_text(server)?,
        ];
        rows.push(row.into());
    }
    sql.execute_all(insert, &rows)?;
    let apps = apps.iter().map(|app| ("app", app.app.to_string()));
    let servers = mcp_servers
        .iter()
        .map(|server| ("mcp_server", server.identity.to_string()));
    seen(sql, now, &apps.chain(servers).collect())
}

/// The fleet sees these items now.
fn seen(
    sql: &mut dyn Sql,
    now: Timestamp,
    items: &BTreeSet<(&'static str, String)>,
) -> Result<(), StoreError> {
    let mut count = sql
        .one("SELECT COUNT(*) FROM catalogue_items", &[], "schema")?
        .int(0)?;
    for (kind, item) in items {
        let update = "UPDATE catalogue_items SET last_seen_at = $3 WHERE kind = $1 AND item = $2 \
             AND last_seen_at < $3";
        let known = "SELECT 1 FROM catalogue_items WHERE kind = $1 AND item = $2";
        let key = params![*kind, item.as_str()];
        if !sql.query(known, &key)?.is_empty() {
            sql.execute(update, &params![*kind, item.as_str(), now])?;
        } else if count < MAX_ITEMS {
            let insert = "INSERT INTO catalogue_items (kind, item, first_seen_at, last_seen_at) \
                 VALUES ($1, $2, $3, $3) ON CONFLICT (kind, item) DO NOTHING";
            sql.execute(insert, &params![*kind, item.as_str(), now])?;
            count += 1;
        }
    }
    Ok(())
}

/// Takes away those of these inventories that no device has; what was in them was seen until now.
pub(crate) fn forget_unused(
    sql: &mut dyn Sql,
    now: Timestamp,
    mut hashes: Vec<[u8; 32]>,
) -> Result<(), StoreError> {
    hashes.sort_unstable();
    hashes.dedup();
    let (mut items, mut unused) = (BTreeSet::new(), Vec::new());
    for hash in hashes {
        let key = params![hash.as_slice()];
        let used = "SELECT 1 FROM devices WHERE inventory = $1 LIMIT 1";
        if !sql.query(used, &key)?.is_empty() {
            continue;
        }
        let apps = "SELECT DISTINCT app FROM inventory_apps WHERE inventory = $1";
        for row in sql.query(apps, &key)? {
            items.insert(("app", row.text_owned(0)?));
        }
        let servers = "SELECT DISTINCT identity FROM inventory_servers WHERE inventory = $1";
        for row in sql.query(servers, &key)? {
            items.insert(("mcp_server", row.text_owned(0)?));
        }
        unused.push(hash);
    }
    seen(sql, now, &items)?;
    for hash in unused {
        for delete in [
            "DELETE FROM inventories WHERE hash = $1",
            "DELETE FROM inventory_apps WHERE inventory = $1",
            "DELETE FROM inventory_servers WHERE inventory = $1",
        ] {
            sql.execute(delete, &params![hash.as_slice()])?;
        }
    }
    Ok(())
}

fn read(sql: &mut dyn Sql, hash: [u8; 32]) -> Result<StoredInventory, StoreError> {
    let key = params![hash.as_slice()];
    let select = "SELECT coverage, truncated, dropped, stored_at FROM inventories WHERE hash = $1";
    let head = sql.one(select, &key, "inventory")?;
    let apps = "SELECT entry FROM inventory_apps WHERE inventory = $1 ORDER BY position";
    let apps = sql.query(apps, &key)?;
    let servers = "SELECT entry FROM inventory_servers WHERE inventory = $1 ORDER BY position";
    let servers = sql.query(servers, &key)?;
    let coverage: Vec<Coverage> = from_json(&head, 0)?;
    Ok(StoredInventory {
        hash,
        stored_at: head.time(3)?,
        inventory: Inventory {
            apps: apps
                .iter()
                .map(|row| from_json::<InstalledApp>(row, 0))
                .collect::<Result<_, _>>()?,
            mcp_servers: servers
                .iter()
                .map(|row| from_json::<McpServer>(row, 0))
                .collect::<Result<_, _>>()?,
            coverage,
            truncated: head.bool(1)?,
        },
        dropped: head.count(2)?,
    })
}
