//! Teams and users.

use http::StatusCode;
use serde_json::{Value, json};

use crate::harness::Api;

#[tokio::test]
async fn a_team_lives_from_creation_to_deletion() {
    let api = Api::start().await;
    let team = api.post("/teams", json!({ "name": "research" })).await;
    let path = format!("/teams/{}", team["id"].as_str().unwrap());
    assert_eq!(api.get(&path).await, team);
    let again = api
        .call("POST", "/teams", Some(json!({ "name": "research" })))
        .await;
    assert_eq!(
        (again.status, again.code().as_str()),
        (StatusCode::CONFLICT, "conflict")
    );
    let changed = api
        .call(
            "PATCH",
            &path,
            Some(json!({ "name": "science", "disabled": true })),
        )
        .await
        .json();
    assert_eq!(
        (&changed["name"], &changed["disabled"]),
        (&json!("science"), &json!(true))
    );
    assert_eq!(
        api.call("DELETE", &path, None).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(api.call("GET", &path, None).await.code(), "not_found");
    assert_eq!(api.call("DELETE", &path, None).await.code(), "not_found");
}

#[tokio::test]
async fn a_team_with_keys_is_not_deleted() {
    let api = Api::start().await;
    let team = api.post("/teams", json!({ "name": "research" })).await["id"].clone();
    let key = api
        .post("/keys", json!({ "name": "k", "team": team }))
        .await["key"]["id"]
        .clone();
    let path = format!("/teams/{}", team.as_str().unwrap());
    assert_eq!(api.call("DELETE", &path, None).await.code(), "conflict");
    api.post(
        &format!("/keys/{}/revoke", key.as_str().unwrap()),
        json!({}),
    )
    .await;
    assert_eq!(
        api.call("DELETE", &path, None).await.status,
        StatusCode::NO_CONTENT
    );
}

#[tokio::test]
async fn a_user_lives_from_creation_to_deletion() {
    let api = Api::start().await;
    let team = api.post("/teams", json!({ "name": "research" })).await["id"].clone();
    let new = json!({ "email": "Ada@Example.com", "name": "Ada", "team": team });
    let user = api.post("/users", new.clone()).await;
    assert_eq!(user["email"], "ada@example.com");
    assert_eq!(
        api.call("POST", "/users", Some(new)).await.code(),
        "conflict"
    );
    let path = format!("/users/{}", user["id"].as_str().unwrap());
    assert_eq!(api.get(&path).await, user);
    let of_team = api
        .get(&format!("/users?team={}", team.as_str().unwrap()))
        .await;
    assert_eq!(of_team["items"], json!([user]));
    let freed = api
        .call(
            "PATCH",
            &path,
            Some(json!({ "team": null, "name": "A. L." })),
        )
        .await
        .json();
    assert_eq!(
        (&freed["team"], &freed["name"]),
        (&Value::Null, &json!("A. L."))
    );
    assert_eq!(
        api.call("DELETE", &path, None).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(api.call("GET", &path, None).await.code(), "not_found");
    let bad = api
        .call("POST", "/users", Some(json!({ "email": "x", "name": " " })))
        .await;
    assert_eq!(bad.places(), ["/email", "/name"]);
}

#[tokio::test]
async fn a_change_tells_the_data_plane_and_a_refusal_does_not() {
    let api = Api::start().await;
    let changes = || api.plane.changes.load(std::sync::atomic::Ordering::SeqCst);
    api.get("/teams").await;
    assert_eq!(changes(), 0);
    api.post("/teams", json!({ "name": "research" })).await;
    assert_eq!(changes(), 1);
    api.call("POST", "/teams", Some(json!({ "name": "research" })))
        .await;
    assert_eq!(changes(), 1);
}
