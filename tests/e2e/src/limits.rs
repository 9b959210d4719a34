//! Limits: refused with the standard headers, a sentence, and a time to wait.

use tidegate_harness::Rig;

use crate::prompts;

#[tokio::test]
async fn requests_per_minute() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("rpm").await?;
    rig.limit(&key, |limit| limit.requests_per_minute = Some(2))
        .await?;
    let client = rig.client();
    let path = "/openai/v1/chat/completions";
    for left in ["1", "0"] {
        let reply = client
            .post(path, &key.secret, prompts::chat("hi", false))
            .await?;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(reply.header("x-ratelimit-limit-requests"), "2");
        assert_eq!(reply.header("x-ratelimit-remaining-requests"), left);
    }
    let reply = client
        .post(path, &key.secret, prompts::chat("hi", false))
        .await?;
    assert_eq!(reply.status, 429);
    assert_eq!(reply.json()?["error"]["code"], "rate_limit_exceeded");
    let wait: u64 = reply.header("retry-after").parse()?;
    assert!((1..=30).contains(&wait), "{wait}");
    let body = prompts::message("x", false);
    let reply = client
        .post("/anthropic/v1/messages", &key.secret, body)
        .await?;
    assert_eq!(reply.status, 429);
    assert_eq!(reply.json()?["error"]["type"], "rate_limit_error");
    Ok(())
}

#[tokio::test]
async fn anthropic_gets_its_own_header_names() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("tpm").await?;
    rig.limit(&key, |limit| limit.tokens_per_minute = Some(100_000))
        .await?;
    let path = "/anthropic/v1/messages";
    let reply = rig
        .client()
        .post(path, &key.secret, prompts::message("hi", true))
        .await?;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("anthropic-ratelimit-tokens-limit"), "100000");
    assert!(reply.header("x-ratelimit-limit-tokens").is_empty());
    Ok(())
}

#[tokio::test]
async fn calls_in_flight() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("concurrency").await?;
    rig.limit(&key, |limit| limit.concurrency = Some(1)).await?;
    let client = rig.client();
    let path = "/openai/v1/chat/completions";
    let bearer = format!("Bearer {}", key.secret);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let slow = prompts::chat("[[pause:30]]", true);
    let open = client
        .open(http::Method::POST, path, &headers, slow)
        .await?;
    assert_eq!(open.status(), 200);
    let reply = client
        .post(path, &key.secret, prompts::chat("hi", false))
        .await?;
    assert_eq!(reply.status, 429, "{}", reply.text());
    assert_eq!(reply.json()?["error"]["code"], "concurrency_exceeded");
    drop(open);
    // The place is free again as soon as the gateway sees that the client left.
    for _ in 0..1_000 {
        if client
            .post(path, &key.secret, prompts::chat("hi", false))
            .await?
            .status
            == 200
        {
            return Ok(());
        }
        tokio::task::yield_now().await;
    }
    anyhow::bail!("the place was never given back")
}
