//! The grammar of paths: plain segments, ids, and model names, the only place where
//! percent-encoding is read.

use std::borrow::Cow;

use super::MAX_PATH;

/// Whether a path is safe to look up and send on: bounded, no empty or dot segments, only
/// characters of RFC 3986 §3.3 that ids and model names use.
pub(super) fn is_plain(path: &str) -> bool {
    if path.len() > MAX_PATH || !path.starts_with('/') {
        return false;
    }
    let mut start = 1;
    for (at, &byte) in path.as_bytes().iter().enumerate().skip(1) {
        match byte {
            b'/' => {
                if !is_plain_segment(&path.as_bytes()[start..at]) {
                    return false;
                }
                start = at + 1;
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {}
            b':' | b'@' | b'+' | b',' | b'=' | b'%' => {}
            _ => return false,
        }
    }
    is_plain_segment(&path.as_bytes()[start..])
}

fn is_plain_segment(segment: &[u8]) -> bool {
    !matches!(segment, b"" | b"." | b"..")
}

/// Ids of stored objects: `resp_…`, `file-…`, `msgbatch_…`.
pub(super) fn is_id(text: &str) -> bool {
    (1..=256).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// A model name from a path. SDKs percent-encode `/`, `:` and `@`; nothing else may be encoded,
/// so there is one spelling per name, and the decoded name is as plain as any path.
pub(super) fn decode_model(raw: &str) -> Option<Cow<'_, str>> {
    let name = if raw.contains('%') {
        Cow::Owned(decode(raw)?)
    } else {
        Cow::Borrowed(raw)
    };
    let plain = (1..=256).contains(&name.len())
        && name
            .split('/')
            .all(|part| is_plain_segment(part.as_bytes()));
    plain.then_some(name)
}

fn decode(raw: &str) -> Option<String> {
    let mut parts = raw.split('%');
    let mut name = String::with_capacity(raw.len());
    name.push_str(parts.next()?);
    for part in parts {
        let (hex, rest) = part.split_at_checked(2)?;
        name.push(match hex {
            "2F" | "2f" => '/',
            "3A" | "3a" => ':',
            "40" => '@',
            _ => return None,
        });
        name.push_str(rest);
    }
    Some(name)
}

/// Appends a model name as one path segment; `:` and `@` stay as they are only with `colons`.
pub(crate) fn push_encoded(path: &mut String, model: &str, colons: bool) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let dots = matches!(model, "." | "..");
    for byte in model.bytes() {
        let plain = byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_' | b'~')
            || (colons && matches!(byte, b':' | b'@'))
            || (byte == b'.' && !dots);
        if plain {
            path.push(char::from(byte));
        } else {
            path.push('%');
            path.push(char::from(HEX[usize::from(byte >> 4)]));
            path.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}
