//! Who gets in: every endpoint without a credential, hosts, headers, limits on bodies, metrics.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use tidegate_control::RefusedConfiguration;
use tidegate_types::{PlainKey, Timestamp};

use crate::harness::Api;

/// Every operation of the document: method, path with its parameters filled, whether it is open.
pub(crate) fn operations() -> Vec<(String, String, bool)> {
    let document: Value = serde_json::from_str(tidegate_control::openapi_json()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let open = operation["security"]
                .as_array()
                .is_some_and(|any| any[0] == json!({}));
            operations.push((method.to_uppercase(), path.clone(), open));
        }
    }
    operations
}

fn request(method: &str, path: &str, token: Option<&str>) -> Request<Body> {
    let path = path
        .replace("{id}", "key_00000000000000000000000000")
        .replace("{name}", "x")
        .replace("{app}", "codex")
        .replace("{identity}", "npm:x")
        .replace("{host}", "x.example.com");
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost");
    if let Some(token) = token {
        request = request.header("authorization", token);
    }
    request.body(Body::empty()).unwrap()
}

#[tokio::test]
async fn every_endpoint_refuses_a_call_without_a_valid_credential() {
    let api = Api::start().await;
    let unknown = PlainKey::generate(PlainKey::ADMIN).unwrap();
    let virtual_key = PlainKey::generate(PlainKey::VIRTUAL).unwrap();
    let tokens = [
        None,
        Some(format!("Bearer {}", unknown.expose())),
        Some(format!("Bearer {}", virtual_key.expose())),
        Some(format!("Basic {}", api.token)),
        Some(api.token.clone()),
        Some("Bearer".to_owned()),
    ];
    let mut guarded = 0;
    for (method, path, open) in operations() {
        if open {
            continue;
        }
        guarded += 1;
        for token in &tokens {
            let answer = api.send(request(&method, &path, token.as_deref())).await;
            assert_eq!(
                answer.status,
                StatusCode::UNAUTHORIZED,
                "{method} {path} {token:?}"
            );
            assert_eq!(answer.code(), "unauthenticated");
            assert_eq!(
                answer.headers["www-authenticate"],
                "Bearer realm=\"tidegate\""
            );
        }
        let bearer = format!("Bearer {}", api.token);
        let with = request(&method, &path, Some(&bearer));
        // What is told of changes does not end.
        let answer = match path.as_str() {
            "/api/v1/events" => api.head(with).await,
            _ => api.send(with).await,
        };
        assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
        assert_ne!(
            answer.status,
            StatusCode::METHOD_NOT_ALLOWED,
            "{method} {path}"
        );
    }
    assert!(guarded >= 40, "{guarded}");
}

#[test]
fn what_is_open_is_named_here() {
    let open: Vec<String> = operations()
        .into_iter()
        .filter(|(_, _, open)| *open)
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect();
    assert_eq!(
        open,
        [
            "GET /api/v1/openapi.json",
            "POST /api/v1/sessions",
            "GET /api/v1/sign-in",
            "GET /api/v1/sign-in/callback",
            "GET /api/v1/sign-in/{provider}",
            "GET /healthz",
            "GET /metrics",
            "GET /readyz",
        ]
    );
}

#[tokio::test]
async fn two_credentials_at_once_are_refused() {
    let api = Api::start().await;
    let mut twice = request(
        "GET",
        "/api/v1/info",
        Some(&format!("Bearer {}", api.token)),
    );
    twice
        .headers_mut()
        .append("authorization", "Bearer x".parse().unwrap());
    assert_eq!(api.send(twice).await.code(), "unauthenticated");
}

#[tokio::test]
async fn every_answer_carries_the_guarding_headers_and_an_id() {
    let api = Api::start().await;
    for path in [
        "/healthz",
        "/api/v1/info",
        "/nowhere",
        "/api/v1/openapi.json",
    ] {
        let answer = api.send(request("GET", path, None)).await;
        assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["x-frame-options"], "DENY");
        assert!(
            answer.headers["content-security-policy"]
                .to_str()
                .unwrap()
                .contains("'none'")
        );
        let id = answer.headers["x-tidegate-request-id"].to_str().unwrap();
        assert!(id.starts_with("req_"));
        assert!(!answer.headers.contains_key("access-control-allow-origin"));
    }
}

