//! A key as a row.

use tidegate_governance::entity::{PreviousSecret, VirtualKey};
use tidegate_types::{DeviceId, KeyId, TeamId, UserId};

use crate::{
    StoreError,
    sql::{Row, Sql, Value, params},
};

pub(super) const COLUMNS: &str = "id, name, hash, hint, team_id, user_id, allow, log_content, \
     created_at, expires_at, disabled, revoked_at, previous_hash, previous_until, device_id";

pub(crate) fn one(sql: &mut dyn Sql, id: KeyId) -> Result<VirtualKey, StoreError> {
    let select = format!("SELECT {COLUMNS} FROM virtual_keys WHERE id = $1");
    read(&sql.one(&select, &params![id.uuid()], "key")?)
}

/// All keys that were not revoked.
pub(crate) fn in_use(sql: &mut dyn Sql) -> Result<Vec<VirtualKey>, StoreError> {
    let select = format!("SELECT {COLUMNS} FROM virtual_keys WHERE revoked_at IS NULL ORDER BY id");
    sql.query(&select, &[])?.iter().map(read).collect()
}

pub(super) fn read(row: &Row) -> Result<VirtualKey, StoreError> {
    let allow = serde_json::from_str(row.text(6)?)
        .map_err(|_| StoreError::Broken("a key's allow-lists cannot be read".into()))?;
    let previous = match (row.opt(12, Row::hash)?, row.opt(13, Row::time)?) {
        (Some(hash), Some(valid_until)) => Some(PreviousSecret { hash, valid_until }),
        _ => None,
    };
    Ok(VirtualKey {
        id: KeyId::from_uuid(row.uuid(0)?),
        name: row.text_owned(1)?,
        hash: row.hash(2)?,
        hint: row.text_owned(3)?,
        team: row.opt(4, Row::uuid)?.map(TeamId::from_uuid),
        user: row.opt(5, Row::uuid)?.map(UserId::from_uuid),
        device: row.opt(14, Row::uuid)?.map(DeviceId::from_uuid),
        allow,
        log_content: row.bool(7)?,
        created_at: row.time(8)?,
        expires_at: row.opt(9, Row::time)?,
        disabled: row.bool(10)?,
        revoked_at: row.opt(11, Row::time)?,
        previous,
    })
}

/// Writes a key, new or changed.
pub(super) fn write(sql: &mut dyn Sql, key: &VirtualKey) -> Result<(), StoreError> {
    let upsert = format!(
        "INSERT INTO virtual_keys ({COLUMNS}) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
         ON CONFLICT (id) DO UPDATE SET name = $2, hash = $3, hint = $4, team_id = $5, \
         user_id = $6, allow = $7, log_content = $8, expires_at = $10, disabled = $11, \
         revoked_at = $12, previous_hash = $13, previous_until = $14"
    );
    sql.execute(&upsert, &values(key)?).map(drop)
}

fn values(key: &VirtualKey) -> Result<[Value; 15], StoreError> {
    let allow = serde_json::to_string(&key.allow)
        .map_err(|_| StoreError::invalid("allow", "it cannot be stored"))?;
    Ok(params![
        key.id.uuid(),
        key.name.as_str(),
        key.hash,
        key.hint.as_str(),
        key.team.map(TeamId::uuid),
        key.user.map(UserId::uuid),
        allow,
        key.log_content,
        key.created_at,
        key.expires_at,
        key.disabled,
        key.revoked_at,
        key.previous.map(|previous| previous.hash),
        key.previous.map(|previous| previous.valid_until),
        key.device.map(DeviceId::uuid),
    ])
}
