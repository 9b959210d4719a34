//! WebSockets of apps on devices: carried to where the app sent them, logged as forwarded calls are, and
//! never where a prompt would pass without the stages.

mod host;
mod laptop;

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use http::{HeaderMap, Request, StatusCode};
use tidegate_governance::record::Outcome;
use tidegate_harness::{Key, Rig, RigOptions};
use tidegate_policy::{AppRule, Decision, Mode, Pinned};
use tidegate_store::{Actor, LoggedRequest};
use tidegate_types::{DeviceId, MicroUsd};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message},
};

use self::host::{Host, Script};
use crate::devices::enrol;

const NOTES: &str = "/edge/claude.ai/api/ws/notes?a=1";
/// Larger than every buffer on the way.
const LARGE: usize = 16 << 20;

type Socket = WebSocketStream<TcpStream>;

/// A gateway, a host with WebSockets behind it, and a device.
struct Devices {
    rig: Rig,
    host: Host,
    id: DeviceId,
    key: Key,
}

impl Devices {
    async fn start(script: Script) -> anyhow::Result<Self> {
        let host = Host::start(script).await?;
        let rig = Rig::with(RigOptions {
            config: host.config(),
            ..RigOptions::default()
        })
        .await?;
        let (id, key) = enrol(&rig).await?;
        Ok(Self { rig, host, id, key })
    }

    /// Asks the gateway for a WebSocket as the agent does.
    async fn open(&self, path: &str) -> anyhow::Result<(Socket, HeaderMap)> {
        let key = ("x-tidegate-device-key", self.key.secret.as_str());
        open(&self.rig, path, &[key]).await
    }

    /// The log row of a WebSocket that has ended, or is about to.
    async fn row(&self, id: &str) -> anyhow::Result<LoggedRequest> {
        let mut tick = tokio::time::interval(Duration::from_millis(5));
        let row = async {
            loop {
                tick.tick().await;
                if let Ok(row) = self.rig.row(id).await {
                    return row;
                }
            }
        };
        Ok(tokio::time::timeout(Duration::from_secs(20), row).await?)
    }
}

