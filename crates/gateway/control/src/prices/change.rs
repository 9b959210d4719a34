//! Setting and removing the operator's own rows.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use http::StatusCode;
use tidegate_provider::{PriceBook, PriceError, PriceRow};
use tidegate_store::PriceOverride;

use super::{OverrideView, name, row::RowBody};
use crate::{
    app::App,
    extract::Body,
    guard::identity::Admin,
    problem::{Code, Problem},
};

/// Sets a price override.
///
/// The row itself says what it is for: one of the same family, provider and model is replaced.
#[utoipa::path(put, path = "/prices/overrides", tag = "prices",
    operation_id = "set_price_override", request_body = RowBody,
    responses((status = 200, description = "The override.", body = OverrideView),
        (status = 409, description = "Another override answers to this model or an alias of it.")))]
pub(super) async fn put(
    State(app): State<Arc<App>>,
    admin: Admin,
    Body(body): Body<RowBody>,
) -> Result<Json<OverrideView>, Problem> {
    let row = parsed(&serde_json::to_string(&body).map_err(Problem::internal)?)?;
    let name = name(&row);
    let others = app.store.prices().await?;
    refuse_clash(others, &name, row.clone())?;
    let stored = app
        .store
        .put_price(admin.actor(), &name, &row.to_json().to_string())
        .await?;
    Ok(Json(stored.into()))
}

/// Two rows that answer to one name would make the price depend on their order.
fn refuse_clash(others: Vec<PriceOverride>, name: &str, row: PriceRow) -> Result<(), Problem> {
    let others = others.into_iter().filter(|other| other.name != name);
    // A stored row that this build no longer reads cannot clash; the snapshot's loader reports it.
    let rows = others
        .filter_map(|other| PriceRow::from_json(&other.row).ok())
        .chain([row]);
    match PriceBook::default().with_overrides(rows) {
        Ok(_) => Ok(()),
        Err(error) => Err(Problem::new(
            Code::Conflict,
            format!("The override was not set: {error}. Delete the other override first."),
        )),
    }
}

fn parsed(json: &str) -> Result<PriceRow, Problem> {
    PriceRow::from_json(json).map_err(|error| match error {
        PriceError::Field { key, problem, .. } => Problem::field(&format!("/{key}"), problem),
        error => Problem::field("", error.to_string()),
    })
}

/// Removes an override: the price that comes with the build is in force again.
#[utoipa::path(delete, path = "/prices/overrides/{name}", tag = "prices",
    operation_id = "delete_price_override",
    params(("name" = String, Path,
        description = "The override's name, with `/` written as `%2F`.",
        example = "openai%2Fgpt-4o")),
    responses((status = 204, description = "It is gone.")))]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    admin: Admin,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    app.store.delete_price(admin.actor(), &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
