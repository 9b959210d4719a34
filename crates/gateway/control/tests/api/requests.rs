//! The request log and the usage made from it.

use std::sync::Arc;

use serde_json::{Value, json};
use tidegate_governance::record::{Content, CostBasis, EdgeRow, Outcome, Record, RequestRow};
use tidegate_store::RecorderConfig;
use tidegate_types::{DeviceId, KeyId, MicroUsd, RequestId, Usage, UsageSource, UserId};

use crate::harness::Api;

/// One of them.
fn row(api: &Api, id: RequestId, n: u64) -> RequestRow {
    let refused = n == 1;
    RequestRow {
        id,
        started_at: api.now(),
        duration_us: 1_500 + n,
        overhead_us: 40,
        ttft_us: (!refused).then_some(900),
        key: None,
        team: None,
        user: None,
        operation: "chat.completions",
        provider: Some("openai".parse().unwrap()),
        model: Some("gpt-4o".parse().unwrap()),
        status: if refused { 429 } else { 200 },
        code: refused.then_some("budget_exhausted"),
        outcome: if refused {
            Outcome::Refused
        } else {
            Outcome::Completed
        },
        streamed: n == 0,
        usage: Usage {
            input: if refused { 0 } else { 100 },
            output: if refused { 0 } else { 10 },
            source: UsageSource::Reported,
            ..Usage::default()
        },
        cost: MicroUsd::from_micros(if refused { 0 } else { 350 }),
        cost_basis: if refused {
            CostBasis::Free
        } else {
            CostBasis::Priced
        },
        request_bytes: 120,
        response_bytes: 240,
        trace_id: Some([0xab; 16]),
        content: (n == 2).then(|| {
            Box::new(Content {
                prompt: b"{\"q\":1}".to_vec(),
                answer: vec![0xff, 0xfe],
            })
        }),
        edge: (n == 0).then(|| {
            let device = DeviceId::from_parts(api.now(), 1);
            let (path, host) = ("/usr/bin/claude", "api.anthropic.com");
            Box::new(EdgeRow::new(device, "claude-code", "ada", path, host))
        }),
        guardrails: Vec::new(),
        cache: None,
        attempts: Vec::new(),
        shadow_of: None,
    }
}

/// Three calls: one full, one refused, one with content that is not text.
pub(crate) async fn log(api: &Api, key: KeyId) -> Vec<RequestId> {
    log_of(api, key, None).await
}

/// The same, of a user.
pub(crate) async fn log_of(api: &Api, key: KeyId, user: Option<UserId>) -> Vec<RequestId> {
    let (recorder, handle) = api.store.recorder(RecorderConfig::default()).await.unwrap();
    let mut ids = Vec::new();
    for n in 0..3_u64 {
        api.clock_forward();
        let id = RequestId::generate(api.now());
        let row = RequestRow {
            key: Some(key),
            user,
            ..row(api, id, n)
        };
        recorder.record(Record {
            row,
            charges: Default::default(),
        });
        ids.push(id);
    }
    handle.flush().await.unwrap();
    drop(Arc::clone(&recorder));
    handle.shutdown().await.unwrap();
    ids
}

async fn logged() -> (Api, Vec<RequestId>, String) {
    let api = Api::start().await;
    let key = api.post("/keys", json!({ "name": "k" })).await["key"]["id"].clone();
    let key = key.as_str().unwrap().to_owned();
    let ids = log(&api, key.parse().unwrap()).await;
    (api, ids, key)
}

#[tokio::test]
async fn a_call_and_its_copy_for_a_shadow_target_are_found_from_each_other() {
    let api = Api::start().await;
    let (recorder, handle) = api.store.recorder(RecorderConfig::default()).await.unwrap();
    let (id, lone) = (
        RequestId::generate(api.now()),
        RequestId::generate(api.now()),
    );
    for (id, shadow_of) in [(id, None), (id.shadow(), Some(id)), (lone, None)] {
        recorder.record(Record {
            row: RequestRow {
                shadow_of,
                ..row(&api, id, 0)
            },
            charges: Default::default(),
        });
    }
    handle.flush().await.unwrap();
    let found = async |query: &str| {
        let page = api.get(&format!("/requests{query}")).await;
        page["items"].as_array().unwrap().len()
    };
    assert_eq!(found("").await, 3);
    assert_eq!(
        (found("?shadow=true").await, found("?shadow=false").await),
        (1, 2)
    );
    let shown = api.get(&format!("/requests/{id}")).await;
    assert_eq!(shown["request"]["shadow_of"], Value::Null);
    assert_eq!(shown["shadow"]["id"], id.shadow().to_string());
    let shown = api.get(&format!("/requests/{}", id.shadow())).await;
    assert_eq!(shown["request"]["shadow_of"], id.to_string());
    assert_eq!(shown["shadow"], Value::Null);
    let limits = shown["trail"].as_array().unwrap().iter();
    let limits = limits.into_iter().find(|step| step["step"] == "limits");
    assert_eq!(limits.unwrap()["verdict"], "not_applicable");
    let shown = api.get(&format!("/requests/{lone}")).await;
    assert_eq!(shown["shadow"], Value::Null);
    drop(Arc::clone(&recorder));
    handle.shutdown().await.unwrap();
}

