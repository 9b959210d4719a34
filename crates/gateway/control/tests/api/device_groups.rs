//! Groups of devices: kept by admins, named by guardrails and tokens, and what moving devices does.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::{
    devices::{self, enrolled, text},
    harness::Api,
};

/// Makes a group; its id.
async fn group(api: &Api, name: &str) -> String {
    text(&api.post("/device-groups", json!({ "name": name })).await["id"])
}

async fn device(api: &Api, hostname: &str) -> String {
    text(&enrolled(api, hostname).await["device_id"])
}

/// The hostnames of the devices that a filter lets through.
async fn listed(api: &Api, filter: &str) -> Vec<String> {
    let page = api.get(&format!("/devices?{filter}")).await;
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| text(&item["hostname"])).collect()
}

/// Every operation once.
pub(crate) async fn walk(api: &Api) {
    let one = group(api, "Laptops").await;
    let moved = device(api, "moved").await;
    let path = format!("/device-groups/{one}");
    let to = json!({ "devices": [moved], "group": one });
    let answer = api.call("POST", "/devices/move", Some(to)).await;
    assert_eq!(answer.json(), json!({ "moved": 1, "there": 0 }));
    let name = json!({ "name": "All laptops" });
    let renamed = api.call("PATCH", &path, Some(name)).await.json();
    assert_eq!(api.get(&path).await, renamed);
    assert_eq!(api.get("/device-groups").await["items"], json!([renamed]));
    let gone = api.call("DELETE", &path, None).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.text);
}

#[tokio::test]
async fn a_group_is_kept_by_its_name() {
    let api = Api::start().await;
    let made = api
        .post("/device-groups", json!({ "name": "Finance laptops" }))
        .await;
    assert!(text(&made["id"]).starts_with("dgrp_"), "{made}");
    assert_eq!(made["devices"], 0);
    let path = format!("/device-groups/{}", text(&made["id"]));
    let again = json!({ "name": "Finance laptops" });
    let again = api.call("POST", "/device-groups", Some(again)).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let most = group(&api, &"é".repeat(64)).await;
    for bad in [
        json!({ "name": "x".repeat(65) }),
        json!({ "name": "" }),
        json!({ "name": " x" }),
        json!({}),
    ] {
        let made = api.call("POST", "/device-groups", Some(bad.clone())).await;
        assert_eq!(made.places(), ["/name"], "{bad}");
        let renamed = api.call("PATCH", &path, Some(bad.clone())).await;
        assert_eq!(renamed.places(), ["/name"], "{bad}");
    }
    let taken = json!({ "name": "Finance laptops" });
    let most = format!("/device-groups/{most}");
    let taken = api.call("PATCH", &most, Some(taken)).await;
    assert_eq!(taken.code(), "conflict");
    let nowhere = "/device-groups/dgrp_00000000000000000000000000";
    for (method, body) in [
        ("GET", None),
        ("PATCH", Some(json!({ "name": "x" }))),
        ("DELETE", None),
    ] {
        assert_eq!(api.call(method, nowhere, body).await.code(), "not_found");
    }
    let first = api.get("/device-groups?limit=1").await;
    let cursor = text(&first["next_cursor"]);
    let second = api
        .get(&format!("/device-groups?limit=1&cursor={cursor}"))
        .await;
    assert_eq!(first["items"][0]["name"], "Finance laptops");
    assert_eq!(second["items"][0]["name"], "é".repeat(64));
    assert_eq!(second["next_cursor"], Value::Null);
}

#[tokio::test]
async fn devices_move_one_by_one_and_many_at_once() {
    let api = Api::managing(10).await;
    let (blue, red) = (group(&api, "Blue").await, group(&api, "Red").await);
    let one = device(&api, "one").await;
    let two = device(&api, "two").await;
    let path = format!("/devices/{one}");
    assert_eq!(api.get(&path).await["group"], Value::Null);
    let to = json!({ "group": blue });
    let moved = api.call("PATCH", &path, Some(to)).await.json();
    assert_eq!(
        (&moved["group"], &moved["group_name"]),
        (&json!(blue), &json!("Blue"))
    );
    assert_eq!(api.get(&path).await["group"], json!(blue));
    // What is not said stays.
    let named = json!({ "name": "ada's" });
    let named = api.call("PATCH", &path, Some(named)).await.json();
    assert_eq!(named["group"], json!(blue));

    let to = json!({ "devices": [one, two, two], "group": red });
    let moved = api.call("POST", "/devices/move", Some(to)).await;
    assert_eq!(moved.json(), json!({ "moved": 2, "there": 0 }));
    let to = json!({ "devices": [two], "group": null });
    let moved = api.call("POST", "/devices/move", Some(to)).await;
    assert_eq!(moved.json(), json!({ "moved": 1, "there": 0 }));
    assert_eq!(listed(&api, &format!("group={blue}")).await, [""; 0]);
    assert_eq!(listed(&api, &format!("group={red}")).await, ["one"]);
    assert_eq!(listed(&api, "group=none").await, ["two"]);
    let counted = api.get(&format!("/devices/facets?group={red}")).await;
    assert_eq!(counted["total"], 1);
    assert_eq!(
        api.get(&format!("/device-groups/{red}")).await["devices"],
        1
    );
    let request = Request::get("/api/v1/devices")
        .header("host", "localhost")
        .header("accept", "text/csv")
        .header("authorization", format!("Bearer {}", api.token));
    let table = api.send(request.body(Body::empty()).unwrap()).await.text;
    let mut lines = table.lines();
    let columns: Vec<&str> = lines.next().unwrap().split(',').collect();
    let at = columns.iter().position(|name| *name == "group").unwrap();
    let groups: Vec<&str> = lines.map(|line| line.split(',').nth(at).unwrap()).collect();
    assert_eq!(groups, ["Red", ""]);

    let gone = api
        .call("DELETE", &format!("/device-groups/{red}"), None)
        .await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(api.get(&path).await["group"], Value::Null);
}

