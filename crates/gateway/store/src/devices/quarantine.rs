//! What is rare: a device that was copied, and one that is to look at everything anew.

use serde_json::json;
use tidegate_types::{DeviceId, Timestamp};

use super::{Device, row::one};
use crate::{
    Actor, Store, StoreError,
    change::{Effect, Entry},
    sql::params,
};

/// The longest reason, in bytes.
const LONGEST: usize = 500;

/// Devices that are to look at everything anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    /// When it was asked for.
    pub at: Timestamp,
    /// Which.
    pub devices: Vec<DeviceId>,
}

impl Store {
    /// Marks a device as one that somebody may have copied; the first reason stays.
    ///
    /// # Errors
    /// `Invalid` reason; `NotFound`.
    pub async fn quarantine_device(&self, id: DeviceId, reason: String) -> Result<(), StoreError> {
        if reason.len() > LONGEST || reason.contains(char::is_control) {
            return Err(StoreError::invalid("reason", "it is 500 printable bytes"));
        }
        self.administer(Actor::System, "device.quarantine", move |sql, now| {
            if one(sql, id)?.reported.quarantine.is_some() {
                return Ok(Effect::Same(()));
            }
            let update = "UPDATE devices SET quarantined_at = $2, quarantine_reason = $3 \
                 WHERE id = $1";
            sql.execute(update, &params![id.uuid(), now, reason.as_str()])?;
            let detail = json!({ "before": null, "after": { "reason": reason } });
            Ok(Effect::changed((), id, detail))
        })
        .await
    }

    /// Takes the mark away, and lets the device count its check-ins anew from whatever it says next: so
    /// a machine that was restored from a backup comes back.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn clear_quarantine(&self, actor: Actor, id: DeviceId) -> Result<Device, StoreError> {
        self.govern(actor, "device.clear_quarantine", move |sql, _| {
            let before = one(sql, id)?;
            let update = "UPDATE devices SET quarantined_at = NULL, quarantine_reason = NULL, \
                 seq = 0, seq_resets = seq_resets + 1 WHERE id = $1";
            sql.execute(update, &params![id.uuid()])?;
            let told = before.reported.quarantine.map(|mark| {
                json!({ "since": mark.since, "reason": mark.reason, "seq": before.reported.seq })
            });
            let detail = json!({ "before": told, "after": null });
            Ok(Effect::changed(one(sql, id)?, id, detail))
        })
        .await
    }

    /// Asks devices to look at everything anew; all of them where none is named.
    ///
    /// # Errors
    /// `NotFound` when one of them does not exist; nothing was asked then.
    pub async fn request_scan(
        &self,
        actor: Actor,
        devices: Option<Vec<DeviceId>>,
    ) -> Result<Scanned, StoreError> {
        self.govern(actor, "device.scan", move |sql, at| {
            let Some(devices) = devices else {
                let rows = sql.query("SELECT id FROM devices ORDER BY id", &[])?;
                let devices = rows
                    .iter()
                    .map(|row| row.uuid(0).map(DeviceId::from_uuid))
                    .collect::<Result<Vec<_>, _>>()?;
                sql.execute("UPDATE devices SET scan_requested_at = $1", &params![at])?;
                let detail = json!({ "devices": devices.len() });
                return Ok(Effect::changed(Scanned { at, devices }, "all", detail));
            };
            let mut entries = Vec::with_capacity(devices.len());
            for id in &devices {
                let update = "UPDATE devices SET scan_requested_at = $2 WHERE id = $1";
                if sql.execute(update, &params![id.uuid(), at])? == 0 {
                    return Err(StoreError::NotFound("device"));
                }
                entries.push(Entry {
                    action: "device.scan",
                    target: id.to_string(),
                    detail: json!({}),
                });
            }
            let value = Scanned { at, devices };
            Ok(Effect::Several { value, entries })
        })
        .await
    }
}
