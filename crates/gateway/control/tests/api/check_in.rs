//! Check-ins: the policy comes at once or when there is a newer one, and what devices say is seen.

use std::{sync::Arc, time::Duration};

use http::StatusCode;
use serde_json::{Value, json};
use tidegate_authority::verify;
use tidegate_device_api::SignedPolicy;
use tidegate_policy::{Decision, Document};
use tidegate_types::Clock;

use crate::{
    devices::{call, enrolled, text},
    harness::{Answer, Api},
};

/// A device and the gateway that it checks in with.
struct Laptop {
    api: Arc<Api>,
    id: String,
    key: String,
    policy_key: String,
}

impl Laptop {
    async fn enrolled(max_waiting: usize) -> Self {
        let api = Arc::new(Api::managing(max_waiting).await);
        let made = enrolled(&api, "host").await;
        Self {
            id: text(&made["device_id"]),
            key: text(&made["device_key"]),
            policy_key: text(&made["policy_key"]),
            api,
        }
    }

    fn says(&self, revision: u64, wait: u32) -> Value {
        json!({
            "revision": revision, "wait_seconds": wait, "agent_version": "0.1.0",
            "effective": true,
        })
    }

    async fn check_in(&self, body: &Value) -> Answer {
        let answer = call(&self.api, "check-in", &self.key, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer
    }

    /// Checks in and waits, in the background.
    fn waits(&self, revision: u64) -> tokio::task::JoinHandle<Answer> {
        let (api, key) = (Arc::clone(&self.api), self.key.clone());
        let body = self.says(revision, 300);
        tokio::spawn(async move { call(&api, "check-in", &key, &body).await })
    }

    fn opened(&self, answer: &Answer) -> Option<Document> {
        let policy = answer.json()["policy"].clone();
        let policy: Option<SignedPolicy> = serde_json::from_value(policy).unwrap();
        policy.map(|policy| {
            policy
                .open(|text, mark| verify(&self.policy_key, text, mark))
                .unwrap()
        })
    }

    fn revision(&self) -> u64 {
        self.api.edge().policy().document.revision
    }

    async fn deny(&self, app: &str) {
        let body = json!({ "decision": "denied", "note": "Ask it@example.com" });
        let path = format!("/edge/apps/{app}");
        let answer = self.api.call("PUT", &path, Some(body)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }

    async fn until_waiting(&self, number: usize) {
        while self.api.edge().waiting() != number {
            tokio::task::yield_now().await;
        }
    }

    async fn shown(&self) -> Value {
        self.api.get(&format!("/devices/{}", self.id)).await
    }
}

#[tokio::test]
async fn an_older_policy_is_replaced_at_once_and_the_same_is_not_sent() {
    let laptop = Laptop::enrolled(10).await;
    let answer = laptop.check_in(&laptop.says(0, 300)).await;
    let document = laptop.opened(&answer).unwrap();
    assert_eq!(document.revision, laptop.revision());
    assert_eq!(answer.json()["next_seconds"], 60);
    let answer = laptop.check_in(&laptop.says(document.revision, 0)).await;
    assert_eq!(laptop.opened(&answer), None);
    assert_eq!(answer.json(), json!({ "next_seconds": 60 }));
}

#[tokio::test]
async fn a_decision_wakes_who_waits() {
    let laptop = Laptop::enrolled(10).await;
    let before = laptop.revision();
    let waiting = laptop.waits(before);
    laptop.until_waiting(1).await;
    laptop.deny("codex").await;
    let answer = waiting.await.unwrap();
    let document = laptop.opened(&answer).unwrap();
    assert_eq!(document.revision, before + 1);
    let rule = &document.apps[0];
    assert_eq!(
        (rule.app.as_str(), rule.decision),
        ("codex", Decision::Denied)
    );
    assert_eq!(rule.note.as_deref(), Some("Ask it@example.com"));
    laptop.until_waiting(0).await;
}

#[tokio::test]
async fn a_change_on_another_node_wakes_who_waits() {
    let laptop = Laptop::enrolled(10).await;
    let waiting = laptop.waits(laptop.revision());
    laptop.until_waiting(1).await;
    let rule = tidegate_policy::AppRule {
        app: "codex".parse().unwrap(),
        decision: Decision::Denied,
        mode: Default::default(),
        pinned: Default::default(),
        note: None,
    };
    // Past this node's API; its shell sees the revision rise and says so.
    let store = &laptop.api.store;
    store
        .decide_app(tidegate_store::Actor::Cli, rule)
        .await
        .unwrap();
    laptop.api.edge().refresh().await.unwrap();
    let document = laptop.opened(&waiting.await.unwrap()).unwrap();
    assert_eq!(document.apps.len(), 1);
}

#[tokio::test]
async fn waiting_ends_by_itself_and_with_the_process() {
    let laptop = Laptop::enrolled(10).await;
    let revision = laptop.revision();
    let waiting = laptop.waits(revision);
    laptop.until_waiting(1).await;
    // From here on nothing but the clock can end it.
    tokio::time::pause();
    let began = tokio::time::Instant::now();
    let answer = waiting.await.unwrap();
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(laptop.opened(&answer), None);
    assert_eq!(began.elapsed().as_secs(), 300);
    tokio::time::resume();

    let waiting = laptop.waits(revision);
    laptop.until_waiting(1).await;
    laptop.api.edge().close();
    let answer = waiting.await.unwrap();
    assert_eq!(
        (answer.status, laptop.opened(&answer)),
        (StatusCode::OK, None)
    );
    let late = laptop.waits(revision).await.unwrap();
    assert_eq!(
        laptop.opened(&late),
        None,
        "nobody waits for a process that ends"
    );
}

#[tokio::test]
async fn more_than_may_wait_are_answered_at_once() {
    let laptop = Laptop::enrolled(1).await;
    let first = laptop.waits(laptop.revision());
    laptop.until_waiting(1).await;
    let second = laptop.waits(laptop.revision()).await.unwrap();
    assert_eq!(
        (second.status, laptop.opened(&second)),
        (StatusCode::OK, None)
    );
    assert!(!first.is_finished());
    laptop.deny("codex").await;
    assert!(laptop.opened(&first.await.unwrap()).is_some());
}

#[tokio::test]
async fn what_devices_say_is_seen_and_check_ins_alone_write_nothing() {
    let laptop = Laptop::enrolled(10).await;
    let revision = laptop.revision();
    let mut body = laptop.says(revision, 0);
    body["apps"] = json!([
        { "app": "codex", "version": "1.0", "path": "/opt/codex", "relayed": 2, "denied": 0,
          "pinned": 0 },
        { "app": "codex", "path": "/opt/codex", "relayed": 1, "denied": u64::MAX, "pinned": 1 },
    ]);
    laptop.check_in(&body).await;
    let stored = || async {
        laptop
            .api
            .store
            .device(laptop.id.parse().unwrap())
            .await
            .unwrap()
    };
    let seen = stored().await.last_seen_at;
    assert_eq!(
        seen,
        Some(laptop.api.clock.now()),
        "the first word is written at once"
    );

    laptop.api.clock.advance(Duration::from_secs(30));
    laptop.check_in(&body).await;
    assert_eq!(
        stored().await.last_seen_at,
        seen,
        "not a minute later: it stays in memory"
    );
    let apps = laptop
        .api
        .get(&format!("/devices/{}/apps", laptop.id))
        .await;
    let codex = &apps["items"][0];
    assert_eq!(
        (&codex["relayed"], &codex["pinned"]),
        (&json!(6), &json!(2))
    );
    assert_eq!(codex["denied"], 2_000_000_000, "a count has a bound");
    assert_eq!(codex["version"], Value::Null, "as last seen");

    body["effective"] = json!(false);
    body["problem"] = json!(format!("no\ncgroup2{}", "x".repeat(1_000)));
    body["apps"] = json!([]);
    laptop.check_in(&body).await;
    let shown = laptop.shown().await;
    assert_eq!(
        (&shown["effective"], &shown["policy_revision"]),
        (&json!(false), &json!(revision))
    );
    let problem = text(&shown["problem"]);
    assert!(problem.starts_with("no\u{fffd}cgroup2x") && problem.len() <= 500);
    assert_eq!(shown["last_seen_at"], "2026-11-25T12:00:30.000000Z");
    let broken = laptop.api.get("/devices?effective=false&app=codex").await;
    assert_eq!(broken["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_check_in_that_cannot_be_read_is_refused() {
    let laptop = Laptop::enrolled(10).await;
    for body in [
        json!({}),
        json!({ "revision": -1, "agent_version": "x", "effective": true }),
        json!({ "revision": 0, "agent_version": "x", "effective": true,
            "apps": [{ "app": "Not An Id", "path": "/", "relayed": 0, "denied": 0, "pinned": 0 }] }),
    ] {
        let answer = call(&laptop.api, "check-in", &laptop.key, &body).await;
        assert_eq!(answer.places(), [""], "{body}");
    }
}
