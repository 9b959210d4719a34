//! The answer's header, as the client gets it.

use http::{HeaderName, StatusCode, header};
use pingora_core::protocols::http::{ServerSession, client::HttpSession};
use pingora_http::ResponseHeader;
use tidegate_cache::directives::SWITCH;
use tidegate_pipeline::{Facts, stage::Streaming};
use tidegate_wire::{
    answer::AnswerKind,
    eventstream, headers,
    ratelimit::{self, Allowance},
};

use super::Extras;
use crate::{call::Call, reply};

/// Writes the header.
///
/// # Errors
/// There is none, or it is none that can be passed on.
pub(super) fn head(
    client: &ServerSession,
    upstream: &HttpSession,
    streaming: &Streaming<'_>,
    extras: &Extras,
    call: &Call,
) -> pingora_error::Result<ResponseHeader> {
    let Some(from) = upstream.response_header() else {
        return pingora_error::Error::e_explain(
            pingora_error::ErrorType::InternalError,
            "an answer without a header",
        );
    };
    let mut head = ResponseHeader::build_no_case(from.status, Some(from.headers.len() + 8))?;
    let nominated = headers::nominated(&from.headers);
    let passes = if extras.direct {
        headers::pass_through
    } else if streaming.is_translated() {
        headers::return_translated
    } else {
        headers::forward_to_client
    };
    let changed = streaming.is_changed();
    for (name, value) in &from.headers {
        let stale = *name == header::CONTENT_LENGTH || changed && is_of_the_bytes(name);
        if passes(name) && !stale && !nominated.contains(name) {
            head.append_header(name.clone(), value.clone())?;
        }
    }
    if streaming.is_translated() || streaming.is_retold() {
        let kind = match streaming.events() {
            Some(AnswerKind::EventStream) => eventstream::CONTENT_TYPE,
            Some(_) => "text/event-stream; charset=utf-8",
            None => "application/json",
        };
        head.insert_header(header::CONTENT_TYPE, kind)?;
    }
    let bodiless = is_bodiless(from.status);
    match from
        .headers
        .get(header::CONTENT_LENGTH)
        .filter(|_| !streaming.changes_length())
    {
        Some(length) => head.insert_header(header::CONTENT_LENGTH, length.clone())?,
        None if bodiless || client.is_http2() => {}
        None => head.insert_header(header::TRANSFER_ENCODING, "chunked")?,
    }
    head.insert_header(reply::REQUEST_ID, call.facts.id.to_string())?;
    tell_cache(&mut head, &call.facts)?;
    tell_limits(&mut head, (extras.requests, extras.tokens), &call.facts);
    Ok(head)
}

/// Says what is left of the tightest limits: requests, tokens.
pub(super) fn tell_limits(
    head: &mut ResponseHeader,
    (requests, tokens): (Option<Allowance>, Option<Allowance>),
    facts: &Facts,
) {
    let mut put = |name: &'static str, value: String| {
        // Names and values are ours, and valid.
        drop(head.insert_header(HeaderName::from_static(name), value));
    };
    ratelimit::headers(facts.dialect, requests, tokens, facts.arrived, &mut put);
}

/// Says what the cache had to do with it.
pub(super) fn tell_cache(head: &mut ResponseHeader, facts: &Facts) -> pingora_error::Result<()> {
    match facts.cache {
        Some(cache) => head.insert_header(SWITCH, cache.as_str()),
        None => Ok(()),
    }
}

/// The answer that a header was held back for is there as a whole: its length can be told, and all of it leaves
/// at once.
pub(super) fn tell_length(head: &mut ResponseHeader, length: usize) {
    if !is_bodiless(head.status) && !head.headers.contains_key(header::CONTENT_LENGTH) {
        head.remove_header(&header::TRANSFER_ENCODING);
        // A number is always a valid value.
        drop(head.insert_header(header::CONTENT_LENGTH, length.to_string()));
    }
}

/// RFC 9110 §15.3.5 and §15.4.5.
fn is_bodiless(status: StatusCode) -> bool {
    matches!(status.as_u16(), 204 | 304)
}

/// Headers that are true of the provider's very bytes only (RFC 9110 §8.8.3 and §14, RFC 9530, and
/// the old `content-md5` and `digest`).
pub(crate) fn is_of_the_bytes(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "accept-ranges"
            | "content-digest"
            | "content-md5"
            | "content-range"
            | "digest"
            | "etag"
            | "repr-digest"
    )
}
