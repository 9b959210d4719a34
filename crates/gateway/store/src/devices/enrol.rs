//! Enrolment: a use of a token becomes a device with a key of its own, all or nothing.

use serde_json::json;
use tidegate_types::{DeviceId, KeyHash, Timestamp};

use super::{Device, Leaf, Machine, row::one};
use crate::{
    Actor, NewKey, NewSecret, Store, StoreError,
    change::Effect,
    device_groups, enrolment_tokens, input, keys,
    sql::{Sql, params},
};

/// A device to enrol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDevice {
    /// Its id, which its certificate names.
    pub id: DeviceId,
    /// The hash of the token that enrols it.
    pub token: KeyHash,
    /// The secret of its key.
    pub secret: NewSecret,
    /// The machine.
    pub machine: Machine,
    /// The agent's version, 64 bytes at most.
    pub agent_version: String,
    /// Its first certificate.
    pub leaf: Leaf,
}

impl Store {
    /// Enrols a device: its key, the device and the use of the token, or none of them.
    ///
    /// # Errors
    /// `NotFound` when the token enrols nothing (more); `Invalid` texts; `Invalid` team or user when
    /// the token's is gone.
    pub async fn enrol_device(&self, new: NewDevice) -> Result<Device, StoreError> {
        self.govern(Actor::System, "device.enrol", move |sql, now| {
            let token = enrolment_tokens::usable(sql, new.token, now)?;
            enrolment_tokens::used(sql, &token)?;
            check(&new)?;
            let name =
                input::name(&new.machine.hostname).or_else(|_| input::name(&new.id.to_string()))?;
            let key = NewKey {
                name,
                secret: new.secret.clone(),
                team: token.team,
                user: token.user,
                allow: Default::default(),
                log_content: false,
                expires_at: None,
            };
            let key = keys::change::add(sql, now, key, Some(new.id))?;
            let id = new.id;
            insert(sql, now, &new, key.id.uuid(), token.id.uuid())?;
            device_groups::join(sql, id, token.group)?;
            // A token that somebody got by signing in: they may sign out.
            let theirs = "UPDATE devices SET signed_in_at = $2 WHERE id = $1 AND EXISTS \
                 (SELECT 1 FROM device_sign_ins s WHERE s.token_id = devices.token_id)";
            sql.execute(theirs, &params![id.uuid(), now])?;
            let detail = json!({
                "token": token.id, "key": key.id, "hostname": new.machine.hostname,
                "os": new.machine.os, "team": token.team, "user": token.user,
                "group": token.group,
            });
            Ok(Effect::changed(one(sql, id)?, id, detail))
        })
        .await
    }
}

fn check(new: &NewDevice) -> Result<(), StoreError> {
    let Machine {
        hostname,
        id_hash,
        os,
        os_version,
        arch,
    } = &new.machine;
    for (field, text, most) in [
        ("hostname", hostname, 255),
        ("machine_id_hash", id_hash, 255),
        ("platform/os", os, 32),
        ("platform/os_version", os_version, 255),
        ("platform/arch", arch, 32),
        ("agent_version", &new.agent_version, 64),
    ] {
        if text.is_empty() || text.len() > most || text.contains(char::is_control) {
            return Err(StoreError::invalid(
                field,
                format!("it is 1 to {most} bytes, without control characters"),
            ));
        }
    }
    Ok(())
}

fn insert(
    sql: &mut dyn Sql,
    now: Timestamp,
    new: &NewDevice,
    key: uuid::Uuid,
    token: uuid::Uuid,
) -> Result<(), StoreError> {
    let insert = "INSERT INTO devices (id, key_id, token_id, hostname, machine_id_hash, os, \
         os_version, arch, agent_version, enrolled_at, policy_revision, leaf_serial, \
         leaf_expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12)";
    let values = params![
        new.id.uuid(),
        key,
        token,
        new.machine.hostname.as_str(),
        new.machine.id_hash.as_str(),
        new.machine.os.as_str(),
        new.machine.os_version.as_str(),
        new.machine.arch.as_str(),
        new.agent_version.as_str(),
        now,
        new.leaf.serial.as_slice(),
        new.leaf.expires_at,
    ];
    sql.execute(insert, &values).map(drop)
}
