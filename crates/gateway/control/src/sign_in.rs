//! Signing in: by a password of one's own, or through an identity provider.
//!
//! ```text
//! GET /sign-in/{provider} ─▶ begin ─▶ provider ─▶ GET /sign-in/callback ─▶ callback ─▶ a page
//!                              │ cookie of this sign-in, row with its state        ▲
//!                              └───────────────────────────────────────────────────┘
//! ```
//!
//! A sign-in comes back once, to the browser that began it, from the provider that it went to. The row
//! is taken away when it does, whatever becomes of it.

mod begin;
mod callback;
mod cookie;
mod failure;
mod handshake;
mod options;
mod password;
mod provider;
pub(crate) mod purpose;

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use tidegate_identity::{IdentityError, Now};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    problem::{Code, Problem},
};

pub(crate) use begin::begin;
pub(crate) use options::{SignInProvider, offered};
pub(crate) use password::SignIn;
pub(crate) use provider::relying;

/// Where providers send browsers back to.
pub(crate) fn redirect_uri(app: &App) -> String {
    format!(
        "{}{}/sign-in/callback",
        app.settings.url,
        crate::router::BASE
    )
}

/// The routes of signing in, which need no credential.
pub(crate) fn open_routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(options::options))
        .routes(routes!(callback::callback))
        .routes(routes!(begin::go))
}

pub(crate) fn now(app: &App) -> Now {
    Now {
        wall: app.clock.now(),
        mono: app.clock.mono(),
    }
}

/// To another page, by GET.
fn see_other(place: &str) -> Result<Response, Problem> {
    let place = HeaderValue::try_from(place).map_err(Problem::internal)?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response())
}

/// A provider that cannot be used now. The text is for an admin and holds no secret.
pub(crate) fn unavailable(error: &IdentityError) -> Problem {
    Problem::new(
        Code::IdentityProviderUnavailable,
        format!("Nobody can sign in through the identity provider now: {error}."),
    )
}
