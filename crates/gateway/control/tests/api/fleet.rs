//! What devices say about themselves: inventories, effects, requests; and what an operator sees of it.

use std::{sync::Arc, time::Duration};

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    devices::{call, enrolled, text},
    harness::{Answer, Api},
};

/// A check-in of a device that counts.
pub(crate) fn says(seq: u64) -> Value {
    json!({
        "revision": 0, "agent_version": "0.2.0", "effective": true, "seq": seq,
        "machine_id_hash": "5e1f",
    })
}

pub(crate) fn server(name: &str, identity: &str, launch: char) -> Value {
    json!({
        "user": "ada", "client": "claude-code", "scope": "user",
        "config_path": "~/.claude.json", "name": name, "identity": identity, "version": "1.2",
        "arguments": "a".repeat(64), "launch": launch.to_string().repeat(64),
        "transport": "stdio", "command": "npx", "args": ["-y", identity], "enabled": true,
        "tools": [{ "name": "echo", "description": "Says it again" }], "tool_source": "shim",
    })
}

pub(crate) fn app(id: &str, version: &str) -> Value {
    json!({
        "app": id, "name": id, "kind": "cli", "version": version, "path": "~/bin/x",
        "source": "npm",
    })
}

/// Uploads an inventory; its hash.
pub(crate) async fn upload(api: &Api, key: &str, inventory: &Value) -> String {
    let answer = call(api, "inventory", key, inventory).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text);
    hash(inventory)
}

