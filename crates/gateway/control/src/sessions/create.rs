//! Signing in by a password. An unknown address, a wrong password and a disabled account get the same
//! answer after the same work; that a second factor is asked for tells that the password was right, as
//! it must, and nothing else does.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::json;
use tidegate_store::{Account, Actor, SecondFactor, StoreError};
use tidegate_types::Secret;
use utoipa::ToSchema;

use super::{OpenedView, open_session};
use crate::{
    account::must_change,
    app::App,
    extract::Body,
    guard::{client::Client, origin},
    problem::{Code, Problem},
    read::{Email, FactorCode, Password, read_struct},
    second_factor,
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
        /// The code of the second factor, or a recovery code; required where the account has one.
        #[schema(value_type = Option<String>, max_length = 64, example = "287082")]
        code: Option<FactorCode>,
        /// Whether the session is given as a cookie, to a browser, and not as a token; no when not
        /// said.
        #[schema(value_type = Option<bool>)]
        cookie: Option<bool>,
    }
}

/// Signs in. The answer holds a session token for `Authorization: Bearer`, or sets a cookie.
#[utoipa::path(post, path = "/sessions", tag = "sessions", operation_id = "create_session",
    request_body = SignInBody, security(()),
    responses((status = 201, description = "The session and its token.", body = OpenedView),
        (status = 401, description = "Address or password is wrong, or the account is disabled \
            (`sign_in_failed`); or a code is needed too (`totp_required`) or wrong (`totp_wrong`)."),
        (status = 403, description = "This is a one-time password: send `new_password` too. Or a \
            cookie is asked for by another site (`csrf`)."),
        (status = 429, description = "Too many sign-ins failed. `retry-after` says how long to wait.",
            headers(("retry-after" = u64, description = "Seconds to wait.")))))]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    client: Client,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    Body(given): Body<SignInBody>,
) -> Result<(StatusCode, HeaderMap, Json<OpenedView>), Problem> {
    let cookie = given.cookie.unwrap_or_default();
    if cookie {
        // Else another site could sign a browser in under an account of its own choice.
        origin::check(&app.settings.url, &method, &uri, &headers)?;
    }
    let account = authenticate(&app, &client, given).await?;
    let opened = open_session(&app, account.id, None, &client).await?;
    let mut headers = HeaderMap::new();
    if cookie {
        opened.set_cookie(&app, &mut headers)?;
    }
    let view = OpenedView::of(&opened, account, cookie);
    Ok((StatusCode::CREATED, headers, Json(view)))
}

/// The account whose password, and code where one is needed, were given.
async fn authenticate(app: &App, client: &Client, given: SignInBody) -> Result<Account, Problem> {
    let (email, from) = (given.email.0, client.address);
    app.sign_in.attempt(&email, from, app.clock.mono())?;
    let (account, stored) = match app.store.account_by_email(&email).await {
        Ok((account, stored)) => (Some(account), stored),
        Err(StoreError::NotFound(_)) => (None, None),
        Err(error) => return Err(error.into()),
    };
    let once = stored.as_ref().is_some_and(must_change);
    let matches = app.sign_in.verify(stored, given.password.0.clone()).await?;
    let Some(account) = account.filter(|account| matches && !account.disabled) else {
        let detail = json!({ "address": from.to_string() });
        app.noise.sign_in_failed(app, &email, detail).await?;
        return Err(Problem::new(
            Code::SignInFailed,
            "The e-mail address or the password is wrong, or the account is disabled.",
        ));
    };
    let factor = app.store.second_factor(account.id).await?;
    let factor = factor.filter(|factor| factor.confirmed_at.is_some());
    let code = match (&factor, given.code) {
        (Some(_), None) => return Err(code_needed()),
        (_, code) => code.map(|code| code.0),
    };
    // A code is used up only by a sign-in that comes through, so what may refuse it comes first.
    let new = replacement(once, &given.password.0, given.new_password)?;
    if let (Some(factor), Some(code)) = (factor, code) {
        second_step(app, client, &account, &factor, &code).await?;
    }
    app.sign_in.succeeded(&email, from);
    if let Some(new) = new {
        let hash = app.sign_in.hash(new, "/new_password").await?;
        let actor = Actor::Account(account.id);
        app.store.set_password(actor, account.id, hash).await?;
    }
    Ok(account)
}

fn code_needed() -> Problem {
    Problem::new(
        Code::TotpRequired,
        "This account has a second factor. Sign in again and send `code` with the password.",
    )
}

/// Wrong codes count as wrong passwords do: the attempt that was counted is not taken back.
async fn second_step(
    app: &App,
    client: &Client,
    account: &Account,
    factor: &SecondFactor,
    code: &Secret<String>,
) -> Result<(), Problem> {
    if second_factor::prove(app, account.id, factor, code).await? {
        return Ok(());
    }
    let detail = json!({ "address": client.address.to_string(), "second_factor": true });
    app.noise
        .sign_in_failed(app, &account.email, detail)
        .await?;
    Err(Problem::new(
        Code::TotpWrong,
        "The code is wrong, too old, or was used before. Wait for the next one, or use a recovery \
         code.",
    ))
}

/// A one-time password opens nothing until a password of the account's own replaces it.
fn replacement(
    once: bool,
    old: &Secret<String>,
    new: Option<Password>,
) -> Result<Option<Secret<String>>, Problem> {
    let new = match (once, new) {
        (false, None) => return Ok(None),
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
    Ok(Some(new))
}
