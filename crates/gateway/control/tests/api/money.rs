//! Budgets, limits and prices.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use tidegate_governance::ledger::{LeaseRequest, Ledger};
use tidegate_types::{MicroUsd, NodeId};

use crate::harness::Api;

#[tokio::test]
async fn a_budget_shows_what_is_spent_held_and_left() {
    let api = Api::start().await;
    let new = json!({ "scope": "organization", "cap_micro_usd": 1_000_000, "window": "1d" });
    let budget = api.post("/budgets", new.clone()).await;
    assert_eq!(
        (&budget["scope"], &budget["alignment"]),
        (&json!("organization"), &json!("calendar"))
    );
    assert_eq!(budget["status"]["left_micro_usd"], 1_000_000);
    assert_eq!(
        api.call("POST", "/budgets", Some(new)).await.code(),
        "conflict"
    );

    let id = budget["id"].as_str().unwrap();
    let stored = api.store.budget(id.parse().unwrap()).await.unwrap();
    let lease = LeaseRequest {
        budget: stored.id,
        cap: stored.cap,
        window: stored.window,
        alignment: stored.alignment,
        node: NodeId::generate(api.now()),
        need: MicroUsd::from_micros(300_000),
        want: MicroUsd::ZERO,
        now: api.now(),
        ttl: Duration::from_secs(30),
    };
    api.store.lease(lease).await.unwrap();
    let path = format!("/budgets/{id}");
    let status = api.get(&path).await["status"].clone();
    let wanted = json!({
        "window_start": "2026-11-25T00:00:00.000000Z", "window_end": "2026-11-26T00:00:00.000000Z",
        "spent_micro_usd": 0, "held_micro_usd": 300_000, "left_micro_usd": 700_000,
    });
    assert_eq!(status, wanted);

    let lowered = api
        .call("PATCH", &path, Some(json!({ "cap_micro_usd": 200_000 })))
        .await
        .json();
    assert_eq!(lowered["cap_micro_usd"], 200_000);
    assert_eq!(lowered["status"]["left_micro_usd"], 0, "never below zero");
    assert_eq!(
        api.get("/budgets?scope=organization").await["items"],
        json!([lowered])
    );
    assert_eq!(
        api.call("DELETE", &path, None).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(api.call("GET", &path, None).await.code(), "not_found");
}

#[tokio::test]
async fn budget_fields_are_checked() {
    let api = Api::start().await;
    let bad = json!({
        "scope": "everyone", "cap_micro_usd": 1.5, "window": "2d", "alignment": "lunar",
        "model": "a b", "cap": 1,
    });
    let answer = api.call("POST", "/budgets", Some(bad)).await;
    assert_eq!(
        answer.places(),
        [
            "/scope",
            "/model",
            "/cap_micro_usd",
            "/window",
            "/alignment",
            "/cap"
        ]
    );
    for amount in [json!(-1), json!("5"), json!(9_007_199_254_740_992_u64)] {
        let body = json!({ "scope": "organization", "cap_micro_usd": amount, "window": "1d" });
        let answer = api.call("POST", "/budgets", Some(body)).await;
        assert_eq!(answer.places(), ["/cap_micro_usd"]);
    }
}

#[tokio::test]
async fn budgets_and_limits_are_for_someone_who_exists() {
    let api = Api::start().await;
    for scope in ["team", "user", "key"].map(|kind| format!("{kind}_{}", "0".repeat(26))) {
        let budget = json!({ "scope": scope, "cap_micro_usd": 1, "window": "1d" });
        assert_eq!(
            api.call("POST", "/budgets", Some(budget)).await.places(),
            ["/scope"]
        );
        let limit = json!({ "scope": scope, "concurrency": 1 });
        assert_eq!(
            api.call("POST", "/limits", Some(limit)).await.places(),
            ["/scope"]
        );
    }
}

#[tokio::test]
async fn a_limit_lives_and_keeps_one_rate() {
    let api = Api::start().await;
    let key = api.post("/keys", json!({ "name": "k" })).await["key"]["id"].clone();
    let new = json!({ "scope": key, "model": "gpt-*", "requests_per_minute": 60 });
    let limit = api.post("/limits", new.clone()).await;
    assert_eq!(
        (&limit["scope"], &limit["requests_per_minute"]),
        (&key, &json!(60))
    );
    assert_eq!(limit["concurrency"], Value::Null);
    assert_eq!(
        api.call("POST", "/limits", Some(new)).await.code(),
        "conflict"
    );
    let path = format!("/limits/{}", limit["id"].as_str().unwrap());
    let patch = |body: Value| api.call("PATCH", &path, Some(body));
    let changed = patch(json!({ "requests_per_minute": null, "concurrency": 4 }))
        .await
        .json();
    assert_eq!(
        (&changed["requests_per_minute"], &changed["concurrency"]),
        (&Value::Null, &json!(4))
    );
    let none = patch(json!({ "concurrency": null })).await;
    assert_eq!(none.places(), [""], "one rate must be left");
    assert_eq!(api.get(&path).await, changed);
    let empty = api
        .call("POST", "/limits", Some(json!({ "scope": "organization" })))
        .await;
    assert_eq!(empty.places(), [""]);
    let zero = json!({ "scope": "organization", "tokens_per_minute": 0 });
    assert_eq!(
        api.call("POST", "/limits", Some(zero)).await.places(),
        ["/tokens_per_minute"]
    );
    let scope = format!("/limits?scope={}", key.as_str().unwrap());
    assert_eq!(api.get(&scope).await["items"], json!([changed]));
    assert_eq!(
        api.call("DELETE", &path, None).await.status,
        StatusCode::NO_CONTENT
    );
}

#[tokio::test]
async fn a_price_override_is_set_replaced_in_force_and_removed() {
    let api = Api::start().await;
    api.reload_prices().await;
    let builtin = api.get("/prices?family=openai&model=gpt-4o").await["items"].clone();
    assert_eq!(builtin.as_array().unwrap().len(), 1);
    let row = json!({ "family": "openai", "model": "gpt-4o", "input": "1.25", "output": "5" });
    let set = api
        .call("PUT", "/prices/overrides", Some(row.clone()))
        .await;
    assert_eq!(set.status, StatusCode::OK, "{}", set.text);
    assert_eq!(
        (&set.json()["name"], &set.json()["row"]),
        (&json!("openai/gpt-4o"), &row)
    );
    let dearer = json!({ "family": "openai", "model": "gpt-4o", "input": "1.50", "output": "5" });
    api.call("PUT", "/prices/overrides", Some(dearer.clone()))
        .await;
    let own = api.get("/prices/overrides").await["items"].clone();
    assert_eq!(own.as_array().unwrap().len(), 1);
    assert_eq!(own[0]["row"], dearer);
    api.reload_prices().await;
    let in_force = api.get("/prices?family=openai&model=gpt-4o").await["items"].clone();
    assert_eq!(
        in_force,
        json!([{ "name": "openai/gpt-4o", "row": dearer }])
    );

    let one = json!({
        "family": "openai", "provider": "openai", "model": "gpt-4o", "input": "0", "output": "0",
    });
    let set = api.call("PUT", "/prices/overrides", Some(one)).await.json();
    assert_eq!(set["name"], "openai@openai/gpt-4o");
    let clash = json!({
        "family": "openai", "model": "mine", "aliases": ["gpt-4o"], "input": "1", "output": "1",
    });
    let answer = api.call("PUT", "/prices/overrides", Some(clash)).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::CONFLICT, "conflict")
    );

    let gone = api
        .call("DELETE", "/prices/overrides/openai%2Fgpt-4o", None)
        .await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    let again = api
        .call("DELETE", "/prices/overrides/openai%2Fgpt-4o", None)
        .await;
    assert_eq!(again.code(), "not_found");
    assert_eq!(
        api.get("/prices/overrides").await["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn price_rows_are_checked_by_their_own_parser_too() {
    let api = Api::start().await;
    let bad = json!({
        "family": "nobody", "model": "a b", "input": 1.25, "output": "five", "batch": 50,
        "flex": { "input": "1" },
    });
    let answer = api.call("PUT", "/prices/overrides", Some(bad)).await;
    assert_eq!(
        answer.places(),
        [
            "/family",
            "/model",
            "/input",
            "/output",
            "/flex/output",
            "/batch"
        ]
    );
    let row = json!({
        "family": "openai", "model": "m", "input": "1", "output": "1", "as_of": "someday",
    });
    assert_eq!(
        api.call("PUT", "/prices/overrides", Some(row))
            .await
            .places(),
        ["/as_of"]
    );
    let dear = json!({ "family": "openai", "model": "m", "input": "9999999", "output": "1" });
    assert_eq!(
        api.call("PUT", "/prices/overrides", Some(dear))
            .await
            .places(),
        ["/input"]
    );
}

#[tokio::test]
async fn every_built_in_row_could_be_an_override() {
    let api = Api::start().await;
    api.reload_prices().await;
    let rows = api.get("/prices").await["items"]
        .as_array()
        .unwrap()
        .clone();
    assert!(rows.len() > 10);
    for row in rows {
        let set = api
            .call("PUT", "/prices/overrides", Some(row["row"].clone()))
            .await;
        assert_eq!(set.status, StatusCode::OK, "{} {}", row["name"], set.text);
        assert_eq!(set.json()["row"], row["row"]);
    }
}
