//! Copies of calls for a shadow target: who gets them, what they say there, what is known of them, and that the call
//! itself notices nothing.

use std::time::{Duration, Instant};

use http::Method;
use tidegate_governance::{
    entity::Allow,
    record::{CostBasis, Outcome},
};
use tidegate_harness::{Client, Key, Reply, Rig, eventually};
use tidegate_store::{LoggedRequest, StoreError};
use tidegate_types::{MicroUsd, RequestId};

use super::{CHAT, Two};
use crate::prompts;

fn config(more: &str) -> String {
    format!(
        "[[models]]\nname = \"smart\"\n[[models.targets]]\nmodel = \"a/gpt-4o\"\n\
         [models.shadow]\nmodel = \"b/gpt-4o-mini\"\n{more}\n"
    )
}

async fn ask(two: &Two, key: &Key, path: &str, body: String) -> anyhow::Result<(Reply, RequestId)> {
    let reply = two.rig.client().post(path, &key.secret, body).await?;
    let id = reply.header("x-tidegate-request-id").parse()?;
    Ok((reply, id))
}

/// The row of a call's copy, once there is one.
async fn copy_of(rig: &Rig, id: RequestId) -> anyhow::Result<LoggedRequest> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        rig.gateway.flush().await?;
        match rig.store.request(id.shadow()).await {
            Ok((row, _)) => return Ok(row),
            Err(StoreError::NotFound(_)) if Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// What copies came to, as `/metrics` shows it.
async fn counted(rig: &Rig, result: &str) -> anyhow::Result<u64> {
    let control = Client::http1(&format!("http://{}", rig.gateway.control));
    let text = control.send(Method::GET, "/metrics", &[], "").await?.text();
    let series = format!("tidegate_shadow_requests_total{{provider=\"b\",result=\"{result}\"}} ");
    let value = text.lines().find_map(|line| line.strip_prefix(&series));
    Ok(value.map_or(Ok(0), str::parse)?)
}

#[tokio::test]
async fn a_copy_goes_to_the_shadow_target_and_is_billed_to_nobody() -> anyhow::Result<()> {
    let two = Two::start(&config("")).await?;
    let cap = MicroUsd::from_micros(10_000_000);
    let budget = two.rig.budget(&two.key, cap).await?;
    let mut spent = 0;
    for stream in [false, true] {
        let body = prompts::chat_with("smart", "hello", stream);
        let (reply, id) = ask(&two, &two.key, CHAT, body).await?;
        assert_eq!(reply.status, 200);
        let copy = copy_of(&two.rig, id).await?;
        let call = two.rig.row(&id.to_string()).await?;
        spent += call.cost.micros();
        assert_eq!((call.shadow_of, copy.shadow_of), (None, Some(id)));
        assert_eq!((copy.key, copy.team, copy.user), (None, None, None));
        let provider = copy.provider.as_ref().map(|name| name.as_str());
        let model = copy.model.as_ref().map(|name| name.as_str());
        assert_eq!((provider, model), (Some("b"), Some("gpt-4o-mini")));
        assert_eq!((copy.status, copy.outcome), (200, Outcome::Completed));
        assert_eq!(
            (copy.streamed, copy.cost_basis),
            (stream, CostBasis::Priced)
        );
        assert!(copy.cost.micros() > 0 && copy.cost < call.cost, "{copy:?}");
        assert_eq!(copy.started_at, call.started_at);
    }
    let seen = two.b.requests();
    assert_eq!((two.a.requests().len(), seen.len()), (2, 2));
    // The gateway's own key at that provider, and nothing of the caller's.
    let key = seen[0].header("authorization").unwrap_or_default();
    assert!(key.starts_with("Bearer key-"), "{key}");
    let all = format!("{:?}", seen[0].headers);
    assert!(!all.contains(&two.key.secret), "{all}");
    let sent = String::from_utf8(seen[0].body().unwrap_or_default())?;
    assert!(sent.contains("\"gpt-4o-mini\""), "{sent}");
    let status = two.rig.store.budget_status(&[budget]).await?;
    assert_eq!(status[0].spent.micros(), spent);
    assert_eq!(
        two.rig.rows(&two.key).await?.len(),
        2,
        "copies are not the key's"
    );
    eventually_counted(&two.rig, "answered", 2).await
}

async fn eventually_counted(rig: &Rig, result: &str, wanted: u64) -> anyhow::Result<()> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let found = counted(rig, result).await?;
        if found == wanted {
            return Ok(());
        }
        assert!(Instant::now() < deadline, "{found} {result}, not {wanted}");
    }
}

