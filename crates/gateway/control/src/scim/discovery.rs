//! What SCIM here can do, as it says itself (RFC 7644 §4).

use axum::{extract::Path, response::Response};
use serde_json::Value;
use tidegate_scim::{resource_types, service_provider_config};

use super::{RESULTS, Refusal, Shared, answer, base};

pub(super) async fn config(app: Shared) -> Response {
    answer::plain(&service_provider_config(&base(&app), RESULTS))
}

pub(super) async fn types(app: Shared) -> Response {
    whole(&resource_types(&base(&app)))
}

pub(super) async fn one_type(app: Shared, Path(id): Path<String>) -> Result<Response, Refusal> {
    one(&resource_types(&base(&app)), &id)
}

pub(super) async fn schemas(app: Shared) -> Response {
    whole(&tidegate_scim::schemas(&base(&app)))
}

pub(super) async fn schema(app: Shared, Path(id): Path<String>) -> Result<Response, Refusal> {
    one(&tidegate_scim::schemas(&base(&app)), &id)
}

fn whole(all: &[Value]) -> Response {
    answer::list(all.len() as u64, 1, all)
}

fn one(all: &[Value], id: &str) -> Result<Response, Refusal> {
    let known = |value: &&Value| {
        value["id"]
            .as_str()
            .is_some_and(|known| known.eq_ignore_ascii_case(id))
    };
    let found = all.iter().find(known);
    found
        .map(answer::plain)
        .ok_or_else(|| Refusal::not_found("There is no such description."))
}