#[tokio::test]
async fn a_rebound_host_is_refused_even_with_a_token() {
    let api = Api::start().await;
    let mut rebound = request(
        "GET",
        "/api/v1/info",
        Some(&format!("Bearer {}", api.token)),
    );
    rebound
        .headers_mut()
        .insert("host", "evil.example:8081".parse().unwrap());
    let answer = api.send(rebound).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (421, "host_not_allowed")
    );

    let named = Api::with(|settings| settings.hosts = vec!["admin.example.com".to_owned()]).await;
    let mut request = request("GET", "/healthz", None);
    request
        .headers_mut()
        .insert("host", "admin.example.com".parse().unwrap());
    assert_eq!(named.send(request).await.status, StatusCode::OK);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems() {
    let api = Api::start().await;
    assert_eq!(
        api.send(request("GET", "/nowhere", None)).await.code(),
        "not_found"
    );
    assert_eq!(
        api.send(request("POST", "/healthz", None)).await.code(),
        "method_not_allowed"
    );
    assert_eq!(
        api.call("DELETE", "/info", None).await.code(),
        "method_not_allowed"
    );
}

#[tokio::test]
async fn bodies_are_bounded_typed_and_unambiguous() {
    let api = Api::start().await;
    let send = |kind: &'static str, body: String| {
        let request = Request::post("/api/v1/teams")
            .header("host", "localhost")
            .header("content-type", kind)
            .header("authorization", format!("Bearer {}", api.token));
        api.send(request.body(Body::from(body)).unwrap())
    };
    let large = format!("{{\"name\":\"{}\"}}", "x".repeat(1024 * 1024));
    assert_eq!(
        send("application/json", large).await.code(),
        "body_too_large"
    );
    assert_eq!(
        send("text/plain", "{}".into()).await.code(),
        "unsupported_media_type"
    );
    assert_eq!(
        send("application/json", "{".into()).await.code(),
        "invalid_json"
    );
    let twice = r#"{"name":"a","name":"b"}"#.to_owned();
    assert_eq!(send("application/json", twice).await.code(), "invalid_json");
    assert_eq!(send("application/json", "[]".into()).await.places(), [""]);
    let fine = send("application/json; charset=utf-8", r#"{"name":"a"}"#.into()).await;
    assert_eq!(fine.status, StatusCode::CREATED);
}

#[tokio::test]
async fn metrics_are_open_on_loopback_or_by_setting_only() {
    let loopback = Api::start().await;
    let answer = loopback.send(request("GET", "/metrics", None)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(
        answer.headers["content-type"]
            .to_str()
            .unwrap()
            .contains("openmetrics")
    );
    assert!(answer.text.ends_with("# EOF\n"));

    let everywhere = "0.0.0.0:8081".parse().unwrap();
    let public = Api::with(|settings| settings.listener = everywhere).await;
    assert_eq!(
        public.send(request("GET", "/metrics", None)).await.code(),
        "unauthenticated"
    );
    let bearer = format!("Bearer {}", public.token);
    let answer = public.send(request("GET", "/metrics", Some(&bearer))).await;
    assert_eq!(answer.status, StatusCode::OK);

    let opened = Api::with(|settings| {
        settings.listener = everywhere;
        settings.metrics_open = true;
    });
    let answer = opened.await.send(request("GET", "/metrics", None)).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn a_configuration_that_is_not_in_force_is_told_to_who_may_know() {
    let api = Api::start().await;
    let at = Timestamp::from_micros(1_700_000_001_000_000);
    *api.plane.refused.lock().unwrap() = Some(RefusedConfiguration {
        at,
        why: "store.url: is missing".into(),
    });
    // Open to everybody: that it is so, and not why. Calls are taken by the last good one.
    let ready = api.send(request("GET", "/readyz", None)).await;
    assert_eq!(ready.status, StatusCode::OK);
    assert!(
        ready
            .text
            .contains(r#"{"name":"configuration","ok":false}"#)
    );
    assert!(!ready.text.contains("store.url"), "{}", ready.text);
    let info = api.get("/info").await;
    assert_eq!(
        info["configuration"]["refused"]["why"],
        "store.url: is missing"
    );
    let overview = api.get("/overview").await;
    let refused = &overview["node"]["configuration_refused"];
    assert_eq!(refused["why"], "store.url: is missing");
}

#[tokio::test]
async fn readiness_names_what_is_missing() {
    let api = Api::start().await;
    let ready = api.send(request("GET", "/readyz", None)).await;
    assert_eq!(
        (ready.status, ready.json()["ready"].clone()),
        (StatusCode::OK, json!(true))
    );
    *api.plane.loaded.lock().unwrap() = None;
    let answer = api.send(request("GET", "/readyz", None)).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    let checks = json!([
        { "name": "snapshot", "ok": false },
        { "name": "store", "ok": true },
        { "name": "configuration", "ok": true },
    ]);
    assert_eq!(answer.json()["checks"], checks);
    assert_eq!(
        api.send(request("GET", "/healthz", None)).await.status,
        StatusCode::OK
    );
}
