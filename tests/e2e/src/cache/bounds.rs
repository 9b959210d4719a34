//! What is never kept, and what holds for an answer that is given again as for any other: guards, limits,
//! budgets, allow-lists.

use tidegate_governance::{entity::Allow, record::Outcome};
use tidegate_harness::eventually;
use tidegate_types::MicroUsd;

use super::*;

#[tokio::test]
async fn broken_failed_and_large_answers_are_not_kept() -> anyhow::Result<()> {
    let rig = keeping("largest = \"4KiB\"").await?;
    let key = rig.key("broken").await?;
    for prompt in [
        "[[cut]]",
        "[[status:500]]",
        "[[status:429]]",
        "[[size:9000]]",
    ] {
        for stream in [true, false] {
            for _ in 0..2 {
                // An answer in one piece that is cut off breaks the connection.
                match ask(&rig, &key, CHAT, prompts::chat(prompt, stream), &[]).await {
                    Ok(reply) => assert_eq!(used(&reply), "miss", "{prompt} {stream}"),
                    Err(_) => assert_eq!(prompt, "[[cut]]"),
                }
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn what_has_state_or_effects_is_not_looked_up() -> anyhow::Result<()> {
    let rig = keeping("").await?;
    let key = rig.key("state").await?;
    for (path, body) in [
        ("/openai/v1/responses", prompts::response("stored", false)),
        (
            CHAT,
            prompts::chat("stored", false).replacen('{', "{\"store\":true,", 1),
        ),
        (
            "/openai/v1/images/generations",
            r#"{"model":"gpt-image-1","prompt":"x"}"#.to_owned(),
        ),
    ] {
        for _ in 0..2 {
            let reply = ask(&rig, &key, path, body.clone(), &[]).await?;
            assert_eq!((reply.status.as_u16(), used(&reply)), (200, ""), "{path}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn answers_grow_too_old() -> anyhow::Result<()> {
    let rig = keeping("ttl = \"1s\"").await?;
    let key = rig.key("old").await?;
    let first = chat(&rig, &key, "old").await?;
    let kept = std::time::Instant::now();
    let mut tick = tokio::time::interval(std::time::Duration::from_millis(50));
    loop {
        tick.tick().await;
        let reply = chat(&rig, &key, "old").await?;
        if used(&reply) == "miss" {
            assert_ne!(reply.body, first.body);
            return Ok(());
        }
        assert_eq!(reply.body, first.body);
        assert!(kept.elapsed().as_secs() < 20, "it is given for ever");
    }
}

#[tokio::test]
async fn guards_see_each_answer_by_the_rules_of_the_day() -> anyhow::Result<()> {
    let rig = keeping("").await?;
    let key = rig.key("guarded").await?;
    let prompt = "tell me of heron island";
    assert_eq!(used(&chat(&rig, &key, prompt).await?), "miss");
    assert_eq!(used(&chat(&rig, &key, prompt).await?), "hit");
    let terms = |on: &str, action: &str| {
        let off = if on == "prompts" {
            "answers"
        } else {
            "prompts"
        };
        format!(
            r#"{{"detect":{{"kind":"terms","words":["heron"]}},"{on}":true,"{off}":false,"action":{action}}}"#
        )
    };
    // The stand-in answers with the prompt's words.
    let redacting = terms("answers", r#"{"do":"redact"}"#);
    let guardrail = rig.guardrail("no birds", &redacting).await?;
    for stream in [false, true] {
        let reply = ask(&rig, &key, CHAT, prompts::chat(prompt, stream), &[]).await?;
        assert_eq!(used(&reply), "hit");
        assert!(!said(&reply).contains("heron"), "{}", reply.text());
        assert!(said(&reply).contains("island"), "{}", reply.text());
    }
    rig.store.delete_guardrail(Actor::Cli, guardrail).await?;
    let blocking = rig
        .guardrail("none", &terms("answers", r#"{"do":"block"}"#))
        .await?;
    for stream in [false, true] {
        let reply = ask(&rig, &key, CHAT, prompts::chat(prompt, stream), &[]).await?;
        assert_eq!(reply.status, 400, "{}", reply.text());
        assert_eq!(reply.json()?["error"]["code"], "answer_blocked");
        let row = rig.row(reply.header("x-tidegate-request-id")).await?;
        assert_eq!((row.outcome, row.cost), (Outcome::Refused, MicroUsd::ZERO));
    }
    // What was stopped is not kept either: once the rule is gone, the provider is asked.
    let fresh = chat(&rig, &key, "another heron").await?;
    assert_eq!(fresh.status, 400, "{}", fresh.text());
    rig.store.delete_guardrail(Actor::Cli, blocking).await?;
    rig.settled().await?;
    assert_eq!(used(&chat(&rig, &key, "another heron").await?), "miss");
    assert_eq!(used(&chat(&rig, &key, prompt).await?), "hit");
    rig.guardrail("asked", &terms("prompts", r#"{"do":"block"}"#))
        .await?;
    let reply = chat(&rig, &key, prompt).await?;
    assert_eq!(reply.json()?["error"]["code"], "prompt_blocked");
    Ok(())
}

#[tokio::test]
async fn budgets_are_untouched_and_limits_count() -> anyhow::Result<()> {
    let rig = keeping("").await?;
    let key = rig.key("money").await?;
    let budget = rig.budget(&key, MicroUsd::from_micros(1_000)).await?;
    let prompt = "[[usage:input=100,output=1000]]";
    let first = chat(&rig, &key, prompt).await?;
    let paid = rig.row(first.header("x-tidegate-request-id")).await?.cost;
    for _ in 0..5 {
        assert_eq!(used(&chat(&rig, &key, prompt).await?), "hit");
    }
    rig.gateway.flush().await?;
    let status = rig.store.budget_status(&[budget]).await?;
    assert_eq!(status[0].spent, paid);
    // Over its budget, a key gets nothing, kept or not.
    let spend = chat(&rig, &key, "[[usage:input=1000,output=5000]]").await?;
    assert_eq!(spend.status, 200);
    let refused = chat(&rig, &key, prompt).await?;
    assert_eq!(refused.json()?["error"]["code"], "budget_exceeded");

    let limited = rig.key("limited").await?;
    rig.limit(&limited, |limit| limit.requests_per_minute = Some(3))
        .await?;
    let mut seen = Vec::new();
    for _ in 0..4 {
        let reply = chat(&rig, &limited, "limited").await?;
        seen.push((reply.status.as_u16(), used(&reply).to_owned()));
    }
    let expected = [(200, "miss"), (200, "hit"), (200, "hit"), (429, "")];
    let expected = expected.map(|(status, used)| (status, used.to_owned()));
    assert_eq!(seen, expected);
    Ok(())
}

#[tokio::test]
async fn a_key_that_may_not_use_a_model_gets_no_kept_answer_of_it() -> anyhow::Result<()> {
    let rig = keeping("").await?;
    let red = team(&rig, "red").await?;
    let ada = key_of(&rig, "ada", red).await?;
    let allow = Allow {
        models: vec!["gpt-4.1*".parse()?],
        ..Allow::default()
    };
    let bob = rig
        .key_with("bob", allow, |new| new.team = Some(red))
        .await?;
    assert_eq!(used(&chat(&rig, &ada, "x").await?), "miss");
    let refused = chat(&rig, &bob, "x").await?;
    assert_eq!(refused.json()?["error"]["code"], "model_not_allowed");
    Ok(())
}

#[tokio::test]
async fn a_client_that_leaves_takes_no_answer_with_it() -> anyhow::Result<()> {
    let rig = keeping("").await?;
    let key = rig.key("gone").await?;
    let bearer = format!("Bearer {}", key.secret);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let body = prompts::chat("slow [[pause:0.05]]", true);
    let client = rig.client();
    let begun = client
        .open(http::Method::POST, CHAT, &headers, body.clone())
        .await?;
    drop(begun);
    drop(client);
    eventually("the call ends", || rig.standin.requests().len() == 1).await?;
    let reply = ask(&rig, &key, CHAT, body, &[]).await?;
    assert_eq!(used(&reply), "miss", "half an answer is none");
    Ok(())
}
