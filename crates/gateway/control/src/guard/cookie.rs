//! The cookie of a signed-in browser. Where people reach the console by https its name has the prefix
//! that browsers enforce (RFC 6265bis §4.1.3.2): no other host and no plain connection can set it.

use std::time::Duration;

use http::{HeaderMap, header};
use tidegate_types::{KeyHash, PlainKey};

const PLAIN: &str = "tidegate";
const SECURE: &str = "__Host-tidegate";

/// Whether people reach the console by https.
fn secure(url: &str) -> bool {
    url.starts_with("https://")
}

fn name(url: &str) -> &'static str {
    if secure(url) { SECURE } else { PLAIN }
}

/// The value of `set-cookie` that gives a session to a browser.
pub(crate) fn give(url: &str, secret: &str, lifetime: Duration) -> String {
    write(url, secret, lifetime.as_secs())
}

/// The value of `set-cookie` that takes it away.
pub(crate) fn take(url: &str) -> String {
    write(url, "", 0)
}

fn write(url: &str, value: &str, seconds: u64) -> String {
    let secure = if secure(url) { "; Secure" } else { "" };
    let name = name(url);
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

/// What a request says about a cookie's session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Given {
    /// Nothing.
    Nothing,
    /// A secret of the shape of ours, as its hash.
    Session(KeyHash),
    /// Two cookies of the name, or one that is none of ours: somebody may have planted one.
    Wrong,
}

/// The cookie of a request.
pub(crate) fn given(url: &str, headers: &HeaderMap) -> Given {
    let name = name(url);
    let mut values = headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|header| header.as_bytes().split(|&byte| byte == b';'))
        .filter_map(|pair| std::str::from_utf8(pair).ok()?.trim().split_once('='))
        .filter_map(|(key, value)| (key.trim_end() == name).then_some(value));
    match (values.next(), values.next()) {
        (None, _) => Given::Nothing,
        (Some(value), None) => PlainKey::hash_presented(PlainKey::SESSION, value.trim())
            .map_or(Given::Wrong, Given::Session),
        (Some(_), Some(_)) => Given::Wrong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HTTP: &str = "http://127.0.0.1:8081";
    const HTTPS: &str = "https://gw.example.com";

    fn cookies(url: &str, headers: &[&str]) -> Given {
        let mut map = HeaderMap::new();
        for header in headers {
            map.append(header::COOKIE, header.parse().unwrap());
        }
        given(url, &map)
    }

    #[test]
    fn attributes_follow_the_url() {
        let day = Duration::from_secs(86_400);
        assert_eq!(
            give(HTTP, "x", day),
            "tidegate=x; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            give(HTTPS, "x", day),
            "__Host-tidegate=x; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax; Secure"
        );
        assert!(take(HTTPS).starts_with("__Host-tidegate=; Path=/; Max-Age=0;"));
    }

    #[test]
    fn one_cookie_of_the_name_counts_and_two_are_refused() {
        let secret = PlainKey::generate(PlainKey::SESSION).unwrap();
        let (ours, hash) = (secret.expose(), Given::Session(secret.hash()));
        let pair = format!("tidegate={ours}");
        for fine in [
            &[pair.as_str()][..],
            &[&format!("a=b; {pair}; c=d")],
            &["a=b", &pair],
            &[&format!("xtidegate={ours}x; {pair}")],
        ] {
            assert_eq!(cookies(HTTP, fine), hash, "{fine:?}");
        }
        for wrong in [
            &[pair.as_str(), &pair][..],
            &[&format!("{pair}; tidegate=x")],
            &["tidegate="],
            &["tidegate=tg-session-short"],
        ] {
            assert_eq!(cookies(HTTP, wrong), Given::Wrong, "{wrong:?}");
        }
        assert_eq!(cookies(HTTP, &["other=1"]), Given::Nothing);
        assert_eq!(
            cookies(HTTPS, &[&pair]),
            Given::Nothing,
            "a plain connection may have set it"
        );
        assert_eq!(cookies(HTTPS, &[&format!("__Host-{pair}")]), hash);
    }
}
