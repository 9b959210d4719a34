//! Which device is calling. Handlers take a [`Caller`], and only [`identify`] makes one.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State},
    middleware::Next,
    response::Response,
};
use http::request::Parts;
use tidegate_store::{Device, StoreError};
use tidegate_types::PlainKey;

use crate::{app::App, guard::identity::bearer, problem::Problem};

const WANTED: &str = "Send `Authorization: Bearer` with the device's key (`tg-device-…`).";

/// A device that presented its key.
#[derive(Debug, Clone)]
pub(super) struct Caller(pub(super) Arc<Device>);

/// Refuses calls without the key of a device that is in use. It stands before the body is read.
pub(super) async fn identify(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    app.edge()?;
    let text = bearer(request.headers(), WANTED)?;
    let hash = PlainKey::hash_presented(PlainKey::DEVICE, text)
        .map_err(|_| Problem::unauthenticated(WANTED))?;
    let device = app
        .store
        .device_by_key(hash)
        .await
        .map_err(|error| match error {
            StoreError::NotFound(_) => Problem::unauthenticated(
                "The device is unknown, was deleted, or it, its team or its user is disabled.",
            ),
            error => error.into(),
        })?;
    request.extensions_mut().insert(Caller(Arc::new(device)));
    Ok(next.run(request).await)
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| Problem::unauthenticated(WANTED))
    }
}
