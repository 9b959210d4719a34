//! A device as a row, joined with its key.

use tidegate_types::{DeviceGroupId, DeviceId, EnrolmentTokenId, KeyId, TeamId, UserId};

use super::{Device, Leaf, Machine, Owner, Quarantine, Reported};
use crate::{
    StoreError,
    sql::{Row, Sql, params},
};

pub(super) const COLUMNS: &str = "d.id, d.key_id, k.name, k.team_id, k.user_id, k.disabled, \
     d.hostname, d.machine_id_hash, d.os, d.os_version, d.arch, d.agent_version, d.token_id, \
     d.enrolled_at, d.last_seen_at, d.policy_revision, d.effective, d.problem, d.leaf_serial, \
     d.leaf_expires_at, u.name, u.email, d.seq, d.seq_resets, d.quarantined_at, \
     d.quarantine_reason, d.inventory, d.inventory_changed_at, d.effects_revision, d.effects_at, \
     d.scan_requested_at, d.scan_told_at, COALESCE(i.apps, 0), COALESCE(i.servers, 0), \
     d.group_id, g.name";

/// How many columns these are: where a query adds more, they follow.
pub(super) const WIDTH: usize = 36;

pub(super) const TABLES: &str = "devices d JOIN virtual_keys k ON k.id = d.key_id \
     LEFT JOIN users u ON u.id = k.user_id LEFT JOIN inventories i ON i.hash = d.inventory \
     LEFT JOIN device_groups g ON g.id = d.group_id";

pub(crate) fn one(sql: &mut dyn Sql, id: DeviceId) -> Result<Device, StoreError> {
    let select = format!("SELECT {COLUMNS} FROM {TABLES} WHERE d.id = $1");
    read(&sql.one(&select, &params![id.uuid()], "device")?)
}

pub(super) fn read(row: &Row) -> Result<Device, StoreError> {
    Ok(Device {
        id: DeviceId::from_uuid(row.uuid(0)?),
        key: KeyId::from_uuid(row.uuid(1)?),
        name: row.text_owned(2)?,
        team: row.opt(3, Row::uuid)?.map(TeamId::from_uuid),
        user: row.opt(4, Row::uuid)?.map(UserId::from_uuid),
        group: row.opt(34, Row::uuid)?.map(DeviceGroupId::from_uuid),
        group_name: row.opt(35, Row::text_owned)?,
        disabled: row.bool(5)?,
        machine: Machine {
            hostname: row.text_owned(6)?,
            id_hash: row.text_owned(7)?,
            os: row.text_owned(8)?,
            os_version: row.text_owned(9)?,
            arch: row.text_owned(10)?,
        },
        agent_version: row.text_owned(11)?,
        token: EnrolmentTokenId::from_uuid(row.uuid(12)?),
        enrolled_at: row.time(13)?,
        last_seen_at: row.opt(14, Row::time)?,
        policy_revision: row.count(15)?,
        effective: row.opt(16, Row::bool)?,
        problem: row.opt(17, Row::text_owned)?,
        leaf: Leaf {
            serial: row.bytes(18)?,
            expires_at: row.time(19)?,
        },
        owner: owner(row)?,
        reported: reported(row)?,
    })
}

fn owner(row: &Row) -> Result<Option<Owner>, StoreError> {
    if row.is_null(20) {
        return Ok(None);
    }
    Ok(Some(Owner {
        name: row.text_owned(20)?,
        email: row.text_owned(21)?,
    }))
}

fn reported(row: &Row) -> Result<Reported, StoreError> {
    let quarantine = match row.opt(24, Row::time)? {
        Some(since) => Some(Quarantine {
            since,
            reason: row.opt(25, Row::text_owned)?.unwrap_or_default(),
        }),
        None => None,
    };
    Ok(Reported {
        seq: row.count(22)?,
        seq_resets: row.count(23)?,
        quarantine,
        inventory: row.opt(26, Row::bytes)?,
        inventory_changed_at: row.opt(27, Row::time)?,
        effects_revision: row.count(28)?,
        effects_at: row.opt(29, Row::time)?,
        scan_requested_at: row.opt(30, Row::time)?,
        scan_told_at: row.opt(31, Row::time)?,
        apps: row.count(32)?,
        mcp_servers: row.count(33)?,
    })
}
