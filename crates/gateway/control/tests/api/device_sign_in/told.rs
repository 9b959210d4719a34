//! What check-ins say of the person and of what is left, and how seldom the database is asked for it.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use crate::{
    devices::{call, enrolled, text},
    harness::Api,
};

async fn check_in(api: &Api, key: &str, seq: u64) -> Value {
    let body = json!({
        "revision": 0, "agent_version": "0.1.0", "effective": true, "seq": seq,
    });
    let answer = call(api, "check-in", key, &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn budgets_and_limits_of_device_user_and_team_are_told_once_a_minute() {
    let api = Api::managing(10).await;
    let team = text(&api.post("/teams", json!({ "name": "research" })).await["id"]);
    let user = json!({ "email": "ada@example.com", "name": "Ada", "team": team });
    let user = text(&api.post("/users", user).await["id"]);
    let made = enrolled(&api, "host").await;
    let (id, key) = (text(&made["device_id"]), text(&made["device_key"]));
    let path = format!("/devices/{id}");
    let shown = api
        .call("PATCH", &path, Some(json!({ "user": user })))
        .await
        .json();
    let own = text(&shown["key"]);
    for (scope, cap) in [(&own, 1_000_000), (&user, 2_000_000), (&team, 3_000_000)] {
        let budget = json!({ "scope": scope, "cap_micro_usd": cap, "window": "1d" });
        api.post("/budgets", budget).await;
    }
    let shared = json!({ "scope": "organization", "cap_micro_usd": 9, "window": "1d" });
    api.post("/budgets", shared).await;
    let limit = json!({ "scope": user, "requests_per_minute": 60 });
    api.post("/limits", limit).await;

    let told = check_in(&api, &key, 1).await;
    let budgets: Vec<(&str, i64, i64)> = told["budgets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|budget| {
            let number = |name: &str| budget[name].as_i64().unwrap();
            let of = budget["of"].as_str().unwrap();
            (of, number("cap_micro_usd"), number("left_micro_usd"))
        })
        .collect();
    let expected = [
        ("device", 1_000_000, 1_000_000),
        ("user", 2_000_000, 2_000_000),
        ("team", 3_000_000, 3_000_000),
    ];
    assert_eq!(budgets, expected, "the organisation's is not theirs");
    assert_eq!(
        told["budgets"][0]["resets_at"],
        "2026-11-26T00:00:00.000000Z"
    );
    assert_eq!(
        told["limits"],
        json!([{ "of": "user", "requests_per_minute": 60 }])
    );
    assert_eq!(told["user"]["team"], "research");

    // What changes is told when a minute is over.
    let more = json!({ "scope": user, "cap_micro_usd": 5, "window": "1h" });
    api.post("/budgets", more).await;
    let count = |told: &Value| told["budgets"].as_array().unwrap().len();
    assert_eq!(count(&check_in(&api, &key, 2).await), 3);
    api.clock.advance(Duration::from_secs(61));
    assert_eq!(count(&check_in(&api, &key, 3).await), 4);
    // Whose device it is, is not cached.
    api.call("PATCH", &path, Some(json!({ "user": null })))
        .await;
    let told = check_in(&api, &key, 4).await;
    assert_eq!((&told["user"], count(&told)), (&Value::Null, 1));
}
