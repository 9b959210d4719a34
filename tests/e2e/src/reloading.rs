//! The configuration file changes while the gateway runs: what is good is in force whole, what is not changes
//! nothing and says why, and calls under way notice neither.

mod certificates;

use std::time::{Duration, Instant};

use http::Method;
use http_body_util::BodyExt;
use tidegate_harness::{CONFIG, Client, Key, Rig, RigOptions};
use tidegate_loadtest::{Options, StandIn};

use crate::prompts;

/// How long a test waits for something that must happen.
const PATIENCE: Duration = Duration::from_secs(20);

const CHAT: &str = "/openai/v1/chat/completions";

async fn status(rig: &Rig, key: &Key) -> anyhow::Result<u16> {
    let body = prompts::chat("hi", false);
    Ok(rig
        .client()
        .post(CHAT, &key.secret, body)
        .await?
        .status
        .as_u16())
}

/// A metric's value, as `/metrics` shows it.
async fn metric(rig: &Rig, name: &str) -> anyhow::Result<String> {
    let control = Client::http1(&format!("http://{}", rig.gateway.control));
    let text = control.send(Method::GET, "/metrics", &[], "").await?.text();
    let line = text.lines().find(|line| line.starts_with(name));
    let value = line.and_then(|line| line.rsplit(' ').next());
    Ok(value.unwrap_or_default().to_owned())
}

/// With another stand-in for all providers.
fn moved(rig: &Rig, to: &StandIn) -> String {
    rig.config().replace(&rig.standin.url(), &to.url())
}

#[tokio::test]
async fn a_stream_ends_as_it_began_and_the_next_call_goes_where_the_new_file_says()
-> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let other = StandIn::start("127.0.0.1:0", Options::default()).await?;
    let key = rig.key("across").await?;
    let bearer = format!("Bearer {}", key.secret);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let body = prompts::chat("a long answer in many pieces [[pause:0.4]]", true);
    let begun = rig
        .client()
        .open(Method::POST, CHAT, &headers, body)
        .await?;
    assert_eq!(begun.status(), 200);
    let id = begun.headers()["x-tidegate-request-id"]
        .to_str()?
        .to_owned();
    let mut body = begun.into_body();
    let mut answer = body.frame().await.unwrap()?.into_data().unwrap().to_vec();
    rig.reconfigure(&moved(&rig, &other))
        .await
        .map_err(anyhow::Error::msg)?;
    assert_eq!(rig.standin.stats().in_flight, 1, "the stream still runs");
    assert_eq!(status(&rig, &key).await?, 200);
    assert_eq!(
        (other.requests().len(), rig.standin.requests().len()),
        (1, 1)
    );
    answer.extend_from_slice(&body.collect().await?.to_bytes());
    let answer = String::from_utf8(answer)?;
    assert!(answer.ends_with("data: [DONE]\n\n"), "{answer}");
    let row = rig.row(&id).await?;
    assert!(row.cost.micros() > 0, "{row:?}");
    Ok(())
}

