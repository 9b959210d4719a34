//! The audit log as the API shows it.

use serde_json::{Value, json};

use crate::harness::Api;

#[tokio::test]
async fn changes_are_listed_newest_first_under_the_callers_name() {
    let api = Api::start().await;
    let team = api.post("/teams", json!({ "name": "research" })).await;
    api.account("ada@example.com", "correct horse battery")
        .await;
    let session = api
        .sign_in("ada@example.com", "correct horse battery")
        .await;
    let path = format!("/teams/{}", team["id"].as_str().unwrap());
    api.call_as(&session, "DELETE", &path, None).await;
    let entries = api.get("/audit").await["items"].as_array().unwrap().clone();
    let token = api.get("/tokens").await["items"][0]["id"].clone();
    let account = api.get("/accounts").await["items"][0]["id"].clone();
    let told: Vec<(&Value, &Value)> = entries
        .iter()
        .map(|entry| (&entry["actor"], &entry["action"]))
        .collect();
    assert_eq!(told[0], (&account, &json!("team.delete")));
    assert_eq!(told[1], (&account, &json!("session.create")));
    assert_eq!(told[2], (&json!("cli"), &json!("account.create")));
    assert_eq!(told[3], (&token, &json!("team.create")));
    assert_eq!(entries[3]["target"], team["id"]);
    assert!(entries[3]["detail"].is_object());
    let seqs: Vec<u64> = entries
        .iter()
        .map(|entry| entry["seq"].as_u64().unwrap())
        .collect();
    assert!(seqs.is_sorted_by(|a, b| *a == b + 1), "{seqs:?}");
    assert_eq!(entries[0]["hash"].as_str().unwrap().len(), 64);
}

#[tokio::test]
async fn the_chain_is_verified() {
    let api = Api::start().await;
    api.post("/teams", json!({ "name": "research" })).await;
    let entries = api.get("/audit").await["items"].as_array().unwrap().len();
    let verdict = api.get("/audit/verify").await;
    assert_eq!(
        verdict,
        json!({ "intact": true, "entries": entries, "broken_at": null })
    );
}
