//! Signing in and out, and where one is signed in.

mod create;
mod current;
mod list;
mod open;

use std::sync::Arc;

use serde::Serialize;
use tidegate_store::{Account, Session};
use tidegate_types::{AccountId, SessionId, Timestamp};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) use self::open::{Opened, open_session};
use crate::{accounts::AccountView, app::App};

/// The one route that needs no credential, as it gives one.
pub(crate) fn open_routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(create::create))
}

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(current::show, current::end))
        .routes(routes!(list::end))
}

/// A session that was just opened.
#[derive(Serialize, ToSchema)]
#[schema(as = NewSession)]
pub(crate) struct OpenedView {
    /// The session's token, to be sent as a bearer token. It is shown this once and cannot be read
    /// again. Null where the session was given as a cookie.
    #[schema(example = "tg-session-8Zl2w0rZ3bq7m1c9Yx5tKf4nHs6vJd2pQa0eRuTgWiM")]
    token: Option<String>,
    /// From when on it is refused.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Whose it is.
    account: AccountView,
}

impl OpenedView {
    /// With the token, or without it where the client has the cookie.
    pub(crate) fn of(opened: &Opened, account: Account, cookie: bool) -> Self {
        Self {
            token: (!cookie).then(|| opened.secret.expose().to_owned()),
            expires_at: opened.session.expires_at,
            account: account.into(),
        }
    }
}

/// A signed-in session. Never its token.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
struct SessionView {
    /// Its id.
    #[schema(value_type = String, example = "ses_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    id: SessionId,
    /// Whose it is.
    #[schema(value_type = String, example = "acc_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    account: AccountId,
    /// The identity provider that vouched for the account; null where it gave its own password.
    provider: Option<String>,
    /// The address that it was opened from.
    #[schema(example = "192.0.2.7")]
    address: String,
    /// What the client called itself; may be empty.
    user_agent: String,
    /// When it was opened.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last used, to the minute. It ends when it is not used for two hours.
    #[schema(value_type = String, format = DateTime)]
    last_used_at: Timestamp,
    /// From when on it is refused, however much it is used.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Whether it is the session that asks.
    current: bool,
}

impl SessionView {
    fn of(session: Session, current: Option<SessionId>) -> Self {
        let Session {
            id,
            account,
            created_at,
            expires_at,
            provider,
            address,
            user_agent,
            last_used_at,
        } = session;
        Self {
            id,
            account,
            provider,
            address,
            user_agent,
            created_at,
            last_used_at,
            expires_at,
            current: current == Some(id),
        }
    }
}