#[tokio::test]
async fn a_bad_file_changes_nothing_says_why_and_is_forgotten_when_it_is_mended()
-> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("bad").await?;
    let refused = "tidegate_config_reloads_total{result=\"refused\"}";
    // The file alone, with nobody asking: it is found by looking.
    let broken = rig
        .config()
        .replace("dialect = \"openai\"", "dialect = \"klingon\"");
    std::fs::write(rig.dir().join(CONFIG), &broken)?;
    let control = Client::http1(&format!("http://{}", rig.gateway.control));
    let mut last = String::new();
    let deadline = Instant::now() + PATIENCE;
    while last != "1" && Instant::now() < deadline {
        last = metric(&rig, refused).await?;
    }
    assert_eq!(last, "1");
    assert_eq!(
        metric(&rig, "tidegate_config_reload_last_successful ").await?,
        "0"
    );
    assert_eq!(status(&rig, &key).await?, 200);
    let ready = control.send(Method::GET, "/readyz", &[], "").await?;
    assert_eq!(ready.status, 200, "it can take calls by the last good one");
    assert!(
        ready
            .text()
            .contains(r#"{"name":"configuration","ok":false}"#),
        "{}",
        ready.text()
    );
    // Asked, it says all that is wrong with it.
    let why = rig.gateway.reload().await.unwrap_err();
    assert!(
        why.contains("providers[0].dialect") && why.contains("klingon"),
        "{why}"
    );
    rig.reconfigure(rig.config())
        .await
        .map_err(anyhow::Error::msg)?;
    assert_eq!(
        metric(&rig, "tidegate_config_reload_last_successful ").await?,
        "1"
    );
    let ready = control.send(Method::GET, "/readyz", &[], "").await?;
    assert!(
        ready
            .text()
            .contains(r#"{"name":"configuration","ok":true}"#),
        "{}",
        ready.text()
    );
    Ok(())
}

#[tokio::test]
async fn what_needs_a_restart_is_named_and_nothing_else_of_its_file_is_in_force()
-> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let other = StandIn::start("127.0.0.1:0", Options::default()).await?;
    let key = rig.key("restart").await?;
    let text = moved(&rig, &other) + "[control]\nnames = [\"admin.example\"]\n";
    let why = rig.reconfigure(&text).await.unwrap_err();
    assert!(why.contains("control.names needs a restart"), "{why}");
    assert_eq!(status(&rig, &key).await?, 200);
    assert_eq!(
        (rig.standin.requests().len(), other.requests().len()),
        (1, 0)
    );
    Ok(())
}

#[tokio::test]
async fn a_rotated_credential_is_used_and_connections_of_what_did_not_change_are_kept()
-> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("rotated").await?;
    assert_eq!(status(&rig, &key).await?, 200);
    // As Kubernetes mounts secrets: another file is moved over it.
    let next = rig.dir().join("next");
    std::fs::write(&next, "upstream-rotated")?;
    std::fs::rename(&next, rig.dir().join("provider-key"))?;
    let sent = || {
        let seen = rig.standin.requests();
        let last = seen
            .last()
            .and_then(|seen| seen.header("authorization").map(str::to_owned));
        (last.unwrap_or_default(), rig.standin.stats().connections)
    };
    // Nobody asks: it is found by looking.
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        assert_eq!(status(&rig, &key).await?, 200);
        if sent().0 == "Bearer upstream-rotated" {
            break;
        }
    }
    assert_eq!(sent(), ("Bearer upstream-rotated".into(), 1));
    Ok(())
}

#[tokio::test]
async fn limits_and_providers_come_and_go() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("limits").await?;
    let big = prompts::chat(&"x".repeat(4_096), false);
    let asked = |body: String| async {
        let reply = rig.client().post(CHAT, &key.secret, body).await?;
        anyhow::Ok(reply.status.as_u16())
    };
    assert_eq!(asked(big.clone()).await?, 200);
    let small = format!(
        "{}[limits]\nbody_max = \"2KiB\"\nconnections = 64\n",
        rig.config()
    );
    rig.reconfigure(&small).await.map_err(anyhow::Error::msg)?;
    assert_eq!(asked(big.clone()).await?, 413);
    let gone = rig
        .config()
        .replace("name = \"openai\"", "name = \"renamed\"");
    rig.reconfigure(&gone).await.map_err(anyhow::Error::msg)?;
    let body = prompts::chat("hi", false);
    let reply = rig.client().post(CHAT, &key.secret, body).await?;
    let row = rig.row(reply.header("x-tidegate-request-id")).await?;
    let provider = row.provider.map(|name| name.to_string());
    assert_eq!(provider.as_deref(), Some("renamed"));
    assert_eq!(asked(big).await?, 200);
    Ok(())
}

#[tokio::test]
async fn a_file_that_takes_a_guardrails_service_away_is_refused() -> anyhow::Result<()> {
    let engines = "[[guardrails.engines]]\nname = \"own\"\nkind = \"webhook\"\nurl = \"http://127.0.0.1:9\"\n";
    let rig = Rig::with(RigOptions {
        config: engines.into(),
        ..RigOptions::default()
    })
    .await?;
    let asks = r#"{"detect":{"kind":"engine","engine":"own"},"action":{"do":"block"}}"#;
    rig.guardrail("by the webhook", asks).await?;
    let without = rig.config().replace(engines, "");
    let why = rig.reconfigure(&without).await.unwrap_err();
    assert!(why.contains("by the webhook"), "{why}");
    Ok(())
}
