//! Answers that end badly while guards stand by: providers that break off, clients that leave.

use http::Method;
use http_body_util::BodyExt;
use tidegate_governance::record::Outcome;
use tidegate_harness::{Rig, RigOptions};

use super::{
    CHAT, DIALECTS, MESSAGES, clients, guarded, key, piece, scripted::Scripted, words::STUCK,
};
use crate::prompts;

/// Nothing of it was sent, so the refusal is a whole answer of its own.
#[tokio::test]
async fn a_guarded_answer_that_breaks_off_is_refused_in_its_place() -> anyhow::Result<()> {
    let rig = Rig::with(guarded(String::new())).await?;
    let key = key(&rig).await?;
    for client in clients(&rig) {
        for (path, body) in DIALECTS {
            let reply = client
                .post(path, &key.secret, body("[[cut]] hello", false))
                .await?;
            assert_eq!(reply.status, 502, "{}", reply.text());
            assert_eq!(reply.json()?["error"]["code"], "upstream_broken");
            let row = rig.row(reply.header("x-tidegate-request-id")).await?;
            assert_eq!((row.outcome, row.status), (Outcome::UpstreamBroken, 502));
        }
    }
    Ok(())
}

/// With guards or without: the error is an event of its own, not the end of another.
#[tokio::test]
async fn a_stream_cut_within_an_event_ends_with_an_error_event() -> anyhow::Result<()> {
    let provider = Scripted::start().await?;
    let rig = Rig::with(RigOptions {
        config: provider.config("anthropic"),
        ..RigOptions::default()
    })
    .await?;
    let key = key(&rig).await?;
    let bearer = format!("Bearer {}", key.secret);
    let headers = [("authorization", bearer.as_str())];
    for client in clients(&rig) {
        let body = prompts::message("hi", true).replace("claude", "scripted/claude");
        let half = "event: ping\ndata: {\"type\":";
        let play = async {
            let mut call = provider.called().await?;
            call.begin().await?;
            call.say(half).await?;
            anyhow::Ok(call)
        };
        let open = client.open(Method::POST, MESSAGES, &headers, body);
        let (answer, call) = tokio::join!(open, play);
        let (mut answer, call) = (answer?.into_body(), call?);
        assert_eq!(piece(&mut answer).await?, half);
        drop(call);
        let rest = answer.collect().await?.to_bytes();
        let rest = String::from_utf8(rest.to_vec())?;
        assert!(rest.starts_with("\n\nevent: error\ndata: {"), "{rest}");
    }
    Ok(())
}

/// The guard asks someone who never answers; that must not outlive the client.
#[tokio::test]
async fn a_client_that_leaves_a_guard_that_waits_ends_the_call() -> anyhow::Result<()> {
    let provider = Scripted::start().await?;
    let rig = Rig::with(guarded(provider.config("openai"))).await?;
    let key = key(&rig).await?;
    let bearer = format!("Bearer {}", key.secret);
    let headers = [("authorization", bearer.as_str())];
    for client in clients(&rig) {
        let body = prompts::chat("hi", true).replace("gpt-4o", "scripted/gpt-4o");
        let play = async {
            let mut call = provider.called().await?;
            call.begin().await?;
            call.say("data: {}\n\n").await?;
            anyhow::Ok(call)
        };
        let open = client.open(Method::POST, CHAT, &headers, body);
        let (answer, call) = tokio::join!(open, play);
        let (mut answer, mut call) = (answer?, call?);
        assert_eq!(piece(answer.body_mut()).await?, "data: {}\n\n");
        call.say(&format!("data: {{\"choices\":\"{STUCK}\"}}\n\n"))
            .await?;
        drop((answer, client));
        call.left().await?;
    }
    // Written by the gateway when it hung up, or right after.
    for _ in 0..1_000 {
        let rows = rig.rows(&key).await?;
        if rows.len() == 2 {
            assert!(rows.iter().all(|row| row.outcome == Outcome::ClientGone));
            return Ok(());
        }
    }
    anyhow::bail!("no rows")
}
