//! Budgets: no race passes them, no route dodges them, and what is over is debt.

use std::sync::Arc;

use http::Method;
use tidegate_harness::{Key, Rig};
use tidegate_store::{BudgetStatus, LoggedRequest};
use tidegate_types::{BudgetId, MicroUsd};

use crate::prompts;

const CHAT: &str = "/openai/v1/chat/completions";

async fn status(rig: &Rig, budget: BudgetId) -> anyhow::Result<BudgetStatus> {
    rig.gateway.flush().await?;
    let statuses = rig.store.budget_status(&[budget]).await?;
    statuses
        .into_iter()
        .next()
        .ok_or_else(|| anyhow::anyhow!("no status"))
}

fn spent(rows: &[LoggedRequest]) -> i64 {
    rows.iter().map(|row| row.cost.micros()).sum()
}

/// 200 streamed calls at once on a small budget. gpt-4o-mini costs 0.15 $ a million prompt tokens
/// and 0.60 $ a million answer tokens; a call reserves its 64 answer tokens and its prompt.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_race_does_not_pass_the_cap() -> anyhow::Result<()> {
    let rig = Arc::new(Rig::start().await?);
    let key = rig.key("race").await?;
    let cap = MicroUsd::from_micros(2_000);
    let budget = rig.budget(&key, cap).await?;
    let client = rig.client();
    let calls: Vec<_> = (0..200)
        .map(|_| {
            let (client, secret) = (client.clone(), key.secret.clone());
            tokio::spawn(async move {
                let body = prompts::chat("[[usage:input=60,output=60]]", true);
                client
                    .post(CHAT, &secret, body)
                    .await
                    .map(|reply| reply.status.as_u16())
            })
        })
        .collect();
    let mut statuses = Vec::new();
    for call in calls {
        statuses.push(call.await??);
    }
    let passed = statuses.iter().filter(|status| **status == 200).count();
    assert!(
        statuses.iter().all(|status| matches!(status, 200 | 429)),
        "{statuses:?}"
    );
    assert!(passed > 10 && passed < 200, "{passed} passed");
    let rows = rig.rows(&key).await?;
    let status = status(&rig, budget).await?;
    assert_eq!(
        status.spent.micros(),
        spent(&rows),
        "the ledger is the sum of the log"
    );
    // Every call reserved at least what it cost, so nothing can be over the cap.
    assert!(status.spent <= cap, "{status:?}");
    Ok(())
}

#[tokio::test]
async fn what_a_call_costs_beyond_its_reservation_is_debt() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("debt").await?;
    let cap = MicroUsd::from_micros(100);
    let budget = rig.budget(&key, cap).await?;
    let client = rig.client();
    let body = prompts::chat("[[usage:input=100,output=5000]]", false);
    let reply = client.post(CHAT, &key.secret, body).await?;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let status = status(&rig, budget).await?;
    assert_eq!(status.spent, MicroUsd::from_micros(15 + 3_000));
    let reply = client
        .post(CHAT, &key.secret, prompts::chat("hi", false))
        .await?;
    assert_eq!(reply.status, 429, "{}", reply.text());
    assert_eq!(reply.json()?["error"]["code"], "budget_exceeded");
    assert_eq!(reply.header("x-should-retry"), "false");
    assert!(
        reply.json()?["error"]["message"]
            .as_str()
            .is_some_and(|m| m.contains("resets at"))
    );
    Ok(())
}

async fn exhausted(rig: &Rig) -> anyhow::Result<Key> {
    let key = rig.key("exhausted").await?;
    rig.budget(&key, MicroUsd::from_micros(2_000)).await?;
    let body = prompts::chat("[[usage:input=100,output=5000]]", false);
    let reply = rig.client().post(CHAT, &key.secret, body).await?;
    assert_eq!(reply.status, 200, "{}", reply.text());
    Ok(key)
}