fn hash(inventory: &Value) -> String {
    let hash = Sha256::digest(inventory.to_string().as_bytes());
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) async fn check_in(api: &Api, key: &str, body: &Value) -> Value {
    let answer = call(api, "check-in", key, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

fn effect(state: &str) -> Value {
    json!({
        "item": {
            "kind": "mcp_server", "identity": "npm:@acme/tool", "launch": "1".repeat(64),
            "client": "claude-code", "name": "tool", "config_path": "~/.claude.json",
        },
        "decision": "denied", "state": state, "means": ["config_edit", "carrier_pigeon"],
    })
}

fn asks(id: &str) -> Value {
    json!({
        "id": id, "kind": "mcp_server", "identity": "npm:@acme/tool", "reason": "My\nwork",
        "user": "ada",
    })
}

/// A device with an MCP server, that reported effects and two requests; the requests' ids.
pub(crate) async fn with_server(api: &Api, key: &str) -> Vec<String> {
    let inventory = json!({
        "apps": [app("codex", "2.0")], "mcp_servers": [server("tool", "npm:@acme/tool", '1')],
        "coverage": [{ "client": "codex", "path": "~/.codex/config.toml", "looked": "absent" }],
    });
    upload(api, key, &inventory).await;
    let mut body = says(0);
    body["effects"] = json!({ "revision": 3, "effects": [effect("verified")] });
    body["requests"] = json!([asks("one"), asks("two")]);
    check_in(api, key, &body).await;
    let list = api.get("/edge/access-requests?state=open").await;
    let items = list["items"].as_array().unwrap();
    items.iter().map(|item| text(&item["id"])).collect()
}

pub(crate) async fn a_device(api: &Api, name: &str) -> (String, String) {
    let made = enrolled(api, name).await;
    (text(&made["device_id"]), text(&made["device_key"]))
}

#[tokio::test]
async fn an_inventory_is_asked_for_once_and_shared() {
    let api = Api::managing(10).await;
    let (one, key) = a_device(&api, "one").await;
    let (two, other) = a_device(&api, "two").await;
    let inventory = json!({
        "apps": [app("codex", "2.0")],
        "mcp_servers": [server("tool", "npm:@acme/tool", '1'), { "name": "no more" }],
        "coverage": [{ "client": "codex", "path": "~/.codex", "looked": "found" }],
    });
    let mut body = says(1);
    body["inventory"] = json!(hash(&inventory));
    body["wait_seconds"] = json!(300);
    assert_eq!(check_in(&api, &key, &body).await["want_inventory"], true);
    upload(&api, &key, &inventory).await;
    body["wait_seconds"] = json!(0);
    for (key, seq) in [(&key, 2), (&other, 1)] {
        body["seq"] = json!(seq);
        let answer = check_in(&api, key, &body).await;
        assert_eq!(answer["want_inventory"], Value::Null, "{answer}");
    }
    for id in [&one, &two] {
        let shown = api.get(&format!("/devices/{id}")).await;
        assert_eq!(
            (&shown["apps"], &shown["mcp_servers"]),
            (&json!(1), &json!(1))
        );
        assert_eq!(shown["inventory_changed_at"], "2026-11-25T12:00:00.000000Z");
        let found = api.get(&format!("/devices/{id}/inventory")).await;
        assert_eq!(
            (&found["hash"], &found["dropped"]),
            (&body["inventory"], &json!(1))
        );
        let server = &found["mcp_servers"][0];
        assert_eq!(
            (&server["identity"], &server["decision"], &server["tools"]),
            (
                &json!("npm:@acme/tool"),
                &json!("pending"),
                &json!(["echo"])
            )
        );
        assert_eq!(found["coverage"][0]["looked"], "found");
    }
    let found = api.get("/devices?mcp_server=npm%3A%40acme%2Ftool").await;
    assert_eq!(found["items"].as_array().unwrap().len(), 2);
    for id in [&one, &two] {
        api.call("DELETE", &format!("/devices/{id}"), None).await;
    }
    let (_, third) = a_device(&api, "three").await;
    body["seq"] = json!(1);
    let answer = check_in(&api, &third, &body).await;
    assert_eq!(answer["want_inventory"], true, "nobody has it any more");
}

#[tokio::test]
async fn an_inventory_that_went_is_asked_for_again() {
    let api = Api::managing(10).await;
    let (_, key) = a_device(&api, "one").await;
    let (two, other) = a_device(&api, "two").await;
    let (first, second) = (json!({ "truncated": true }), json!({ "truncated": false }));
    upload(&api, &key, &first).await;
    // Nobody has the first one any more, and this node does not know that yet.
    upload(&api, &key, &second).await;
    let mut body = says(1);
    body["inventory"] = json!(hash(&first));
    check_in(&api, &other, &body).await;
    api.edge().flush().await.unwrap();
    body["seq"] = json!(2);
    assert_eq!(check_in(&api, &other, &body).await["want_inventory"], true);
    upload(&api, &other, &first).await;
    let found = api.get(&format!("/devices/{two}/inventory")).await;
    assert_eq!(found["hash"], body["inventory"]);
}

#[tokio::test]
async fn an_inventory_that_is_none_is_refused() {
    let api = Api::managing(10).await;
    let (_, key) = a_device(&api, "one").await;
    let send = |body: String| {
        let request = Request::post("/device/v1/inventory")
            .header("host", "localhost")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {key}"));
        api.send(request.body(Body::from(body)).unwrap())
    };
    assert_eq!(send("{".into()).await.code(), "invalid_fields");
    let large = format!("{{\"apps\":[\"{}\"]}}", "x".repeat(4 << 20));
    assert_eq!(send(large).await.code(), "body_too_large");
    let much = format!("{{\"apps\":[\"{}\"]}}", "x".repeat(3 << 20));
    assert_eq!(send(much).await.status, StatusCode::NO_CONTENT);
    // One that is too large is refused before it is counted.
    for _ in 0..28 {
        assert_eq!(send("{}".into()).await.status, StatusCode::NO_CONTENT);
    }
    let answer = send("{}".into()).await;
    assert_eq!(answer.code(), "too_many_attempts");
    assert_eq!(answer.headers["retry-after"], "10");
}

#[tokio::test]
async fn effects_are_the_whole_and_written_before_the_answer() {
    let api = Api::managing(10).await;
    let (id, key) = a_device(&api, "one").await;
    check_in(&api, &key, &says(1)).await;
    let mut body = says(2);
    let unknown = json!({ "item": { "kind": "planet" }, "decision": "denied", "state": "verified",
        "means": [] });
    body["effects"] = json!({
        "revision": 5,
        "effects": [effect("pending_restart"), unknown, { "no": "effect" }],
    });
    check_in(&api, &key, &body).await;
    let stored = api.store.device_effects(id.parse().unwrap()).await.unwrap();
    assert_eq!(stored.len(), 1, "no reading flushed it");
    let shown = api.get(&format!("/devices/{id}/effects")).await;
    let shown = &shown["items"][0];
    assert_eq!(
        (&shown["state"], &shown["identity"], &shown["revision"]),
        (
            &json!("pending_restart"),
            &json!("npm:@acme/tool"),
            &json!(5)
        )
    );
    assert_eq!(shown["means"], json!(["config_edit", "other"]));
    let found = api.get("/devices?effect=pending_restart").await;
    assert_eq!(found["items"][0]["effects_revision"], 5);
    // The same once more writes nothing.
    api.clock.advance(Duration::from_secs(30));
    body["seq"] = json!(3);
    check_in(&api, &key, &body).await;
    let again = api.store.device(id.parse().unwrap()).await.unwrap();
    let said = again.reported.effects_at.unwrap().to_string();
    assert_eq!(said, "2026-11-25T12:00:00.000000Z");
}

/// Checks in and waits, in the background.
pub(crate) fn waits(api: &Arc<Api>, key: &str, mut body: Value) -> tokio::task::JoinHandle<Answer> {
    body["wait_seconds"] = json!(300);
    body["revision"] = json!(api.edge().policy().document.revision);
    let (api, key) = (Arc::clone(api), key.to_owned());
    tokio::spawn(async move { call(&api, "check-in", &key, &body).await })
}

pub(crate) async fn until_waiting(api: &Api, number: usize) {
    while api.edge().waiting() != number {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_scan_wakes_the_device_that_it_is_for_until_it_got_the_answer() {
    let api = Arc::new(Api::managing(10).await);
    let (one, key) = a_device(&api, "one").await;
    let (_, other) = a_device(&api, "two").await;
    let waiting = waits(&api, &key, says(1));
    let others = waits(&api, &other, says(1));
    until_waiting(&api, 2).await;
    let asked = api
        .call("POST", &format!("/devices/{one}/scan"), None)
        .await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.text);
    let answer = waiting.await.unwrap().json();
    assert_eq!(
        (&answer["scan"], &answer["policy"]),
        (&json!(true), &Value::Null)
    );
    assert!(!others.is_finished());
    let shown = || async { api.get(&format!("/devices/{one}")).await["scan_pending"].clone() };
    assert_eq!(shown().await, true, "the answer may have got lost");
    let again = waits(&api, &key, says(1)).await.unwrap();
    assert_eq!(again.json()["scan"], true, "as it was told before");
    assert_eq!(check_in(&api, &key, &says(2)).await["scan"], Value::Null);
    assert_eq!(shown().await, false);
    api.clock_forward();
    let all = api.post("/devices/scan", json!({})).await;
    assert_eq!(all["devices"], 2);
    assert_eq!(others.await.unwrap().json()["scan"], true);
    assert_eq!(check_in(&api, &key, &says(3)).await["scan"], true);
}

#[tokio::test]
async fn who_is_removed_or_disabled_does_not_wait_on() {
    let api = Arc::new(Api::managing(10).await);
    let (one, key) = a_device(&api, "one").await;
    let path = format!("/devices/{one}");
    let waiting = waits(&api, &key, says(1));
    until_waiting(&api, 1).await;
    let off = json!({ "disabled": true });
    api.call("PATCH", &path, Some(off)).await;
    assert_eq!(waiting.await.unwrap().status, StatusCode::OK);
    api.call("PATCH", &path, Some(json!({ "disabled": false })))
        .await;
    let waiting = waits(&api, &key, says(2));
    until_waiting(&api, 1).await;
    api.call("DELETE", &path, None).await;
    assert_eq!(waiting.await.unwrap().status, StatusCode::OK);
}

#[tokio::test]
async fn devices_are_there_late_or_missing_and_a_table_of_them_is_safe() {
    let api = Api::managing(10).await;
    let (_, key) = a_device(&api, "=cmd|' /C calc'!A0").await;
    a_device(&api, "never").await;
    check_in(&api, &key, &says(1)).await;
    let of = |presence: &'static str| {
        let api = &api;
        async move {
            let list = api.get(&format!("/devices?presence={presence}")).await;
            let items = list["items"].as_array().unwrap().clone();
            let host = |item: &Value| text(&item["hostname"]).chars().take(5).collect::<String>();
            items.iter().map(host).collect::<Vec<_>>()
        }
    };
    assert_eq!(
        (of("online").await, of("missing").await),
        (vec!["=cmd|".into()], vec!["never".into()])
    );
    api.clock.advance(Duration::from_secs(3_600));
    assert_eq!(of("late").await, ["=cmd|"]);
    api.clock.advance(Duration::from_secs(25 * 3_600));
    assert_eq!(of("missing").await.len(), 2);
    let request = Request::get("/api/v1/devices")
        .header("host", "localhost")
        .header("accept", "text/csv")
        .header("authorization", format!("Bearer {}", api.token));
    let table = api.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(table.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(table.text.lines().count(), 3);
    assert!(
        table.text.contains(",\"'=cmd|' /C calc'!A0\","),
        "{}",
        table.text
    );
}

#[tokio::test]
async fn a_request_is_answered_once_and_may_approve_what_it_is_about() {
    let api = Api::managing(10).await;
    let (id, key) = a_device(&api, "one").await;
    let asked = with_server(&api, &key).await;
    assert_eq!(asked.len(), 2);
    with_server(&api, &key).await;
    let shown = api
        .get(&format!("/edge/access-requests/{}", asked[0]))
        .await;
    assert_eq!(
        (&shown["kind"], &shown["item"], &shown["reason"]),
        (
            &json!("mcp_server"),
            &json!("npm:@acme/tool"),
            &json!("My\u{fffd}work")
        )
    );
    let path = format!("/edge/access-requests/{}/grant", asked[0]);
    let body = json!({ "approve_for": format!("device:{id}"), "answer": "For you" });
    let granted = api.post(&path, body.clone()).await;
    assert_eq!(
        (&granted["state"], &granted["answer"]),
        (&json!("granted"), &json!("For you"))
    );
    let rules = api.get("/edge/mcp-rules").await;
    assert_eq!(rules["items"][0]["audience"], format!("device:{id}"));
    assert_eq!(rules["items"][0]["decision"], "approved");
    let again = api.call("POST", &path, Some(body)).await;
    assert_eq!(again.code(), "conflict");
    let path = format!("/edge/access-requests/{}/decline", asked[1]);
    let declined = api.post(&path, json!({})).await;
    assert_eq!(declined["state"], "declined");
    let open = api.get("/edge/access-requests?state=open").await;
    assert_eq!(open["items"], json!([]), "sent twice is one");
}
