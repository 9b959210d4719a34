//! Changing one's own password, and giving another account a one-time password. Both end the
//! account's sessions.

use std::{net::IpAddr, sync::Arc};

use axum::{Json, extract::State};
use http::HeaderMap;
use tidegate_store::Account;
use tidegate_types::{AccountId, Secret};
use utoipa::ToSchema;

use super::AccountWithPassword;
use crate::{
    app::App,
    extract::{Body, Id},
    guard::{client::Client, identity::Admin},
    problem::{Code, Problem},
    read::{Password, read_struct},
    sessions::{OpenedView, open_session},
};

read_struct! {
    /// A password to replace one's own.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = PasswordChange)]
    pub(super) struct ChangePassword {
        /// The password so far.
        #[schema(value_type = String, format = Password, max_length = 1024)]
        current_password: Password,
        /// The password from now on: 12 characters or more, another than before.
        #[schema(value_type = String, format = Password, min_length = 12, max_length = 1024)]
        new_password: Password,
    }
}

/// Changes the signed-in account's password. Ends all its sessions and opens a new one, as a cookie
/// where the call came with one.
#[utoipa::path(put, path = "/accounts/current/password", tag = "accounts",
    operation_id = "change_password", request_body = ChangePassword,
    responses((status = 200, description = "The new session and its token.", body = OpenedView),
        (status = 403, description = "An API token has no password."),
        (status = 409, description = "The account signs in at an identity provider."),
        (status = 429, description = "Too many wrong passwords. `retry-after` says how long to wait.",
            headers(("retry-after" = u64, description = "Seconds to wait.")))))]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    admin: Admin,
    client: Client,
    Body(change): Body<ChangePassword>,
) -> Result<(HeaderMap, Json<OpenedView>), Problem> {
    let (session, account) = admin.session()?;
    let (from, provider) = (client.address, session.provider.clone());
    let (old, new) = (change.current_password.0, change.new_password.0);
    if new.expose() == old.expose() {
        return Err(Problem::field(
            "/new_password",
            "must differ from the current password",
        ));
    }
    let account = own_password(&app, account, from, old, "/current_password").await?;
    let hash = app.sign_in.hash(new, "/new_password").await?;
    app.store
        .set_password(admin.actor(), account.id, hash)
        .await?;
    let opened = open_session(&app, account.id, provider, &client).await?;
    let mut headers = HeaderMap::new();
    let cookie = client.cookie.is_some();
    if cookie {
        opened.set_cookie(&app, &mut headers)?;
    }
    let view = OpenedView::of(&opened, account, cookie);
    Ok((headers, Json(view)))
}

/// Whether it is the account's owner who is signed in: they know its password. The account as it is now.
/// `pointer` is the password's field.
pub(super) async fn own_password(
    app: &App,
    account: &Account,
    from: IpAddr,
    password: Secret<String>,
    pointer: &'static str,
) -> Result<Account, Problem> {
    // A stolen session must not become a way to guess the password.
    app.sign_in
        .attempt(&account.email, from, app.clock.mono())?;
    let (account, stored) = app.store.account_by_email(&account.email).await?;
    if stored.is_none() {
        return Err(Problem::new(
            Code::Conflict,
            "This account has no password: it signs in at an identity provider.",
        ));
    }
    if !app.sign_in.verify(stored, password).await? {
        return Err(Problem::field(pointer, "is wrong"));
    }
    app.sign_in.succeeded(&account.email, from);
    Ok(account)
}

/// Gives an account a one-time password. Ends its sessions; the old password is refused.
#[utoipa::path(post, path = "/accounts/{id}/reset-password", tag = "accounts",
    operation_id = "reset_password",
    params(("id" = String, Path, description = "The account's id.")),
    responses((status = 200, description = "The account.", body = AccountWithPassword)))]
pub(super) async fn reset(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<AccountId>,
) -> Result<Json<AccountWithPassword>, Problem> {
    let account = app.store.account(id).await?;
    let (password, hash) = app.sign_in.one_time().await?;
    app.store.set_password(admin.actor(), id, hash).await?;
    Ok(Json(AccountWithPassword {
        account: account.into(),
        one_time_password: password.expose().clone(),
    }))
}
