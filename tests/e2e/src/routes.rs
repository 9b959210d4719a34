//! The allow-list: what is not on it is refused in the caller's dialect, and reaches nobody.

use http::Method;
use tidegate_harness::Rig;

#[tokio::test]
async fn unknown_routes_are_refused_in_the_callers_dialect() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("routes").await?;
    let cases = [
        ("/openai/v1/fine_tuning/jobs", 404, "/error/code"),
        ("/openai/v1/../v1/models", 400, "/error/code"),
        ("/openai/v1/files/%2e%2e%2fmodels", 404, "/error/code"),
        ("/anthropic/v1/organizations", 404, "/error/type"),
        ("/genai/v1beta/tunedModels", 404, "/error/status"),
        ("/nowhere", 404, "/error/code"),
    ];
    for (path, status, pointer) in cases {
        let reply = rig.client().get(path, &key.secret).await?;
        assert_eq!(reply.status.as_u16(), status, "{path}: {}", reply.text());
        let body = reply.json()?;
        assert!(
            body.pointer(pointer).is_some_and(|v| v.is_string()),
            "{path}: {body}"
        );
        assert!(!reply.header("x-tidegate-request-id").is_empty());
    }
    assert!(rig.standin.requests().is_empty());
    Ok(())
}

#[tokio::test]
async fn nobody_gets_in_without_a_key() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("someone").await?;
    let body = crate::prompts::chat("hi", false);
    let path = "/openai/v1/chat/completions";
    let wrong = format!("sk-tg-{}", "A".repeat(43));
    let cases: [(&[(&str, &str)], &str); 3] = [
        (&[], "missing_api_key"),
        (
            &[("authorization", "Bearer sk-proj-abc")],
            "invalid_api_key",
        ),
        (&[("x-api-key", &wrong)], "invalid_api_key"),
    ];
    for (headers, code) in cases {
        let reply = rig
            .client()
            .send(Method::POST, path, headers, body.clone())
            .await?;
        assert_eq!(reply.status, 401, "{}", reply.text());
        assert_eq!(reply.json()?["error"]["code"], code);
    }
    for name in ["x-api-key", "x-goog-api-key", "api-key", "x-tidegate-key"] {
        let headers = [(name, key.secret.as_str())];
        let reply = rig
            .client()
            .send(Method::POST, path, &headers, body.clone())
            .await?;
        assert_eq!(reply.status, 200, "{name}: {}", reply.text());
    }
    Ok(())
}

#[tokio::test]
async fn a_websocket_is_refused_at_once() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("ws").await?;
    let bearer = format!("Bearer {}", key.secret);
    let headers = [
        ("authorization", bearer.as_str()),
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let reply = rig
        .client()
        .send(Method::GET, "/openai/v1/responses", &headers, "")
        .await?;
    assert_eq!(reply.status, 426, "{}", reply.text());
    assert_eq!(reply.headers["upgrade"], "HTTP/1.1");
    assert!(rig.standin.requests().is_empty());
    Ok(())
}
