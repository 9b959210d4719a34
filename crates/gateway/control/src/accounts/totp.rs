//! The second factor of one's own account: set up, confirmed by a first code, removed by a last one.
//! Somebody else's can only be reset, for who lost theirs.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use serde::Serialize;
use tidegate_store::{Account, SecondFactor};
use tidegate_types::AccountId;
use utoipa::ToSchema;

use super::{AccountView, password::own_password};
use crate::{
    app::App,
    extract::{Body, Id, Peer},
    guard::identity::Admin,
    problem::{Code, Problem},
    read::{FactorCode, Password, read_struct},
    second_factor,
};

/// A second factor to set up: the same secret twice.
#[derive(Serialize, ToSchema)]
#[schema(as = TotpSetup)]
pub(super) struct SetupView {
    /// The secret in base 32, to be typed into an authenticator app. It is shown this once.
    #[schema(example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    secret: String,
    /// The same as a URI, to be shown as a QR code.
    #[schema(
        example = "otpauth://totp/Tidegate:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Tidegate"
    )]
    uri: String,
}

/// What opens the account once each when the authenticator is lost.
#[derive(Serialize, ToSchema)]
pub(super) struct RecoveryCodes {
    /// Ten codes. They are shown this once and cannot be read again.
    #[schema(example = json!(["k7fq-2mzd-x9ne-4wtr-bh3p"]))]
    recovery_codes: Vec<String>,
}

read_struct! {
    /// What shows that it is the account's owner who sets up a second factor.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = TotpBegin)]
    pub(super) struct Begin {
        /// The account's password.
        #[schema(value_type = String, format = Password, max_length = 1024)]
        password: Password,
    }
}

read_struct! {
    /// A code that proves the second factor.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = TotpCode)]
    pub(super) struct Code6 {
        /// The code that the authenticator shows; to remove it a recovery code will do too.
        #[schema(value_type = String, max_length = 64, example = "287082")]
        code: FactorCode,
    }
}

/// Begins to set up a second factor, for who knows the account's password: a session that was left open must
/// not be enough to lock its owner out. It is in force once a code confirms it.
#[utoipa::path(post, path = "/accounts/current/totp", tag = "accounts", operation_id = "begin_totp",
    request_body = Begin,
    responses((status = 200, description = "The secret.", body = SetupView),
        (status = 403, description = "An API token has no second factor."),
        (status = 409, description = "There is one, or the account signs in at an identity \
            provider."),
        (status = 429, description = "Too many wrong passwords. `retry-after` says how long to wait.",
            headers(("retry-after" = u64, description = "Seconds to wait.")))))]
pub(super) async fn begin(
    State(app): State<Arc<App>>,
    admin: Admin,
    Peer(from): Peer,
    Body(given): Body<Begin>,
) -> Result<Json<SetupView>, Problem> {
    let (_, account) = admin.session()?;
    own_password(&app, account, from, given.password.0, "/password").await?;
    let setup = second_factor::begin(&app.seal, &account.email)?;
    app.store
        .begin_second_factor(admin.actor(), account.id, setup.sealed)
        .await?;
    Ok(Json(SetupView {
        secret: setup.secret,
        uri: setup.uri,
    }))
}

/// Confirms the second factor by a first code: from now on it is asked for at each sign-in.
#[utoipa::path(put, path = "/accounts/current/totp", tag = "accounts", operation_id = "confirm_totp",
    request_body = Code6,
    responses((status = 200, description = "The recovery codes.", body = RecoveryCodes),
        (status = 401, description = "The code is wrong (`totp_wrong`)."),
        (status = 403, description = "An API token has no second factor."),
        (status = 409, description = "None was begun, or one is in force."),
        (status = 429, description = "Too many wrong codes. `retry-after` says how long to wait.",
            headers(("retry-after" = u64, description = "Seconds to wait.")))))]
pub(super) async fn confirm(
    State(app): State<Arc<App>>,
    admin: Admin,
    Peer(from): Peer,
    Body(given): Body<Code6>,
) -> Result<Json<RecoveryCodes>, Problem> {
    let (_, account) = admin.session()?;
    let factor = app.store.second_factor(account.id).await?;
    let factor = factor.filter(|factor| factor.confirmed_at.is_none());
    let Some(factor) = factor else {
        let detail = "No second factor waits to be confirmed. Begin with `POST`.";
        return Err(Problem::new(Code::Conflict, detail));
    };
    app.sign_in
        .attempt(&account.email, from, app.clock.mono())?;
    let code = given.code.0.expose().split_whitespace();
    let code: String = code.collect();
    let step = second_factor::step(&app.seal, &factor.sealed, &code, app.clock.now())?;
    let step = step.ok_or_else(wrong)?;
    app.sign_in.succeeded(&account.email, from);
    let (codes, hashes) = second_factor::recovery_codes(account.id)?;
    app.store
        .confirm_second_factor(admin.actor(), account.id, step, hashes)
        .await?;
    let codes = codes.iter().map(|code| code.expose().clone());
    Ok(Json(RecoveryCodes {
        recovery_codes: codes.collect(),
    }))
}

/// Removes the second factor of the signed-in account.
#[utoipa::path(delete, path = "/accounts/current/totp", tag = "accounts",
    operation_id = "remove_totp", request_body = Code6,
    responses((status = 204, description = "It is gone."),
        (status = 401, description = "The code is wrong (`totp_wrong`)."),
        (status = 403, description = "An API token has no second factor."),
        (status = 409, description = "The account has none."),
        (status = 429, description = "Too many wrong codes. `retry-after` says how long to wait.",
            headers(("retry-after" = u64, description = "Seconds to wait.")))))]
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    admin: Admin,
    Peer(from): Peer,
    Body(given): Body<Code6>,
) -> Result<StatusCode, Problem> {
    let (_, account) = admin.session()?;
    let factor = in_force(&app, account).await?;
    app.sign_in
        .attempt(&account.email, from, app.clock.mono())?;
    if !second_factor::prove(&app, account.id, &factor, &given.code.0).await? {
        return Err(wrong());
    }
    app.sign_in.succeeded(&account.email, from);
    app.store
        .remove_second_factor(admin.actor(), account.id)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes the second factor of somebody who lost it, and ends their sessions.
#[utoipa::path(post, path = "/accounts/{id}/reset-totp", tag = "accounts",
    operation_id = "reset_totp",
    params(("id" = String, Path, description = "The account's id.")),
    responses((status = 200, description = "The account.", body = AccountView)))]
pub(super) async fn reset(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<AccountId>,
) -> Result<Json<AccountView>, Problem> {
    app.store.reset_second_factor(admin.actor(), id).await?;
    Ok(Json(app.store.account(id).await?.into()))
}

async fn in_force(app: &App, account: &Account) -> Result<SecondFactor, Problem> {
    let factor = app.store.second_factor(account.id).await?;
    let factor = factor.filter(|factor| factor.confirmed_at.is_some());
    factor.ok_or_else(|| Problem::new(Code::Conflict, "This account has no second factor."))
}

fn wrong() -> Problem {
    Problem::new(
        Code::TotpWrong,
        "The code is wrong, too old, or was used before. Wait for the next one.",
    )
}
