//! The cookie that holds a sign-in to the browser that began it. Without it somebody could send their own
//! callback to another's browser, which would then be signed in under their account (login CSRF).
//!
//! Each sign-in has a cookie of its own, so that two tabs do not disturb each other; it is named after
//! the sign-in's state and lasts as long as that.

use http::{HeaderMap, HeaderValue, header};
use tidegate_types::{KeyHash, PlainKey};

use crate::problem::Problem;

/// Where it is sent.
const PATH: &str = "/api/v1/sign-in";

/// The value of `set-cookie` that gives it.
pub(super) fn give(
    url: &str,
    state: KeyHash,
    secret: &PlainKey,
    seconds: u64,
) -> Result<HeaderValue, Problem> {
    write(url, state, secret.expose(), seconds)
}

/// The value of `set-cookie` that takes it away.
pub(super) fn take(url: &str, state: KeyHash) -> Result<HeaderValue, Problem> {
    write(url, state, "", 0)
}

/// What the browser has for this sign-in. Two cookies of the name count as none.
pub(super) fn given(url: &str, state: KeyHash, headers: &HeaderMap) -> Option<KeyHash> {
    let name = name(url, state);
    let mut values = headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|header| header.as_bytes().split(|&byte| byte == b';'))
        .filter_map(|pair| str::from_utf8(pair).ok()?.trim().split_once('='))
        .filter_map(|(key, value)| (key == name).then_some(value));
    match (values.next(), values.next()) {
        (Some(value), None) => PlainKey::hash_presented(PlainKey::SIGN_IN, value).ok(),
        _ => None,
    }
}

fn secure(url: &str) -> bool {
    url.starts_with("https://")
}

fn name(url: &str, state: KeyHash) -> String {
    let [a, b, c, d, e, f, ..] = *state.as_bytes();
    let prefix = if secure(url) { "__Secure-" } else { "" };
    format!("{prefix}tidegate-sign-in-{a:02x}{b:02x}{c:02x}{d:02x}{e:02x}{f:02x}")
}

fn write(url: &str, state: KeyHash, value: &str, seconds: u64) -> Result<HeaderValue, Problem> {
    let secure = if secure(url) { "; Secure" } else { "" };
    let name = name(url, state);
    let text =
        format!("{name}={value}; Path={PATH}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    let mut value = HeaderValue::try_from(text).map_err(Problem::internal)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> (PlainKey, PlainKey) {
        let key = || PlainKey::generate(PlainKey::SIGN_IN).unwrap();
        (key(), key())
    }

    #[test]
    fn attributes_follow_the_url_and_the_value_is_read_back() {
        let (state, secret) = keys();
        for (url, prefix, end) in [
            (
                "http://127.0.0.1:8081",
                "tidegate-sign-in-",
                "; SameSite=Lax",
            ),
            (
                "https://gw.example.com",
                "__Secure-tidegate-sign-in-",
                "; SameSite=Lax; Secure",
            ),
        ] {
            let cookie = give(url, state.hash(), &secret, 600).unwrap();
            assert!(cookie.is_sensitive());
            let text = cookie.to_str().unwrap();
            assert!(text.starts_with(prefix), "{text}");
            assert!(text.contains("; Path=/api/v1/sign-in; Max-Age=600; HttpOnly"));
            assert!(text.ends_with(end), "{text}");
            let mut headers = HeaderMap::new();
            let pair = text.split(';').next().unwrap();
            headers.append(header::COOKIE, pair.parse().unwrap());
            assert_eq!(given(url, state.hash(), &headers), Some(secret.hash()));
            assert_eq!(
                given(url, secret.hash(), &headers),
                None,
                "of another sign-in"
            );
            headers.append(header::COOKIE, pair.parse().unwrap());
            assert_eq!(given(url, state.hash(), &headers), None, "twice");
        }
    }
}
