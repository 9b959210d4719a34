//! What devices may call, and what an operator does with them.

use axum::body::Body;
use http::{Request, StatusCode};
use rcgen::{CertificateParams, KeyPair};
use serde_json::{Value, json};

use crate::harness::{Answer, Api};

/// Calls the device API; an empty key sends none.
pub(crate) async fn call(api: &Api, path: &str, key: &str, body: &Value) -> Answer {
    call_from(api, "127.0.0.1:50000", path, key, body).await
}

pub(crate) async fn call_from(
    api: &Api,
    from: &str,
    path: &str,
    key: &str,
    body: &Value,
) -> Answer {
    let mut request = Request::post(format!("/device/v1/{path}"))
        .header("host", "localhost")
        .header("content-type", "application/json");
    if !key.is_empty() {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    let request = request.body(Body::from(body.to_string())).unwrap();
    api.send_from(from, request).await
}

/// A token for `uses` devices; its secret.
pub(crate) async fn token(api: &Api, uses: u64) -> String {
    let new = json!({
        "name": "laptops", "expires_at": "2026-12-01T00:00:00Z", "max_uses": uses,
    });
    let made = api.post("/enrolment-tokens", new).await;
    made["secret"].as_str().unwrap().to_owned()
}

pub(crate) fn csr(key: &KeyPair) -> String {
    let params = CertificateParams::new(vec!["evil.example".to_owned()]).unwrap();
    params.serialize_request(key).unwrap().pem().unwrap()
}

pub(crate) fn machine(token: &str, hostname: &str) -> Value {
    json!({
        "token": token, "hostname": hostname, "machine_id_hash": "5e1f",
        "platform": { "os": "linux", "os_version": "Debian GNU/Linux 12", "arch": "x86_64" },
        "agent_version": "0.1.0", "csr_pem": csr(&KeyPair::generate().unwrap()),
        "sent_by_a_newer_agent": true,
    })
}

/// Enrols a device; the answer.
pub(crate) async fn enrolled(api: &Api, hostname: &str) -> Value {
    let token = token(api, 1).await;
    let answer = call(api, "enrol", "", &machine(&token, hostname)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.json()
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_device_api_takes_keys_of_devices_that_are_in_use_only() {
    let api = Api::managing(10).await;
    let made = enrolled(&api, "host").await;
    let (id, key) = (text(&made["device_id"]), text(&made["device_key"]));
    let virtual_key = text(&api.post("/keys", json!({ "name": "k" })).await["secret"]);
    let body = json!({
        "revision": 0, "agent_version": "0.1.0", "effective": true,
        "csr_pem": csr(&KeyPair::generate().unwrap()),
    });
    let unknown = format!("tg-device-{}", "A".repeat(43));
    for path in ["check-in", "certificate"] {
        for wrong in ["", &api.token, &virtual_key, &unknown] {
            let answer = call(&api, path, wrong, &body).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path} {wrong}");
            assert_eq!(answer.code(), "unauthenticated");
        }
        assert_eq!(call(&api, path, &key, &body).await.status, StatusCode::OK);
    }
    let admin = api.call_as(&key, "GET", "/devices", None).await;
    assert_eq!(
        admin.code(),
        "unauthenticated",
        "a device is no administrator"
    );

    let path = format!("/devices/{id}");
    let off = api
        .call("PATCH", &path, Some(json!({ "disabled": true })))
        .await;
    assert_eq!(off.json()["disabled"], true);
    let refused = call(&api, "check-in", &key, &body).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(refused.code(), tidegate_device_api::refusal::DISABLED);
    let on = json!({ "disabled": false, "name": "ada's" });
    let on = api.call("PATCH", &path, Some(on)).await.json();
    assert_eq!(
        (&on["disabled"], &on["name"]),
        (&json!(false), &json!("ada's"))
    );
    assert_eq!(
        call(&api, "check-in", &key, &body).await.status,
        StatusCode::OK
    );
    let gone = api.call("DELETE", &path, None).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    let refused = call(&api, "check-in", &key, &body).await;
    assert_eq!(refused.status, StatusCode::GONE);
    assert_eq!(refused.code(), tidegate_device_api::refusal::REMOVED);
    assert_eq!(api.call("GET", &path, None).await.code(), "not_found");
    let revoked = api.get(&format!("/keys/{}", text(&on["key"]))).await;
    assert!(revoked["revoked_at"].is_string());
}

#[tokio::test]
async fn devices_are_listed_by_filters_and_pages() {
    let api = Api::managing(10).await;
    let team = api.post("/teams", json!({ "name": "research" })).await["id"].clone();
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        ids.push(text(&enrolled(&api, name).await["device_id"]));
    }
    let path = format!("/devices/{}", ids[1]);
    let moved = api
        .call("PATCH", &path, Some(json!({ "team": team })))
        .await;
    assert_eq!(moved.json()["team"], team);
    let names = |answer: Value| -> String {
        let items = answer["items"].as_array().unwrap().clone();
        items.iter().map(|device| text(&device["name"])).collect()
    };
    for (query, found) in [
        (String::new(), "abc"),
        (format!("?team={}", text(&team)), "b"),
        ("?hostname=c&os=linux".into(), "c"),
        ("?os=windows".into(), ""),
        ("?effective=true".into(), ""),
        (
            "?disabled=false&unseen_since=2026-11-25T12:00:00Z".into(),
            "abc",
        ),
        ("?app=codex".into(), ""),
    ] {
        assert_eq!(
            names(api.get(&format!("/devices{query}")).await),
            found,
            "{query}"
        );
    }
    let first = api.get("/devices?limit=2").await;
    let cursor = text(&first["next_cursor"]);
    assert_eq!(names(first), "ab");
    assert_eq!(
        names(api.get(&format!("/devices?cursor={cursor}")).await),
        "c"
    );
    let wrong = api
        .call("GET", "/devices?user=x&app=A&effective=1", None)
        .await;
    assert_eq!(wrong.places(), ["user", "effective", "app"]);
    let nobody = json!({ "team": "team_00000000000000000000000000", "hostname": "x" });
    let wrong = api.call("PATCH", &path, Some(nobody)).await;
    assert_eq!(wrong.places(), ["/hostname"]);
}
