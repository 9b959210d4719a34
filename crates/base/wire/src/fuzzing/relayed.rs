//! What a device relays: a governed call stays governed however its path is written.

use super::take;
use crate::{percent, relayed, route, surface::Surface};

/// `METHOD host target`, after a byte that says where the path is disguised.
pub fn relayed(data: &[u8]) {
    let Some((place, data)) = take(data) else {
        return;
    };
    decoding(data);
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let mut words = text.splitn(3, ' ');
    let (Some(method), Some(host), Some(target)) = (words.next(), words.next(), words.next())
    else {
        return;
    };
    if let Some(surface) = Surface::of(host, method, target) {
        assert_eq!(method, "POST");
        assert_eq!(surface.of_app("chrome"), surface);
    }
    let operation = |target: &str| {
        relayed::native(host, target).is_some_and(|native| {
            assert!(native.starts_with('/') && native.len() <= target.len() + "/anthropic".len());
            route::resolve(method, &native).is_ok()
        })
    };
    let plain = target.split('?').next().unwrap_or_default();
    // What is encoded already may name things that have slashes in their names.
    if !operation(target) || plain.contains('%') {
        return;
    }
    for disguised in disguises(plain, place) {
        assert!(
            operation(&disguised) || relayed::is_disguised(method, host, &disguised),
            "{disguised} gets past as something else"
        );
    }
}

/// The same path as a generous server reads it.
fn disguises(path: &str, place: usize) -> Vec<String> {
    let slashes: Vec<usize> = path.match_indices('/').map(|(at, _)| at).collect();
    let chars: Vec<(usize, char)> = path.char_indices().filter(|(_, c)| *c != '/').collect();
    let mut found = vec![path.to_ascii_uppercase()];
    if let Some(&at) = slashes.get(place % slashes.len().max(1)) {
        for written in ["//", "/./", "/x/../", "/%2e/", "/X/%2E%2e/", "\\", "%2f"] {
            found.push(format!("{}{written}{}", &path[..at], &path[at + 1..]));
        }
    }
    if let Some(&(at, c)) = chars.get(place % chars.len().max(1)) {
        let (before, after) = (&path[..at], &path[at + c.len_utf8()..]);
        let mut bytes = [0; 4];
        let once: String = c
            .encode_utf8(&mut bytes)
            .bytes()
            .map(|byte| format!("%{byte:02x}"))
            .collect();
        let twice = once.replace('%', "%25");
        found.push(format!("{before}{once}{after}"));
        found.push(format!("{before}{twice}{after}"));
    }
    found
}

/// Decoding undoes encoding, makes nothing longer, and leaves alone what is no escape.
fn decoding(data: &[u8]) {
    let encoded: String = data.iter().map(|byte| format!("%{byte:02X}")).collect();
    assert_eq!(percent::decode(&encoded), data);
    let text = String::from_utf8_lossy(data);
    let decoded = percent::decode(&text);
    assert!(decoded.len() <= text.len());
    if !text.contains('%') {
        assert_eq!(decoded, text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_are_a_call_or_none(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            super::relayed(&bytes);
        }

        #[test]
        fn no_spelling_of_a_governed_call_gets_past(
            place in any::<u8>(),
            method in "(POST|GET|DELETE)",
            call in prop::sample::select(vec![
                "api.anthropic.com /v1/messages",
                "api.openai.com /v1/chat/completions",
                "chatgpt.com /backend-api/codex/responses",
                "generativelanguage.googleapis.com /v1beta/models/",
                "api.groq.com /openai/v1/",
                "api.openai.com /v1/batches/",
            ]),
            rest in "[a-zA-Z0-9%/.:?_-]{0,16}",
        ) {
            let call = format!("{method} {call}{rest}");
            super::relayed(&[&[place], call.as_bytes()].concat());
        }
    }
}
