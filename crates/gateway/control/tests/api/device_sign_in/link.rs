//! A device that is enrolled, and its person.

use http::StatusCode;
use serde_json::{Value, json};
use tidegate_device_api::SignedPolicy;
use tidegate_policy::Document;

use super::visit::{Scene, VERIFIER};
use crate::devices::{call, enrolled, text};

async fn link(scene: &Scene, key: &str) -> crate::harness::Answer {
    let code = scene.code().await;
    let body = json!({ "code": code, "verifier": VERIFIER });
    scene.says("link", key, body).await
}

/// An enrolled device: its id and its key.
async fn device(scene: &Scene) -> (String, String) {
    let made = enrolled(&scene.api, "host").await;
    (text(&made["device_id"]), text(&made["device_key"]))
}

async fn check_in(scene: &Scene, key: &str, (seq, revision): (u64, u64)) -> Value {
    let body = json!({
        "revision": revision, "agent_version": "0.1.0", "effective": true, "seq": seq,
    });
    let answer = call(&scene.api, "check-in", key, &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

/// The policy that an answer brings.
fn policy(answer: &Value) -> Document {
    let signed = serde_json::from_value::<SignedPolicy>(answer["policy"].clone()).unwrap();
    signed.open(|_, _| true).unwrap()
}

#[tokio::test]
async fn a_link_makes_the_device_follow_its_person_until_they_sign_out() {
    let scene = Scene::start().await;
    let api = &scene.api;
    let team = |name: &str| json!({ "name": name });
    let (first, theirs) = (
        text(&api.post("/teams", team("office")).await["id"]),
        text(&api.post("/teams", team("research")).await["id"]),
    );
    let user = json!({ "email": "ada@example.com", "name": "Ada", "team": theirs });
    let user = text(&api.post("/users", user).await["id"]);
    let (id, key) = device(&scene).await;
    let path = format!("/devices/{id}");
    api.call("PATCH", &path, Some(json!({ "team": first })))
        .await;
    for of in [&first, &theirs] {
        let rule = json!({
            "audience": format!("team:{of}"), "identity": "npm:x", "decision": "denied",
        });
        let put = api.call("PUT", "/edge/mcp-rules", Some(rule)).await;
        assert!(put.status.is_success(), "{}", put.text);
    }
    let quiet = check_in(&scene, &key, (1, 0)).await;
    assert_eq!(quiet["user"], Value::Null);
    let held = policy(&quiet);
    assert_eq!(held.audience, format!("team:{first}"));
    let linked = link(&scene, &key).await;
    assert_eq!(linked.status, StatusCode::OK, "{}", linked.text);
    assert_eq!(linked.json()["user"]["team"], "research");
    let (action, detail) = scene.last().await;
    assert_eq!(
        (&*action, &detail["team_before"]),
        ("device.link", &json!(first))
    );
    let shown = api.get(&path).await;
    assert_eq!(shown["user"], json!(user));
    let now = check_in(&scene, &key, (2, held.revision)).await;
    assert_eq!(
        now["user"],
        json!({ "name": "Ada", "email": "ada@example.com", "team": "research" })
    );
    let followed = policy(&now);
    assert_eq!(
        followed.audience,
        format!("team:{theirs}"),
        "with the next check-in"
    );

    let out = scene.says("unlink", &key, json!({})).await;
    assert_eq!(out.status, StatusCode::OK, "{}", out.text);
    assert_eq!(scene.last().await.0, "device.unlink");
    let shown = api.get(&path).await;
    assert_eq!(
        (&shown["user"], &shown["team"]),
        (&Value::Null, &json!(first))
    );
    let again = scene.says("unlink", &key, json!({})).await;
    assert_eq!(again.code(), "conflict");
}

#[tokio::test]
async fn a_device_of_somebody_else_is_not_taken_over() {
    let scene = Scene::start().await;
    let (id, key) = device(&scene).await;
    assert_eq!(link(&scene, &key).await.status, StatusCode::OK);
    assert_eq!(
        link(&scene, &key).await.status,
        StatusCode::OK,
        "the same person again"
    );
    let person = json!({
        "sub": "eve", "email": "eve@example.com", "email_verified": true, "name": "Eve",
        "groups": [],
    });
    scene.idp.script().person = person;
    assert_eq!(link(&scene, &key).await.code(), "device_taken");
    let shown = scene.api.get(&format!("/devices/{id}")).await;
    let holder = scene
        .api
        .get(&format!("/users/{}", text(&shown["user"])))
        .await;
    assert_eq!(holder["email"], "ada@example.com");

    // What an administrator set is not the device's to undo.
    let (other, other_key) = device(&scene).await;
    let set = json!({ "user": holder["id"] });
    scene
        .api
        .call("PATCH", &format!("/devices/{other}"), Some(set))
        .await;
    assert_eq!(
        scene.says("unlink", &other_key, json!({})).await.code(),
        "conflict"
    );
    assert_eq!(link(&scene, &other_key).await.code(), "device_taken");

    // Whose user is switched off holds nothing.
    let path = format!("/users/{}", text(&holder["id"]));
    scene
        .api
        .call("PATCH", &path, Some(json!({ "disabled": true })))
        .await;
    let answer = link(&scene, &key).await;
    assert_eq!(answer.code(), "device_disabled", "it is off with its user");
}

#[tokio::test]
async fn a_link_needs_the_devices_key_and_its_own_challenge() {
    let scene = Scene::start().await;
    let (_, key) = device(&scene).await;
    let code = scene.code().await;
    let body = json!({ "code": code, "verifier": VERIFIER });
    assert_eq!(
        scene.says("link", "", body.clone()).await.code(),
        "unauthenticated"
    );
    let wrong = json!({ "code": code, "verifier": "another device's" });
    assert_eq!(
        scene.says("link", &key, wrong).await.code(),
        "invalid_grant"
    );
    assert_eq!(
        scene.says("link", &key, body).await.code(),
        "invalid_grant",
        "used up"
    );
    assert_eq!(
        scene.says("unlink", "", json!({})).await.code(),
        "unauthenticated"
    );
}
