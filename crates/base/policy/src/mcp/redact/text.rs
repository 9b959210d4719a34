//! A word of any text: URLs in it lose their credentials, and tokens that look like one go.

use super::{MARK, redact_url, secret::is_secret};

pub(super) struct Clean {
    pub(super) text: String,
    pub(super) found: bool,
}

/// Cleans a word.
pub(super) fn clean(word: &str) -> Clean {
    let mut out = Clean {
        text: String::with_capacity(word.len()),
        found: false,
    };
    let mut rest = word;
    while let Some(at) = rest.find("://") {
        let is_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '-');
        let start = rest[..at].trim_end_matches(is_scheme).len();
        let after = at + 3;
        let stop = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '|' | ',');
        let end = rest[after..]
            .find(stop)
            .map_or(rest.len(), |end| after + end);
        tokens(&rest[..start], &mut out);
        let (url, found) = redact_url(&rest[start..end]);
        out.text.push_str(&url);
        out.found |= found;
        rest = &rest[end..];
    }
    let whole = rest.len() == word.len();
    if whole && is_base64(word) {
        out.text.push_str(MARK);
        out.found = true;
        return out;
    }
    tokens(rest, &mut out);
    out
}

/// Whether a value says so little that it is no credential.
pub(super) fn is_harmless(value: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_' | b'.' | b',' | b'/');
    value.len() <= 5 || value.bytes().all(word)
}

const fn in_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '+' | '=' | '~')
}

fn tokens(text: &str, out: &mut Clean) {
    let mut rest = text;
    let mut digest = false;
    while !rest.is_empty() {
        let end = rest.find(|c| !in_token(c)).unwrap_or(rest.len());
        let (token, after) = rest.split_at(end);
        let known = digest && token.bytes().all(|b| b.is_ascii_hexdigit());
        if !known && is_secret(token) {
            out.text.push_str(MARK);
            out.found = true;
        } else {
            out.text.push_str(token);
        }
        let between = after.find(in_token).unwrap_or(after.len());
        digest = &after[..between] == ":" && token.ends_with("sha256");
        out.text.push_str(&after[..between]);
        rest = &after[between..];
    }
}

/// Base64 (RFC 4648 §4) has slashes in it, and then looks like a path in parts.
fn is_base64(word: &str) -> bool {
    let base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    let slashed = word.contains(['/', '+']) && !word.starts_with(['/', '.', '~', '@']);
    slashed && word.bytes().all(base64) && is_secret(&word.replace(['/', '+'], ""))
}
