//! Calls that devices relay: governed like any other, with the app's own credential or the gateway's,
//! and never a way to somewhere else.

use http::Method;
use tidegate_governance::{entity::Scope, record::Outcome};
use tidegate_policy::{Decision, Mode};
use tidegate_store::Actor;
use tidegate_types::MicroUsd;

use crate::{devices::Devices, prompts};

const MESSAGES: &str = "/edge/api.anthropic.com/v1/messages";

#[tokio::test]
async fn a_call_with_the_apps_own_credential_is_governed_and_goes_home() -> anyhow::Result<()> {
    let devices = Devices::start().await?;
    let rig = &devices.rig;
    let direct = rig.direct();
    for stream in [false, true] {
        let body = prompts::message("hello", stream);
        let reply = devices.send(MESSAGES, "pass_through", &[], &body).await?;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let headers = [("content-type", "application/json"), ("x-api-key", "x")];
        let straight = direct
            .send(Method::POST, "/v1/messages", &headers, body.clone())
            .await?;
        assert_eq!(
            reply.body.len(),
            straight.body.len(),
            "nothing in the answer changed"
        );
        let row = rig.row(reply.header("x-tidegate-request-id")).await?;
        assert_eq!(row.outcome, Outcome::Completed);
        assert!(row.cost.micros() > 0 && row.usage.output > 0, "{row:?}");
        let edge = row
            .edge
            .as_ref()
            .ok_or_else(|| anyhow::anyhow!("no edge"))?;
        assert_eq!(edge.device(), devices.id);
        assert_eq!((edge.app(), edge.os_user()), ("claude-code", "ada"));
        assert_eq!(edge.process(), "/usr/bin/claude code");
        assert_eq!(edge.host(), "api.anthropic.com");
    }
    let seen = devices.home.requests();
    assert_eq!(seen.len(), 2);
    for seen in seen {
        assert_eq!(seen.header("x-api-key"), Some("sk-ant-of-the-app"));
        assert_eq!(seen.path, "/v1/messages");
        assert!(!format!("{seen:?}").contains("x-tidegate-"), "{seen:?}");
    }
    assert!(
        rig.standin
            .requests()
            .iter()
            .all(|seen| seen.header("x-api-key") == Some("x"))
    );
    Ok(())
}

#[tokio::test]
async fn in_gateway_mode_the_credential_is_the_gateways() -> anyhow::Result<()> {
    let devices = Devices::start().await?;
    let body = prompts::message("hello", false);
    // What the device says of it does not count.
    let reply = devices.send(MESSAGES, "gateway", &[], &body).await?;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(devices.home.requests().len(), 1);
    devices.home.clear();
    devices.decide(Decision::Approved, Mode::Gateway).await?;
    let reply = devices.send(MESSAGES, "pass_through", &[], &body).await?;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let seen = devices.rig.standin.requests();
    assert_eq!(seen[0].header("x-api-key"), Some("upstream-secret"));
    assert!(devices.home.requests().is_empty());
    Ok(())
}

