//! Kept answers over the API: how many there are, and that they go.

use std::sync::Arc;

use http::HeaderMap;
use serde_json::json;
use tidegate_cache::{Bill, Cache, Question, Settings, Tenant};
use tidegate_types::{KeyId, MicroUsd, TeamId, Usage};
use tidegate_wire::Operation;

use crate::harness::Api;

fn keep(api: &Api, cache: &Arc<Cache>, tenant: Tenant, body: &str) {
    let headers = HeaderMap::new();
    let question = Question {
        tenant,
        operation: Operation::Embeddings,
        model: "m",
        pinned: "",
        query: "",
        headers: &headers,
        body: body.as_bytes(),
        stream: false,
        stream_usage: false,
    };
    let asking = question.read(cache.settings()).unwrap();
    let mut recording = cache.record(asking);
    recording.push(b"{}");
    recording.end();
    let bill = Bill {
        provider: "openai".parse().unwrap(),
        model: "m".parse().ok(),
        served: None,
        usage: Usage::default(),
    };
    recording.settle(bill, api.now());
}

async fn purge(api: &Api, path: &str) -> u64 {
    let answer = api.call("DELETE", path, None).await;
    answer.json()["purged"].as_u64().unwrap()
}

#[tokio::test]
async fn kept_answers_are_counted_and_let_go() {
    let api = Api::start().await;
    let off = api.get("/cache").await;
    assert_eq!(
        (&off["enabled"], &off["answers"]),
        (&json!(false), &json!(0))
    );
    assert_eq!(purge(&api, "/cache").await, 0);

    let cache = Arc::new(Cache::new(Settings::default()));
    *api.plane.cache.lock().unwrap() = Some(Arc::clone(&cache));
    let (team, key) = (
        TeamId::from_parts(api.now(), 1),
        KeyId::from_parts(api.now(), 2),
    );
    for n in 0..3 {
        keep(
            &api,
            &cache,
            Tenant::Team(team),
            &format!("{{\"input\":{n}}}"),
        );
        keep(
            &api,
            &cache,
            Tenant::Key(key),
            &format!("{{\"input\":{n}}}"),
        );
    }
    cache.counts().hit(false, MicroUsd::from_micros(70));
    cache.counts().miss();
    let on = api.get("/cache").await;
    assert_eq!(
        (&on["enabled"], &on["scope"], &on["calls"]),
        (&json!(true), &json!("team"), &json!("all"))
    );
    assert_eq!(
        (&on["answers"], &on["ttl_seconds"]),
        (&json!(6), &json!(3_600))
    );
    assert_eq!(
        (&on["hits"], &on["misses"], &on["saved_micro_usd"]),
        (&json!(1), &json!(1), &json!(70))
    );
    assert!(on["bytes"].as_u64() >= Some(6 * 512));

    assert_eq!(purge(&api, "/cache?provider=anthropic").await, 0);
    assert_eq!(purge(&api, &format!("/cache?team={team}&model=m")).await, 3);
    assert_eq!(
        purge(&api, &format!("/cache?team={team}&key={key}")).await,
        3
    );
    assert_eq!(api.get("/cache").await["answers"], 0);
    let audit = api.get("/audit").await;
    assert_eq!(audit["items"][0]["action"], "cache.purge");
    assert_eq!(audit["items"][0]["detail"]["purged"], 3);
}
