//! URLs in one spelling, as the clients' own parsers read them (RFC 3986 §6.2, WHATWG URL).
//!
//! `http`, `https`, `ws` and `wss` of one host are one server, written as `https`: a denial must not be
//! dodged by another spelling. For the same reason both default ports are dropped, whichever scheme
//! they stand with. What tells users or tenants apart by query is one server; by path, several.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::mcp::redact;

/// `https://host[:port]/path`; none, where there is no host. Segments of the path that look like
/// credentials are taken out, so that everybody's copy of a server is the same one.
pub(super) fn normal(url: &str) -> Option<String> {
    let text: String = url
        .trim_matches(|c: char| c.is_whitespace() || c.is_control())
        .chars()
        .filter(|c| !matches!(c, '\t' | '\n' | '\r'))
        .map(|c| if c == '\\' { '/' } else { c })
        .collect();
    let (scheme, rest) = text.split_once(':')?;
    if !["http", "https", "ws", "wss", "sse"].contains(&scheme.to_ascii_lowercase().as_str()) {
        return None;
    }
    // However many slashes there are.
    let rest = rest.trim_start_matches('/');
    let rest = rest.split(['?', '#']).next()?;
    let (authority, path) = match rest.find('/').and_then(|at| rest.split_at_checked(at)) {
        Some(parts) => parts,
        None => (rest, ""),
    };
    let authority = authority.rsplit('@').next()?;
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (authority, ""),
    };
    let host = normal_host(host)?;
    let mut out = format!("https://{host}");
    if !port.is_empty() {
        let port: u16 = port.parse().ok()?;
        if !matches!(port, 80 | 443) {
            out.push_str(&format!(":{port}"));
        }
    }
    out.push_str(&normal_path(path));
    Some(out)
}

fn normal_host(host: &str) -> Option<String> {
    if let Some(inner) = host.strip_prefix('[') {
        let address: Ipv6Addr = inner.strip_suffix(']')?.parse().ok()?;
        return Some(format!("[{address}]"));
    }
    let host = decoded(host, |_| true).to_lowercase();
    // Other full stops than ours separate labels too (UTS 46).
    let host = host.replace(['\u{3002}', '\u{ff0e}', '\u{ff61}'], ".");
    let host = host.strip_suffix('.').unwrap_or(&host);
    let bad = |c: char| c.is_whitespace() || c.is_control() || "/:@?#[]<>^|%".contains(c);
    if host.split('.').any(str::is_empty) || host.contains(bad) {
        return None;
    }
    Some(ipv4(host).map_or_else(|| host.to_owned(), |address| address.to_string()))
}

/// An IPv4 address in any of the spellings that parsers take: `127.1`, `0x7f.0.0.1`, `2130706433`.
fn ipv4(host: &str) -> Option<Ipv4Addr> {
    let numbers: Option<Vec<u64>> = host.split('.').map(number).collect();
    let numbers = numbers.filter(|numbers| numbers.len() <= 4)?;
    let (last, before) = numbers.split_last()?;
    let mut value = *last;
    if value >= 256_u64.pow(u32::try_from(5 - numbers.len()).ok()?) {
        return None;
    }
    for (index, number) in before.iter().enumerate() {
        if *number > 255 {
            return None;
        }
        value += number << (8 * (3 - index));
    }
    u32::try_from(value).ok().map(Ipv4Addr::from)
}

fn number(text: &str) -> Option<u64> {
    let (digits, radix) = match text.strip_prefix("0x") {
        Some(hex) => (hex, 16),
        None if text.len() > 1 && text.starts_with('0') => (&text[1..], 8),
        None => (text, 10),
    };
    if digits.starts_with('+') {
        return None;
    }
    u64::from_str_radix(digits, radix).ok()
}

/// Unreserved characters decoded, other escapes in upper case, dot segments and last slashes gone.
fn normal_path(path: &str) -> String {
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    let mut segments: Vec<String> = Vec::new();
    for segment in path.split('/').skip(1) {
        match decoded(segment, unreserved).as_str() {
            "." => {}
            ".." => {
                segments.pop();
            }
            segment if redact::secret_segment(segment) => segments.push(redact::MARK.to_owned()),
            segment => segments.push(segment.to_owned()),
        }
    }
    while segments.last().is_some_and(String::is_empty) {
        segments.pop();
    }
    segments
        .iter()
        .fold(String::new(), |path, segment| path + "/" + segment)
}

/// Escapes of bytes that `plain` takes are decoded, others written in upper case; what has to be escaped
/// and is not, is.
fn decoded(text: &str, plain: impl Fn(u8) -> bool) -> String {
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let hex = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16));
        if byte == b'%'
            && let (Some(high), Some(low)) = (hex(ahead.next()), hex(ahead.next()))
        {
            bytes = ahead;
            let value = u8::try_from(high * 16 + low).unwrap_or_default();
            if plain(value) {
                out.push(value);
            } else {
                out.extend(format!("%{value:02X}").bytes());
            }
        } else if byte.is_ascii_control() || byte == b' ' {
            out.extend(format!("%{byte:02X}").bytes());
        } else {
            out.push(byte);
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
