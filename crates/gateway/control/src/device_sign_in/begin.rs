//! The browser's first call, as the device made it up.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use tidegate_device_api::{LONGEST_HOSTNAME, SIGN_IN_SECONDS, SignInQuery, is_token, refusal};
use tidegate_store::{NewDeviceSignIn, NewWay};
use tidegate_types::PlainKey;

use super::{choose, outcome, page, page::Page};
use crate::{app::App, extract::Peer, throttle::Who};

/// Ports below these are no ephemeral ones: a browser is not sent to services.
const FIRST_PORT: u16 = 1024;

/// `GET /device/v1/sign-in`. 30 at once from an address, then one every ten seconds.
pub(super) async fn begin(
    State(app): State<Arc<App>>,
    Peer(from): Peer,
    query: Result<Query<SignInQuery>, QueryRejection>,
) -> Result<Response, Page> {
    let Ok(Query(asked)) = query else {
        return Err(odd());
    };
    let named = (1..=LONGEST_HOSTNAME).contains(&asked.hostname.len())
        && !asked.hostname.contains(char::is_control);
    let whole = is_token(&asked.challenge) && is_token(&asked.state);
    if !named || !whole || asked.port < FIRST_PORT {
        return Err(odd());
    }
    allow(&app, from)?;
    let reference = PlainKey::generate(PlainKey::SIGN_IN).map_err(page::internal)?;
    let new = NewDeviceSignIn {
        challenge: asked.challenge,
        hostname: asked.hostname,
        way: NewWay::Loopback {
            reference: reference.hash(),
            port: asked.port,
            state: asked.state,
        },
        lifetime: Duration::from_secs(SIGN_IN_SECONDS.into()),
    };
    app.store
        .begin_device_sign_in(new)
        .await
        .map_err(page::store)?;
    let reference = reference.expose();
    match &choose::providers(&app).await?[..] {
        [] => none(&app, reference).await,
        [only] => choose::begin(&app, only.id, reference).await,
        several => {
            let sign_in = choose::held(&app, reference).await?;
            Ok(choose::page(&sign_in, several, reference).into_response())
        }
    }
}

/// Where nobody can sign in, the device is told at once.
pub(super) async fn none(app: &App, reference: &str) -> Result<Response, Page> {
    let hash = PlainKey::hash_presented(PlainKey::SIGN_IN, reference).map_err(|_| page::over())?;
    let denied = app.store.deny_device_sign_in(hash).await;
    let sign_in = denied.map_err(page::store)?;
    Ok(outcome::error(&sign_in, refusal::NO_PROVIDER))
}

/// Counts a sign-in of an address.
pub(super) fn allow(app: &App, from: std::net::IpAddr) -> Result<(), Page> {
    app.edge().map_err(|_| {
        let why = "This gateway manages no devices.";
        Page::says(StatusCode::SERVICE_UNAVAILABLE, "Not available", why)
    })?;
    let counted = app
        .device_calls
        .attempt(&Who::sign_in(from), app.clock.mono());
    counted.map_err(|_| page::busy(StatusCode::TOO_MANY_REQUESTS))
}

fn odd() -> Page {
    Page::says(
        StatusCode::BAD_REQUEST,
        "This is no sign-in",
        "The address is not what a device makes. Begin again on your device: tidegate-edge login",
    )
}
