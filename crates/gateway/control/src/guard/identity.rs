//! Who is calling. Handlers take an [`Admin`], and only [`identify`] makes one, so a handler that
//! changes something without a credential does not compile.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, header, request::Parts};
use tidegate_store::{Account, Actor, Session, StoreError};
use tidegate_types::{Grant, KeyHash, PlainKey, TokenId};

use super::{
    cookie::{self, Given},
    origin, permissions,
};
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
    Token(TokenId, Grant),
}

impl Admin {
    /// Under whose name changes are audited.
    pub(crate) const fn actor(&self) -> Actor {
        match &self.0 {
            Kind::Session(_, account) => Actor::Account(account.id),
            Kind::Token(id, _) => Actor::Token(*id),
        }
    }

    /// What the caller may do.
    pub(crate) const fn grant(&self) -> Grant {
        match &self.0 {
            Kind::Session(_, account) => account.grant,
            Kind::Token(_, grant) => *grant,
        }
    }

    /// The session, for what only a signed-in account can do.
    pub(crate) fn session(&self) -> Result<(&Session, &Account), Problem> {
        match &self.0 {
            Kind::Session(session, account) => Ok((session, account)),
            Kind::Token(..) => Err(Problem::new(
                Code::SessionRequired,
                "An API token has no session. Sign in with `POST /api/v1/sessions` for this.",
            )),
        }
    }

    /// Looks the presented credential up: a bearer token, or the console's cookie. Two that differ are
    /// refused, as it would not be clear under whose name a change is made.
    pub(crate) async fn of(app: &App, headers: &HeaderMap) -> Result<Self, Problem> {
        let cookie = match cookie::given(&app.settings.url, headers) {
            Given::Nothing => return Self::bearer(app, headers).await,
            Given::Session(hash) => Self::of_session(app, hash).await?,
            Given::Wrong => {
                return Err(Problem::unauthenticated(
                    "The cookie is not one of ours, or came twice. Sign in again.",
                ));
            }
        };
        if headers.contains_key(header::AUTHORIZATION) {
            let bearer = Self::bearer(app, headers).await?;
            if bearer.actor() != cookie.actor() {
                return Err(Problem::unauthenticated(
                    "The cookie and the bearer token are of two different callers. Send one of them.",
                ));
            }
        }
        Ok(cookie)
    }

    /// Whether the caller may still do what they could when they came in.
    pub(crate) async fn stands(&self, app: &App) -> bool {
        let now = match &self.0 {
            Kind::Session(session, _) => {
                let idle = app.settings.session_idle;
                app.store.session_stands(session.id, idle).await
            }
            Kind::Token(id, _) => app.store.token_stands(*id).await,
        };
        now.is_ok_and(|now| now == Some(self.grant()))
    }

    async fn bearer(app: &App, headers: &HeaderMap) -> Result<Self, Problem> {
        let text = bearer(
            headers,
            "Send `Authorization: Bearer` with an API token (`tg-admin-…`) or a session token.",
        )?;
        if let Ok(hash) = PlainKey::hash_presented(PlainKey::SESSION, text) {
            return Self::of_session(app, hash).await;
        }
        let Ok(hash) = PlainKey::hash_presented(PlainKey::ADMIN, text) else {
            return Err(Problem::unauthenticated(
                "This is neither an API token (`tg-admin-…`) nor a session token (`tg-session-…`).",
            ));
        };
        let token = app.store.use_token(hash).await.map_err(refused)?;
        Ok(Self(Kind::Token(token.id, token.grant)))
    }

    async fn of_session(app: &App, hash: KeyHash) -> Result<Self, Problem> {
        let session = app.store.session(hash, app.settings.session_idle).await;
        let (session, account) = session.map_err(refused)?;
        Ok(Self(Kind::Session(session, account)))
    }
}

fn refused(error: StoreError) -> Problem {
    match error {
        StoreError::NotFound(_) => Problem::unauthenticated(
            "The token is unknown, expired or revoked. Sign in again, or use another token.",
        ),
        error => error.into(),
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

/// Refuses calls without a valid credential, changes that another site made a browser ask for, and what
/// the caller's role may not do. After a change it tells the data plane and the devices that wait, here
/// and nowhere else, so that no handler can forget to.
pub(crate) async fn identify(
    State(app): State<Arc<App>>,
    path: MatchedPath,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let admin = Admin::of(&app, request.headers()).await?;
    let (method, uri, headers) = (request.method(), request.uri(), request.headers());
    if cookie::given(&app.settings.url, headers) != Given::Nothing {
        origin::check(&app.settings.url, method, uri, headers)?;
    }
    if let Err(problem) = permissions::check(method, path.as_str(), admin.grant()) {
        let what = format!("{method} {}", path.as_str());
        app.noise.refused(&app, &admin, &what).await;
        return Err(problem);
    }
    request.extensions_mut().insert(admin);
    let reads = request.method().is_safe();
    let response = next.run(request).await;
    if !reads && response.status().is_success() {
        announce(&app).await;
    }
    Ok(response)
}

/// Tells the data plane, the consoles and the devices that wait of a change.
pub(crate) async fn announce(app: &App) {
    app.data_plane.changed();
    app.events.stir();
    if let Some(edge) = &app.edge
        && let Err(error) = edge.refresh().await
    {
        // The change is made; devices learn of it with the next one, or at their next check-in.
        tracing::error!(%error, "the policy of devices could not be published");
    }
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
