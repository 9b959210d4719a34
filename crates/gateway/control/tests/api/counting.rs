//! Check-ins that count: lost answers, copies of a device, restarts, and agents that do not count.

use http::StatusCode;
use serde_json::{Value, json};
use tidegate_device_api::refusal;

use crate::{
    devices::{call, enrolled, text},
    fleet::says,
    harness::Api,
};

/// A device, and how it fares.
struct Device {
    api: Api,
    id: String,
    key: String,
}

impl Device {
    async fn enrolled() -> Self {
        let api = Api::managing(10).await;
        let made = enrolled(&api, "host").await;
        Self {
            id: text(&made["device_id"]),
            key: text(&made["device_key"]),
            api,
        }
    }

    async fn says(&self, body: &Value) -> StatusCode {
        let answer = call(&self.api, "check-in", &self.key, body).await;
        if answer.status == StatusCode::CONFLICT {
            assert_eq!(answer.code(), refusal::DUPLICATE);
        }
        answer.status
    }

    async fn mark(&self) -> Value {
        let shown = self.api.get(&format!("/devices/{}", self.id)).await;
        shown["quarantine"].clone()
    }
}

const OK: StatusCode = StatusCode::OK;
const CONFLICT: StatusCode = StatusCode::CONFLICT;

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_and_counts_once() {
    let device = Device::enrolled().await;
    let mut body = says(1);
    body["apps"] = json!([
        { "app": "codex", "path": "/x", "relayed": 2, "denied": 0, "pinned": 0 },
    ]);
    for _ in 0..3 {
        assert_eq!(device.says(&body).await, OK);
    }
    let apps = device
        .api
        .get(&format!("/devices/{}/apps", device.id))
        .await;
    assert_eq!(apps["items"][0]["relayed"], 2);
    assert_eq!(device.mark().await, Value::Null);
}

#[tokio::test]
async fn a_copy_is_refused_and_marked_and_the_true_one_goes_on() {
    let device = Device::enrolled().await;
    assert_eq!(device.says(&says(5)).await, OK);
    let mut other_machine = says(6);
    other_machine["machine_id_hash"] = json!("another");
    assert_eq!(device.says(&other_machine).await, CONFLICT);
    let mark = device.mark().await;
    assert!(text(&mark["reason"]).contains("another machine"));
    assert_eq!(device.says(&says(6)).await, OK, "the true one");
    let audit = device.api.get("/audit?limit=1").await;
    assert_eq!(audit["items"][0]["action"], "device.quarantine");
    let found = device.api.get("/devices?quarantined=true").await;
    assert_eq!(found["items"][0]["id"], device.id);
    // Once marked, nothing more is written.
    assert_eq!(device.says(&other_machine).await, CONFLICT);
    let again = device.api.get("/audit?limit=1").await;
    assert_eq!(again["items"][0]["seq"], audit["items"][0]["seq"]);
}

#[tokio::test]
async fn a_replayed_number_is_a_copy_and_one_that_came_late_is_not() {
    let device = Device::enrolled().await;
    assert_eq!(device.says(&says(1)).await, OK);
    assert_eq!(device.says(&says(3)).await, OK);
    assert_eq!(device.says(&says(2)).await, CONFLICT, "late");
    assert_eq!(device.mark().await, Value::Null);
    let mut same_number = says(3);
    same_number["effective"] = json!(false);
    assert_eq!(device.says(&same_number).await, CONFLICT);
    assert!(text(&device.mark().await["reason"]).contains("number"));
    assert_eq!(device.says(&says(4)).await, OK);

    let clear = format!("/devices/{}/clear-quarantine", device.id);
    let cleared = device.api.post(&clear, json!({})).await;
    assert_eq!(cleared["quarantine"], Value::Null);
    assert_eq!(device.says(&says(1)).await, OK, "restored from a backup");
    assert_eq!(device.says(&says(2)).await, OK);
    assert_eq!(device.says(&says(1)).await, CONFLICT);
}

#[tokio::test]
async fn the_count_outlives_the_process() {
    let device = Device::enrolled().await;
    assert_eq!(device.says(&says(7)).await, OK);
    assert_eq!(device.says(&says(8)).await, OK);
    // Written with the device's row, once a minute: a number of the last minute may pass once more after
    // a crash, and a device that went on is ahead of what was written.
    device.api.clock.advance(std::time::Duration::from_secs(60));
    assert_eq!(device.says(&says(9)).await, OK);
    device.api.edge().flush().await.unwrap();
    let id = device.id.parse().unwrap();
    let stored = device.api.store.device(id).await.unwrap().reported.seq;
    assert_eq!(stored, 9);
}

#[tokio::test]
async fn agents_of_two_versions_ago_are_served() {
    let device = Device::enrolled().await;
    // As version 0.1 writes it: it neither counts, nor knows inventories, effects and requests.
    let old = r#"{
        "revision": 0, "wait_seconds": 0, "agent_version": "0.1.0", "effective": false,
        "problem": "the programs are not attached",
        "apps": [{ "app": "curl", "path": "/usr/bin/curl", "relayed": 1, "denied": 2, "pinned": 3 }]
    }"#;
    let old: Value = serde_json::from_str(old).unwrap();
    for _ in 0..3 {
        assert_eq!(device.says(&old).await, OK);
    }
    let answer = call(&device.api, "check-in", &device.key, &old)
        .await
        .json();
    let fields: Vec<&String> = answer.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["next_seconds", "policy"]);
    assert_eq!(device.mark().await, Value::Null);
    // An agent that counted and was put back to an older version.
    assert_eq!(device.says(&says(9)).await, OK);
    assert_eq!(device.says(&old).await, OK);
    assert_eq!(device.says(&says(10)).await, OK);
}
