//! The headers of a forwarded call, either way: what belongs to one hop stays on it (RFC 9110 §7.6.1).

use bytes::Bytes;
use http::{HeaderMap, header};
use pingora_core::protocols::http::{ServerSession, client::HttpSession};
use pingora_http::ResponseHeader;
use tidegate_pipeline::stage::Forwarded;
use tidegate_wire::headers;

use crate::{call::Call, relay::is_of_the_bytes, reply, upstream};

/// The request as the host gets it: what belongs to one hop, and what is ours, stays here.
pub(crate) fn request_head(
    client: &ServerSession,
    target: &str,
    to: &Forwarded,
    bodiless: bool,
    h2: bool,
) -> pingora_error::Result<Box<pingora_http::RequestHeader>> {
    let from = client.req_header();
    let mut out = HeaderMap::with_capacity(from.headers.len() + 2);
    let nominated = headers::nominated(&from.headers);
    for (name, value) in &from.headers {
        if headers::pass_through(name) && !nominated.contains(name) {
            out.append(name.clone(), value.clone());
        }
    }
    if from.headers.get("te").is_some_and(|te| te == "trailers") {
        // gRPC needs it said; it is no more than what it says.
        out.insert("te", http::HeaderValue::from_static("trailers"));
    }
    if let Ok(host) = http::HeaderValue::from_str(to.host.as_str()) {
        out.insert(header::HOST, host);
    }
    if !bodiless && !h2 && !out.contains_key(header::CONTENT_LENGTH) {
        let chunked = http::HeaderValue::from_static("chunked");
        out.insert(header::TRANSFER_ENCODING, chunked);
    }
    let target = if target.starts_with('/') {
        target.to_owned()
    } else {
        format!("/{target}")
    };
    upstream::assemble(from.method.clone(), &target, out, h2)
}

/// Says how long the body is: as it was read and is to be sent, or, where it is not known yet, nothing.
pub(super) fn reframe(
    head: &mut pingora_http::RequestHeader,
    body: Option<&Bytes>,
    h2: bool,
) -> pingora_error::Result<()> {
    head.remove_header(&header::CONTENT_LENGTH);
    head.remove_header(&header::TRANSFER_ENCODING);
    match body {
        Some(body) => head.insert_header(header::CONTENT_LENGTH, body.len()),
        None if h2 => Ok(()),
        None => head.insert_header(header::TRANSFER_ENCODING, "chunked"),
    }
}

/// The host's answer as the client gets it; `guarded` where its bytes may change on the way.
pub(super) fn respond(
    client: &ServerSession,
    session: &HttpSession,
    guarded: bool,
    call: &Call,
) -> pingora_error::Result<ResponseHeader> {
    let Some(from) = session.response_header() else {
        return pingora_error::Error::e_explain(
            pingora_error::ErrorType::InternalError,
            "an answer without a header",
        );
    };
    let mut head = ResponseHeader::build_no_case(from.status, Some(from.headers.len() + 2))?;
    let nominated = headers::nominated(&from.headers);
    let stale = |name: &http::HeaderName| {
        guarded && (*name == header::CONTENT_LENGTH || is_of_the_bytes(name))
    };
    for (name, value) in &from.headers {
        if headers::pass_through(name) && !nominated.contains(name) && !stale(name) {
            head.append_header(name.clone(), value.clone())?;
        }
    }
    let bodiless = matches!(from.status.as_u16(), 204 | 304);
    let measured = from.headers.contains_key(header::CONTENT_LENGTH) && !guarded;
    if !bodiless && !client.is_http2() && !measured {
        head.insert_header(header::TRANSFER_ENCODING, "chunked")?;
    }
    head.insert_header(reply::REQUEST_ID, call.facts.id.to_string())?;
    Ok(head)
}
