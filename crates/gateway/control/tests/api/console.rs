//! The console beside the API: people's browsers get its pages, programs get problems.

use axum::body::Body;
use http::{Request, StatusCode, header};

use crate::harness::{Answer, Api};

async fn open(api: &Api, path: &str, accept: &str) -> Answer {
    let request = Request::get(path)
        .header(header::HOST, "localhost")
        .header(header::ACCEPT, accept)
        .body(Body::empty())
        .unwrap();
    api.send_from("127.0.0.1:50000", request).await
}

const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

/// With the console in the build the page comes whole; without it, a page says so.
fn page_status() -> StatusCode {
    if tidegate_console::built() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    }
}

#[tokio::test]
async fn deep_links_open_the_console_under_its_own_policy() {
    let api = Api::start().await;
    let root = open(&api, "/", BROWSER).await;
    for path in [
        "/devices/0198",
        "/apps/com.example.app",
        "/sign-in?problem=no_role",
    ] {
        let page = open(&api, path, BROWSER).await;
        assert_eq!(page.status, page_status(), "{path}");
        assert_eq!(page.text, root.text, "{path}");
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
        assert_eq!(page.headers["cache-control"], "no-cache");
        assert_eq!(page.headers["x-content-type-options"], "nosniff");
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("script-src 'self'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(page.headers.contains_key("x-tidegate-request-id"));
    }
}

#[tokio::test]
async fn what_the_page_names_is_there_and_may_be_kept() {
    let api = Api::start().await;
    let page = open(&api, "/", BROWSER).await;
    let assets: Vec<_> = page
        .text
        .split('"')
        .filter(|part| part.starts_with("/assets/"))
        .collect();
    assert_eq!(assets.is_empty(), !tidegate_console::built());
    for path in assets {
        let asset = open(&api, path, "*/*").await;
        assert_eq!(asset.status, StatusCode::OK, "{path}");
        let kept = asset.headers["cache-control"].to_str().unwrap();
        assert!(kept.contains("immutable"), "{kept}");
        assert!(asset.text.len() > 100, "{path}");
    }
}

#[tokio::test]
async fn programs_and_missing_files_get_problems() {
    let api = Api::start().await;
    for (path, accept) in [
        ("/api/v1/nope", BROWSER),
        ("/device/v1/nope", BROWSER),
        ("/scim/v2/nope", BROWSER),
        ("/assets/gone-00000000.js", BROWSER),
        ("/devices", "*/*"),
    ] {
        let answer = open(&api, path, accept).await;
        // SCIM has problems of its own kind (RFC 7644, section 3.12).
        let kind = answer.headers["content-type"].to_str().unwrap();
        assert!(kind.ends_with("+json"), "{path}: {kind}");
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(!policy.contains("script-src"), "{path}");
    }
    let missing = open(&api, "/assets/gone-00000000.js", BROWSER).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert_eq!(missing.code(), "not_found");
}
