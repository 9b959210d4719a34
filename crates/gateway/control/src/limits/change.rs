//! Making, changing and deleting limits.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use tidegate_governance::entity::Scope;
use tidegate_store::{LimitPatch, NewLimit, StoreError};
use tidegate_types::{LimitId, ModelPattern};
use utoipa::ToSchema;

use super::LimitView;
use crate::{
    app::App,
    extract::{Body, Id},
    guard::identity::Admin,
    problem::Problem,
    read::{Change, Count, read_struct},
    scope,
};

read_struct! {
    /// A limit to create. At least one rate must be given.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = NewLimit)]
    pub(super) struct CreateLimit {
        /// Whom it applies to: `organization`, or the id of a team, user or key.
        #[schema(value_type = String, example = "key_01jdg8s6f7e2m9v4k3x5q8w0zr")]
        scope: Scope,
        /// Counts only calls of models that match; all calls when not said.
        #[schema(value_type = Option<String>, example = "claude-*")]
        model: Option<ModelPattern>,
        /// Requests per minute.
        #[schema(value_type = Option<u64>, minimum = 1, example = 600)]
        requests_per_minute: Option<Count>,
        /// Tokens per minute, prompt and answer.
        #[schema(value_type = Option<u64>, minimum = 1, example = 200_000)]
        tokens_per_minute: Option<Count>,
        /// Calls in flight at once.
        #[schema(value_type = Option<u64>, minimum = 1, example = 32)]
        concurrency: Option<Count>,
    }
}

read_struct! {
    /// What to change of a limit. Absent fields stay, null lifts a rate; one rate must be left.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = LimitChange)]
    pub(super) struct ChangeLimit {
        /// Requests per minute.
        #[schema(value_type = Option<u64>, minimum = 1)]
        requests_per_minute: Change<Option<Count>>,
        /// Tokens per minute, prompt and answer.
        #[schema(value_type = Option<u64>, minimum = 1)]
        tokens_per_minute: Change<Option<Count>>,
        /// Calls in flight at once.
        #[schema(value_type = Option<u64>, minimum = 1)]
        concurrency: Change<Option<Count>>,
    }
}

/// The store's rule about a limit as a whole names no field of the body.
fn refused(error: StoreError) -> Problem {
    match error {
        StoreError::Invalid { field: "limit", .. } => Problem::field(
            "",
            "needs at least one of requests_per_minute, tokens_per_minute and concurrency",
        ),
        error => scope::refused(error),
    }
}

/// Creates a limit.
#[utoipa::path(post, path = "/limits", tag = "limits", operation_id = "create_limit",
    request_body = CreateLimit,
    responses((status = 201, description = "The limit.", body = LimitView),
        (status = 409, description = "There is one with this scope and model.")))]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    admin: Admin,
    Body(new): Body<CreateLimit>,
) -> Result<(StatusCode, Json<LimitView>), Problem> {
    admin.sets_on(&app, new.scope).await?;
    let new = NewLimit {
        scope: new.scope,
        model: new.model,
        requests_per_minute: new.requests_per_minute.map(|count| count.0),
        tokens_per_minute: new.tokens_per_minute.map(|count| count.0),
        concurrency: new.concurrency.map(|count| count.0),
    };
    let limit = app
        .store
        .create_limit(admin.actor(), new)
        .await
        .map_err(refused)?;
    let view = LimitView::now(&app, limit).await?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// Changes a limit's rates.
#[utoipa::path(patch, path = "/limits/{id}", tag = "limits", operation_id = "change_limit",
    params(("id" = String, Path, description = "The limit's id.")),
    request_body = ChangeLimit,
    responses((status = 200, description = "The limit as it is now.", body = LimitView)))]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<LimitId>,
    Body(change): Body<ChangeLimit>,
) -> Result<Json<LimitView>, Problem> {
    let scope = app.store.limit(id).await?.scope;
    admin.finds_scope(&app, scope, "limit").await?;
    let rate = |change: Change<Option<Count>>| {
        change.into_option().map(|count| count.map(|count| count.0))
    };
    let patch = LimitPatch {
        requests_per_minute: rate(change.requests_per_minute),
        tokens_per_minute: rate(change.tokens_per_minute),
        concurrency: rate(change.concurrency),
    };
    let limit = app
        .store
        .patch_limit(admin.actor(), id, patch)
        .await
        .map_err(refused)?;
    Ok(Json(LimitView::now(&app, limit).await?))
}

/// Deletes a limit.
#[utoipa::path(delete, path = "/limits/{id}", tag = "limits", operation_id = "delete_limit",
    params(("id" = String, Path, description = "The limit's id.")),
    responses((status = 204, description = "It is gone.")))]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<LimitId>,
) -> Result<StatusCode, Problem> {
    let scope = app.store.limit(id).await?.scope;
    admin.finds_scope(&app, scope, "limit").await?;
    app.store.delete_limit(admin.actor(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}
