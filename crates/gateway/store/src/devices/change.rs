//! What can be done to a device: change its key's settings, renew its certificate, delete it.

use serde_json::{Value as Json, json};
use tidegate_types::{DeviceGroupId, DeviceId, TeamId, UserId};

use super::{Device, Leaf, row::one};
use crate::{
    Actor, Audience, Beat, KeyPatch, Store, StoreError, change::Effect, device_groups, edge::raise,
    inventory, keys, pulse::beat, sql::params,
};

/// What to change of a device; absent fields stay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DevicePatch {
    /// A new name.
    pub name: Option<String>,
    /// A new team, or none.
    pub team: Option<Option<TeamId>>,
    /// A new user, or none.
    pub user: Option<Option<UserId>>,
    /// A new group, or none.
    pub group: Option<Option<DeviceGroupId>>,
    /// Switched off or on.
    pub disabled: Option<bool>,
}

impl Store {
    /// Changes a device.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` name, team, user or group.
    pub async fn patch_device(
        &self,
        actor: Actor,
        id: DeviceId,
        patch: DevicePatch,
    ) -> Result<Device, StoreError> {
        self.govern(actor, "device.update", move |sql, now| {
            let before = one(sql, id)?;
            let group = patch.group.unwrap_or(before.group);
            let patch = KeyPatch {
                name: patch.name,
                team: patch.team,
                user: patch.user,
                disabled: patch.disabled,
                ..KeyPatch::default()
            };
            let keyed = keys::change::patch(sql, now, before.key, patch)?;
            if matches!(keyed, Effect::Same(_)) && group == before.group {
                return Ok(Effect::Same(before));
            }
            if group != before.group {
                device_groups::exists(sql, group, "group")?;
                device_groups::join(sql, id, group)?;
            }
            let device = one(sql, id)?;
            let detail = json!({ "before": told(&before), "after": told(&device) });
            Ok(Effect::changed(device, id, detail))
        })
        .await
    }

    /// Notes the certificate that was issued to a device.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn renew_leaf(&self, id: DeviceId, leaf: Leaf) -> Result<(), StoreError> {
        self.administer(Actor::System, "device.certificate", move |sql, _| {
            let update = "UPDATE devices SET leaf_serial = $2, leaf_expires_at = $3 WHERE id = $1";
            let values = params![id.uuid(), leaf.serial.as_slice(), leaf.expires_at];
            if sql.execute(update, &values)? == 0 {
                return Err(StoreError::NotFound("device"));
            }
            let serial: String = leaf
                .serial
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            let detail = json!({ "serial": serial, "expires_at": leaf.expires_at });
            Ok(Effect::changed((), id, detail))
        })
        .await
    }

    /// Deletes a device and what it has seen, and revokes its key. Its calls stay in the log.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete_device(&self, actor: Actor, id: DeviceId) -> Result<(), StoreError> {
        self.govern(actor, "device.delete", move |sql, now| {
            let device = one(sql, id)?;
            let key = keys::one(sql, device.key)?;
            keys::change::end(sql, now, key)?;
            // In the order in which sightings take their rows.
            for delete in [
                "DELETE FROM devices WHERE id = $1",
                "DELETE FROM device_apps WHERE device_id = $1",
                "DELETE FROM device_effects WHERE device_id = $1",
                "DELETE FROM access_requests WHERE device_id = $1",
            ] {
                sql.execute(delete, &params![id.uuid()])?;
            }
            if let Some(inventory) = device.reported.inventory {
                inventory::forget_unused(sql, now, vec![inventory])?;
            }
            if Audience::Device(id).clear(sql)? {
                raise(sql)?;
            }
            beat(sql, [Beat::Devices, Beat::Effects, Beat::Inventory])?;
            let detail = json!({
                "name": device.name, "hostname": device.machine.hostname, "key": device.key,
            });
            Ok(Effect::changed((), id, detail))
        })
        .await
    }
}

/// What can be changed of a device, as the audit log tells it.
fn told(device: &Device) -> Json {
    json!({
        "name": device.name, "team": device.team, "user": device.user,
        "group": device.group, "disabled": device.disabled,
    })
}
