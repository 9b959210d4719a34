//! What becomes of a person here: their keys, their account in the console, their team.

use http::StatusCode;
use serde_json::json;

use super::{Provider, patch, text};
use crate::harness::Api;

#[tokio::test]
async fn whoever_is_deactivated_is_out_everywhere_and_back_as_they_were() {
    let api = Api::start().await;
    let provider = Provider::of(&api).await;
    api.account("root@example.com", "correct horse battery")
        .await;
    api.account("ada@example.com", "correct horse battery")
        .await;
    let session = api
        .sign_in("ada@example.com", "correct horse battery")
        .await;
    let id = provider.user("ada@example.com").await;
    let path = format!("/Users/{id}");
    let off = |active: bool| patch(json!([{ "op": "replace", "value": { "active": active } }]));
    let changes = api.plane.changes.load(std::sync::atomic::Ordering::SeqCst);

    let answer = provider.ok("PATCH", &path, off(false)).await;
    assert_eq!(answer["active"], false);
    assert!(api.plane.changes.load(std::sync::atomic::Ordering::SeqCst) > changes);
    assert_eq!(api.get(&format!("/users/{id}")).await["disabled"], true);
    let gone = api.call_as(&session, "GET", "/teams", None).await;
    assert_eq!(gone.status, StatusCode::UNAUTHORIZED, "her session is over");
    let body = json!({ "email": "ada@example.com", "password": "correct horse battery" });
    let refused = api.call_as("", "POST", "/sessions", Some(body)).await;
    assert!(!refused.status.is_success(), "she cannot sign in");

    // A PUT that says nothing of it leaves it.
    let put = json!({ "userName": "ada@example.com" });
    assert_eq!(provider.ok("PUT", &path, Some(put)).await["active"], false);
    assert_eq!(provider.ok("PATCH", &path, off(true)).await["active"], true);
    api.sign_in("ada@example.com", "correct horse battery")
        .await;
    let audit = api.get("/audit?limit=200").await;
    let entries = audit["items"].as_array().unwrap().iter();
    let by: Vec<String> = entries
        .filter(|entry| entry["actor"] == json!(provider.id))
        .map(|entry| text(&entry["action"]))
        .collect();
    assert_eq!(
        by,
        [
            "account.enable",
            "user.update",
            "user.update",
            "account.disable",
            "user.update",
            "user.create"
        ]
    );
}

#[tokio::test]
async fn a_group_gives_its_members_a_team_and_takes_it_again() {
    let api = Api::start().await;
    let provider = Provider::of(&api).await;
    let (ada, bob) = (
        provider.user("ada@example.com").await,
        provider.user("bob@example.com").await,
    );
    let group = provider.group("Engineering", &[&ada]).await;
    let team = text(&api.post("/teams", json!({ "name": "research" })).await["id"]);
    let listed = api.get("/groups").await;
    assert_eq!(
        (
            &listed["items"][0]["name"],
            &listed["items"][0]["members"],
            &listed["items"][0]["team"]
        ),
        (&json!("Engineering"), &json!(1), &json!(null))
    );
    let map = format!("/groups/{group}/team");
    let of = async |id: &str| api.get(&format!("/users/{id}")).await["team"].clone();
    let mapped = api
        .call("PUT", &map, Some(json!({ "team": team })))
        .await
        .json();
    assert_eq!(mapped["team"], json!(team));
    assert_eq!((of(&ada).await, of(&bob).await), (json!(team), json!(null)));
    let path = format!("/Groups/{group}");
    let add = patch(json!([{ "op": "add", "path": "members", "value": [{ "value": bob }] }]));
    provider.ok("PATCH", &path, add).await;
    assert_eq!(of(&bob).await, json!(team));
    let in_it = "/Users?filter=groups.display%20eq%20%22engineering%22%20and%20active%20eq%20true";
    let found = provider.ok("GET", in_it, None).await;
    assert_eq!(found["totalResults"], 2);
    assert_eq!(found["Resources"][0]["groups"][0]["value"], json!(group));
    let groups = api.store.groups_of_address("bob@example.com").await;
    assert_eq!(groups.unwrap()[0].name, "Engineering");
    let out = patch(json!([{ "op": "remove", "path": format!("members[value eq \"{ada}\"]") }]));
    provider.ok("PATCH", &path, out).await;
    assert_eq!(of(&ada).await, json!(null));
    provider.ok("DELETE", &path, None).await;
    assert_eq!(of(&bob).await, json!(null));
    for (body, place) in [(json!({}), "/team"), (json!({ "team": "x" }), "/team")] {
        let again = provider.group("Again", &[]).await;
        let answer = api
            .call("PUT", &format!("/groups/{again}/team"), Some(body))
            .await;
        assert_eq!(answer.places(), [place]);
        provider
            .ok("DELETE", &format!("/Groups/{again}"), None)
            .await;
    }
}

#[tokio::test]
async fn what_the_console_changes_is_what_the_provider_sees() {
    let api = Api::start().await;
    let provider = Provider::of(&api).await;
    let made = json!({ "email": "eve@example.com", "name": "Eve" });
    let eve = text(&api.post("/users", made).await["id"]);
    let found = provider
        .ok(
            "GET",
            "/Users?filter=userName%20eq%20%22EVE@example.com%22",
            None,
        )
        .await;
    let user = &found["Resources"][0];
    assert_eq!(
        (&user["id"], &user["displayName"]),
        (&json!(eve), &json!("Eve"))
    );
    assert_eq!(
        user["emails"],
        json!([{ "value": "eve@example.com", "type": "work", "primary": true }])
    );
    let path = format!("/Users/{eve}");
    let taken = patch(json!([{ "op": "add", "path": "externalId", "value": "e-1" }]));
    let taken = provider.ok("PATCH", &path, taken).await;
    let rename = json!({ "name": "Eva", "disabled": true });
    api.call("PATCH", &format!("/users/{eve}"), Some(rename))
        .await;
    let now = provider.ok("GET", &path, None).await;
    assert_eq!(
        (&now["displayName"], &now["active"]),
        (&json!("Eva"), &json!(false))
    );
    assert_ne!(now["meta"]["version"], taken["meta"]["version"]);
}
