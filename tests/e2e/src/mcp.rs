//! Remote MCP servers through the gateway: refused as decided, in the protocol's own words, and nothing of
//! it reaches the server. And a device that obeys decisions of its own.

use tidegate_policy::{AppRule, Decision, McpRule, McpTarget, Mode, Pinned, ToolRules};
use tidegate_store::{Actor, Audience, NewDecision};

use crate::{
    devices::{Devices, enrol},
    prompts,
};

const SERVER: &str = "url:https://mcp.example.com/acme";

async fn decide(devices: &Devices, decision: Decision, deny: &[&str]) -> anyhow::Result<()> {
    let rule = McpRule {
        target: McpTarget {
            identity: SERVER.parse()?,
            arguments: None,
            launch: None,
        },
        decision,
        tools: ToolRules {
            allow: None,
            deny: deny.iter().map(|&tool| tool.to_owned()).collect(),
        },
        note: Some("not reviewed yet".into()),
    };
    let new = vec![NewDecision::Mcp(Audience::Fleet, rule)];
    devices.rig.store.decide(Actor::Cli, new).await?;
    devices.rig.settled().await
}

fn call(tool: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{{"name":"{tool}"}}}}"#)
}

#[tokio::test]
async fn a_denied_remote_server_is_refused_in_json_rpc() -> anyhow::Result<()> {
    let devices = Devices::start().await?;
    let path = "/edge/mcp.example.com/acme/sse";
    let body = r#"{"jsonrpc":"2.0","id":"a","method":"initialize"}"#;
    let before = devices.send(path, "pass_through", &[], body).await?;
    assert!(
        before.text().contains("host_not_governed"),
        "{}",
        before.text()
    );
    decide(&devices, Decision::Denied, &[]).await?;
    let reply = devices.send(path, "pass_through", &[], body).await?;
    assert_eq!(reply.status, 403, "{}", reply.text());
    let told = reply.json()?;
    assert_eq!(
        (&told["jsonrpc"], &told["id"]),
        (&"2.0".into(), &"a".into())
    );
    assert_eq!(told["error"]["code"], -32_001);
    let message = told["error"]["message"].as_str().unwrap_or_default();
    assert!(
        message.contains(SERVER) && message.contains("not reviewed yet"),
        "{message}"
    );
    let plain = devices.send(path, "pass_through", &[], "x=1").await?;
    assert_eq!(plain.status, 403);
    assert!(plain.text().contains("mcp_denied"), "{}", plain.text());
    assert!(devices.home.requests().is_empty());
    // What else the host serves is not meant.
    let other = "/edge/mcp.example.com/status";
    devices.send(other, "pass_through", &[], body).await?;
    assert_eq!(devices.home.requests().len(), 1);
    let row = devices
        .rig
        .row(reply.header("x-tidegate-request-id"))
        .await?;
    assert_eq!(row.code.as_deref(), Some("mcp_denied"));
    Ok(())
}

#[tokio::test]
async fn a_denied_tool_is_refused_and_other_calls_arrive_as_they_were() -> anyhow::Result<()> {
    let devices = Devices::start().await?;
    decide(&devices, Decision::Approved, &["drop"]).await?;
    let path = "/edge/mcp.example.com/acme";
    let reply = devices
        .send(path, "pass_through", &[], &call("drop"))
        .await?;
    assert_eq!(reply.status, 403, "{}", reply.text());
    assert_eq!(reply.json()?["id"], 7);
    let batch = format!("[{},{}]", call("read"), call("drop"));
    let reply = devices.send(path, "pass_through", &[], &batch).await?;
    assert_eq!(reply.status, 403, "{}", reply.text());
    assert!(devices.home.requests().is_empty());
    let large = call("read").replace(
        "\"id\":7",
        &format!("\"id\":7,\"x\":\"{}\"", "y".repeat(300_000)),
    );
    for body in [call("read"), large] {
        devices.home.clear();
        devices.send(path, "pass_through", &[], &body).await?;
        let seen = devices.home.requests();
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].path, "/acme");
        assert_eq!(seen[0].body_length, Some(body.len()), "all of it");
    }
    let socket = [
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    devices.home.clear();
    let reply = devices.send(path, "pass_through", &socket, "").await?;
    assert!(
        reply.status.as_u16() >= 400,
        "what a WebSocket says is not looked at"
    );
    assert!(devices.home.requests().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_device_obeys_decisions_of_its_own() -> anyhow::Result<()> {
    let devices = Devices::start().await?;
    devices.decide(Decision::Denied, Mode::PassThrough).await?;
    let rule = AppRule {
        app: "claude-code".parse()?,
        decision: Decision::Approved,
        mode: Mode::PassThrough,
        pinned: Pinned::Bypass,
        note: None,
    };
    let new = vec![NewDecision::App(Audience::Device(devices.id), rule)];
    devices.rig.store.decide(Actor::Cli, new).await?;
    let (_, other) = enrol(&devices.rig).await?;
    let path = "/edge/api.anthropic.com/v1/messages";
    let body = prompts::message("hello", false);
    let reply = devices.send(path, "pass_through", &[], &body).await?;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let headers = [
        ("x-tidegate-device-key", other.secret.as_str()),
        ("x-tidegate-app", "claude-code"),
        ("content-type", "application/json"),
    ];
    let client = devices.rig.client();
    let reply = client
        .send(http::Method::POST, path, &headers, body)
        .await?;
    assert_eq!(reply.status, 403, "{}", reply.text());
    Ok(())
}
