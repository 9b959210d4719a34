//! What can be done to a key.

use std::time::Duration;

use serde_json::{Value as Json, json};
use tidegate_governance::entity::{Allow, PreviousSecret, VirtualKey};
use tidegate_types::{DeviceId, KeyHash, KeyId, Timestamp};

use super::{
    KeyPatch, NewKey, NewSecret,
    row::{one, write},
};
use crate::{
    StoreError,
    change::Effect,
    edge::teams_moved,
    input, scope,
    sql::{Sql, params},
};

/// The longest time for which a rotated secret is still accepted.
const MAX_GRACE: Duration = Duration::from_secs(30 * 24 * 3_600);

/// The most entries of one allow-list.
const MAX_ALLOW: usize = 200;

pub(super) fn create(
    sql: &mut dyn Sql,
    now: Timestamp,
    new: NewKey,
) -> Result<Effect<VirtualKey>, StoreError> {
    let key = add(sql, now, new, None)?;
    let detail = detail(&key);
    Ok(Effect::changed(key.clone(), key.id, detail))
}

/// Adds a key, that of a device if one is named.
pub(crate) fn add(
    sql: &mut dyn Sql,
    now: Timestamp,
    new: NewKey,
    device: Option<DeviceId>,
) -> Result<VirtualKey, StoreError> {
    let key = VirtualKey {
        id: KeyId::generate(now),
        name: input::name(&new.name)?,
        hash: new.secret.hash,
        hint: new.secret.hint,
        team: new.team,
        user: new.user,
        device,
        allow: new.allow,
        log_content: new.log_content,
        created_at: now,
        expires_at: new.expires_at,
        disabled: false,
        revoked_at: None,
        previous: None,
    };
    check(sql, &key)?;
    if key.expires_at.is_some_and(|expiry| expiry <= now) {
        return Err(StoreError::invalid("expires_at", "it is in the past"));
    }
    secret_is_new(sql, key.hash)?;
    write(sql, &key)?;
    Ok(key)
}

pub(crate) fn patch(
    sql: &mut dyn Sql,
    now: Timestamp,
    id: KeyId,
    patch: KeyPatch,
) -> Result<Effect<VirtualKey>, StoreError> {
    let before = usable(sql, id)?;
    let mut key = before.clone();
    if let Some(name) = &patch.name {
        key.name = input::name(name)?;
    }
    key.team = patch.team.unwrap_or(key.team);
    key.user = patch.user.unwrap_or(key.user);
    key.allow = patch.allow.unwrap_or(key.allow);
    key.log_content = patch.log_content.unwrap_or(key.log_content);
    key.expires_at = patch.expires_at.unwrap_or(key.expires_at);
    key.disabled = patch.disabled.unwrap_or(key.disabled);
    if key == before {
        return Ok(Effect::Same(key));
    }
    check(sql, &key)?;
    if patch
        .expires_at
        .flatten()
        .is_some_and(|expiry| expiry <= now)
    {
        return Err(StoreError::invalid("expires_at", "it is in the past"));
    }
    write(sql, &key)?;
    if key.device.is_some() && (key.team, key.user) != (before.team, before.user) {
        teams_moved(sql)?;
    }
    let detail = detail(&key);
    Ok(Effect::changed(key, id, detail))
}

pub(super) fn rotate(
    sql: &mut dyn Sql,
    now: Timestamp,
    id: KeyId,
    secret: NewSecret,
    grace: Duration,
) -> Result<Effect<VirtualKey>, StoreError> {
    if grace > MAX_GRACE {
        return Err(StoreError::invalid("grace", "it is at most 30 days"));
    }
    let mut key = usable(sql, id)?;
    own(&key)?;
    secret_is_new(sql, secret.hash)?;
    let old = PreviousSecret {
        hash: key.hash,
        valid_until: now.plus(grace),
    };
    key.previous = (!grace.is_zero()).then_some(old);
    (key.hash, key.hint) = (secret.hash, secret.hint);
    write(sql, &key)?;
    let until = key.previous.map(|previous| previous.valid_until);
    let detail = json!({ "hint": key.hint, "old_secret_until": until });
    Ok(Effect::changed(key, id, detail))
}

pub(super) fn revoke(
    sql: &mut dyn Sql,
    now: Timestamp,
    id: KeyId,
) -> Result<Effect<VirtualKey>, StoreError> {
    let key = one(sql, id)?;
    own(&key)?;
    end(sql, now, key)
}

/// Revokes a key, that of a device too.
pub(crate) fn end(
    sql: &mut dyn Sql,
    now: Timestamp,
    mut key: VirtualKey,
) -> Result<Effect<VirtualKey>, StoreError> {
    if key.revoked_at.is_some() {
        return Ok(Effect::Same(key));
    }
    (key.revoked_at, key.previous) = (Some(now), None);
    write(sql, &key)?;
    let (id, detail) = (key.id, json!({ "name": key.name }));
    Ok(Effect::changed(key, id, detail))
}

/// A device's key is handed out once and lives as long as the device.
fn own(key: &VirtualKey) -> Result<(), StoreError> {
    match key.device {
        Some(device) => Err(StoreError::conflict(format!(
            "it is the key of device {device}; delete the device instead"
        ))),
        None => Ok(()),
    }
}

fn usable(sql: &mut dyn Sql, id: KeyId) -> Result<VirtualKey, StoreError> {
    let key = one(sql, id)?;
    if key.revoked_at.is_some() {
        return Err(StoreError::conflict("the key is revoked"));
    }
    Ok(key)
}

fn check(sql: &mut dyn Sql, key: &VirtualKey) -> Result<(), StoreError> {
    let Allow {
        providers,
        models,
        routes,
    } = &key.allow;
    if [providers.len(), models.len(), routes.len()]
        .iter()
        .any(|length| *length > MAX_ALLOW)
    {
        return Err(StoreError::invalid(
            "allow",
            "a list has at most 200 entries",
        ));
    }
    if routes
        .iter()
        .any(|route| route.is_empty() || route.len() > 100)
    {
        return Err(StoreError::invalid(
            "allow",
            "a route is the name of an operation",
        ));
    }
    scope::team_exists(sql, key.team)?;
    scope::user_exists(sql, key.user)
}

/// A secret opens one key only, whether it is that key's present or previous one.
fn secret_is_new(sql: &mut dyn Sql, hash: KeyHash) -> Result<(), StoreError> {
    let taken = "SELECT 1 FROM virtual_keys WHERE hash = $1 OR previous_hash = $1";
    if sql.query(taken, &params![hash])?.is_empty() {
        return Ok(());
    }
    Err(StoreError::conflict("the secret is that of another key"))
}

fn detail(key: &VirtualKey) -> Json {
    json!({
        "name": key.name,
        "hint": key.hint,
        "team": key.team,
        "user": key.user,
        "allow": key.allow,
        "log_content": key.log_content,
        "expires_at": key.expires_at,
        "disabled": key.disabled,
    })
}
