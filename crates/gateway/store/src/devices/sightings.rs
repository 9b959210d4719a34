//! What devices said when they checked in, many of them in one transaction. It is no change by
//! anyone, so it is not audited and raises no revision.

use std::{collections::HashSet, time::Duration};

use tidegate_device_api::EffectReport;
use tidegate_policy::AppId;
use tidegate_types::{DeviceId, Timestamp};

use super::effects;
use crate::{
    Beat, Store, StoreError, inventory,
    pulse::beat,
    sql::{Row, Sql, params},
};

/// What a device said since it was last noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The device.
    pub device: DeviceId,
    /// When it last checked in.
    pub at: Timestamp,
    /// The agent's version, 64 bytes at most.
    pub agent_version: String,
    /// The revision of the policy in force on it.
    pub policy_revision: u64,
    /// Whether it governs.
    pub effective: bool,
    /// Why it does not, 500 bytes at most.
    pub problem: Option<String>,
    /// Apps seen since.
    pub apps: Vec<AppSighting>,
    /// The number of its last check-in, and which count that number is of.
    pub seq: (u64, u64),
    /// What is on it, where it named another inventory, one that was stored before.
    pub inventory: Option<[u8; 32]>,
    /// What came of decisions, where it reported that.
    pub effects: Option<EffectReport>,
    /// Where it was told to look at everything anew: when it was that an admin asked for it.
    pub scan_told_at: Option<Timestamp>,
}

/// What a device saw of an app since it was last noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppSighting {
    /// The app.
    pub app: AppId,
    /// Its version, where known, 64 bytes at most.
    pub version: Option<String>,
    /// Its executable or script, 1,024 bytes at most.
    pub path: String,
    /// More connections that were relayed.
    pub relayed: u32,
    /// More connections that were refused.
    pub denied: u32,
    /// More handshakes that it broke off.
    pub pinned: u32,
}

/// The most apps that are kept of one device; what it sees beyond them is not noted.
const MAX_APPS: usize = 1_000;

impl Store {
    /// Notes what devices said. Devices that are gone are passed over. Those that named an inventory that
    /// is stored no more are told, with its hash: they are to upload it.
    ///
    /// # Errors
    /// The store is unavailable; nothing was noted then.
    pub async fn note_sightings(
        &self,
        sightings: Vec<Sighting>,
    ) -> Result<Vec<(DeviceId, [u8; 32])>, StoreError> {
        self.write(move |sql| {
            // One order for all nodes, so that two of them never wait in a circle.
            let mut sightings = sightings;
            sightings.sort_by_key(|sighting| sighting.device);
            let (mut left, mut lacking) = (Vec::new(), Vec::new());
            let mut news = false;
            for seen in &sightings {
                let (named, app) = note(sql, seen)?;
                news |= app || matches!(named, Named::Other(_));
                match named {
                    Named::Same => {}
                    Named::Other(before) => left.extend(before),
                    Named::Lacking(hash) => lacking.push((seen.device, hash)),
                }
            }
            if let Some(now) = sightings.iter().map(|seen| seen.at).max() {
                // After all devices, so that no two transactions wait for each other's rows.
                inventory::forget_unused(sql, now, left)?;
            }
            beat(sql, beats(&sightings, news))?;
            Ok(lacking)
        })
        .await
    }
}

/// What consoles are to look at again.
fn beats(sightings: &[Sighting], news: bool) -> Vec<Beat> {
    let mut beats = Vec::new();
    if !sightings.is_empty() {
        beats.push(Beat::Devices);
    }
    if sightings.iter().any(|seen| seen.effects.is_some()) {
        beats.push(Beat::Effects);
    }
    if news {
        beats.push(Beat::Inventory);
    }
    beats
}

/// How late a node may write what it heard: what is noted further ahead was noted by a clock that was wrong and
/// has been set back since, and holds nothing up.
const LATEST: Duration = Duration::from_secs(3_600);

/// What became of the inventory that a device named.
pub(crate) enum Named {
    /// It is the one that it had.
    Same,
    /// It is another one; that which it had before, if any.
    Other(Option<[u8; 32]>),
    /// It is not stored.
    Lacking([u8; 32]),
}

