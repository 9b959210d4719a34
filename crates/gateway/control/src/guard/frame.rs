//! Around every request: the host check, a request id, the time limit and the headers that every
//! answer carries.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, header};
use tidegate_types::RequestId;
use tracing::Instrument;

use crate::{
    app::App,
    problem::{Code, Problem},
};

/// Longest time a request may take, slow uploads included.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// A device's check-in waits for news for up to 300 seconds; its body comes after its credential.
const LONG_POLL: Duration = Duration::from_secs(330);

/// The header that names a request in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-tidegate-request-id");

/// Sent with every answer. Nothing here may be cached, framed, sniffed or read across origins.
const HEADERS: [(HeaderName, HeaderValue); 6] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
];

pub(crate) async fn frame(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let id = RequestId::generate(app.clock.now()).to_string();
    let mut response = if app.hosts.allow(request.uri(), request.headers()) {
        // The path alone: a query may hold names of people.
        let span = tracing::info_span!(
            "admin", request_id = %id, method = %request.method(), path = request.uri().path()
        );
        let limit = if request.uri().path() == tidegate_device_api::CHECK_IN {
            LONG_POLL
        } else {
            TIME_LIMIT
        };
        match tokio::time::timeout(limit, next.run(request).instrument(span)).await {
            Ok(response) => response,
            Err(_) => Problem::new(
                Code::Timeout,
                "The request took longer than 30 seconds. Try again.",
            )
            .into_response(),
        }
    } else {
        Problem::new(
            Code::HostNotAllowed,
            "Use `localhost` or an address, or add this name to the control listener's hosts.",
        )
        .into_response()
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(value);
    }
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}
