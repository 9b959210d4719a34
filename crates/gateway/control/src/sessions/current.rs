//! The session that asks: whose it is, and signing out of it.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use super::SessionView;
use crate::{
    accounts::AccountView,
    app::App,
    guard::{cookie, identity::Admin},
    problem::Problem,
};

/// Who is signed in, and how.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CurrentSession {
    /// The signed-in account.
    account: AccountView,
    /// Its session.
    session: SessionView,
    /// Whether the account has a second factor.
    totp: bool,
}

/// Shows who is signed in.
#[utoipa::path(get, path = "/sessions/current", tag = "sessions", operation_id = "get_session",
    responses((status = 200, description = "The session and its account.", body = CurrentSession),
        (status = 403, description = "An API token has no session.")))]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    admin: Admin,
) -> Result<Json<CurrentSession>, Problem> {
    let (session, account) = admin.session()?;
    let factor = app.store.second_factor(account.id).await?;
    Ok(Json(CurrentSession {
        account: account.clone().into(),
        session: SessionView::of(session.clone(), Some(session.id)),
        totp: factor.is_some_and(|factor| factor.confirmed_at.is_some()),
    }))
}

/// Signs out: the session's token or cookie is refused from now on.
#[utoipa::path(delete, path = "/sessions/current", tag = "sessions",
    operation_id = "end_session",
    responses((status = 204, description = "Signed out."),
        (status = 403, description = "An API token has no session.")))]
pub(super) async fn end(
    State(app): State<Arc<App>>,
    admin: Admin,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 1]), Problem> {
    let (session, account) = admin.session()?;
    app.store
        .end_session(admin.actor(), session.id, Some(account.id))
        .await?;
    Ok((StatusCode::NO_CONTENT, [signed_out(&app)?]))
}

/// Takes the cookie from a browser whose session ended.
fn signed_out(app: &App) -> Result<(HeaderName, HeaderValue), Problem> {
    let value = HeaderValue::try_from(cookie::take(&app.settings.url));
    Ok((header::SET_COOKIE, value.map_err(Problem::internal)?))
}