/// Notes what a device said; and whether it saw an app for the first time.
fn note(sql: &mut dyn Sql, seen: &Sighting) -> Result<(Named, bool), StoreError> {
    let device = params![seen.device.uuid()];
    let lock = format!("SELECT 1 FROM devices WHERE id = $1{}", sql.for_update());
    if sql.query(&lock, &device)?.is_empty() {
        return Ok((Named::Same, false));
    }
    let update = "UPDATE devices SET last_seen_at = $2, agent_version = $3, policy_revision = $4, \
         effective = $5, problem = $6 \
         WHERE id = $1 AND (last_seen_at IS NULL OR last_seen_at <= $2 OR last_seen_at > $7)";
    let values = params![
        seen.device.uuid(),
        seen.at,
        seen.agent_version.as_str(),
        seen.policy_revision,
        seen.effective,
        seen.problem.as_deref(),
        seen.at.plus(LATEST),
    ];
    sql.execute(update, &values)?;
    let (seq, count) = seen.seq;
    if seq > 0 {
        // Of an older count it says nothing any more.
        let update = "UPDATE devices SET seq = $2 WHERE id = $1 AND seq < $2 AND seq_resets = $3";
        sql.execute(update, &params![seen.device.uuid(), seq, count])?;
    }
    if let Some(told) = seen.scan_told_at {
        let update = "UPDATE devices SET scan_told_at = $2 WHERE id = $1";
        sql.execute(update, &params![seen.device.uuid(), told])?;
    }
    if let Some(report) = &seen.effects {
        effects::replace(sql, seen.device, seen.at, report)?;
    }
    let new = !seen.apps.is_empty() && apps(sql, seen)?;
    let named = match seen.inventory {
        Some(hash) => set_inventory(sql, seen.device, hash, seen.at)?,
        None => Named::Same,
    };
    Ok((named, new))
}

/// A device has this inventory, if it is stored.
pub(crate) fn set_inventory(
    sql: &mut dyn Sql,
    device: DeviceId,
    hash: [u8; 32],
    now: Timestamp,
) -> Result<Named, StoreError> {
    let before = "SELECT inventory FROM devices WHERE id = $1";
    let before = sql.one(before, &params![device.uuid()], "device")?;
    let before: Option<[u8; 32]> = before.opt(0, Row::bytes)?;
    if before == Some(hash) {
        return Ok(Named::Same);
    }
    let update = "UPDATE devices SET inventory = $2, inventory_changed_at = $3 WHERE id = $1 \
         AND EXISTS (SELECT 1 FROM inventories WHERE hash = $2)";
    let values = params![device.uuid(), hash.as_slice(), now];
    Ok(if sql.execute(update, &values)? > 0 {
        Named::Other(before)
    } else {
        Named::Lacking(hash)
    })
}

/// Adds up what a device saw of apps; whether one of them was new on it.
fn apps(sql: &mut dyn Sql, seen: &Sighting) -> Result<bool, StoreError> {
    let mut new = false;
    let known = "SELECT app FROM device_apps WHERE device_id = $1";
    let known = sql.query(known, &params![seen.device.uuid()])?;
    let mut known: HashSet<String> = known
        .iter()
        .map(|row| row.text_owned(0))
        .collect::<Result<_, _>>()?;
    let upsert = "INSERT INTO device_apps (device_id, app, version, path, relayed, denied, pinned, \
         first_seen_at, last_seen_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) \
         ON CONFLICT (device_id, app) DO UPDATE SET version = $3, path = $4, \
         relayed = device_apps.relayed + $5, denied = device_apps.denied + $6, \
         pinned = device_apps.pinned + $7, last_seen_at = $8";
    for app in &seen.apps {
        if !known.contains(app.app.as_str()) && known.len() >= MAX_APPS {
            continue;
        }
        new |= known.insert(app.app.to_string());
        let values = params![
            seen.device.uuid(),
            app.app.as_str(),
            app.version.as_deref(),
            app.path.as_str(),
            i64::from(app.relayed),
            i64::from(app.denied),
            i64::from(app.pinned),
            seen.at,
        ];
        sql.execute(upsert, &values)?;
    }
    Ok(new)
}
