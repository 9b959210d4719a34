//! How a sign-in ends for the browser: back to the device on the loopback address, or with a page that says
//! to go back.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use tidegate_device_api::{LOOPBACK_PATH, refusal};
use tidegate_store::{DeviceSignIn, Way};

use super::page::{Page, see_other};

/// The only place besides ours that a sign-in may lead to: the loopback address as a literal, since names
/// can be made to point elsewhere (RFC 8252 §8.3).
pub(super) fn origin(way: &Way) -> Option<String> {
    match way {
        Way::Loopback { port, .. } => Some(format!("http://127.0.0.1:{port}")),
        Way::Code => None,
    }
}

/// It is confirmed.
pub(super) fn code(sign_in: &DeviceSignIn, code: &str) -> Response {
    match loopback(&sign_in.way, "code", code) {
        Some(place) => see_other(&place),
        None => Page::says(
            StatusCode::OK,
            "Signed in",
            "Go back to your device: it goes on by itself. You can close this page.",
        )
        .into_response(),
    }
}

/// It ends without.
pub(super) fn error(sign_in: &DeviceSignIn, error: &str) -> Response {
    if let Some(place) = loopback(&sign_in.way, "error", error) {
        return see_other(&place);
    }
    let (status, sentence) = match error {
        refusal::ACCESS_DENIED => (
            StatusCode::OK,
            "Nothing was connected. If you did not start this, somebody else did: tell your administrator.",
        ),
        refusal::USER_DISABLED => (
            StatusCode::FORBIDDEN,
            "Your user is switched off here. Ask your administrator.",
        ),
        refusal::NO_PROVIDER => (
            StatusCode::CONFLICT,
            "Nobody can sign in here yet: no identity provider is set up. Ask your administrator for an \
             enrolment token.",
        ),
        _ => (
            StatusCode::FORBIDDEN,
            "The identity provider did not sign you in. Try again, or ask your administrator.",
        ),
    };
    Page::says(status, "Not signed in", sentence).into_response()
}

fn loopback(way: &Way, name: &str, value: &str) -> Option<String> {
    match way {
        Way::Loopback { port, state } => Some(format!(
            "http://127.0.0.1:{port}{LOOPBACK_PATH}?{name}={value}&state={state}"
        )),
        Way::Code => None,
    }
}
