//! Which devices are in a group: how one joins, and how they are moved, many at once.

use serde_json::json;
use tidegate_types::{DeviceGroupId, DeviceId};

use super::exists;
use crate::{
    Actor, Store, StoreError,
    change::{Effect, Entry},
    sql::{Row, Sql, params},
};

/// Devices that were moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// How many were elsewhere before.
    pub moved: usize,
    /// How many were there already.
    pub there: usize,
}

impl Store {
    /// Moves devices into a group, or out of any. Each that was elsewhere before has an entry of its own
    /// in the audit log.
    ///
    /// # Errors
    /// `Invalid` group; `NotFound` when one of the devices does not exist: none was moved then.
    pub async fn move_devices(
        &self,
        actor: Actor,
        devices: Vec<DeviceId>,
        to: Option<DeviceGroupId>,
    ) -> Result<Moved, StoreError> {
        self.govern(actor, "device.move", move |sql, _| {
            exists(sql, to, "group")?;
            let mut devices = devices;
            // In the order in which sightings take their rows; and each once.
            devices.sort_unstable();
            devices.dedup();
            let mut entries = Vec::new();
            for id in &devices {
                let select = "SELECT group_id FROM devices WHERE id = $1";
                let row = sql.one(select, &params![id.uuid()], "device")?;
                let from = row.opt(0, Row::uuid)?.map(DeviceGroupId::from_uuid);
                if from == to {
                    continue;
                }
                join(sql, *id, to)?;
                entries.push(Entry {
                    action: "device.move",
                    target: id.to_string(),
                    detail: json!({ "before": { "group": from }, "after": { "group": to } }),
                });
            }
            let value = Moved {
                moved: entries.len(),
                there: devices.len() - entries.len(),
            };
            if entries.is_empty() {
                return Ok(Effect::Same(value));
            }
            Ok(Effect::Several { value, entries })
        })
        .await
    }
}

/// Puts a device into a group, or into none.
pub(crate) fn join(
    sql: &mut dyn Sql,
    device: DeviceId,
    group: Option<DeviceGroupId>,
) -> Result<(), StoreError> {
    let update = "UPDATE devices SET group_id = $2 WHERE id = $1";
    let values = params![device.uuid(), group.map(DeviceGroupId::uuid)];
    sql.execute(update, &values).map(drop)
}

/// Takes all devices out of a group that goes, and out of what tokens that enrol no more say.
pub(super) fn leave_all(sql: &mut dyn Sql, group: DeviceGroupId) -> Result<(), StoreError> {
    // In the order in which sightings take them.
    let lock = format!(
        "SELECT id FROM devices WHERE group_id = $1 ORDER BY id{}",
        sql.for_update()
    );
    sql.query(&lock, &params![group.uuid()])?;
    for table in ["devices", "enrolment_tokens"] {
        let update = format!("UPDATE {table} SET group_id = NULL WHERE group_id = $1");
        sql.execute(&update, &params![group.uuid()])?;
    }
    Ok(())
}
