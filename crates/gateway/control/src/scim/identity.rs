//! Which identity provider is calling. Handlers take a [`Caller`], and only [`identify`] makes one.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State},
    middleware::Next,
    response::Response,
};
use http::request::Parts;
use tidegate_store::{Actor, StoreError};
use tidegate_types::{PlainKey, ScimTokenId};

use super::Refusal;
use crate::{
    app::App,
    extract::Peer,
    guard::identity::{announce, bearer},
    throttle::Who,
};

/// An identity provider that presented its token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller(ScimTokenId);

impl Caller {
    /// Under whose name changes are audited.
    pub(super) const fn actor(self) -> Actor {
        Actor::Scim(self.0)
    }
}

/// Refuses calls without a token for SCIM, and more of them than a synchronisation needs. Whoever guesses is
/// held up by their address, whoever has a token by that.
pub(super) async fn identify(
    State(app): State<Arc<App>>,
    Peer(peer): Peer,
    mut request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let (guesser, now) = (Who::address(peer), app.clock.mono());
    if let Some(wait) = app.scim_calls.blocked(&guesser, now) {
        return Err(Refusal::too_fast(wait));
    }
    let presented = bearer(request.headers(), "")
        .ok()
        .and_then(|text| PlainKey::hash_presented(PlainKey::SCIM, text).ok());
    let token = match presented {
        Some(hash) => match app.store.use_scim_token(hash).await {
            Ok(token) => Some(token),
            Err(StoreError::NotFound(_)) => None,
            Err(error) => return Err(error.into()),
        },
        None => None,
    };
    let Some(token) = token else {
        let counted = app.scim_calls.attempt(&guesser, now);
        return Err(counted.map_or_else(Refusal::too_fast, |()| Refusal::unauthenticated()));
    };
    let who = Who::Scim(token.id);
    app.scim_calls
        .attempt(&who, now)
        .map_err(Refusal::too_fast)?;
    request.extensions_mut().insert(Caller(token.id));
    let reads = request.method().is_safe();
    let response = next.run(request).await;
    if !reads && response.status().is_success() {
        announce(&app).await;
    }
    Ok(response)
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let caller = parts.extensions.get::<Self>().copied();
        caller.ok_or_else(Refusal::unauthenticated)
    }
}
