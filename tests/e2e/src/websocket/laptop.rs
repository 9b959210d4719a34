//! An app that nobody configured, its agent, the gateway, and a WebSocket at the app's own host.

use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use http::Request;
use http_body_util::{BodyExt, Empty};
use hyper::{client::conn::http2, ext::Protocol};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tidegate_governance::record::Outcome;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, protocol::Role},
};

use super::{Devices, LARGE, host::Script};
use crate::rewriting::laptop::{HOST, Laptop};

const SESSION: &str = "/v1/session_ingress/ws/session?x=1";

/// Says a few things, hears them again, and closes.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    mut socket: WebSocketStream<S>,
) -> anyhow::Result<()> {
    for message in [Message::text("hello"), Message::binary(vec![7; LARGE])] {
        socket.send(message.clone()).await?;
        let heard = socket.next().await.unwrap()?;
        assert!(heard == message, "{} bytes", heard.len());
    }
    socket.close(None).await?;
    while socket.next().await.is_some() {}
    Ok(())
}

async fn checked(devices: &Devices) -> anyhow::Result<()> {
    let (path, seen) = devices.host.asked();
    assert_eq!(path, SESSION);
    assert_eq!(seen["host"], HOST);
    assert_eq!(seen["authorization"], "Bearer of-the-app");
    let ours = seen.keys().any(|name| name.as_str().contains("tidegate"));
    assert!(!ours, "{seen:?}");
    let mut tick = tokio::time::interval(std::time::Duration::from_millis(5));
    let row = async {
        loop {
            tick.tick().await;
            let rows = devices.rig.rows(&devices.key).await?;
            if let Some(row) = rows.into_iter().find(|row| row.status == 101) {
                return anyhow::Ok(row);
            }
        }
    };
    let row = tokio::time::timeout(std::time::Duration::from_secs(20), row).await??;
    assert_eq!(row.outcome, Outcome::Completed);
    assert!(row.request_bytes > LARGE as u64 && row.response_bytes > LARGE as u64);
    let edge = row.edge.as_ref().unwrap();
    assert_eq!((edge.app(), edge.host()), ("claude-code", HOST));
    Ok(())
}

#[tokio::test]
async fn an_app_in_http1_reaches_its_host() -> anyhow::Result<()> {
    let devices = Devices::start(Script::Echo).await?;
    let laptop = Laptop::start(&devices.rig, &devices.key.secret).await?;
    let request = Request::get(format!("wss://{HOST}{SESSION}"))
        .header("host", HOST)
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .header("sec-websocket-protocol", "chat")
        .header("authorization", "Bearer of-the-app")
        .body(())?;
    let stream = laptop.connect("http/1.1").await?;
    let (socket, _) = client_async(request, stream).await?;
    talk(socket).await?;
    checked(&devices).await
}

#[tokio::test]
async fn an_app_in_http2_reaches_its_host_and_is_told_where_it_may_not() -> anyhow::Result<()> {
    let devices = Devices::start(Script::Echo).await?;
    let laptop = Laptop::start(&devices.rig, &devices.key.secret).await?;
    let io = TokioIo::new(laptop.connect("h2").await?);
    let (mut sender, driver) = http2::handshake(TokioExecutor::new(), io).await?;
    tokio::spawn(driver);
    let ask = |path: &str| {
        Request::connect(format!("https://{HOST}{path}"))
            .extension(Protocol::from_static("websocket"))
            .header("sec-websocket-version", "13")
            .header("sec-websocket-protocol", "chat")
            .header("authorization", "Bearer of-the-app")
            .body(Empty::<Bytes>::new())
    };
    // An ordinary call first: with its answer the settings that allow the rest are there. It is one that
    // the gateway answers itself.
    let settle = Request::post(format!("https://{HOST}/v1//messages")).body(Empty::new())?;
    assert_eq!(sender.send_request(settle).await?.status(), 400);
    let refused = sender.send_request(ask("/v1/messages")?).await?;
    assert_eq!(refused.status(), 426);
    let body = refused.into_body().collect().await?.to_bytes();
    assert!(String::from_utf8_lossy(&body).contains("HTTP POST"));
    assert_eq!(devices.host.count(), 0);

    let mut response = sender.send_request(ask(SESSION)?).await?;
    assert_eq!(response.status(), 200, "{response:?}");
    assert_eq!(response.headers()["sec-websocket-protocol"], "chat");
    let stream = TokioIo::new(hyper::upgrade::on(&mut response).await?);
    let socket = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;
    talk(socket).await?;
    checked(&devices).await
}
