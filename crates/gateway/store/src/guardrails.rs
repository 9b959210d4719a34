//! Guardrails, and what they did on calls.

mod applied;

use serde_json::json;
use tidegate_governance::guardrail::{Definition, Guardrail};
use tidegate_types::{DeviceGroupId, GuardrailId};

use crate::{
    Actor, Store, StoreError,
    change::Effect,
    device_groups, input,
    sql::{Row, Sql, params},
};

pub use applied::{FindingFilter, GuardedRequest};

/// A guardrail to create.
#[derive(Debug, Clone, PartialEq)]
pub struct NewGuardrail {
    /// Its name: 1 to 64 bytes, unique among guardrails.
    pub name: String,
    /// Whether it is in force.
    pub enabled: bool,
    /// Where it stands; absent: after all others.
    pub position: Option<i64>,
    /// What it does.
    pub definition: Definition,
}

/// What to change of a guardrail; absent fields stay.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GuardrailPatch {
    /// A new name.
    pub name: Option<String>,
    /// Whether it is in force.
    pub enabled: Option<bool>,
    /// Where it stands.
    pub position: Option<i64>,
    /// What it does.
    pub definition: Option<Definition>,
}

/// The most guardrails there are: each is asked on every call.
const MAX: i64 = 200;
/// The longest name, in bytes: callers read it whole when it blocks.
const LONGEST_NAME: usize = 64;

const COLUMNS: &str = "id, name, enabled, position, definition";

impl Store {
    /// All guardrails, in their order.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn guardrails(&self) -> Result<Vec<Guardrail>, StoreError> {
        self.read(all).await
    }

    /// One guardrail.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn guardrail(&self, id: GuardrailId) -> Result<Guardrail, StoreError> {
        self.read(move |sql| one(sql, id)).await
    }

    /// Creates a guardrail. Whether its definition compiles is not known here.
    ///
    /// # Errors
    /// `Invalid` name, or group of devices in the scope; `Conflict` when there is one of that name, or
    /// there are 200.
    pub async fn create_guardrail(
        &self,
        actor: Actor,
        new: NewGuardrail,
    ) -> Result<Guardrail, StoreError> {
        self.govern(actor, "guardrail.create", move |sql, now| {
            let end = "SELECT COUNT(*), COALESCE(MAX(position), 0) FROM guardrails";
            let end = sql.one(end, &[], "guardrails")?;
            if end.int(0)? >= MAX {
                return Err(StoreError::conflict("there are 200 guardrails already"));
            }
            let guardrail = Guardrail {
                id: GuardrailId::generate(now),
                name: name(&new.name)?,
                enabled: new.enabled,
                position: new.position.unwrap_or(end.int(1)?.saturating_add(1)),
                definition: new.definition,
            };
            name_is_free(sql, &guardrail)?;
            names_what_there_is(sql, &guardrail.definition)?;
            let insert = format!(
                "INSERT INTO guardrails ({COLUMNS}, created_at, updated_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $6)"
            );
            let values = params![
                guardrail.id.uuid(),
                guardrail.name.as_str(),
                guardrail.enabled,
                guardrail.position,
                definition(&guardrail)?,
                now
            ];
            sql.execute(&insert, &values)?;
            let detail = detail(&guardrail);
            let id = guardrail.id;
            Ok(Effect::changed(guardrail, id, detail))
        })
        .await
    }

    /// Changes a guardrail.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` name, or group of devices in the scope; `Conflict` when another one has that
    /// name.
    pub async fn patch_guardrail(
        &self,
        actor: Actor,
        id: GuardrailId,
        patch: GuardrailPatch,
    ) -> Result<Guardrail, StoreError> {
        self.govern(actor, "guardrail.update", move |sql, now| {
            let before = one(sql, id)?;
            let mut guardrail = before.clone();
            if let Some(new) = &patch.name {
                guardrail.name = name(new)?;
                name_is_free(sql, &guardrail)?;
            }
            guardrail.enabled = patch.enabled.unwrap_or(guardrail.enabled);
            guardrail.position = patch.position.unwrap_or(guardrail.position);
            if let Some(new) = patch.definition {
                names_what_there_is(sql, &new)?;
                guardrail.definition = new;
            }
            if guardrail == before {
                return Ok(Effect::Same(guardrail));
            }
            let update = "UPDATE guardrails SET name = $2, enabled = $3, position = $4, \
                 definition = $5, updated_at = $6 WHERE id = $1";
            let values = params![
                id.uuid(),
                guardrail.name.as_str(),
                guardrail.enabled,
                guardrail.position,
                definition(&guardrail)?,
                now
            ];
            sql.execute(update, &values)?;
            let detail = json!({ "before": detail(&before), "after": detail(&guardrail) });
            Ok(Effect::changed(guardrail, id, detail))
        })
        .await
    }

    /// Deletes a guardrail. What it did stays in the log.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete_guardrail(&self, actor: Actor, id: GuardrailId) -> Result<(), StoreError> {
        self.govern(actor, "guardrail.delete", move |sql, _| {
            let before = one(sql, id)?;
            sql.execute("DELETE FROM guardrails WHERE id = $1", &params![id.uuid()])?;
            Ok(Effect::changed((), id, detail(&before)))
        })
        .await
    }
}

