//! Answers: a resource with its entity tag, or a list.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::etag;

/// RFC 7644 §8.1.
pub(super) const SCIM_JSON: HeaderValue = HeaderValue::from_static("application/scim+json");

/// Some JSON.
pub(super) fn plain(body: &Value) -> Response {
    ([(header::CONTENT_TYPE, SCIM_JSON)], body.to_string()).into_response()
}

/// A list, or a part of one (RFC 7644 §3.4.2).
pub(super) fn list(total: u64, start: usize, resources: &[Value]) -> Response {
    plain(&json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    }))
}

/// A resource, as it is shown to the client; `whole` is it with all its attributes.
pub(super) fn resource(status: StatusCode, whole: &Value, shown: &Value) -> Response {
    let mut response = (status, plain(shown)).into_response();
    tagged(response.headers_mut(), whole);
    if status == StatusCode::CREATED
        && let Some(location) = whole["meta"]["location"].as_str()
        && let Ok(location) = HeaderValue::try_from(location)
    {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// What was asked for is as the client knows it.
pub(super) fn not_modified(whole: &Value) -> Response {
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    tagged(response.headers_mut(), whole);
    response
}

fn tagged(headers: &mut HeaderMap, whole: &Value) {
    let tag = etag::of(whole).and_then(|tag| HeaderValue::try_from(tag).ok());
    if let Some(tag) = tag {
        headers.insert(header::ETAG, tag);
    }
}
