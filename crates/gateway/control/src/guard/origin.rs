//! Cross-site requests (CSRF). A browser sends the cookie along with requests that another site made it
//! send; it also says where those come from, which a page cannot forge. `SameSite=Lax` on the cookie is
//! the other half.

use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};

use crate::problem::{Code, Problem};

/// Fetch Metadata: <https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header>.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses a change that a browser was made to ask for by another site.
///
/// # Errors
/// `csrf`.
pub(crate) fn check(
    url: &str,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<(), Problem> {
    if method.is_safe() || same_origin(url, uri, headers) {
        return Ok(());
    }
    Err(Problem::new(
        Code::Csrf,
        "A change with the console's cookie must come from the console itself: send \
         `sec-fetch-site: same-origin` or its `origin`, or use a bearer token.",
    ))
}

fn same_origin(url: &str, uri: &Uri, headers: &HeaderMap) -> bool {
    match only(headers, &SEC_FETCH_SITE) {
        // A browser that says this knows better than any comparison of ours.
        Ok(Some(site)) => site == "same-origin",
        Ok(None) => only(headers, &header::ORIGIN)
            .ok()
            .flatten()
            .and_then(|origin| origin.to_str().ok())
            .is_some_and(|origin| ours(url, origin, uri, headers)),
        Err(()) => false,
    }
}

/// Plain connections to other machines come without Fetch Metadata. The host is one that this listener
/// serves: that was checked before.
fn ours(url: &str, origin: &str, uri: &Uri, headers: &HeaderMap) -> bool {
    if origin == url {
        return true;
    }
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let Some(host) = host.or(uri.authority().map(|authority| authority.as_str())) else {
        return false;
    };
    let scheme = if url.starts_with("https://") {
        "https://"
    } else {
        "http://"
    };
    origin
        .strip_prefix(scheme)
        .is_some_and(|authority| authority.eq_ignore_ascii_case(host))
}

/// The one value of a header.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a HeaderValue>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        (_, Some(_)) => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(url: &str, method: &Method, headers: &[(&str, &str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            map.append(name, value.parse().unwrap());
        }
        check(url, method, &Uri::from_static("/api/v1/keys"), &map).is_ok()
    }

    #[test]
    fn only_the_console_itself_may_change() {
        let url = "http://gw.example.com:8081";
        let host = ("host", "gw.example.com:8081");
        let (site, origin) = ("sec-fetch-site", "origin");
        for (fine, headers) in [
            (true, &[(site, "same-origin")][..]),
            (true, &[(origin, url)]),
            (true, &[host, (origin, "http://gw.example.com:8081")]),
            (
                true,
                &[
                    ("host", "localhost:8081"),
                    (origin, "http://localhost:8081"),
                ],
            ),
            (false, &[]),
            (false, &[host]),
            (false, &[(site, "same-site")]),
            (false, &[(site, "cross-site"), (origin, url)]),
            (false, &[(site, "none")]),
            (false, &[(site, "same-origin"), (site, "cross-site")]),
            (false, &[host, (origin, "null")]),
            (false, &[host, (origin, "http://evil.example")]),
            (false, &[host, (origin, "https://gw.example.com:8081")]),
            (false, &[host, (origin, "http://gw.example.com")]),
            (
                false,
                &[host, (origin, url), (origin, "http://evil.example")],
            ),
        ] {
            assert_eq!(allowed(url, &Method::POST, headers), fine, "{headers:?}");
            assert!(allowed(url, &Method::GET, headers), "reading is no change");
        }
    }
}