fn name(name: &str) -> Result<String, StoreError> {
    let name = input::name(name)?;
    if name.len() > LONGEST_NAME {
        return Err(StoreError::invalid("name", "it has at most 64 bytes"));
    }
    Ok(name)
}

fn name_is_free(sql: &mut dyn Sql, guardrail: &Guardrail) -> Result<(), StoreError> {
    let taken = "SELECT 1 FROM guardrails WHERE name = $1 AND id <> $2";
    let values = params![guardrail.name.as_str(), guardrail.id.uuid()];
    if sql.query(taken, &values)?.is_empty() {
        return Ok(());
    }
    Err(StoreError::conflict("there is a guardrail of that name"))
}

/// The groups of devices that a definition names exist: one that a guardrail names does not go either.
fn names_what_there_is(sql: &mut dyn Sql, definition: &Definition) -> Result<(), StoreError> {
    for group in &definition.scope.device_groups {
        device_groups::exists(sql, Some(*group), "definition/scope/device_groups")?;
    }
    Ok(())
}

fn all(sql: &mut dyn Sql) -> Result<Vec<Guardrail>, StoreError> {
    let select = format!("SELECT {COLUMNS} FROM guardrails ORDER BY position, id");
    sql.query(&select, &[])?.iter().map(read).collect()
}

/// The names of guardrails whose scope names a group of devices.
pub(crate) fn naming(sql: &mut dyn Sql, group: DeviceGroupId) -> Result<Vec<String>, StoreError> {
    let mut naming = all(sql)?;
    naming.retain(|guardrail| guardrail.definition.scope.device_groups.contains(&group));
    Ok(naming.into_iter().map(|guardrail| guardrail.name).collect())
}

fn detail(guardrail: &Guardrail) -> serde_json::Value {
    json!({
        "name": guardrail.name,
        "enabled": guardrail.enabled,
        "position": guardrail.position,
        "definition": guardrail.definition,
    })
}

fn definition(guardrail: &Guardrail) -> Result<String, StoreError> {
    serde_json::to_string(&guardrail.definition)
        .map_err(|error| StoreError::Broken(error.to_string()))
}

fn one(sql: &mut dyn Sql, id: GuardrailId) -> Result<Guardrail, StoreError> {
    let select = format!("SELECT {COLUMNS} FROM guardrails WHERE id = $1");
    read(&sql.one(&select, &params![id.uuid()], "guardrail")?)
}

fn read(row: &Row) -> Result<Guardrail, StoreError> {
    let definition = row.text(4)?;
    Ok(Guardrail {
        id: GuardrailId::from_uuid(row.uuid(0)?),
        name: row.text_owned(1)?,
        enabled: row.bool(2)?,
        position: row.int(3)?,
        definition: serde_json::from_str(definition)
            .map_err(|error| StoreError::Broken(format!("a guardrail: {error}")))?,
    })
}