#[tokio::test]
async fn what_guards_redact_is_redacted_in_the_copy_in_whatever_language_it_is_asked()
-> anyhow::Result<()> {
    let two = Two::start(&config("")).await?;
    let rule = r#"{"detect":{"kind":"rules","groups":["secrets"]},"action":{"do":"redact"}}"#;
    two.rig.guardrail("no secrets", rule).await?;
    let secret = ["AKIA", "QYLPMN5HHHFPZAM2"].concat();
    let prompt = format!("my key is {secret}, keep it");
    let message = prompts::message(&prompt, true).replace("claude-sonnet-4-5", "smart");
    for (path, body) in [
        (CHAT, prompts::chat_with("smart", &prompt, false)),
        ("/anthropic/v1/messages", message),
    ] {
        let (reply, id) = ask(&two, &two.key, path, body).await?;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let copy = copy_of(&two.rig, id).await?;
        assert_eq!((copy.status, copy.outcome), (200, Outcome::Completed));
        let sent = two.b.requests().pop().and_then(|seen| seen.body());
        let sent = String::from_utf8(sent.unwrap_or_default())?;
        assert!(
            !sent.contains(&secret) && sent.contains("my key is ["),
            "{sent}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_guard_of_the_shadow_targets_provider_stops_the_copy_and_not_the_call()
-> anyhow::Result<()> {
    let two = Two::start(&config("")).await?;
    let rule = r#"{"detect":{"kind":"terms","words":["tides"]},"action":{"do":"block"},
                   "scope":{"providers":["b"]}}"#;
    two.rig.guardrail("not to b", rule).await?;
    let body = prompts::chat_with("smart", "of tides and gates", false);
    let (reply, id) = ask(&two, &two.key, CHAT, body).await?;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let copy = copy_of(&two.rig, id).await?;
    assert_eq!(
        (copy.code.as_deref(), copy.cost.micros()),
        (Some("prompt_blocked"), 0)
    );
    assert_eq!(two.b.requests().len(), 0);
    Ok(())
}

#[tokio::test]
async fn a_shadow_target_that_hangs_or_fails_is_not_noticed() -> anyhow::Result<()> {
    let two = Two::start(&config("timeout = \"400ms\"\n[routing]\nshadows = 1\n")).await?;
    two.b.order("", "stall");
    let body = || prompts::chat_with("smart", "hello", true);
    let (reply, hanging) = ask(&two, &two.key, CHAT, body()).await?;
    assert_eq!(reply.status, 200);
    // There is room for one: the second has no copy.
    let (reply, dropped) = ask(&two, &two.key, CHAT, body()).await?;
    assert_eq!(reply.status, 200);
    assert_eq!(counted(&two.rig, "dropped").await?, 1);
    let copy = copy_of(&two.rig, hanging).await?;
    assert_eq!(
        (copy.status, copy.code.as_deref()),
        (504, Some("upstream_timeout"))
    );
    assert!(
        copy.duration_us >= 400_000 && copy.duration_us < 10_000_000,
        "{copy:?}"
    );
    eventually_counted(&two.rig, "failed", 1).await?;
    let missing = two.rig.store.request(dropped.shadow()).await;
    assert_eq!(missing, Err(StoreError::NotFound("request")));
    // However often it fails, nobody is routed by that.
    two.b.order("", "status=500");
    for failed in 2..=7 {
        let (reply, id) = ask(&two, &two.key, CHAT, body()).await?;
        assert_eq!(
            (reply.status.as_u16(), copy_of(&two.rig, id).await?.status),
            (200, 500)
        );
        eventually_counted(&two.rig, "failed", failed).await?;
    }
    two.b.order("", "status=200");
    let (status, attempts) = two.ask("b/gpt-4o-mini", "hello").await?;
    assert_eq!((status, attempts.len()), (200, 1));
    Ok(())
}

#[tokio::test]
async fn who_may_not_use_the_target_has_no_copy_there_and_a_share_of_none_is_none()
-> anyhow::Result<()> {
    let two = Two::start(&config("")).await?;
    let allow = Allow {
        providers: vec!["a".parse()?],
        ..Allow::default()
    };
    let key = two.rig.key_with("only a", allow, |_| {}).await?;
    let body = prompts::chat_with("smart", "hello", false);
    let (reply, id) = ask(&two, &key, CHAT, body.clone()).await?;
    assert_eq!(reply.status, 200);
    let copy = copy_of(&two.rig, id).await?;
    assert_eq!(copy.code.as_deref(), Some("provider_not_allowed"));
    assert_eq!(two.b.requests().len(), 0);
    let none = Two::start(&config("share = 0.0")).await?;
    for _ in 0..5 {
        assert_eq!(
            ask(&none, &none.key, CHAT, body.clone()).await?.0.status,
            200
        );
    }
    let resting = || none.a.stats().in_flight == 0;
    eventually("all calls are over", resting).await?;
    assert_eq!(none.b.stats().requests, 0);
    Ok(())
}