async fn open(
    rig: &Rig,
    path: &str,
    headers: &[(&str, &str)],
) -> anyhow::Result<(Socket, HeaderMap)> {
    let address = rig.gateway.data;
    let mut request = Request::get(format!("ws://{address}{path}"))
        .header("host", address.to_string())
        .header("connection", "keep-alive, Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .header("sec-websocket-protocol", "chat, other")
        .header("origin", "https://claude.ai")
        .header("cookie", "session=1")
        .header("x-tidegate-app", "claude-desktop")
        .header("x-tidegate-os-user", "ada")
        .header("x-tidegate-process", "/usr/bin/claude%20desktop");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let stream = TcpStream::connect(address).await?;
    let (socket, response) = client_async(request.body(())?, stream).await?;
    Ok((socket, response.headers().clone()))
}

/// Status and body of a refused handshake.
fn refused(asked: anyhow::Result<(Socket, HeaderMap)>) -> anyhow::Result<(StatusCode, String)> {
    let Err(error) = asked else {
        anyhow::bail!("it was carried");
    };
    match error.downcast::<Error>()? {
        Error::Http(response) => {
            let body = response.body().clone().unwrap_or_default();
            Ok((response.status(), String::from_utf8(body)?))
        }
        other => Err(other.into()),
    }
}

fn id(headers: &HeaderMap) -> &str {
    headers["x-tidegate-request-id"]
        .to_str()
        .unwrap_or_default()
}

#[tokio::test]
async fn what_is_said_arrives_and_is_logged_without_content() -> anyhow::Result<()> {
    let devices = Devices::start(Script::Echo).await?;
    let (mut socket, headers) = devices.open(NOTES).await?;
    assert_eq!(headers["sec-websocket-protocol"], "chat");
    for message in [
        Message::text("hello"),
        Message::binary(vec![7; LARGE]),
        Message::text("after"),
    ] {
        socket.send(message.clone()).await?;
        let heard = socket.next().await.unwrap()?;
        assert!(heard == message, "{} bytes", heard.len());
    }
    socket.close(None).await?;
    while socket.next().await.is_some() {}

    let (path, seen) = devices.host.asked();
    assert_eq!(path, "/api/ws/notes?a=1");
    assert_eq!(seen["host"], "claude.ai");
    assert_eq!(seen["origin"], "https://claude.ai");
    assert_eq!(seen["cookie"], "session=1");
    assert_eq!(seen["sec-websocket-protocol"], "chat, other");
    let ours = seen.keys().any(|name| name.as_str().contains("tidegate"));
    assert!(!ours, "{seen:?}");

    let row = devices.row(id(&headers)).await?;
    assert_eq!(row.operation, "edge.forward");
    assert_eq!((row.status, row.outcome), (101, Outcome::Completed));
    assert_eq!(row.cost, MicroUsd::ZERO);
    for bytes in [row.request_bytes, row.response_bytes] {
        assert!(
            bytes > LARGE as u64 && bytes < LARGE as u64 + 200,
            "{bytes}"
        );
    }
    assert!(!row.has_content);
    let edge = row.edge.as_ref().unwrap();
    assert_eq!(edge.device(), devices.id);
    assert_eq!((edge.app(), edge.host()), ("claude-desktop", "claude.ai"));
    assert_eq!(edge.os_user(), "ada");
    assert_eq!(edge.process(), "/usr/bin/claude desktop");
    assert_eq!(
        devices.rig.rows(&devices.key).await?.len(),
        1,
        "logged once"
    );
    Ok(())
}

/// What the host says in one packet with its agreement is not lost.
#[tokio::test]
async fn a_host_that_speaks_first_is_heard() -> anyhow::Result<()> {
    let devices = Devices::start(Script::Talk(LARGE)).await?;
    let (mut socket, _) = devices.open(NOTES).await?;
    // Neither listens before it has spoken.
    socket.feed(Message::binary(vec![1; 1_000])).await?;
    let (mut to, mut from) = socket.split();
    let said = tokio::spawn(async move { to.send(Message::binary(vec![1; LARGE])).await });
    assert_eq!(from.next().await.unwrap()?, Message::text("at once"));
    assert_eq!(from.next().await.unwrap()?.len(), LARGE);
    said.await??;
    assert_eq!(devices.host.heard().await?, "1000 bytes");
    assert_eq!(devices.host.heard().await?, format!("{LARGE} bytes"));
    Ok(())
}

#[tokio::test]
async fn what_takes_prompts_is_refused_at_once() -> anyhow::Result<()> {
    let devices = Devices::start(Script::Echo).await?;
    for path in [
        "/edge/chatgpt.com/backend-api//codex/responses",
        "/edge/chatgpt.com/backend-api/f/conversation",
        "/edge/api.openai.com/v1/realtime?model=gpt-realtime",
        "/edge/api.anthropic.com/v1/messages",
        "/edge/claude.ai/api/organizations/o/chat_conversations/c/completion",
        // An operation even by the handshake's own method.
        "/edge/api.openai.com/v1/models",
    ] {
        let (status, body) = refused(devices.open(path).await)?;
        assert_eq!(status, 426, "{path}");
        assert!(body.contains("HTTP POST"), "{body}");
    }
    assert_eq!(devices.host.count(), 0);
    let rows = devices.rig.rows(&devices.key).await?;
    assert_eq!(rows.len(), 6);
    for row in rows {
        assert_eq!(row.code.as_deref(), Some("websocket_unsupported"));
        assert_eq!(row.outcome, Outcome::Refused);
    }
    Ok(())
}

#[tokio::test]
async fn nobody_but_a_device_is_carried_and_no_device_anywhere_else() -> anyhow::Result<()> {
    let devices = Devices::start(Script::Echo).await?;
    let rig = &devices.rig;
    let virtual_key = rig.key("virtual").await?;
    for presented in [virtual_key.secret.as_str(), "tg-device-wrong", ""] {
        let headers = [("x-tidegate-device-key", presented)];
        let (status, _) = refused(open(rig, NOTES, &headers).await)?;
        assert_eq!(status, 401, "{presented}");
    }
    let (status, _) = refused(open(rig, NOTES, &[]).await)?;
    assert_eq!(status, 401);
    let bearer = format!("Bearer {}", virtual_key.secret);
    let headers = [("authorization", bearer.as_str())];
    for path in ["/openai/v1/responses", "/v1/responses", "/nowhere"] {
        let (status, _) = refused(open(rig, path, &headers).await)?;
        assert_eq!(status, 426, "{path}");
    }
    for host in ["localhost", "169.254.169.254", "internal.example.com"] {
        let (status, body) = refused(devices.open(&format!("/edge/{host}/ws")).await)?;
        assert_eq!(status, 403, "{host}");
        assert!(body.contains("host_not_governed"), "{body}");
    }
    assert_eq!(devices.host.count(), 0);
    Ok(())
}

#[tokio::test]
async fn a_hosts_other_answer_passes_as_one() -> anyhow::Result<()> {
    let devices = Devices::start(Script::Refuse).await?;
    // One that is carried, and one that is governed.
    for (path, operation) in [
        (NOTES, "edge.forward"),
        ("/edge/api.openai.com/v1/responses", "responses"),
    ] {
        let (status, body) = refused(devices.open(path).await)?;
        assert_eq!((status.as_u16(), body.as_str()), (403, "not you"));
        let row = devices.rig.rows(&devices.key).await?.remove(0);
        assert_eq!(row.operation, operation);
        assert_eq!((row.status, row.outcome), (403, Outcome::Completed));
        assert_eq!((row.response_bytes, row.cost), (7, MicroUsd::ZERO));
    }
    assert_eq!(devices.rig.rows(&devices.key).await?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn an_app_that_is_gone_ends_it_at_the_host() -> anyhow::Result<()> {
    let devices = Devices::start(Script::Echo).await?;
    let (mut socket, headers) = devices.open(NOTES).await?;
    socket.send(Message::text("x")).await?;
    socket.next().await.unwrap()?;
    drop(socket);
    assert_eq!(devices.host.heard().await?, "end");
    let row = devices.row(id(&headers)).await?;
    assert_eq!(row.status, 101);
    assert_eq!((row.request_bytes, row.response_bytes), (7, 3));
    assert_eq!(devices.rig.rows(&devices.key).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_host_that_breaks_off_ends_it_at_the_app() -> anyhow::Result<()> {
    let devices = Devices::start(Script::Drop).await?;
    let (mut socket, headers) = devices.open(NOTES).await?;
    socket.send(Message::text("x")).await?;
    let last = socket.next().await;
    assert!(!matches!(last, Some(Ok(_))), "{last:?}");
    let row = devices.row(id(&headers)).await?;
    assert_eq!((row.status, row.outcome), (101, Outcome::UpstreamBroken));
    assert_eq!(devices.rig.rows(&devices.key).await?.len(), 1);
    Ok(())
}

/// An open WebSocket is no way to outlast a decision.
#[tokio::test]
async fn an_app_that_is_denied_meanwhile_is_cut_off() -> anyhow::Result<()> {
    let devices = Devices::start(Script::Echo).await?;
    let (mut socket, headers) = devices.open(NOTES).await?;
    socket.send(Message::text("x")).await?;
    socket.next().await.unwrap()?;
    let rule = AppRule {
        app: "claude-desktop".parse()?,
        decision: Decision::Denied,
        mode: Mode::PassThrough,
        pinned: Pinned::Bypass,
        note: None,
    };
    devices.rig.store.decide_app(Actor::Cli, rule).await?;
    let last = socket.next().await;
    assert!(!matches!(last, Some(Ok(_))), "{last:?}");
    assert_eq!(devices.host.heard().await?, "end");
    let row = devices.row(id(&headers)).await?;
    assert_eq!((row.status, row.outcome), (101, Outcome::Refused));
    assert_eq!(row.code.as_deref(), Some("app_denied"));
    let (status, _) = refused(devices.open(NOTES).await)?;
    assert_eq!(status, 403);
    Ok(())
}

/// Thirty seconds of drain are not spent on a WebSocket that says nothing, and its row is not lost.
#[tokio::test]
async fn a_gateway_that_stops_ends_a_silent_one_and_logs_it() -> anyhow::Result<()> {
    let devices = Devices::start(Script::Echo).await?;
    let (mut socket, headers) = devices.open(NOTES).await?;
    socket.send(Message::text("x")).await?;
    socket.next().await.unwrap()?;
    let start = std::time::Instant::now();
    devices.rig.gateway.stop().await;
    assert!(start.elapsed() < Duration::from_secs(10));
    let last = socket.next().await;
    assert!(!matches!(last, Some(Ok(_))), "{last:?}");
    assert_eq!(devices.host.heard().await?, "end");
    let row = devices.rig.store.request(id(&headers).parse()?).await?.0;
    assert_eq!((row.status, row.outcome), (101, Outcome::Completed));
    Ok(())
}
