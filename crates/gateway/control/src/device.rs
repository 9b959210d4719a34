//! The device API: what agents on managed machines call. Its bodies are those of
//! `tidegate-device-api`; it is no part of the admin API's document, and its credentials are others: an
//! enrolment token once (which a person's sign-in may lead to), the device's key from then on.

mod body;
mod certificate;
mod check_in;
mod enrol;
mod identity;
mod inventory;
mod sign_in;

use std::sync::Arc;

use axum::{Router, extract::DefaultBodyLimit, middleware, routing::post};
use tidegate_authority::AuthorityError;
use tidegate_device_api::{
    CERTIFICATE, CHECK_IN, ENROL, INVENTORY, LARGEST_CHECK_IN, LARGEST_INVENTORY, SIGN_IN_CODE,
    SIGN_IN_LINK, SIGN_IN_POLL, SIGN_IN_REDEEM, SIGN_IN_UNLINK,
};

use crate::{
    app::App,
    problem::{Code, Problem},
};

/// Largest body of a device's other calls, in bytes: a request for a certificate, an enrolment.
const BODY_LIMIT: usize = 256 * 1024;

/// Largest body of what is said while somebody signs in, in bytes.
const SMALL: usize = 4 * 1024;

pub(crate) fn router(app: &Arc<App>) -> Router<Arc<App>> {
    let identify = middleware::from_fn_with_state(Arc::clone(app), identity::identify);
    let up_to = DefaultBodyLimit::max;
    Router::new()
        .route(
            CERTIFICATE,
            post(certificate::renew).layer(up_to(BODY_LIMIT)),
        )
        .route(
            CHECK_IN,
            post(check_in::check_in).layer(up_to(LARGEST_CHECK_IN)),
        )
        .route(
            INVENTORY,
            post(inventory::upload).layer(up_to(LARGEST_INVENTORY)),
        )
        .route(SIGN_IN_LINK, post(sign_in::link).layer(up_to(SMALL)))
        .route(SIGN_IN_UNLINK, post(sign_in::unlink).layer(up_to(SMALL)))
        .route_layer(identify)
        .route(ENROL, post(enrol::enrol).layer(up_to(BODY_LIMIT)))
        .route(SIGN_IN_CODE, post(sign_in::code).layer(up_to(SMALL)))
        .route(SIGN_IN_POLL, post(sign_in::poll).layer(up_to(SMALL)))
        .route(SIGN_IN_REDEEM, post(sign_in::redeem).layer(up_to(SMALL)))
}

/// A certificate that was not issued, as the device is told.
fn refused(error: &AuthorityError) -> Problem {
    match error {
        AuthorityError::Request(_) => Problem::field("/csr_pem", error.to_string()),
        AuthorityError::Hosts { .. } => Problem::new(
            Code::Conflict,
            "The policy governs no host, or too many for a certificate. Ask an administrator.",
        ),
        error => Problem::internal(error),
    }
}
