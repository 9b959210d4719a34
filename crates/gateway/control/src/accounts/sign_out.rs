//! Signing an account out everywhere.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use tidegate_store::Actor;
use tidegate_types::{AccountId, Role};
use utoipa::ToSchema;

use crate::{
    app::App,
    extract::Id,
    guard::{identity::Admin, team::nothing},
    problem::Problem,
};

/// What was ended.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SignedOut {
    /// How many sessions ended, the caller's among them where it is theirs.
    sessions: u64,
}

/// Ends all sessions of an account: the caller's own, or for the role `admin` anybody's.
#[utoipa::path(post, path = "/accounts/{id}/sign-out", tag = "accounts",
    operation_id = "sign_out_account",
    params(("id" = String, Path, description = "The account's id.")),
    responses((status = 200, description = "They ended.", body = SignedOut)))]
pub(super) async fn sign_out(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<AccountId>,
) -> Result<Json<SignedOut>, Problem> {
    let own = admin.actor() == Actor::Account(id);
    if !own && admin.grant().role() != Role::Admin {
        return Err(nothing("account"));
    }
    let sessions = app.store.end_sessions(admin.actor(), id).await?;
    Ok(Json(SignedOut { sessions }))
}
