//! Which requests are the console's, and what they get.

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use crate::{
    answer, built,
    encoding::{Encoding, choose, names},
    file::{FILES, media_type},
};

fn with(pairs: &[(header::HeaderName, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(name, HeaderValue::from_static(value));
    }
    headers
}

fn browser() -> HeaderMap {
    with(&[
        (header::ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8"),
        (header::ACCEPT_ENCODING, "gzip, deflate, br, zstd"),
    ])
}

#[test]
fn deep_links_get_the_page_and_paths_of_programs_never_do() {
    for path in ["/", "/devices", "/apps/com.example.app", "/apiary"] {
        let page = answer(&Method::GET, path, &browser()).unwrap();
        assert_eq!(
            page.headers()[header::CONTENT_TYPE],
            "text/html; charset=utf-8"
        );
        assert_eq!(page.headers()[header::CACHE_CONTROL], "no-cache");
        let expected = if built() {
            StatusCode::OK
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        };
        assert_eq!(page.status(), expected, "{path}");
    }
    for path in [
        "/api",
        "/api/v1/nope",
        "/device/v1/x",
        "/scim/v2/Users",
        "/healthz",
        "/metrics",
    ] {
        assert!(answer(&Method::GET, path, &browser()).is_none(), "{path}");
    }
}

#[test]
fn programs_missing_files_and_other_methods_get_no_page() {
    let program = with(&[(header::ACCEPT, "*/*")]);
    assert!(answer(&Method::GET, "/devices", &program).is_none());
    assert!(answer(&Method::GET, "/devices", &HeaderMap::new()).is_none());
    assert!(answer(&Method::GET, "/assets/gone-0000.js", &browser()).is_none());
    assert!(answer(&Method::POST, "/devices", &browser()).is_none());
}

#[test]
fn every_file_has_a_type_is_found_and_is_not_sent_twice() {
    for file in FILES {
        assert_ne!(
            file.media_type(),
            "application/octet-stream",
            "{}",
            file.path
        );
        let sent = answer(&Method::GET, file.path, &browser()).unwrap();
        assert_eq!(sent.status(), StatusCode::OK);
        let tag = sent.headers()[header::ETAG].clone();
        let mut again = browser();
        again.insert(header::IF_NONE_MATCH, tag);
        let again = answer(&Method::GET, file.path, &again).unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert!(again.body().is_empty());
        let kept = sent.headers()[header::CACHE_CONTROL]
            .to_str()
            .unwrap()
            .contains("immutable");
        assert_eq!(kept, file.path.starts_with("/assets/"), "{}", file.path);
    }
}

#[test]
fn the_smallest_form_that_the_client_takes() {
    let of = |value| with(&[(header::ACCEPT_ENCODING, value)]);
    assert_eq!(choose(&of("gzip, br"), true, true), Encoding::Brotli);
    assert_eq!(choose(&of("gzip, br;q=0"), true, true), Encoding::Gzip);
    assert_eq!(choose(&of("GZIP;q=0.5"), true, true), Encoding::Gzip);
    assert_eq!(choose(&of("br"), false, true), Encoding::Plain);
    assert_eq!(choose(&of("brotli"), true, true), Encoding::Plain);
    assert_eq!(choose(&HeaderMap::new(), true, true), Encoding::Plain);
}

#[test]
fn tags_are_compared_weakly() {
    let of = |value| with(&[(header::IF_NONE_MATCH, value)]);
    assert!(names(
        &of("\"a\", W/\"b\""),
        &header::IF_NONE_MATCH,
        "\"b\""
    ));
    assert!(names(&of("*"), &header::IF_NONE_MATCH, "\"b\""));
    assert!(!names(&of("\"a\""), &header::IF_NONE_MATCH, "\"b\""));
}

#[test]
fn endings_name_the_type() {
    assert_eq!(
        media_type("/assets/a.b.js"),
        "text/javascript; charset=utf-8"
    );
    assert_eq!(media_type("/assets/a"), "application/octet-stream");
}
