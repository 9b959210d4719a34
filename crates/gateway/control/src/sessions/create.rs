//! Signing in. An unknown address, a wrong password and a disabled account get the same answer
//! after the same work.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use serde_json::json;
use tidegate_store::{Account, Actor, StoreError};
use tidegate_types::Secret;
use utoipa::ToSchema;

use super::SessionView;
use crate::{
    account::must_change,
    app::App,
    extract::{Body, Peer},
    problem::{Code, Problem},
    read::{Email, Password, read_struct},
};

read_struct! {
    /// What to sign in with.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = SignIn)]
    pub(super) struct SignInBody {
        /// The account's e-mail address.
        #[schema(value_type = String, format = Email, example = "admin@example.com")]
        email: Email,
        /// Its password.
        #[schema(value_type = String, format = Password, max_length = 1024)]
        password: Password,
        /// Only with a one-time password, and then required: the password from now on.
        #[schema(value_type = Option<String>, format = Password, min_length = 12, max_length = 1024)]
        new_password: Option<Password>,
    }
}

/// Signs in. The answer holds a session token for `Authorization: Bearer`.
#[utoipa::path(post, path = "/sessions", tag = "sessions", operation_id = "create_session",
    request_body = SignInBody, security(()),
    responses((status = 201, description = "The session and its token.", body = SessionView),
        (status = 401, description = "Address or password is wrong, or the account is disabled."),
        (status = 403, description = "This is a one-time password: send `new_password` too."),
        (status = 429, description = "Too many sign-ins failed. `retry-after` says how long to wait.",
            headers(("retry-after" = u64, description = "Seconds to wait.")))))]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Peer(from): Peer,
    Body(given): Body<SignInBody>,
) -> Result<(StatusCode, Json<SessionView>), Problem> {
    let email = given.email.0;
    app.sign_in.attempt(&email, from, app.clock.mono())?;
    let (account, stored) = match app.store.account_by_email(&email).await {
        Ok((account, stored)) => (Some(account), Some(stored)),
        Err(StoreError::NotFound(_)) => (None, None),
        Err(error) => return Err(error.into()),
    };
    let once = stored.as_ref().is_some_and(must_change);
    let matches = app.sign_in.verify(stored, given.password.0.clone()).await?;
    let Some(account) = account.filter(|account| matches && !account.disabled) else {
        let detail = json!({ "address": from.to_string() });
        app.store
            .append_audit(Actor::System, "session.refuse", &email, detail)
            .await?;
        return Err(Problem::new(
            Code::SignInFailed,
            "The e-mail address or the password is wrong, or the account is disabled.",
        ));
    };
    app.sign_in.succeeded(&email, from);
    replace_once(&app, &account, once, &given.password.0, given.new_password).await?;
    let actor = Actor::Account(account.id);
    let detail = json!({ "address": from.to_string() });
    app.store
        .append_audit(actor, "session.create", &account.id.to_string(), detail)
        .await?;
    Ok((
        StatusCode::CREATED,
        Json(SessionView::open(&app, account).await?),
    ))
}

/// A one-time password opens nothing until a password of the account's own replaces it.
async fn replace_once(
    app: &App,
    account: &Account,
    once: bool,
    old: &Secret<String>,
    new: Option<Password>,
) -> Result<(), Problem> {
    let new = match (once, new) {
        (false, None) => return Ok(()),
        (false, Some(_)) => {
            let detail = "is only for one-time passwords; sign in, then change the password";
            return Err(Problem::field("/new_password", detail));
        }
        (true, None) => {
            return Err(Problem::new(
                Code::PasswordChangeRequired,
                "This password is for one use. Sign in again and send `new_password` with it.",
            ));
        }
        (true, Some(new)) => new.0,
    };
    if new.expose() == old.expose() {
        return Err(Problem::field(
            "/new_password",
            "must differ from the one-time password",
        ));
    }
    let hash = app.sign_in.hash(new, "/new_password").await?;
    app.store
        .set_password(Actor::Account(account.id), account.id, hash)
        .await?;
    Ok(())
}
