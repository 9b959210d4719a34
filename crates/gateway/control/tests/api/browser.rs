//! The console's cookie: what it is, what it needs to change anything, and what ends it.

use std::time::Duration;

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Answer, Api};

const EMAIL: &str = "admin@example.com";
const PASSWORD: &str = "correct horse battery";
const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");

/// Sends what a browser would.
async fn send(
    api: &Api,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<Value>,
) -> Answer {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("/api/v1{path}"))
        .header("host", "localhost:8081")
        .header("user-agent", "Tests/1.0\t");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = match body {
        Some(body) => {
            request = request.header("content-type", "application/json");
            Body::from(body.to_string())
        }
        None => Body::empty(),
    };
    api.send_from("192.0.2.7:1", request.body(body).unwrap())
        .await
}

fn credentials() -> Option<Value> {
    Some(json!({ "email": EMAIL, "password": PASSWORD, "cookie": true }))
}

/// Signs in; the cookie as it is sent back.
async fn sign_in(api: &Api, headers: &[(&str, &str)]) -> String {
    let answer = send(api, "POST", "/sessions", headers, credentials()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    pair(&answer)
}

fn pair(answer: &Answer) -> String {
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

async fn api() -> Api {
    let api = Api::start().await;
    api.account(EMAIL, PASSWORD).await;
    api
}

#[tokio::test]
async fn a_cookie_is_given_kept_from_scripts_and_taken_back() {
    let api = api().await;
    let answer = send(&api, "POST", "/sessions", &[SAME], credentials()).await;
    assert_eq!(
        answer.json()["token"],
        Value::Null,
        "no script ever sees it"
    );
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("tidegate=tg-session-"), "{cookie}");
    assert!(cookie.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax"));
    let cookie = pair(&answer);
    let with = [("cookie", cookie.as_str()), SAME];
    let current = send(&api, "GET", "/sessions/current", &with[..1], None)
        .await
        .json();
    assert_eq!(current["account"]["email"], EMAIL);
    assert_eq!(current["account"]["role"], "admin");
    assert_eq!(current["totp"], false);
    assert_eq!(current["session"]["address"], "192.0.2.7");
    assert_eq!(current["session"]["user_agent"], "Tests/1.0");
    assert_eq!(current["session"]["provider"], Value::Null);
    let made = send(
        &api,
        "POST",
        "/teams",
        &with,
        Some(json!({ "name": "blue" })),
    )
    .await;
    assert_eq!(made.status, StatusCode::CREATED);
    let out = send(&api, "DELETE", "/sessions/current", &with, None).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    let taken = out.headers["set-cookie"].to_str().unwrap();
    assert!(
        taken.starts_with("tidegate=; Path=/; Max-Age=0;"),
        "{taken}"
    );
    let gone = send(&api, "GET", "/info", &with, None).await;
    assert_eq!(gone.code(), "unauthenticated");
}

#[tokio::test]
async fn behind_https_the_cookie_has_the_prefix_that_browsers_enforce() {
    let api = Api::with(|settings| settings.url = "https://gw.example.com".into()).await;
    api.account(EMAIL, PASSWORD).await;
    let origin = ("origin", "https://gw.example.com");
    let answer = send(&api, "POST", "/sessions", &[origin], credentials()).await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-tidegate=tg-session-") && cookie.ends_with("; Secure"));
    let pair = pair(&answer);
    let fine = send(&api, "GET", "/info", &[("cookie", &pair)], None).await;
    assert_eq!(fine.status, StatusCode::OK);
    let planted = pair.trim_start_matches("__Host-");
    let planted = send(&api, "GET", "/info", &[("cookie", planted)], None).await;
    assert_eq!(
        planted.code(),
        "unauthenticated",
        "a plain connection may have set it"
    );
}

#[tokio::test]
async fn another_site_changes_nothing_and_signs_nobody_in() {
    let api = api().await;
    let cookie = sign_in(&api, &[SAME]).await;
    let cookie = ("cookie", cookie.as_str());
    let team = || Some(json!({ "name": "blue" }));
    for site in [
        &[][..],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
    ] {
        let headers: Vec<_> = site.iter().copied().chain([cookie]).collect();
        let refused = send(&api, "POST", "/teams", &headers, team()).await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (StatusCode::FORBIDDEN, "csrf")
        );
        let read = send(&api, "GET", "/teams", &headers, None).await;
        assert_eq!(read.json()["items"], json!([]), "reading is no change");
        let forced = send(&api, "POST", "/sessions", site, credentials()).await;
        assert_eq!(
            forced.code(),
            "csrf",
            "nobody is signed in under another's account"
        );
    }
    let own = [cookie, ("origin", "http://localhost:8081")];
    assert_eq!(
        send(&api, "POST", "/teams", &own, team()).await.status,
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn two_cookies_or_two_callers_are_refused() {
    let api = api().await;
    api.account("other@example.com", PASSWORD).await;
    let cookie = sign_in(&api, &[SAME]).await;
    let twice = format!("{cookie}; {cookie}");
    let token = format!("Bearer {}", api.token);
    let other = format!(
        "Bearer {}",
        api.sign_in("other@example.com", PASSWORD).await
    );
    let own = format!("Bearer {}", api.sign_in(EMAIL, PASSWORD).await);
    for (status, headers) in [
        (401, vec![("cookie", twice.as_str())]),
        (
            401,
            vec![("cookie", cookie.as_str()), ("cookie", cookie.as_str())],
        ),
        (401, vec![("cookie", "tidegate=x")]),
        (
            401,
            vec![("cookie", "tidegate=x"), ("authorization", &token)],
        ),
        (401, vec![("cookie", &cookie), ("authorization", &token)]),
        (401, vec![("cookie", &cookie), ("authorization", &other)]),
        (200, vec![("cookie", &cookie), ("authorization", &own)]),
        (
            200,
            vec![("cookie", "unrelated=x"), ("authorization", &token)],
        ),
    ] {
        let answer = send(&api, "GET", "/info", &headers, None).await;
        assert_eq!(answer.status.as_u16(), status, "{headers:?}");
    }
}

#[tokio::test]
async fn each_sign_in_has_a_new_secret_and_ends_the_session_before() {
    let api = api().await;
    let first = sign_in(&api, &[SAME]).await;
    let second = sign_in(&api, &[SAME, ("cookie", &first)]).await;
    assert_ne!(first, second, "what was planted is not what is signed in");
    let old = send(&api, "GET", "/info", &[("cookie", &first)], None).await;
    assert_eq!(old.code(), "unauthenticated");
    let with = [("cookie", second.as_str()), SAME];
    let change = json!({ "current_password": PASSWORD, "new_password": "another horse battery" });
    let answer = send(
        &api,
        "PUT",
        "/accounts/current/password",
        &with,
        Some(change),
    )
    .await;
    assert_eq!(
        (answer.status, &answer.json()["token"]),
        (StatusCode::OK, &Value::Null)
    );
    let third = pair(&answer);
    assert_ne!(third, second);
    let old = send(&api, "GET", "/info", &with, None).await;
    assert_eq!(
        old.code(),
        "unauthenticated",
        "a new password ends sessions"
    );
    let new = send(&api, "GET", "/info", &[("cookie", &third)], None).await;
    assert_eq!(new.status, StatusCode::OK);
}

#[tokio::test]
async fn sessions_end_when_unused_by_others_and_everywhere() {
    let api = api().await;
    let idle = sign_in(&api, &[SAME]).await;
    let used = sign_in(&api, &[SAME]).await;
    for _ in 0..3 {
        api.clock.advance(Duration::from_secs(60 * 60));
        let answer = send(&api, "GET", "/info", &[("cookie", &used)], None).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    let answer = send(&api, "GET", "/info", &[("cookie", &idle)], None).await;
    assert_eq!(answer.code(), "unauthenticated", "two hours unused");

    let other = sign_in(&api, &[SAME]).await;
    let with = [("cookie", used.as_str()), SAME];
    let list = send(&api, "GET", "/sessions", &with, None).await.json();
    let items = list["items"].as_array().unwrap();
    let current: Vec<&Value> = items.iter().map(|item| &item["current"]).collect();
    assert_eq!(current, [&json!(true), &json!(false)]);
    assert_eq!(items[0]["last_used_at"], "2026-11-25T15:00:00.000000Z");
    let path = format!("/sessions/{}", items[1]["id"].as_str().unwrap());
    let ended = send(&api, "DELETE", &path, &with, None).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    let answer = send(&api, "GET", "/info", &[("cookie", &other)], None).await;
    assert_eq!(answer.code(), "unauthenticated");
    assert_eq!(
        send(&api, "DELETE", &path, &with, None).await.code(),
        "not_found"
    );

    let account = items[0]["account"].as_str().unwrap();
    let out = format!("/accounts/{account}/sign-out");
    let out = send(&api, "POST", &out, &with, None).await;
    assert_eq!(out.json()["sessions"], 2, "the one that was not used too");
    let answer = send(&api, "GET", "/info", &with, None).await;
    assert_eq!(answer.code(), "unauthenticated");
}

#[tokio::test]
async fn others_see_and_end_only_their_own_sessions() {
    let api = api().await;
    let admin = api.sign_in(EMAIL, PASSWORD).await;
    let new = json!({ "email": "bob@example.com", "role": "read_only", "name": "Bob" });
    let made = api.post("/accounts", new).await;
    let once = json!({
        "email": "bob@example.com", "password": made["one_time_password"], "new_password": PASSWORD,
    });
    api.call_as("", "POST", "/sessions", Some(once)).await;
    let bob = api.sign_in("bob@example.com", PASSWORD).await;
    let list = api.call_as(&bob, "GET", "/sessions", None).await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    let all = api.call_as(&admin, "GET", "/sessions", None).await.json();
    assert_eq!(
        all["items"].as_array().unwrap().len(),
        3,
        "an admin sees all"
    );
    let theirs = &all["items"][0];
    let account = theirs["account"].as_str().unwrap();
    let session = theirs["id"].as_str().unwrap();
    for (method, path) in [
        ("GET", format!("/sessions?account={account}")),
        ("DELETE", format!("/sessions/{session}")),
        ("POST", format!("/accounts/{account}/sign-out")),
    ] {
        let answer = api.call_as(&bob, method, &path, None).await;
        assert_eq!(answer.code(), "not_found", "{method} {path}");
    }
    let id = made["account"]["id"].as_str().unwrap();
    let promoted = api
        .call(
            "PATCH",
            &format!("/accounts/{id}"),
            Some(json!({ "role": "security" })),
        )
        .await;
    assert_eq!(promoted.json()["role"], "security");
    let ended = api.call_as(&bob, "GET", "/info", None).await;
    assert_eq!(
        ended.code(),
        "unauthenticated",
        "another role, another sign-in"
    );
}
