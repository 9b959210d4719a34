//! Prices: the list in force, and the operator's own rows over the one that comes with the build.

mod change;
mod list;
mod row;

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use tidegate_provider::PriceRow;
use tidegate_types::Timestamp;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
use row::RowBody;

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(list::overrides, change::put))
        .routes(routes!(change::delete))
}

/// A row of the price list in force.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Price)]
struct PriceView {
    /// `family/model`, or `provider@family/model` for a row that holds for one provider.
    #[schema(example = "openai/gpt-4o")]
    name: String,
    /// The row.
    #[schema(value_type = RowBody)]
    row: Value,
}

/// A price row of the operator's own.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PriceOverride)]
struct OverrideView {
    /// `family/model`, or `provider@family/model` for a row that holds for one provider.
    #[schema(example = "openai/gpt-4o")]
    name: String,
    /// The row.
    #[schema(value_type = RowBody)]
    row: Value,
    /// When it was last set.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<tidegate_store::PriceOverride> for OverrideView {
    fn from(stored: tidegate_store::PriceOverride) -> Self {
        Self {
            name: stored.name,
            row: serde_json::from_str(&stored.row).unwrap_or_default(),
            updated_at: stored.updated_at,
        }
    }
}

/// What a row is for, as one text: neither a provider's name nor a family has `@` or `/` in it.
fn name(row: &PriceRow) -> String {
    let (family, model) = (row.family().as_str(), row.model());
    match row.provider() {
        Some(provider) => format!("{provider}@{family}/{model}"),
        None => format!("{family}/{model}"),
    }
}
