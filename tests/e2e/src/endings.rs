//! How calls end when something goes wrong: clients leave, providers fail, streams are cut.

use http::Method;
use http_body_util::BodyExt;
use tidegate_governance::record::Outcome;
use tidegate_harness::{Rig, RigOptions, eventually};
use tidegate_types::UsageSource;

use crate::prompts;

const CHAT: &str = "/openai/v1/chat/completions";

#[tokio::test]
async fn a_client_that_leaves_a_stream_cancels_the_upstream_and_pays() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("leaves").await?;
    let bearer = format!("Bearer {}", key.secret);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let body = prompts::chat("[[pause:20]] a prompt of some length", true);
    let mut answer = rig
        .client()
        .open(Method::POST, CHAT, &headers, body)
        .await?;
    let id = answer.headers()["x-tidegate-request-id"]
        .to_str()?
        .to_owned();
    let first = answer.body_mut().frame().await;
    assert!(first.is_some_and(|frame| frame.is_ok()));
    drop(answer);
    eventually("the upstream is cancelled", || {
        rig.standin.stats().cancelled == 1
    })
    .await?;
    let mut row = rig.row(&id).await;
    for _ in 0..1_000 {
        if row.is_ok() {
            break;
        }
        row = rig.row(&id).await;
    }
    let row = row?;
    assert_eq!(row.outcome, Outcome::ClientGone);
    assert_ne!(row.usage.source, UsageSource::Reported);
    assert!(row.cost.micros() > 0, "{row:?}");
    Ok(())
}

#[tokio::test]
async fn a_client_that_leaves_before_the_answer_pays_too() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("impatient").await?;
    let (client, secret) = (rig.client(), key.secret.clone());
    let body = prompts::chat("[[delay:30]]", false);
    let call = tokio::spawn(async move { client.post(CHAT, &secret, body).await });
    eventually("the call is upstream", || {
        rig.standin.stats().in_flight == 1
    })
    .await?;
    call.abort();
    eventually("the upstream is cancelled", || {
        rig.standin.stats().cancelled == 1
    })
    .await?;
    for _ in 0..1_000 {
        if let Some(row) = rig.rows(&key).await?.first() {
            assert_eq!((row.outcome, row.status), (Outcome::ClientGone, 499));
            assert!(row.cost.micros() > 0, "{row:?}");
            return Ok(());
        }
    }
    anyhow::bail!("no row")
}

#[tokio::test]
async fn a_stream_that_the_provider_cuts_ends_with_an_error_event() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("cut").await?;
    let cases = [
        (CHAT, prompts::chat("[[cut]] hello", true), "\"error\""),
        (
            "/anthropic/v1/messages",
            prompts::message("[[cut]] hello", true),
            "event: error",
        ),
    ];
    for (path, body, mark) in cases {
        let reply = rig.client().post(path, &key.secret, body).await?;
        assert_eq!(reply.status, 200);
        assert!(reply.text().contains(mark), "{}", reply.text());
        assert!(!reply.text().contains("[DONE]"));
        let row = rig.row(reply.header("x-tidegate-request-id")).await?;
        assert_eq!(row.outcome, Outcome::UpstreamBroken);
    }
    Ok(())
}

#[tokio::test]
async fn a_providers_error_passes_unchanged_and_costs_nothing() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("errors").await?;
    for status in [400, 429, 500, 529] {
        let body = prompts::chat(&format!("[[status:{status}]]"), false);
        let reply = rig.client().post(CHAT, &key.secret, body.clone()).await?;
        let direct = rig.direct().post("/v1/chat/completions", "x", body).await?;
        assert_eq!(reply.status.as_u16(), status);
        assert_eq!(reply.body, direct.body);
        assert_eq!(reply.header("retry-after"), direct.header("retry-after"));
        let row = rig.row(reply.header("x-tidegate-request-id")).await?;
        assert_eq!(row.cost.micros(), 0);
    }
    // A 401 is about the gateway's credential, not the caller's.
    let body = prompts::chat("[[status:401]]", false);
    let reply = rig.client().post(CHAT, &key.secret, body).await?;
    assert_eq!(reply.status, 502, "{}", reply.text());
    assert_eq!(reply.json()?["error"]["code"], "upstream_credential");
    Ok(())
}

#[tokio::test]
async fn timeouts_end_calls() -> anyhow::Result<()> {
    let config = "[timeouts]\nfirst_byte = \"200ms\"\nidle = \"200ms\"\n".into();
    let rig = Rig::with(RigOptions {
        config,
        ..RigOptions::default()
    })
    .await?;
    let key = rig.key("slow").await?;
    let reply = rig
        .client()
        .post(CHAT, &key.secret, prompts::chat("[[delay:20]]", false))
        .await?;
    assert_eq!(reply.status, 504, "{}", reply.text());
    assert_eq!(reply.json()?["error"]["code"], "upstream_timeout");
    let reply = rig
        .client()
        .post(CHAT, &key.secret, prompts::chat("[[pause:20]]", true))
        .await?;
    assert_eq!(reply.status, 200);
    assert!(reply.text().contains("\"error\""), "{}", reply.text());
    Ok(())
}

#[tokio::test]
async fn an_early_answer_arrives() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("early").await?;
    let bearer = format!("Bearer {}", key.secret);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("x-standin", "early"),
    ];
    let body = prompts::chat(&"a".repeat(4 << 20), false);
    let reply = rig
        .client()
        .send(Method::POST, CHAT, &headers, body)
        .await?;
    assert!(reply.status.as_u16() >= 200, "{}", reply.text());
    assert_ne!(reply.status, 502, "{}", reply.text());
    Ok(())
}

#[tokio::test]
async fn an_unreachable_provider_is_said_so() -> anyhow::Result<()> {
    let config = "[[providers]]\nname = \"gone\"\ndialect = \"openai\"\nbase_url = \
                  \"http://127.0.0.1:1\"\nmodels = [\"gone-*\"]\n"
        .into();
    let rig = Rig::with(RigOptions {
        config,
        ..RigOptions::default()
    })
    .await?;
    let key = rig.key("gone").await?;
    let body = prompts::chat("hi", false).replace("gpt-4o-mini", "gone/gpt-4o-mini");
    let reply = rig.client().post(CHAT, &key.secret, body).await?;
    assert_eq!(reply.status, 502, "{}", reply.text());
    assert_eq!(reply.json()?["error"]["code"], "upstream_unreachable");
    Ok(())
}

#[tokio::test]
async fn a_drain_lets_streams_finish() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("drain").await?;
    let (client, secret) = (rig.client(), key.secret.clone());
    let body = prompts::chat("[[pause:0.1]] hello", true);
    let call = tokio::spawn(async move { client.post(CHAT, &secret, body).await });
    eventually("the call is upstream", || {
        rig.standin.stats().in_flight == 1
    })
    .await?;
    let Rig { gateway, .. } = rig;
    let address = gateway.data;
    gateway.stop().await;
    let reply = call.await??;
    assert!(
        reply.text().ends_with("data: [DONE]\n\n"),
        "{}",
        reply.text()
    );
    assert!(
        tokio::net::TcpStream::connect(address).await.is_err(),
        "nobody listens any more"
    );
    Ok(())
}
