//! What a client can unpack, and what it has already (RFC 9110, sections 12.5.3 and 13.1.2).

use http::{HeaderMap, HeaderName, header};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Brotli,
    Gzip,
    Plain,
}

/// The smallest form that there is and that the client takes. Its weights are no order of ours:
/// only a weight of zero counts, as a refusal.
pub(crate) fn choose(request: &HeaderMap, brotli: bool, gzip: bool) -> Encoding {
    if brotli && accepts(request, "br") {
        Encoding::Brotli
    } else if gzip && accepts(request, "gzip") {
        Encoding::Gzip
    } else {
        Encoding::Plain
    }
}

fn accepts(request: &HeaderMap, coding: &str) -> bool {
    parts(request, &header::ACCEPT_ENCODING).any(|part| {
        let mut fields = part.split(';').map(str::trim);
        let named = fields
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case(coding));
        let refused = fields
            .filter_map(|field| field.strip_prefix("q="))
            .any(|weight| weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0));
        named && !refused
    })
}

/// Whether a header lists this entity tag, weakly compared, or any.
pub(crate) fn names(request: &HeaderMap, header: &HeaderName, tag: &str) -> bool {
    parts(request, header).any(|part| part == "*" || part.strip_prefix("W/").unwrap_or(part) == tag)
}

fn parts<'a>(request: &'a HeaderMap, header: &HeaderName) -> impl Iterator<Item = &'a str> {
    request
        .get_all(header)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}