#[tokio::test]
async fn calls_are_listed_newest_first_and_filtered() {
    let (api, ids, key) = logged().await;
    let found = async |query: &str| -> Vec<String> {
        let page = api.get(&format!("/requests{query}")).await;
        let items = page["items"].as_array().unwrap();
        items
            .iter()
            .map(|item| item["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let printed =
        |wanted: &[usize]| -> Vec<String> { wanted.iter().map(|&n| ids[n].to_string()).collect() };
    assert_eq!(found("").await, printed(&[2, 1, 0]));
    assert_eq!(found("?status=4xx").await, printed(&[1]));
    assert_eq!(
        found("?outcome=completed&streamed=true").await,
        printed(&[0])
    );
    assert_eq!(found("?code=budget_exhausted").await, printed(&[1]));
    assert_eq!(
        found(&format!("?key={key}&provider=openai&model=gpt-4o")).await,
        printed(&[2, 1, 0])
    );
    assert_eq!(found("?operation=embeddings").await, printed(&[]));
    assert_eq!(found("?app=claude-code").await, printed(&[0]));
    assert_eq!(found("?app=codex").await, printed(&[]));
    let none = "?device=dev_00000000000000000000000000";
    assert_eq!(found(none).await, printed(&[]));
    assert_eq!(
        found("?from=2026-11-25T12:00:02Z&to=2026-11-25T12:00:03Z").await,
        printed(&[1])
    );
    let bad = "/requests?status=3xx&outcome=lost&from=now&model=a%20b&key=k";
    let answer = api.call("GET", bad, None).await;
    assert_eq!(
        answer.places(),
        ["from", "key", "model", "status", "outcome"]
    );
}

#[tokio::test]
async fn one_call_is_shown_with_its_content_where_kept() {
    let (api, ids, key) = logged().await;
    let shown = api.get(&format!("/requests/{}", ids[2])).await;
    let request = &shown["request"];
    assert_eq!(request["key"], key);
    assert_eq!(request["cost_micro_usd"], 350);
    assert_eq!(request["usage"]["input"], 100);
    assert_eq!(
        (&request["usage"]["source"], &request["usage"]["tier"]),
        (&json!("reported"), &json!("standard"))
    );
    assert_eq!(request["outcome"], "completed");
    assert_eq!(request["trace_id"], "ab".repeat(16));
    let content = json!({
        "prompt": { "encoding": "utf8", "data": "{\"q\":1}" },
        "answer": { "encoding": "base64", "data": "//4=" },
    });
    assert_eq!(shown["content"], content);
    let plain = api.get(&format!("/requests/{}", ids[0])).await;
    assert_eq!(
        (&plain["content"], &plain["request"]["has_content"]),
        (&Value::Null, &json!(false))
    );
    assert_eq!(plain["request"]["edge"]["app"], "claude-code");
    assert_eq!(plain["request"]["edge"]["host"], "api.anthropic.com");
    assert_eq!(request["edge"], Value::Null);
    let missing = api
        .call("GET", "/requests/req_00000000000000000000000000", None)
        .await;
    assert_eq!(missing.code(), "not_found");
}

#[tokio::test]
async fn usage_is_summed_by_bucket_and_group() {
    let (api, _, key) = logged().await;
    let range = "from=2026-11-25T00:00:00Z&to=2026-11-26T00:00:00Z";
    let report = api
        .get(&format!("/usage?{range}&bucket=hour&group_by=key"))
        .await;
    assert_eq!(report["points"].as_array().unwrap().len(), 1);
    let point = &report["points"][0];
    assert_eq!(
        (&point["start"], &point["group"]),
        (&json!("2026-11-25T12:00:00.000000Z"), &json!(key))
    );
    assert_eq!(
        (&point["usage"]["requests"], &point["usage"]["errors"]),
        (&json!(3), &json!(1))
    );
    assert_eq!(point["usage"]["cost_micro_usd"], 700);
    assert_eq!(report["total"], point["usage"]);
    let all = api.get(&format!("/usage?{range}")).await;
    assert_eq!(
        (&all["points"][0]["group"], &all["total"]["output_tokens"]),
        (&Value::Null, &json!(20))
    );
    let none = api
        .get(&format!("/usage?{range}&operation=embeddings"))
        .await;
    assert_eq!(
        (&none["points"], &none["total"]["requests"]),
        (&json!([]), &json!(0))
    );
}

#[tokio::test]
async fn usage_parameters_are_checked() {
    let api = Api::start().await;
    let places = async |query: &str| {
        api.call("GET", &format!("/usage{query}"), None)
            .await
            .places()
    };
    assert_eq!(
        places("?bucket=week&group_by=color").await,
        ["from", "to", "bucket", "group_by"]
    );
    assert_eq!(
        places("?from=2026-11-25T00:00:00Z&to=2026-11-25T00:00:00Z").await,
        ["to"]
    );
    let years = "?from=2000-01-01T00:00:00Z&to=2026-01-01T00:00:00Z&bucket=hour";
    assert_eq!(places(years).await, ["to"]);
}
