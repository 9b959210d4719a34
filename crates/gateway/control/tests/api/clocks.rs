//! The gateway's clock is set forward and back, as somebody does who corrects it: devices are served on, nothing is
//! forgotten, and nothing that was decided is loosened.

use http::StatusCode;
use rcgen::KeyPair;
use serde_json::{Value, json};
use tidegate_types::{Clock, Timestamp};

use crate::{
    devices::{call, csr, enrolled, text},
    enrolment::accepts,
    fleet::{a_device, check_in, says},
    harness::Api,
};

const DAY: i64 = 86_400;

fn set(api: &Api, seconds: i64) {
    let now = api.clock.now().micros() + seconds * 1_000_000;
    api.clock.set(Timestamp::from_micros(now));
}

async fn deny(api: &Api, app: &str, decision: &str) -> u64 {
    let body = json!({ "items": [{ "app": app }], "decision": decision });
    let made = api.post("/edge/decisions", body).await;
    made["revision"].as_u64().unwrap()
}

#[tokio::test]
async fn devices_are_served_and_decisions_hold_whatever_the_clock_says() {
    let api = Api::managing(10).await;
    let (id, key) = a_device(&api, "one").await;
    let mut seq = 0;
    let mut held = deny(&api, "cursor", "denied").await;
    for days in [2, -4, 400, -400, 2] {
        set(&api, days * DAY);
        seq += 1;
        let answer = check_in(&api, &key, &says(seq)).await;
        // The same policy, and its revision is no time: it does not fall.
        assert!(answer["policy"].is_object(), "{days}");
        let now = api.edge().policy().document.revision;
        assert!(now >= held, "{days}");
        let document = api.edge().policy();
        let rules = document.document.apps.iter();
        let mut rules = rules.filter(|rule| rule.app.as_str() == "cursor");
        let decision = rules.next().unwrap().decision;
        assert_eq!(decision, tidegate_policy::Decision::Denied, "{days}");
        // What is decided meanwhile comes.
        let decided = deny(
            &api,
            "codex",
            if seq % 4 == 1 { "denied" } else { "approved" },
        )
        .await;
        assert!(decided > held, "{days}");
        held = decided;
        let mut body = says(seq + 1);
        body["revision"] = json!(now);
        seq += 1;
        assert!(check_in(&api, &key, &body).await["policy"].is_object());
        // The gateway knows it as it is now: nothing is held up by what a wrong clock noted.
        api.edge().flush().await.unwrap();
        let shown = api.get(&format!("/devices/{id}")).await;
        assert_eq!(shown["last_seen_at"], json!(api.clock.now()), "{days}");
        assert_eq!(
            (&shown["presence"], &shown["quarantine"]),
            (&json!("online"), &Value::Null)
        );
    }
}

#[tokio::test]
async fn an_unchanged_device_is_noted_again_after_the_clock_was_set_back() {
    let api = Api::managing(10).await;
    let (id, key) = a_device(&api, "one").await;
    set(&api, 2 * DAY);
    check_in(&api, &key, &says(1)).await;
    api.edge().flush().await.unwrap();
    set(&api, -2 * DAY);
    check_in(&api, &key, &says(2)).await;
    api.edge().flush().await.unwrap();
    let seen = api.store.device(id.parse().unwrap()).await.unwrap();
    assert_eq!(seen.last_seen_at, Some(api.clock.now()));
}

#[tokio::test]
async fn a_scan_that_is_asked_for_after_the_clock_was_set_back_is_told() {
    let api = Api::managing(10).await;
    let (id, key) = a_device(&api, "one").await;
    let scan = format!("/devices/{id}/scan");
    let mut seq = 0;
    for days in [2, -3, 1] {
        set(&api, days * DAY);
        let asked = api.call("POST", &scan, None).await;
        assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.text);
        let pending = || async { api.get(&format!("/devices/{id}")).await["scan_pending"].clone() };
        assert_eq!(pending().await, true, "{days}");
        seq += 1;
        assert_eq!(
            check_in(&api, &key, &says(seq)).await["scan"],
            true,
            "{days}"
        );
        seq += 1;
        assert_eq!(check_in(&api, &key, &says(seq)).await["scan"], Value::Null);
        assert_eq!(pending().await, false, "{days}");
    }
}

#[tokio::test]
async fn a_leaf_of_a_wrong_clock_is_replaced_by_one_of_the_right_one() {
    let api = Api::managing(10).await;
    let made = enrolled(&api, "one").await;
    let (key, ca) = (text(&made["device_key"]), text(&made["ca_pem"]));
    let request = json!({ "csr_pem": csr(&KeyPair::generate().unwrap()) });
    let leaf = || async {
        let answer = call(&api, "certificate", &key, &request).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        text(&answer.json()["certificate_pem"])
    };
    for days in [2, -9] {
        set(&api, days * DAY);
        let wrong = leaf().await;
        set(&api, -days * DAY);
        assert!(!accepts(&api, &ca, &wrong, "api.anthropic.com"), "{days}");
        let right = leaf().await;
        assert!(accepts(&api, &ca, &right, "api.anthropic.com"), "{days}");
    }
}
