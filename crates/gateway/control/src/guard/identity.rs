//! Who is calling. Handlers take an [`Admin`], and only [`identify`] makes one, so a handler that
//! changes something without a credential does not compile.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, header, request::Parts};
use tidegate_store::{Account, Actor, Session, StoreError};
use tidegate_types::{PlainKey, TokenId};

use crate::{
    app::App,
    problem::{Code, Problem},
};

/// A caller that presented a valid credential.
#[derive(Debug, Clone)]
pub(crate) struct Admin(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Session(Session, Account),
    Token(TokenId),
}

impl Admin {
    /// Under whose name changes are audited.
    pub(crate) const fn actor(&self) -> Actor {
        match &self.0 {
            Kind::Session(_, account) => Actor::Account(account.id),
            Kind::Token(id) => Actor::Token(*id),
        }
    }

    /// The session, for what only a signed-in account can do.
    pub(crate) fn session(&self) -> Result<(&Session, &Account), Problem> {
        match &self.0 {
            Kind::Session(session, account) => Ok((session, account)),
            Kind::Token(_) => Err(Problem::new(
                Code::SessionRequired,
                "An API token has no session. Sign in with `POST /api/v1/sessions` for this.",
            )),
        }
    }

    /// Looks the presented credential up.
    pub(crate) async fn of(app: &App, headers: &HeaderMap) -> Result<Self, Problem> {
        let text = bearer(
            headers,
            "Send `Authorization: Bearer` with an API token (`tg-admin-…`) or a session token.",
        )?;
        let kind = if let Ok(hash) = PlainKey::hash_presented(PlainKey::SESSION, text) {
            app.store
                .session(hash)
                .await
                .map(|(session, account)| Kind::Session(session, account))
        } else if let Ok(hash) = PlainKey::hash_presented(PlainKey::ADMIN, text) {
            app.store
                .use_token(hash)
                .await
                .map(|token| Kind::Token(token.id))
        } else {
            return Err(Problem::unauthenticated(
                "This is neither an API token (`tg-admin-…`) nor a session token (`tg-session-…`).",
            ));
        };
        match kind {
            Ok(kind) => Ok(Self(kind)),
            Err(StoreError::NotFound(_)) => Err(Problem::unauthenticated(
                "The token is unknown, expired or revoked. Sign in again, or use another token.",
            )),
            Err(error) => Err(error.into()),
        }
    }
}

/// The one credential that was presented as a bearer token; `wanted` says which would be.
pub(crate) fn bearer<'a>(headers: &'a HeaderMap, wanted: &'static str) -> Result<&'a str, Problem> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (given.next(), given.next()) else {
        return Err(Problem::unauthenticated(wanted));
    };
    match value.to_str().ok().and_then(|text| text.split_once(' ')) {
        Some((scheme, text)) if scheme.eq_ignore_ascii_case("bearer") => Ok(text.trim()),
        _ => Err(Problem::unauthenticated("The scheme must be `Bearer`.")),
    }
}

/// Refuses calls without a valid credential. After a change it tells the data plane and the devices
/// that wait, here and nowhere else, so that no handler can forget to.
pub(crate) async fn identify(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let admin = Admin::of(&app, request.headers()).await?;
    request.extensions_mut().insert(admin);
    let reads = request.method().is_safe();
    let response = next.run(request).await;
    if !reads && response.status().is_success() {
        app.data_plane.changed();
        if let Some(edge) = &app.edge
            && let Err(error) = edge.refresh().await
        {
            // The change is made; devices learn of it with the next one, or at their next check-in.
            tracing::error!(%error, "the policy of devices could not be published");
        }
    }
    Ok(response)
}

impl<S: Send + Sync> FromRequestParts<S> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| Problem::unauthenticated("Send `Authorization: Bearer` with a token."))
    }
}
