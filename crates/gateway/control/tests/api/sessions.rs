//! Signing in: what succeeds, what fails alike, what is limited, and what ends a session.

use std::time::Duration;

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Answer, Api};

const EMAIL: &str = "admin@example.com";
const PASSWORD: &str = "correct horse battery";

async fn attempt(api: &Api, from: &str, body: Value) -> Answer {
    let request = Request::post("/api/v1/sessions")
        .header("host", "localhost")
        .header("content-type", "application/json");
    api.send_from(from, request.body(Body::from(body.to_string())).unwrap())
        .await
}

fn credentials(email: &str, password: &str) -> Value {
    json!({ "email": email, "password": password })
}

#[tokio::test]
async fn a_session_opens_works_ends_and_expires() {
    let api = Api::start().await;
    api.account(EMAIL, PASSWORD).await;
    let answer = attempt(
        &api,
        "127.0.0.1:1",
        credentials("Admin@Example.com", PASSWORD),
    )
    .await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    let session = answer.json();
    assert_eq!(session["expires_at"], "2026-11-26T00:00:00.000000Z");
    assert_eq!(session["account"]["email"], EMAIL);
    let token = session["token"].as_str().unwrap();
    assert!(token.starts_with("tg-session-"));
    assert_eq!(
        api.call_as(token, "GET", "/info", None).await.status,
        StatusCode::OK
    );

    let ended = api
        .call_as(token, "DELETE", "/sessions/current", None)
        .await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    assert_eq!(
        api.call_as(token, "GET", "/info", None).await.code(),
        "unauthenticated"
    );

    let token = api.sign_in(EMAIL, PASSWORD).await;
    api.clock.advance(Duration::from_secs(12 * 60 * 60));
    assert_eq!(
        api.call_as(&token, "GET", "/info", None).await.code(),
        "unauthenticated"
    );
}

#[tokio::test]
async fn all_failures_look_alike_and_are_audited() {
    let api = Api::start().await;
    let account = api.account(EMAIL, PASSWORD).await;
    api.account("off@example.com", PASSWORD).await;
    let off = api.get("/accounts").await["items"][1]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    api.post(&format!("/accounts/{off}/disable"), json!({}))
        .await;
    let mut answers = Vec::new();
    for (email, password) in [
        (EMAIL, "wrong password!"),
        ("nobody@example.com", PASSWORD),
        ("off@example.com", PASSWORD),
    ] {
        let answer = attempt(&api, "127.0.0.1:1", credentials(email, password)).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::UNAUTHORIZED, "sign_in_failed")
        );
        answers.push(answer.text);
    }
    assert!(answers.iter().all(|text| *text == answers[0]));
    let audit = api.get("/audit?limit=3").await;
    let actions: Vec<&Value> = audit["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["action"])
        .collect();
    assert_eq!(actions, ["session.refuse"; 3]);
    assert!(!account.disabled);
}

#[tokio::test]
async fn guessing_is_limited_per_account_and_per_address() {
    let api = Api::start().await;
    api.account(EMAIL, PASSWORD).await;
    for n in 0..5 {
        let from = format!("192.0.2.{n}:1");
        let answer = attempt(&api, &from, credentials(EMAIL, "wrong password!")).await;
        assert_eq!(answer.code(), "sign_in_failed");
    }
    let limited = attempt(&api, "198.51.100.1:1", credentials(EMAIL, PASSWORD)).await;
    assert_eq!(
        (limited.status, limited.code().as_str()),
        (StatusCode::TOO_MANY_REQUESTS, "too_many_attempts")
    );
    assert_eq!(limited.headers["retry-after"], "60");
    api.clock.advance(Duration::from_secs(60));
    let answer = attempt(&api, "198.51.100.1:1", credentials(EMAIL, PASSWORD)).await;
    assert_eq!(
        answer.status,
        StatusCode::CREATED,
        "the right password ends the wait"
    );

    let spray = |n: usize| credentials(&format!("user{n}@example.com"), "wrong password!");
    for n in 0..20 {
        assert_eq!(
            attempt(&api, "203.0.113.9:1", spray(n)).await.code(),
            "sign_in_failed"
        );
    }
    assert_eq!(
        attempt(&api, "203.0.113.9:2", spray(20)).await.code(),
        "too_many_attempts"
    );
    let elsewhere = attempt(&api, "203.0.113.10:1", credentials(EMAIL, PASSWORD)).await;
    assert_eq!(elsewhere.status, StatusCode::CREATED);
}

#[tokio::test]
async fn sign_in_bodies_are_checked() {
    let api = Api::start().await;
    let answer = attempt(
        &api,
        "127.0.0.1:1",
        json!({ "email": "x", "remember": true }),
    )
    .await;
    assert_eq!(answer.places(), ["/email", "/password", "/remember"]);
    let long = attempt(&api, "127.0.0.1:1", credentials(EMAIL, &"x".repeat(1025))).await;
    assert_eq!(long.places(), ["/password"]);
    assert!(!long.text.contains("xxxx"), "a password is never echoed");
}

#[tokio::test]
async fn a_token_has_no_session_to_end() {
    let api = Api::start().await;
    let answer = api.call("DELETE", "/sessions/current", None).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::FORBIDDEN, "session_required")
    );
}
