//! A URL without its credentials: who, what is asked, and random parts of the path.

use super::{
    MARK,
    secret::{is_secret, is_secret_name},
};

/// A URL (or connection string, such as `postgres://u:p@h/db`) without its credentials; and whether
/// something in it was taken for one. The user part, every value of the query, the fragment and random
/// segments of the path are taken out.
#[must_use]
pub fn redact_url(url: &str) -> (String, bool) {
    let Some((scheme, rest)) = url.split_once("://") else {
        let clean = super::text::clean(url);
        return (clean.text, clean.found);
    };
    let mut found = false;
    let (rest, fragment) = split(rest, '#');
    let (rest, query) = split(rest, '?');
    let mut text = format!("{scheme}://");
    let host_on = if let Some(at) = user_end(scheme, rest) {
        found = true;
        text.push_str(MARK);
        text.push('@');
        &rest[at + 1..]
    } else {
        rest
    };
    for (index, segment) in host_on.split('/').enumerate() {
        if index > 0 {
            text.push('/');
        }
        if secret_segment(segment) {
            found = true;
            text.push_str(MARK);
        } else {
            text.push_str(segment);
        }
    }
    if let Some(query) = query {
        text.push('?');
        found |= push_query(query, &mut text);
    }
    if let Some(fragment) = fragment {
        text.push('#');
        if !fragment.is_empty() {
            text.push_str(MARK);
            found |= !super::text::is_harmless(fragment);
        }
    }
    (text, found)
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    match text.split_once(at) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

/// Where the user part ends. A password may hold a slash that should have been escaped: then what looks
/// like host and port is none.
fn user_end(scheme: &str, rest: &str) -> Option<usize> {
    let authority = rest.find(['/', '\\']).unwrap_or(rest.len());
    let scheme = scheme.to_ascii_lowercase();
    let transport = scheme.rsplit('+').next().unwrap_or_default();
    let web = ["http", "https", "ws", "wss", "sse"].contains(&transport);
    let port = rest[..authority].rsplit_once(':').map(|(_, port)| port);
    let odd = port.is_some_and(|port| !port.bytes().all(|b| b.is_ascii_digit()))
        && !rest[..authority].ends_with(']');
    if web && !odd {
        rest[..authority].rfind('@')
    } else {
        rest.rfind('@')
    }
}

/// Whether a segment of a path is a credential, also one that is escaped or has words around it.
pub(in crate::mcp) fn secret_segment(segment: &str) -> bool {
    segment
        .split(|c: char| !(c.is_ascii_alphanumeric() || "-_.+=~".contains(c)))
        .any(is_secret)
        || (segment.contains('%') && is_secret(&segment.replace('%', "")))
}

fn push_query(query: &str, text: &mut String) -> bool {
    let mut found = false;
    for (index, pair) in query.split('&').enumerate() {
        if index > 0 {
            text.push('&');
        }
        let (name, value) = split(pair, '=');
        let name_is_secret = secret_segment(name) || (value.is_none() && !name.is_empty());
        text.push_str(if name_is_secret { MARK } else { name });
        found |= name_is_secret && !super::text::is_harmless(name);
        if let Some(value) = value {
            text.push('=');
            if !value.is_empty() {
                text.push_str(MARK);
                found |= is_secret_name(name) || !super::text::is_harmless(value);
            }
        }
    }
    found
}
