//! Which device is calling. Handlers take a [`Caller`], and only [`identify`] makes one.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State},
    middleware::Next,
    response::Response,
};
use http::request::Parts;
use tidegate_types::PlainKey;

use crate::{
    app::App,
    edge::{Entry, Presented},
    guard::identity::bearer,
    problem::{Code, Problem},
};

const WANTED: &str = "Send `Authorization: Bearer` with the device's key (`tg-device-…`).";

/// A device that presented its key.
#[derive(Debug, Clone)]
pub(super) struct Caller(pub(super) Arc<Entry>);

/// Refuses calls without the key of a device that is in use: 401 for an unknown one, 403 for one that is
/// switched off, 410 for one that was removed. It stands before the body is read.
pub(super) async fn identify(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    app.edge()?;
    let text = bearer(request.headers(), WANTED)?;
    let hash = PlainKey::hash_presented(PlainKey::DEVICE, text)
        .map_err(|_| Problem::unauthenticated(WANTED))?;
    let device = match app.edge()?.enrolled(hash).await? {
        Presented::Enrolled(device) => device,
        Presented::Removed => {
            let detail = "The device was removed. Undo what it did, and enrol it again if it is to be \
                 managed.";
            return Err(Problem::new(Code::DeviceRemoved, detail));
        }
        Presented::Unknown => return Err(Problem::unauthenticated("There is no such device.")),
    };
    if device.off || device.expires_at.is_some_and(|end| end <= app.clock.now()) {
        let detail = "The device, its team or its user is disabled. Ask an administrator.";
        return Err(Problem::new(Code::DeviceDisabled, detail));
    }
    request.extensions_mut().insert(Caller(device));
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
