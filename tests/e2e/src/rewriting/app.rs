//! Apps on laptops: what the gateway changes reaches them changed, event by event, and what it stops
//! they are told in their own dialect, though they never heard of a gateway.

use http_body_util::BodyExt;
use tidegate_governance::record::Outcome;
use tidegate_harness::RigOptions;
use tidegate_policy::{Decision, Mode};

use super::{
    GOT, PROMPT, SENT, guarded,
    laptop::Laptop,
    piece,
    scripted::Scripted,
    text,
    words::{NO_ANSWER, NO_PROMPT},
};
use crate::{devices::Devices, prompts};

const RELAYED: &str = "/edge/api.anthropic.com/v1/messages";
const VERSIONS: [&str; 2] = ["http/1.1", "h2"];

async fn devices(options: RigOptions) -> anyhow::Result<(Devices, Laptop)> {
    let devices = Devices::with(options).await?;
    let laptop = Laptop::start(&devices.rig, &devices.key.secret).await?;
    Ok((devices, laptop))
}

#[tokio::test]
async fn the_device_route_is_guarded_like_any_other() -> anyhow::Result<()> {
    let devices = Devices::with(guarded(String::new())).await?;
    for stream in [false, true] {
        devices.home.clear();
        let body = prompts::message(PROMPT, stream);
        let reply = devices.send(RELAYED, "pass_through", &[], &body).await?;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(text(&reply.text()), GOT, "{}", reply.text());
        let seen = devices.home.requests();
        let sent = seen[0].body().expect("a body");
        let sent = String::from_utf8_lossy(&sent).into_owned();
        assert!(sent.contains(SENT), "{sent}");
        assert_eq!(seen[0].header("x-api-key"), Some("sk-ant-of-the-app"));
        let row = devices
            .rig
            .row(reply.header("x-tidegate-request-id"))
            .await?;
        assert_eq!(row.request_bytes, body.len() as u64);
        assert_eq!(row.response_bytes, reply.body.len() as u64);
        assert!(row.edge.is_some() && row.cost.micros() > 0, "{row:?}");
    }
    Ok(())
}

/// An app that nobody configured, its agent, the gateway with the guard, and its own provider.
#[tokio::test]
async fn an_unconfigured_app_gets_the_changed_answer() -> anyhow::Result<()> {
    let (devices, laptop) = devices(guarded(String::new())).await?;
    for version in VERSIONS {
        let mut app = laptop.app(version).await?;
        for stream in [false, true] {
            devices.home.clear();
            let answer = app.call(prompts::message(PROMPT, stream)).await?;
            assert_eq!(answer.status(), 200);
            let length = answer.headers().get("content-length").cloned();
            let body = answer.into_body().collect().await?.to_bytes();
            let body = String::from_utf8(body.to_vec())?;
            let whole = (!stream).then(|| body.len().into());
            assert_eq!(length, whole, "nobody knows that of a stream");
            assert_eq!(text(&body), GOT, "{version}: {body}");
            let seen = devices.home.requests();
            let sent = seen[0].body().expect("a body");
            assert!(String::from_utf8_lossy(&sent).contains(SENT));
            assert_eq!(seen[0].header("x-api-key"), Some("sk-ant-of-the-app"));
        }
    }
    let rows = devices.rig.rows(&devices.key).await?;
    assert_eq!(rows.len(), 4);
    assert!(rows.iter().all(|row| row.outcome == Outcome::Completed));
    Ok(())
}

#[tokio::test]
async fn an_apps_stream_is_changed_event_by_event() -> anyhow::Result<()> {
    let provider = Scripted::start().await?;
    let (devices, laptop) = devices(guarded(provider.config("anthropic"))).await?;
    devices.decide(Decision::Approved, Mode::Gateway).await?;
    let event = |text: &str| {
        let delta = format!("{{\"type\":\"text_delta\",\"text\":\"{text}\"}}");
        format!(
            "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":0,\
             \"delta\":{delta}}}\n\n"
        )
    };
    for version in VERSIONS {
        let mut app = laptop.app(version).await?;
        let body = prompts::message(PROMPT, true).replace("claude", "scripted/claude");
        let play = async {
            let mut call = provider.called().await?;
            call.begin().await?;
            anyhow::Ok(call)
        };
        let (answer, call) = tokio::join!(app.call(body), play);
        let (mut answer, mut call) = (answer?.into_body(), call?);
        assert!(call.body.contains(SENT), "{}", call.body);
        // Each is read before the provider says the next.
        call.say(&event("one")).await?;
        assert_eq!(piece(&mut answer).await?, event("one"));
        call.say(&event("a light")).await?;
        assert_eq!(text(&piece(&mut answer).await?), "a ");
        call.say(&event("house")).await?;
        assert_eq!(text(&piece(&mut answer).await?), "beacon");
        let (first, second) = NO_ANSWER.split_at(3);
        call.say(&event(first)).await?;
        call.say(&event(second)).await?;
        let rest = answer.collect().await?.to_bytes();
        let rest = String::from_utf8(rest.to_vec())?;
        assert!(rest.starts_with("event: error\ndata: "), "{rest}");
        assert!(rest.contains("\"policy_blocked\""), "{rest}");
        call.left().await?;
    }
    Ok(())
}

#[tokio::test]
async fn an_app_is_told_of_a_block_in_its_dialect() -> anyhow::Result<()> {
    let (devices, laptop) = devices(guarded(String::new())).await?;
    for version in VERSIONS {
        let mut app = laptop.app(version).await?;
        for (word, code) in [(NO_PROMPT, "prompt_blocked"), (NO_ANSWER, "answer_blocked")] {
            let answer = app.call(prompts::message(word, false)).await?;
            assert_eq!(answer.status(), 400);
            assert_eq!(answer.headers()["x-should-retry"], "false");
            let body = answer.into_body().collect().await?.to_bytes();
            let body: serde_json::Value = serde_json::from_slice(&body)?;
            assert_eq!(body["type"], "error");
            assert_eq!(body["error"]["type"], "policy_blocked");
            assert_eq!(body["error"]["code"], code);
        }
    }
    // Only the prompts whose answers were stopped were sent.
    assert_eq!(devices.home.requests().len(), VERSIONS.len());
    Ok(())
}
