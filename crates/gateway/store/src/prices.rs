//! Price overrides: rows that replace or add to the price file.

use serde_json::json;
use tidegate_types::Timestamp;

use crate::{
    Actor, Store, StoreError,
    change::Effect,
    sql::{Row, Sql, params},
};

/// A price row of the operator's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceOverride {
    /// What it is for, as the admin API names it (`openai/gpt-4o`): 1 to 320 characters, unique.
    pub name: String,
    /// The row as a JSON object in the price file's form, at most 16 KiB.
    pub row: String,
    /// When it was last set.
    pub updated_at: Timestamp,
}

/// The longest row, in bytes.
const MAX_ROW: usize = 16 * 1024;

/// The longest name: a provider, a slash and a model.
const MAX_NAME: usize = 321;

const ALL: &str = "SELECT name, price, updated_at FROM price_overrides ORDER BY name";

impl Store {
    /// Sets the override of that name. What the row means is for the caller to check.
    ///
    /// # Errors
    /// `Invalid` name, or a row that is no JSON object or too long.
    pub async fn put_price(
        &self,
        actor: Actor,
        name: &str,
        row: &str,
    ) -> Result<PriceOverride, StoreError> {
        if name.is_empty() || name.len() > MAX_NAME || !name.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(StoreError::invalid("name", "it is `provider/model`"));
        }
        let object = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(row);
        if row.len() > MAX_ROW || object.is_err() {
            return Err(StoreError::invalid(
                "row",
                "it is a JSON object of at most 16 KiB",
            ));
        }
        let (name, row) = (name.to_owned(), row.to_owned());
        self.govern(actor, "price.set", move |sql, now| {
            let upsert = "INSERT INTO price_overrides (name, price, updated_at) \
                 VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE SET price = $2, updated_at = $3";
            sql.execute(upsert, &params![name.as_str(), row.as_str(), now])?;
            let detail = json!({ "row": row });
            let set = PriceOverride {
                name: name.clone(),
                row,
                updated_at: now,
            };
            Ok(Effect::changed(set, name, detail))
        })
        .await
    }

    /// All overrides, by name.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn prices(&self) -> Result<Vec<PriceOverride>, StoreError> {
        self.read(all).await
    }

    /// Removes an override.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete_price(&self, actor: Actor, name: &str) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.govern(actor, "price.delete", move |sql, _| {
            let delete = "DELETE FROM price_overrides WHERE name = $1";
            if sql.execute(delete, &params![name.as_str()])? == 0 {
                return Err(StoreError::NotFound("price override"));
            }
            Ok(Effect::changed((), name, json!({})))
        })
        .await
    }
}

pub(crate) fn all(sql: &mut dyn Sql) -> Result<Vec<PriceOverride>, StoreError> {
    sql.query(ALL, &[])?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<PriceOverride, StoreError> {
    Ok(PriceOverride {
        name: row.text_owned(0)?,
        row: row.text_owned(1)?,
        updated_at: row.time(2)?,
    })
}
