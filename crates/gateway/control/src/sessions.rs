//! Signing in and out.

mod create;
mod end;

use std::sync::Arc;

use serde::Serialize;
use tidegate_store::Account;
use tidegate_types::{PlainKey, Timestamp};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{accounts::AccountView, app::App, problem::Problem};

/// The one route that needs no credential, as it gives one.
pub(crate) fn open_routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(create::create))
}

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(end::end))
}

/// A session that was just opened.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionView {
    /// The session's token. It is shown this once and cannot be read again.
    #[schema(example = "tg-session-8Zl2w0rZ3bq7m1c9Yx5tKf4nHs6vJd2pQa0eRuTgWiM")]
    token: String,
    /// From when on it is refused.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Whose it is.
    account: AccountView,
}

impl SessionView {
    /// Opens a session for an account that proved to be who it says.
    pub(crate) async fn open(app: &App, account: Account) -> Result<Self, Problem> {
        let token = PlainKey::generate(PlainKey::SESSION).map_err(Problem::internal)?;
        let ttl = app.settings.session_ttl;
        let session = app
            .store
            .create_session(account.id, token.hash(), ttl)
            .await?;
        Ok(Self {
            token: token.expose().to_owned(),
            expires_at: session.expires_at,
            account: account.into(),
        })
    }
}
