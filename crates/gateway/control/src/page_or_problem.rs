//! What an address gets that no route serves: a page of the console for a person's browser, a
//! problem for everything else.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, Uri};

use crate::problem::{Code, Problem};

pub(crate) async fn page_or_problem(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    match tidegate_console::answer(&method, uri.path(), &headers) {
        Some(page) => page.map(Body::from),
        None => Problem::new(
            Code::NotFound,
            "There is no such path. See /api/v1/openapi.json.",
        )
        .into_response(),
    }
}
