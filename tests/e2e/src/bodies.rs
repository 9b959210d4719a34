//! Bodies: byte for byte, up to 32 MB, and nothing else than one JSON object.

use tidegate_harness::{Rig, RigOptions};

use crate::prompts;

const CHAT: &str = "/openai/v1/chat/completions";

#[tokio::test]
async fn a_body_passes_byte_for_byte_but_for_the_usage_switch() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("bytes").await?;
    let odd = concat!(
        "{ \"x_unknown\" : [1.0, 1e2, -0, \"\\u00e9\\ud83d\\ude00\"],\n\t",
        "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}] , \"model\":\"gpt-4o-mini\"}"
    );
    let reply = rig.client().post(CHAT, &key.secret, odd).await?;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let seen = rig.standin.requests().pop().and_then(|seen| seen.body());
    assert_eq!(seen.as_deref(), Some(odd.as_bytes()));
    rig.standin.clear();
    let stream = odd.replacen("{ ", "{ \"stream\":true, ", 1);
    let reply = rig.client().post(CHAT, &key.secret, stream.clone()).await?;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(
        !reply.text().contains("\"usage\""),
        "the client did not ask: {}",
        reply.text()
    );
    let seen = rig
        .standin
        .requests()
        .pop()
        .and_then(|seen| seen.body())
        .unwrap_or_default();
    let seen = String::from_utf8(seen)?;
    let switch = "\"stream_options\":{\"include_usage\":true}";
    assert!(seen.contains(switch), "{seen}");
    let without = seen.replacen(&format!("{switch},"), "", 1);
    assert_eq!(without, stream);
    Ok(())
}

#[tokio::test]
async fn what_is_not_one_sound_object_is_refused() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("broken").await?;
    let deep = format!(
        "{{\"model\":\"gpt-4o\",\"x\":{}1{}}}",
        "[".repeat(500),
        "]".repeat(500)
    );
    let cases = [
        "",
        "{",
        "[]",
        "{\"model\":\"gpt-4o\"} x",
        "{\"model\":\"gpt-4o\",\"model\":\"o1\"}",
        "{\"model\":\"gpt-4o\",\"\\u006dodel\":\"o1\"}",
        "{\"messages\":[]}",
        deep.as_str(),
    ];
    for body in cases {
        let reply = rig
            .client()
            .post(CHAT, &key.secret, body.to_owned())
            .await?;
        assert_eq!(reply.status, 400, "{body}: {}", reply.text());
        assert!(reply.json()?["error"]["message"].is_string());
    }
    assert!(rig.standin.requests().is_empty());
    Ok(())
}

#[tokio::test]
async fn thirty_megabytes_pass_and_more_do_not() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("large").await?;
    let text = "a".repeat(30 << 20);
    let reply = rig
        .client()
        .post(CHAT, &key.secret, prompts::chat(&text, false))
        .await?;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let seen = rig
        .standin
        .requests()
        .pop()
        .and_then(|seen| seen.body_length);
    assert!(seen.is_some_and(|length| length > 30 << 20));
    let text = "a".repeat(33 << 20);
    // The gateway may answer and close before the body is sent whole; then there is no answer.
    if let Ok(reply) = rig
        .client()
        .post(CHAT, &key.secret, prompts::chat(&text, false))
        .await
    {
        assert_eq!(reply.status, 413, "{}", reply.text());
    }
    Ok(())
}

#[tokio::test]
async fn an_answer_of_any_length_passes() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("long").await?;
    for stream in [false, true] {
        let body = prompts::chat("[[size:20000000]]", stream);
        let reply = rig.client().post(CHAT, &key.secret, body).await?;
        assert_eq!(reply.status, 200);
        assert!(reply.body.len() > 20_000_000, "{}", reply.body.len());
        let row = rig.row(reply.header("x-tidegate-request-id")).await?;
        assert_eq!(row.response_bytes, reply.body.len() as u64);
        assert_eq!(row.usage.source, tidegate_types::UsageSource::Reported);
    }
    Ok(())
}

#[tokio::test]
async fn bodies_held_at_once_are_bounded() -> anyhow::Result<()> {
    let config = "[limits]\nbody_max = \"1MiB\"\nbody_memory = \"1MiB\"\n".into();
    let rig = Rig::with(RigOptions {
        config,
        ..RigOptions::default()
    })
    .await?;
    let key = rig.key("memory").await?;
    let large = prompts::chat(&"a".repeat(700 << 10), false);
    let slow = large.replacen("aaaa", "[[delay:30]]", 1);
    let (client, secret) = (rig.client(), key.secret.clone());
    let held = tokio::spawn(async move { client.post(CHAT, &secret, slow).await });
    tidegate_harness::eventually("the first is upstream", || {
        rig.standin.stats().in_flight == 1
    })
    .await?;
    let reply = rig.client().post(CHAT, &key.secret, large).await?;
    assert_eq!(reply.status, 503, "{}", reply.text());
    assert_eq!(reply.json()?["error"]["code"], "gateway_busy");
    held.abort();
    Ok(())
}
