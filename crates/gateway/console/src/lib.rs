//! The web console, as the control listener serves it: the files of `console/dist` are part of the
//! binary, packed when they were built, so that serving one copies bytes and nothing else.
//!
//! It decides by path and headers alone and knows no server: [`answer`] takes the head of a request
//! and gives a whole response, or `None` for what is none of its paths.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod encoding;
mod file;
mod headers;

#[cfg(test)]
mod tests;

use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode, header};

use crate::{
    encoding::{Encoding, choose},
    file::{File, find},
};

/// Paths that belong to programs. A page is never the answer to them.
const RESERVED: [&str; 6] = [
    "/api", "/device", "/scim", "/healthz", "/readyz", "/metrics",
];

/// Where files lie whose name changes with their content.
const ASSETS: &str = "/assets/";

const INDEX: &str = "/index.html";

/// What a build without the console says. It is as plain as the policy for its content.
const MISSING: &str = concat!(
    "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Tidegate</title>\n",
    "<h1>The console is not in this build</h1>\n",
    "<p>Run <code>make console</code> in the source tree, build the gateway again, and reload.</p>\n",
    "<p>The admin API works without it: <a href=\"/api/v1/openapi.json\">its document</a>.</p>\n",
    "</html>\n",
);

/// Whether the console was there when this binary was built.
#[must_use]
pub fn built() -> bool {
    find(INDEX).is_some()
}

/// The answer to a request that no route took: a file of the console, or for a person's browser the
/// page itself, which finds out from the address what to show. `None` when neither fits: another
/// method, a path of the API, a file that does not exist, a program that wants no HTML.
#[must_use]
pub fn answer(method: &Method, path: &str, headers: &HeaderMap) -> Option<Response<Bytes>> {
    if (method != Method::GET && method != Method::HEAD) || reserved(path) {
        return None;
    }
    if let Some(file) = find(path) {
        return Some(send(file, headers));
    }
    if path.starts_with(ASSETS) || !(path == "/" || wants_html(headers)) {
        return None;
    }
    match find(INDEX) {
        Some(index) => Some(send(index, headers)),
        None => Some(missing()),
    }
}

fn reserved(path: &str) -> bool {
    RESERVED.iter().any(|prefix| {
        path.strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// Browsers name HTML when they open a page, and only then.
fn wants_html(headers: &HeaderMap) -> bool {
    headers.get_all(header::ACCEPT).iter().any(|value| {
        value
            .to_str()
            .is_ok_and(|accept| accept.contains("text/html"))
    })
}

fn send(file: &'static File, request: &HeaderMap) -> Response<Bytes> {
    let encoding = choose(request, file.brotli.is_some(), file.gzip.is_some());
    let (body, word) = match encoding {
        Encoding::Brotli => (file.brotli.unwrap_or(file.plain), Some("br")),
        Encoding::Gzip => (file.gzip.unwrap_or(file.plain), Some("gzip")),
        Encoding::Plain => (file.plain, None),
    };
    let tag = format!("\"{}-{}\"", file.tag, word.unwrap_or("id"));
    let known = encoding::names(request, &header::IF_NONE_MATCH, &tag);
    let (status, body) = if known {
        (StatusCode::NOT_MODIFIED, Bytes::new())
    } else {
        (StatusCode::OK, Bytes::from_static(body))
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    headers::describe(
        response.headers_mut(),
        file.media_type(),
        file.path.starts_with(ASSETS),
        &tag,
    );
    if let (Some(word), false) = (word, known) {
        headers::encoded(response.headers_mut(), word);
    }
    response
}

fn missing() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(MISSING.as_bytes()));
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    headers::describe(response.headers_mut(), file::HTML, false, "\"not-built\"");
    response
}
