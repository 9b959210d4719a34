//! Switching an account off and on.

use std::sync::Arc;

use axum::{Json, extract::State};
use tidegate_store::Actor;
use tidegate_types::AccountId;

use super::AccountView;
use crate::{
    app::App,
    extract::Id,
    guard::identity::Admin,
    problem::{Code, Problem},
};

/// Disables an account and ends its sessions.
#[utoipa::path(post, path = "/accounts/{id}/disable", tag = "accounts",
    operation_id = "disable_account",
    params(("id" = String, Path, description = "The account's id.")),
    responses((status = 200, description = "The account as it is now.", body = AccountView),
        (status = 409, description = "It is the caller's own, or the last with the role `admin` and \
            a password.")))]
pub(super) async fn disable(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<AccountId>,
) -> Result<Json<AccountView>, Problem> {
    // Else the last account could lock everybody out by one wrong click.
    if admin.actor() == Actor::Account(id) {
        return Err(Problem::new(
            Code::Conflict,
            "An account cannot disable itself. Let another account do it.",
        ));
    }
    Ok(Json(
        app.store
            .set_account_disabled(admin.actor(), id, true)
            .await?
            .into(),
    ))
}

/// Enables a disabled account.
#[utoipa::path(post, path = "/accounts/{id}/enable", tag = "accounts",
    operation_id = "enable_account",
    params(("id" = String, Path, description = "The account's id.")),
    responses((status = 200, description = "The account as it is now.", body = AccountView)))]
pub(super) async fn enable(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<AccountId>,
) -> Result<Json<AccountView>, Problem> {
    Ok(Json(
        app.store
            .set_account_disabled(admin.actor(), id, false)
            .await?
            .into(),
    ))
}
