//! Accounts: one-time passwords, changing and resetting them, switching accounts off.

use http::StatusCode;
use serde_json::json;

use crate::harness::Api;

const PASSWORD: &str = "correct horse battery";

#[tokio::test]
async fn a_one_time_password_opens_nothing_until_it_is_replaced() {
    let api = Api::start().await;
    let created = api
        .post("/accounts", json!({ "email": "Ada@Example.com" }))
        .await;
    assert_eq!(created["account"]["email"], "ada@example.com");
    let once = created["one_time_password"].as_str().unwrap();
    let sign_in = |new: Option<&str>| {
        let mut body = json!({ "email": "ada@example.com", "password": once });
        if let Some(new) = new {
            body["new_password"] = json!(new);
        }
        api.call_as("", "POST", "/sessions", Some(body))
    };
    let refused = sign_in(None).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (StatusCode::FORBIDDEN, "password_change_required")
    );
    assert_eq!(sign_in(Some("short")).await.places(), ["/new_password"]);
    assert_eq!(sign_in(Some(once)).await.places(), ["/new_password"]);
    assert_eq!(sign_in(Some(PASSWORD)).await.status, StatusCode::CREATED);
    assert_eq!(
        sign_in(None).await.code(),
        "sign_in_failed",
        "it was for one use"
    );
    api.sign_in("ada@example.com", PASSWORD).await;
}

#[tokio::test]
async fn new_password_is_only_for_one_time_passwords() {
    let api = Api::start().await;
    api.account("ada@example.com", PASSWORD).await;
    let body = json!({ "email": "ada@example.com", "password": PASSWORD, "new_password": "another one 123" });
    let answer = api.call_as("", "POST", "/sessions", Some(body)).await;
    assert_eq!(answer.places(), ["/new_password"]);
}

#[tokio::test]
async fn changing_the_password_ends_other_sessions() {
    let api = Api::start().await;
    api.account("ada@example.com", PASSWORD).await;
    let (mine, other) = (
        api.sign_in("ada@example.com", PASSWORD).await,
        api.sign_in("ada@example.com", PASSWORD).await,
    );
    let change = |old: &str, new: &str| {
        let body = json!({ "current_password": old, "new_password": new });
        let mine = mine.clone();
        let api = &api;
        async move {
            api.call_as(&mine, "PUT", "/accounts/current/password", Some(body))
                .await
        }
    };
    assert_eq!(
        change("wrong password!", "another one 123").await.places(),
        ["/current_password"]
    );
    assert_eq!(change(PASSWORD, "short").await.places(), ["/new_password"]);
    assert_eq!(change(PASSWORD, PASSWORD).await.places(), ["/new_password"]);
    let changed = change(PASSWORD, "another one 123").await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    let token = changed.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(
        api.call_as(&token, "GET", "/info", None).await.status,
        StatusCode::OK
    );
    for ended in [&mine, &other] {
        assert_eq!(
            api.call_as(ended, "GET", "/info", None).await.code(),
            "unauthenticated"
        );
    }
    let as_token = api
        .call(
            "PUT",
            "/accounts/current/password",
            Some(json!({ "current_password": PASSWORD, "new_password": "another one 123" })),
        )
        .await;
    assert_eq!(as_token.code(), "session_required");
}

#[tokio::test]
async fn a_reset_or_a_switch_off_ends_sessions() {
    let api = Api::start().await;
    let account = api.account("ada@example.com", PASSWORD).await;
    api.account("root@example.com", PASSWORD).await;
    let session = api.sign_in("ada@example.com", PASSWORD).await;
    let own = format!("/accounts/{}", account.id);
    let refused = api
        .call_as(&session, "POST", &format!("{own}/disable"), None)
        .await;
    assert_eq!(refused.code(), "conflict", "nobody locks themselves out");

    let reset = api.post(&format!("{own}/reset-password"), json!({})).await;
    assert_eq!(reset["account"]["id"], account.id.to_string());
    assert_eq!(
        api.call_as(&session, "GET", "/info", None).await.code(),
        "unauthenticated"
    );
    let body = json!({ "email": "ada@example.com", "password": reset["one_time_password"], "new_password": PASSWORD });
    let answer = api.call_as("", "POST", "/sessions", Some(body)).await;
    let session = answer.json()["token"].as_str().unwrap().to_owned();

    let disabled = api.post(&format!("{own}/disable"), json!({})).await;
    assert_eq!(disabled["disabled"], true);
    assert_eq!(
        api.call_as(&session, "GET", "/info", None).await.code(),
        "unauthenticated"
    );
    assert_eq!(
        api.post(&format!("{own}/enable"), json!({})).await["disabled"],
        false
    );
    api.sign_in("ada@example.com", PASSWORD).await;
}

#[tokio::test]
async fn an_address_has_one_account() {
    let api = Api::start().await;
    api.post("/accounts", json!({ "email": "ada@example.com" }))
        .await;
    let again = api
        .call(
            "POST",
            "/accounts",
            Some(json!({ "email": "ADA@example.com" })),
        )
        .await;
    assert_eq!(
        (again.status, again.code().as_str()),
        (StatusCode::CONFLICT, "conflict")
    );
    let bad = api
        .call(
            "POST",
            "/accounts",
            Some(json!({ "email": "ada", "password": "x" })),
        )
        .await;
    assert_eq!(bad.places(), ["/email", "/password"]);
    let missing = "/accounts/acc_00000000000000000000000000/reset-password";
    assert_eq!(api.call("POST", missing, None).await.code(), "not_found");
}
