//! Making an account, with a one-time password to hand over.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use tidegate_store::NewAccount;
use tidegate_types::Grant;
use utoipa::ToSchema;

use super::AccountWithPassword;
use crate::{
    app::App,
    extract::Body,
    guard::identity::Admin,
    problem::Problem,
    read::{Email, read_struct},
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
    let (password, password_hash) = app.sign_in.one_time().await?;
    let new = NewAccount {
        email: new.email.0,
        grant: Grant::Admin,
        password_hash,
    };
    let account = app.store.create_account(admin.actor(), new).await?;
    let answer = AccountWithPassword {
        account: account.into(),
        one_time_password: password.expose().clone(),
    };
    Ok((StatusCode::CREATED, Json(answer)))
}