#[tokio::test]
async fn the_rest_of_a_governed_host_passes_and_is_logged_without_content() -> anyhow::Result<()> {
    let devices = Devices::start().await?;
    let more = [("cookie", "session=1")];
    let path = "/edge/claude.ai/v1/some/telemetry?x=1";
    let reply = devices
        .send(path, "pass_through", &more, r#"{"event":1}"#)
        .await?;
    let seen = devices.home.requests();
    assert_eq!(seen.len(), 1, "{}", reply.text());
    assert_eq!(seen[0].path, "/v1/some/telemetry?x=1");
    assert_eq!(seen[0].header("cookie"), Some("session=1"));
    assert_eq!(seen[0].body().as_deref(), Some(&br#"{"event":1}"#[..]));
    let row = devices
        .rig
        .row(reply.header("x-tidegate-request-id"))
        .await?;
    assert_eq!(row.operation, "edge.forward");
    assert_eq!((row.cost, row.request_bytes), (MicroUsd::ZERO, 11));
    assert!(!row.has_content);
    Ok(())
}

#[tokio::test]
async fn a_device_gets_nowhere_else_and_nobody_else_gets_there() -> anyhow::Result<()> {
    let devices = Devices::start().await?;
    let rig = &devices.rig;
    let body = prompts::message("hello", false);
    for host in [
        "169.254.169.254",
        "localhost",
        "internal.example.com",
        "evilanthropic.com",
    ] {
        let path = format!("/edge/{host}/v1/messages");
        let reply = devices.send(&path, "pass_through", &[], &body).await?;
        assert_eq!(reply.status, 403, "{host}");
        assert!(
            reply.text().contains("host_not_governed"),
            "{}",
            reply.text()
        );
    }
    for path in [
        "/edge/api.anthropic.com/v1//messages",
        "/edge/api.anthropic.com/v1/%6dessages",
    ] {
        let reply = devices.send(path, "pass_through", &[], &body).await?;
        assert_eq!(reply.status, 400, "{path}: no way around the stages");
    }
    let other = rig.key("virtual").await?;
    for presented in [other.secret.as_str(), "tg-device-wrong", ""] {
        let headers = [("x-tidegate-device-key", presented)];
        let reply = rig
            .client()
            .send(Method::POST, MESSAGES, &headers, body.clone())
            .await?;
        assert_eq!(reply.status, 401, "{presented}");
    }
    // And a device's key opens nothing but this.
    let path = "/anthropic/v1/messages";
    assert_eq!(
        rig.client()
            .post(path, &devices.key.secret, body)
            .await?
            .status,
        401
    );
    assert!(devices.home.requests().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_denied_app_is_refused_in_its_own_dialect() -> anyhow::Result<()> {
    let devices = Devices::start().await?;
    devices.decide(Decision::Denied, Mode::PassThrough).await?;
    let body = prompts::message("hello", false);
    let reply = devices.send(MESSAGES, "pass_through", &[], &body).await?;
    assert_eq!(reply.status, 403, "{}", reply.text());
    let error = reply.json()?;
    assert_eq!(error["type"], "error");
    let message = error["error"]["message"].as_str().unwrap_or_default();
    assert!(message.contains("not reviewed yet"), "{message}");
    assert!(devices.home.requests().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_budget_holds_for_a_device_as_for_any_key() -> anyhow::Result<()> {
    let devices = Devices::start().await?;
    let new = tidegate_store::NewBudget {
        scope: Scope::Key(devices.key.id),
        model: None,
        cap: MicroUsd::from_micros(10),
        window: tidegate_governance::entity::Window::Day,
        alignment: tidegate_governance::entity::Alignment::Calendar,
    };
    devices.rig.store.create_budget(Actor::Cli, new).await?;
    devices.rig.settled().await?;
    let body = prompts::message("hello", false);
    let reply = devices.send(MESSAGES, "pass_through", &[], &body).await?;
    assert_eq!(reply.status, 429, "{}", reply.text());
    assert!(devices.home.requests().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_conversation_on_the_web_is_logged_with_its_model_and_an_estimate() -> anyhow::Result<()>
{
    let devices = Devices::start().await?;
    let path = "/edge/claude.ai/api/organizations/o/chat_conversations/c/completion";
    let body = r#"{"prompt":"What is the tide at noon?","model":"claude-sonnet-4-5","rendering_mode":"messages"}"#;
    let reply = devices.send(path, "pass_through", &[], body).await?;
    let seen = devices.home.requests();
    assert_eq!(
        seen[0].body().as_deref(),
        Some(body.as_bytes()),
        "nothing is changed"
    );
    let row = devices
        .rig
        .row(reply.header("x-tidegate-request-id"))
        .await?;
    assert_eq!(row.operation, "claude_web");
    assert_eq!(
        row.model.as_ref().map(|model| model.as_str()),
        Some("claude-sonnet-4-5")
    );
    assert!(row.usage.input > 0);
    assert_eq!(row.usage.source, tidegate_types::UsageSource::Estimated);
    assert_eq!(row.cost, MicroUsd::ZERO);
    Ok(())
}
