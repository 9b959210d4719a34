//! Groups of devices, as admins keep them: guardrails name them, and a device is in one at most.

mod members;

use serde_json::json;
use tidegate_types::{DeviceGroupId, DeviceId, Timestamp};

pub use self::members::Moved;
pub(crate) use self::members::join;
use crate::{
    Actor, Cursor, Page, Store, StoreError,
    change::Effect,
    enrolment_tokens, guardrails, input,
    page::page_size,
    sql::{Row, Sql, Where, params},
};

/// A group of devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceGroup {
    /// Its id.
    pub id: DeviceGroupId,
    /// Its name, unique among groups of devices.
    pub name: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// How many devices are in it.
    pub devices: u64,
}

/// A group of devices to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDeviceGroup {
    /// Its name: 1 to 64 characters, unique among groups of devices.
    pub name: String,
}

/// The longest name, in characters.
const LONGEST_NAME: usize = 64;

/// Devices are counted once for all groups of a page.
const SELECT: &str = "SELECT g.id, g.name, g.created_at, COALESCE(c.devices, 0) FROM device_groups g \
     LEFT JOIN (SELECT group_id, COUNT(*) AS devices FROM devices WHERE group_id IS NOT NULL \
     GROUP BY group_id) c ON c.group_id = g.id";

impl Store {
    /// Creates a group of devices, with none in it.
    ///
    /// # Errors
    /// `Invalid` name; `Conflict` when there is one of that name.
    pub async fn create_device_group(
        &self,
        actor: Actor,
        new: NewDeviceGroup,
    ) -> Result<DeviceGroup, StoreError> {
        self.govern(actor, "device_group.create", move |sql, now| {
            let group = DeviceGroup {
                id: DeviceGroupId::generate(now),
                name: name(&new.name)?,
                created_at: now,
                devices: 0,
            };
            name_is_free(sql, &group)?;
            let insert = "INSERT INTO device_groups (id, name, created_at) VALUES ($1, $2, $3)";
            sql.execute(insert, &params![group.id.uuid(), group.name.as_str(), now])?;
            let detail = json!({ "name": group.name });
            Ok(Effect::changed(group.clone(), group.id, detail))
        })
        .await
    }

    /// One group of devices.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn device_group(&self, id: DeviceGroupId) -> Result<DeviceGroup, StoreError> {
        self.read(move |sql| one(sql, id)).await
    }

    /// Groups of devices, oldest first.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn device_groups(
        &self,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<DeviceGroup>, StoreError> {
        let limit = page_size(limit);
        self.read(move |sql| {
            let mut filter = Where::default();
            filter.maybe("g.id > {}", cursor.map(|cursor| cursor.0));
            let count = filter.param(limit + 1);
            let clause = filter.clause();
            let select = format!("{SELECT}{clause} ORDER BY g.id LIMIT {count}");
            let rows = sql.query(&select, &filter.params)?;
            let groups = rows.iter().map(read).collect::<Result<_, _>>()?;
            Ok(Page::cut(groups, limit, |group: &DeviceGroup| {
                group.id.uuid()
            }))
        })
        .await
    }

    /// Renames a group of devices.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` name; `Conflict` when another one has that name.
    pub async fn rename_device_group(
        &self,
        actor: Actor,
        id: DeviceGroupId,
        to: String,
    ) -> Result<DeviceGroup, StoreError> {
        self.govern(actor, "device_group.update", move |sql, _| {
            let before = one(sql, id)?;
            let group = DeviceGroup {
                name: name(&to)?,
                ..before
            };
            if group == before {
                return Ok(Effect::Same(group));
            }
            name_is_free(sql, &group)?;
            let update = "UPDATE device_groups SET name = $2 WHERE id = $1";
            sql.execute(update, &params![id.uuid(), group.name.as_str()])?;
            let detail = json!({
                "before": { "name": before.name }, "after": { "name": group.name },
            });
            Ok(Effect::changed(group, id, detail))
        })
        .await
    }

    /// Deletes a group of devices. Its devices are in none then.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` while a guardrail names it, or a token that still enrols.
    pub async fn delete_device_group(
        &self,
        actor: Actor,
        id: DeviceGroupId,
    ) -> Result<(), StoreError> {
        self.govern(actor, "device_group.delete", move |sql, now| {
            let group = one(sql, id)?;
            let naming = guardrails::naming(sql, id)?;
            if !naming.is_empty() {
                return Err(StoreError::conflict(named(&naming)));
            }
            enrolment_tokens::none_of(sql, "group_id", id.uuid(), now)?;
            members::leave_all(sql, id)?;
            sql.execute(
                "DELETE FROM device_groups WHERE id = $1",
                &params![id.uuid()],
            )?;
            let detail = json!({ "name": group.name, "devices": group.devices });
            Ok(Effect::changed((), id, detail))
        })
        .await
    }
}

