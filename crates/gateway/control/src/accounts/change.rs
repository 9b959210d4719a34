//! Changing what an account is called and what it may do.

use std::sync::Arc;

use axum::{Json, extract::State};
use tidegate_store::AccountPatch;
use tidegate_types::{AccountId, Role, TeamId};
use utoipa::ToSchema;

use super::AccountView;
use crate::{
    app::App,
    extract::{Body, Id},
    guard::identity::Admin,
    problem::Problem,
    read::{Change, MaybeLabel, read_struct},
    roles::{self, RoleName},
};

read_struct! {
    /// What to change of an account. Absent fields stay as they are.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = AccountChange)]
    pub(super) struct ChangeAccount {
        /// A new name; may be empty.
        #[schema(value_type = String, required = false, max_length = 100)]
        name: Change<MaybeLabel>,
        /// A new role. Another one ends the account's sessions.
        #[schema(value_type = RoleName, required = false)]
        role: Change<Role>,
        /// The team of the role `team_admin`: required with it, and with no other.
        #[schema(value_type = Option<String>)]
        team: Change<Option<TeamId>>,
    }
}

/// Changes an account's name or role.
#[utoipa::path(patch, path = "/accounts/{id}", tag = "accounts", operation_id = "change_account",
    params(("id" = String, Path, description = "The account's id.")),
    request_body = ChangeAccount,
    responses((status = 200, description = "The account as it is now.", body = AccountView),
        (status = 409, description = "It is the last with the role `admin` and a password.")))]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<AccountId>,
    Body(change): Body<ChangeAccount>,
) -> Result<Json<AccountView>, Problem> {
    let before = app.store.account(id).await?.grant;
    let grant = match (change.role, change.team) {
        (Change::Keep, Change::Keep) => None,
        (Change::Keep, Change::To(team)) => Some(roles::grant(before.role(), team)?),
        // A team goes with its role.
        (Change::To(role), Change::Keep) => {
            let team = before.team().filter(|_| role == Role::TeamAdmin);
            Some(roles::grant(role, team)?)
        }
        (Change::To(role), Change::To(team)) => Some(roles::grant(role, team)?),
    };
    let patch = AccountPatch {
        name: change.name.into_option().map(|name| name.0),
        grant,
        disabled: None,
    };
    let account = app.store.patch_account(admin.actor(), id, patch).await?;
    Ok(Json(account.into()))
}