#[tokio::test]
async fn no_route_dodges_an_exhausted_budget() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = exhausted(&rig).await?;
    rig.standin.clear();
    let batch = r#"{"requests":[{"custom_id":"a","params":{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[]}}]}"#;
    let count = prompts::message("hi", false).replace("\"max_tokens\":64,", "");
    let cases = [
        (
            Method::POST,
            "/openai/v1/responses",
            prompts::response("hi", true),
        ),
        (
            Method::POST,
            "/anthropic/v1/messages",
            prompts::message("hi", false),
        ),
        (Method::POST, "/anthropic/v1/messages/count_tokens", count),
        (Method::POST, "/anthropic/v1/messages/batches", batch.into()),
        (
            Method::POST,
            "/openai/v1/batches",
            r#"{"input_file_id":"file-1"}"#.into(),
        ),
        (
            Method::POST,
            "/openai/v1/embeddings",
            r#"{"model":"text-embedding-3-small","input":"x"}"#.into(),
        ),
        (Method::GET, "/openai/v1/files", String::new()),
        (Method::GET, "/openai/v1/models", String::new()),
        (
            Method::POST,
            "/genai/v1beta/models/gemini-2.5-flash:generateContent",
            prompts::contents("hi"),
        ),
    ];
    let bearer = format!("Bearer {}", key.secret);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    for (method, path, body) in cases {
        let reply = rig.client().send(method, path, &headers, body).await?;
        assert!(
            matches!(reply.status.as_u16(), 403 | 429),
            "{path}: {}",
            reply.text()
        );
    }
    assert!(
        rig.standin.requests().is_empty(),
        "nothing reached the provider"
    );
    Ok(())
}

#[tokio::test]
async fn claude_code_is_told_in_its_own_words() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = exhausted(&rig).await?;
    let body = prompts::message("hi", true);
    let reply = rig
        .client()
        .post("/anthropic/v1/messages", &key.secret, body)
        .await?;
    assert_eq!(reply.status, 429);
    let body = reply.json()?;
    assert_eq!(
        (&body["type"], &body["error"]["type"]),
        (&"error".into(), &"billing_error".into())
    );
    assert_eq!(
        reply.header("anthropic-ratelimit-unified-status"),
        "rejected"
    );
    assert_eq!(
        reply.header("anthropic-ratelimit-unified-overage-period"),
        "daily"
    );
    assert!(
        reply
            .header("anthropic-ratelimit-unified-reset")
            .parse::<i64>()?
            > 0
    );
    assert!(reply.header("retry-after").parse::<u64>()? > 0);
    Ok(())
}

#[tokio::test]
async fn a_message_batch_is_charged_when_it_is_made() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("batch").await?;
    rig.budget(&key, "10".parse()?).await?;
    let batch = r#"{"requests":[{"custom_id":"a","params":{"model":"claude-sonnet-4-5","max_tokens":1000,"messages":[{"role":"user","content":"hi"}]}}]}"#;
    let reply = rig
        .client()
        .post("/anthropic/v1/messages/batches", &key.secret, batch)
        .await?;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let row = rig.row(reply.header("x-tidegate-request-id")).await?;
    // 1,000 answer tokens at half of 15 $ a million, and a short prompt.
    assert!(row.cost >= MicroUsd::from_micros(7_500), "{:?}", row.cost);
    assert!(row.cost <= MicroUsd::from_micros(8_500), "{:?}", row.cost);
    let client = rig.client();
    let reply = client
        .post(
            "/openai/v1/batches",
            &key.secret,
            r#"{"input_file_id":"f"}"#,
        )
        .await?;
    assert_eq!(reply.json()?["error"]["code"], "batch_unbounded");
    Ok(())
}

#[tokio::test]
async fn a_model_without_a_price_is_refused_under_a_budget_and_flagged_without()
-> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let (free, capped) = (rig.key("free").await?, rig.key("capped").await?);
    rig.budget(&capped, "10".parse()?).await?;
    let body = prompts::chat("hi", false).replace("gpt-4o-mini", "a-model-of-tomorrow");
    let reply = rig.client().post(CHAT, &free.secret, body.clone()).await?;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let row = rig.row(reply.header("x-tidegate-request-id")).await?;
    assert_eq!(
        row.cost_basis,
        tidegate_governance::record::CostBasis::Unpriced
    );
    let reply = rig.client().post(CHAT, &capped.secret, body).await?;
    assert_eq!(reply.json()?["error"]["code"], "model_unpriced");
    Ok(())
}