#[tokio::test]
async fn a_move_is_refused_as_a_whole_with_its_place() {
    let api = Api::managing(10).await;
    let (blue, red) = (group(&api, "Blue").await, group(&api, "Red").await);
    let one = device(&api, "one").await;
    let path = format!("/devices/{one}");
    let to = json!({ "devices": [one], "group": red });
    api.post("/devices/move", to).await;
    let stranger = "dev_00000000000000000000000000";
    let unknown = "dgrp_00000000000000000000000000";
    for (body, place) in [
        (json!({ "devices": [], "group": red }), "/devices"),
        (json!({ "group": red }), "/devices"),
        (json!({ "devices": [one] }), "/group"),
        (json!({ "devices": [one], "group": "none" }), "/group"),
        (json!({ "devices": [one], "group": unknown }), "/group"),
        (
            json!({ "devices": vec![&one; 201], "group": red }),
            "/devices",
        ),
    ] {
        let refused = api.call("POST", "/devices/move", Some(body)).await;
        assert_eq!(refused.places(), [place], "{}", refused.text);
    }
    let body = json!({ "devices": [one, stranger], "group": blue });
    let refused = api.call("POST", "/devices/move", Some(body)).await;
    assert_eq!(refused.code(), "not_found");
    assert_eq!(listed(&api, &format!("group={red}")).await, ["one"]);
    let refused = api
        .call("PATCH", &path, Some(json!({ "group": unknown })))
        .await;
    assert_eq!(refused.places(), ["/group"]);
}

#[tokio::test]
async fn a_token_names_the_group_that_its_devices_join() {
    let api = Api::managing(10).await;
    let blue = group(&api, "Blue").await;
    let new = json!({
        "name": "laptops", "expires_at": "2026-12-01T00:00:00Z", "group": blue,
    });
    let made = api.post("/enrolment-tokens", new.clone()).await;
    assert_eq!(made["token"]["group"], json!(blue));
    let machine = devices::machine(&text(&made["secret"]), "joined");
    let joined = devices::call(&api, "enrol", "", &machine).await.json();
    let shown = api
        .get(&format!("/devices/{}", text(&joined["device_id"])))
        .await;
    assert_eq!(
        (&shown["group"], &shown["group_name"]),
        (&json!(blue), &json!("Blue"))
    );
    // The token is used up, and holds the group no longer.
    let path = format!("/device-groups/{blue}");
    assert_eq!(
        api.call("DELETE", &path, None).await.status,
        StatusCode::NO_CONTENT
    );
    let late = api.call("POST", "/enrolment-tokens", Some(new)).await;
    assert_eq!(late.places(), ["/group"]);
}

#[tokio::test]
async fn a_group_that_a_guardrail_names_is_not_deleted() {
    let api = Api::start().await;
    let blue = group(&api, "Blue").await;
    let definition = |group: &str| {
        json!({
            "detect": { "kind": "terms", "words": ["mackerel"] }, "action": { "do": "block" },
            "scope": { "device_groups": [group] },
            "condition": "call.device_group != '' && call.relayed",
        })
    };
    let new = json!({ "name": "no fish", "definition": definition(&blue) });
    let made = api.post("/guardrails", new).await;
    assert_eq!(made["definition"]["scope"]["device_groups"], json!([blue]));
    let path = format!("/device-groups/{blue}");
    let kept = api.call("DELETE", &path, None).await;
    assert_eq!(
        (kept.status, kept.code().as_str()),
        (StatusCode::CONFLICT, "conflict")
    );
    let detail = text(&kept.json()["detail"]);
    assert!(
        detail.contains("the guardrail `no fish` names it"),
        "{detail}"
    );
    let rail = format!("/guardrails/{}", text(&made["id"]));
    api.call("DELETE", &rail, None).await;
    assert_eq!(
        api.call("DELETE", &path, None).await.status,
        StatusCode::NO_CONTENT
    );
    let late = json!({ "name": "late", "definition": definition(&blue) });
    let late = api.call("POST", "/guardrails", Some(late)).await;
    assert_eq!(late.places(), ["/definition/scope/device_groups"]);
}

#[tokio::test]
async fn who_moved_which_device_is_in_the_audit_log() {
    let api = Api::managing(10).await;
    let id = device(&api, "host").await;
    let blue = group(&api, "Blue").await;
    let to = json!({ "devices": [id], "group": blue });
    api.post("/devices/move", to).await;
    let audit = api.get("/audit?limit=2").await;
    let entry = &audit["items"][0];
    assert_eq!(
        (&entry["action"], &entry["target"]),
        (&json!("device.move"), &json!(id))
    );
    assert_eq!(entry["detail"]["after"], json!({ "group": blue }));
    let entry = &audit["items"][1];
    assert_eq!(entry["action"], "device_group.create");
    assert_eq!(
        (&entry["target"], &entry["target_name"]),
        (&json!(blue), &json!("Blue"))
    );
}