/// By whom a group is named that is to go: the first few by name.
fn named(guardrails: &[String]) -> String {
    const TOLD: usize = 3;
    let mut names: Vec<String> = guardrails
        .iter()
        .take(TOLD)
        .map(|name| format!("`{name}`"))
        .collect();
    match guardrails.len().saturating_sub(TOLD) {
        0 => {}
        1 => names.push("another one".to_owned()),
        more => names.push(format!("{more} others")),
    }
    let whose = match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => {
            format!("the guardrails {} and {last} name it", rest.join(", "))
        }
        _ => format!("the guardrail {} names it", names.concat()),
    };
    format!("{whose}; take it out of their scope first")
}

/// The devices that are in a group, and in which.
pub(crate) fn grouped(sql: &mut dyn Sql) -> Result<Vec<(DeviceId, DeviceGroupId)>, StoreError> {
    let select = "SELECT id, group_id FROM devices WHERE group_id IS NOT NULL ORDER BY id";
    let rows = sql.query(select, &[])?;
    let read = |row: &Row| {
        Ok((
            DeviceId::from_uuid(row.uuid(0)?),
            DeviceGroupId::from_uuid(row.uuid(1)?),
        ))
    };
    rows.iter().map(read).collect()
}

/// The group of devices exists, if one is named.
pub(crate) fn exists(
    sql: &mut dyn Sql,
    group: Option<DeviceGroupId>,
    field: &'static str,
) -> Result<(), StoreError> {
    let Some(group) = group else { return Ok(()) };
    let found = "SELECT 1 FROM device_groups WHERE id = $1";
    if sql.query(found, &params![group.uuid()])?.is_empty() {
        return Err(StoreError::invalid(
            field,
            "there is no such group of devices",
        ));
    }
    Ok(())
}

fn name(name: &str) -> Result<String, StoreError> {
    let name = input::name(name)?;
    if name.chars().count() > LONGEST_NAME {
        return Err(StoreError::invalid("name", "it has at most 64 characters"));
    }
    Ok(name)
}

fn name_is_free(sql: &mut dyn Sql, group: &DeviceGroup) -> Result<(), StoreError> {
    let taken = "SELECT 1 FROM device_groups WHERE name = $1 AND id <> $2";
    let values = params![group.name.as_str(), group.id.uuid()];
    if sql.query(taken, &values)?.is_empty() {
        return Ok(());
    }
    Err(StoreError::conflict(
        "there is a group of devices of that name",
    ))
}

fn one(sql: &mut dyn Sql, id: DeviceGroupId) -> Result<DeviceGroup, StoreError> {
    let select = format!("{SELECT} WHERE g.id = $1");
    read(&sql.one(&select, &params![id.uuid()], "device group")?)
}

fn read(row: &Row) -> Result<DeviceGroup, StoreError> {
    Ok(DeviceGroup {
        id: DeviceGroupId::from_uuid(row.uuid(0)?),
        name: row.text_owned(1)?,
        created_at: row.time(2)?,
        devices: row.count(3)?,
    })
}
