//! Making an account, with a one-time password to hand over.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use tidegate_store::NewAccount;
use tidegate_types::{Role, TeamId};
use utoipa::ToSchema;

use super::AccountWithPassword;
use crate::{
    app::App,
    extract::Body,
    guard::identity::Admin,
    problem::Problem,
    read::{Email, MaybeLabel, read_struct},
    roles::{self, RoleName},
};

read_struct! {
    /// An account to create.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = NewAccount)]
    pub(super) struct CreateAccount {
        /// E-mail address, unique among accounts; kept in lower case.
        #[schema(value_type = String, format = Email, max_length = 254, example = "ada@example.com")]
        email: Email,
        /// Name for people; empty when not said.
        #[schema(value_type = Option<String>, max_length = 100, example = "Ada Lovelace")]
        name: Option<MaybeLabel>,
        /// What it may do; everything (`admin`) when not said.
        #[schema(value_type = Option<RoleName>)]
        role: Option<Role>,
        /// The team it is confined to: required for the role `team_admin`, and only for it.
        #[schema(value_type = Option<String>)]
        team: Option<TeamId>,
    }
}

/// Creates an account. The answer holds a one-time password, which is never shown again.
#[utoipa::path(post, path = "/accounts", tag = "accounts", operation_id = "create_account",
    request_body = CreateAccount,
    responses((status = 201, description = "The account.", body = AccountWithPassword),
        (status = 409, description = "An account has this address.")))]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    admin: Admin,
    Body(new): Body<CreateAccount>,
) -> Result<(StatusCode, Json<AccountWithPassword>), Problem> {
    let grant = roles::grant(new.role.unwrap_or(Role::Admin), new.team)?;
    let (password, password_hash) = app.sign_in.one_time().await?;
    let new = NewAccount {
        email: new.email.0,
        name: new.name.map(|name| name.0).unwrap_or_default(),
        grant,
        password_hash: Some(password_hash),
    };
    let account = app.store.create_account(admin.actor(), new).await?;
    let answer = AccountWithPassword {
        account: account.into(),
        one_time_password: password.expose().clone(),
    };
    Ok((StatusCode::CREATED, Json(answer)))
}
