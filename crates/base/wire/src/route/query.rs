//! What of a query may reach the upstream.

use std::borrow::Cow;

use super::{MAX_QUERY, path::decode_model};
use crate::Dialect;

/// Printable ASCII without a fragment, bounded (RFC 3986 §3.4).
pub(super) fn is_plain(query: &str) -> bool {
    query.len() <= MAX_QUERY && query.bytes().all(|b| b.is_ascii_graphic() && b != b'#')
}

/// The query to send on, or `None` when nothing is left.
///
/// Google's front end reads credentials (`key`, `access_token`), and format switches (`fields`,
/// `alt=proto`, `callback`) that hide usage from the meter, out of the query: for Gemini only
/// what is known to be harmless passes. Bedrock's operations take no query at all. The other dialects have no such switches.
pub(super) fn sanitise(dialect: Dialect, query: &str) -> Option<String> {
    let kept = match dialect {
        // Its operations have no query, and a presigned one is a credential.
        Dialect::Bedrock => String::new(),
        Dialect::Anthropic | Dialect::OpenAi => query.to_owned(),
        Dialect::Gemini => {
            let pairs = query.split('&').filter(|pair| is_harmless(pair));
            pairs.collect::<Vec<_>>().join("&")
        }
    };
    (!kept.is_empty()).then_some(kept)
}

/// The model that a query names, decoded; at most once, since of two servers one might read the first.
pub(super) fn model(query: &str) -> Result<Option<Cow<'_, str>>, ()> {
    let mut values = query
        .split('&')
        .filter_map(|pair| pair.strip_prefix("model="));
    let Some(raw) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(());
    }
    decode_model(raw).map(Some).ok_or(())
}

fn is_harmless(pair: &str) -> bool {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    match name {
        "alt" | "$alt" | "%24alt" => value == "sse" || value.starts_with("json"),
        "pageSize" | "pageToken" | "prettyPrint" => true,
        _ => false,
    }
}
