//! WebSockets, asked for in HTTP/1.1 and in HTTP/2, through the gateway.

mod endings;
mod rig;

use std::sync::atomic::Ordering;

use futures::{SinkExt, StreamExt};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use tidegate_policy::{AppRule, Decision, Mode, Pinned};
use tokio_tungstenite::tungstenite::{Error, Message};

use self::rig::{Gateway, Script, VERSIONS, ask, open};
use crate::{
    body::whole,
    ca::Ca,
    client::App,
    peer,
    rig::{CLAUDE, Rig, Setup, timed},
};

/// Larger than every buffer on the way.
const LARGE: usize = 16 << 20;

#[tokio::test]
async fn what_one_says_the_other_hears() -> anyhow::Result<()> {
    timed(async {
        for version in VERSIONS {
            let gateway = Gateway::start(Script::Echo).await?;
            let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
            let (mut socket, answer) = open(&rig, version, CLAUDE).await?;
            assert_eq!(answer["sec-websocket-protocol"], "chat", "{version}");
            assert_eq!(answer["x-kept"], "yes");
            let mut said = vec![
                Message::text("hello"),
                Message::binary(vec![0, 159, 146, 150]),
            ];
            said.push(Message::binary(vec![7; LARGE]));
            said.push(Message::text("after"));
            for message in said {
                socket.send(message.clone()).await?;
                let heard = socket.next().await.unwrap()?;
                assert!(heard == message, "{version}: {} bytes", heard.len());
            }
            socket.close(None).await?;
            while socket.next().await.is_some() {}
            assert_eq!(rig.counters.totals().sockets, 1);
            assert_eq!(rig.counters.totals().broken, 0);
        }
        Ok(())
    })
    .await
}

/// Both talk before they listen.
#[tokio::test]
async fn much_passes_both_ways_at_once() -> anyhow::Result<()> {
    timed(async {
        for version in VERSIONS {
            let gateway = Gateway::start(Script::Talk(LARGE)).await?;
            let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
            let (socket, _) = open(&rig, version, CLAUDE).await?;
            let (mut to, mut from) = socket.split();
            let said = tokio::spawn(async move {
                to.send(Message::binary(vec![1; LARGE])).await.unwrap();
                to
            });
            let heard = from.next().await.unwrap()?;
            assert_eq!(heard.len(), LARGE, "{version}");
            let _to = said.await?;
            assert_eq!(gateway.heard().await?, format!("{LARGE} bytes"));
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_gateway_gets_a_handshake_with_the_devices_name_on_it() -> anyhow::Result<()> {
    timed(async {
        for version in VERSIONS {
            let gateway = Gateway::start(Script::Echo).await?;
            let url = gateway.url() + "/base/";
            let rig = Rig::start(Setup::new(peer::nobody().await?, url)).await?;
            let _open = open(&rig, version, CLAUDE).await?;
            let (target, headers) = gateway.asked();
            assert_eq!(target, "/base/edge/api.anthropic.com/ws?a=1&b=%2F");
            for (name, value) in [
                ("upgrade", "websocket"),
                ("connection", "Upgrade"),
                ("sec-websocket-version", "13"),
                ("sec-websocket-protocol", "chat, other"),
                ("sec-websocket-extensions", "permessage-deflate"),
                ("origin", "https://claude.ai"),
                ("cookie", "a=1; b=2"),
                ("x-tidegate-app", "claude-code"),
                ("x-tidegate-device-key", "the-device-key"),
                ("x-tidegate-mode", "pass_through"),
                ("x-tidegate-os-user", "ada"),
            ] {
                let all: Vec<_> = headers.get_all(name).iter().collect();
                assert_eq!(all, [value], "{version} {name}");
            }
            assert_eq!(headers["host"], gateway.url()["http://".len()..]);
            assert_eq!(headers.get("x-hop"), None);
            let key = headers["sec-websocket-key"].to_str()?;
            assert_eq!(key == rig::KEY, version == "http/1.1");
            assert_eq!(key.len(), 24);
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_gateways_refusal_is_the_apps() -> anyhow::Result<()> {
    timed(async {
        for version in VERSIONS {
            let gateway = Gateway::start(Script::Refuse(StatusCode::UPGRADE_REQUIRED)).await?;
            let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
            let mut app = App::connect(rig.address, rig.ca.client(&[version])?, CLAUDE).await?;
            let settle = Request::get(format!("https://{CLAUDE}/")).body(whole(""))?;
            app.send(settle).await?.into_body().collect().await?;
            let response = app.send(ask(version, CLAUDE)).await?;
            assert_eq!(response.status(), StatusCode::UPGRADE_REQUIRED);
            let body = response.into_body().collect().await?.to_bytes();
            assert_eq!(body, "Use HTTP.");
            // The connection is none the worse for it.
            let again = Request::get(format!("https://{CLAUDE}/")).body(whole(""))?;
            assert_eq!(app.send(again).await?.status(), StatusCode::OK);
            assert_eq!(rig.counters.totals().sockets, 0);
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_denied_app_gets_the_reason_and_nothing_else() -> anyhow::Result<()> {
    timed(async {
        for version in VERSIONS {
            let gateway = Gateway::start(Script::Echo).await?;
            let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
            let mut app = App::connect(rig.address, rig.ca.client(&[version])?, CLAUDE).await?;
            let settle = Request::get(format!("https://{CLAUDE}/")).body(whole(""))?;
            app.send(settle).await?.into_body().collect().await?;
            let before = gateway.connections();
            rig.rules.change(|document| {
                document.apps.push(AppRule {
                    app: "claude-code".parse().unwrap(),
                    decision: Decision::Denied,
                    mode: Mode::PassThrough,
                    pinned: Pinned::Bypass,
                    note: None,
                });
            });
            let response = app.send(ask(version, CLAUDE)).await?;
            assert_eq!(response.status(), StatusCode::FORBIDDEN, "{version}");
            let body = response.into_body().collect().await?.to_bytes();
            assert!(String::from_utf8_lossy(&body).contains("permission_error"));
            assert_eq!(gateway.connections(), before);
        }
        Ok(())
    })
    .await
}

/// The key of an HTTP/2 app's handshake is ours, so the proof is ours to check.
#[tokio::test]
async fn an_answer_without_the_proof_is_no_websocket() -> anyhow::Result<()> {
    timed(async {
        for status in [StatusCode::SWITCHING_PROTOCOLS, StatusCode::OK] {
            let gateway = Gateway::start(Script::Refuse(status)).await?;
            let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
            let mut app = App::connect(rig.address, rig.ca.client(&["h2"])?, CLAUDE).await?;
            let settle = Request::get(format!("https://{CLAUDE}/")).body(whole(""))?;
            app.send(settle).await?.into_body().collect().await?;
            let response = app.send(ask("h2", CLAUDE)).await?;
            assert_eq!(response.status(), StatusCode::BAD_GATEWAY, "{status}");
            assert_eq!(rig.counters.totals().broken, 1);
        }
        Ok(())
    })
    .await
}

/// A CONNECT that asks for nothing, or for something else, is no call.
#[tokio::test]
async fn other_tunnels_are_refused() -> anyhow::Result<()> {
    timed(async {
        let gateway = Gateway::start(Script::Echo).await?;
        let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
        let mut app = App::connect(rig.address, rig.ca.client(&["h2"])?, CLAUDE).await?;
        let request = Request::connect(format!("https://{CLAUDE}:443")).body(whole(""))?;
        let response = app.send(request).await?;
        assert_eq!(response.status(), StatusCode::NOT_IMPLEMENTED);
        let mut request = ask("h2", CLAUDE);
        let other = hyper::ext::Protocol::from_static("connect-udp");
        request.extensions_mut().insert(other);
        let response = app.send(request).await?;
        assert_eq!(response.status(), StatusCode::NOT_IMPLEMENTED);
        Ok(())
    })
    .await
}

/// What only looks like a handshake is an ordinary call, without the header.
#[tokio::test]
async fn half_a_handshake_is_an_ordinary_call() -> anyhow::Result<()> {
    timed(async {
        let gateway = Gateway::start(Script::Echo).await?;
        let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
        let mut app = App::connect(rig.address, rig.ca.client(&["http/1.1"])?, CLAUDE).await?;
        let mut request = ask("http/1.1", CLAUDE);
        request.headers_mut().remove("sec-websocket-key");
        let response = app.send(request).await?;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(rig.counters.totals().sockets, 0);
        Ok(())
    })
    .await
}

/// Where nobody answers, an app that asks in HTTP/1.1 is told as for any other call.
#[tokio::test]
async fn closed_means_an_answer_and_no_socket() -> anyhow::Result<()> {
    timed(async {
        for version in VERSIONS {
            let nobody = peer::nobody().await?;
            let rig = Rig::start(Setup::new(nobody, format!("http://{nobody}"))).await?;
            rig.rules
                .change(|document| document.fail = tidegate_policy::FailMode::Closed);
            let mut app = App::connect(rig.address, rig.ca.client(&[version])?, CLAUDE).await?;
            let settle = Request::get(format!("https://{CLAUDE}/")).body(whole(""))?;
            app.send(settle).await?.into_body().collect().await?;
            let response = app.send(ask(version, CLAUDE)).await?;
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            rig.happened("refused FailedClosed", 2).await?;
            assert_eq!(rig.gate.passed.load(Ordering::Relaxed), 1, "one try");
        }
        Ok(())
    })
    .await
}

/// It speaks both versions; a WebSocket must not end up on HTTP/2, nor at somebody else.
#[tokio::test]
async fn the_gateway_is_reached_over_verified_tls() -> anyhow::Result<()> {
    timed(async {
        let (issuer, other) = (Ca::new()?, Ca::new()?);
        let server = issuer.server(&["localhost"], &["h2", "http/1.1"])?;
        let gateway = Gateway::secure(Script::Echo, server).await?;
        let url = format!("https://localhost:{}", gateway.port());
        let mut setup = Setup::new(peer::nobody().await?, url.clone());
        setup.gateway_roots = issuer.roots()?;
        let rig = Rig::start(setup).await?;
        for version in VERSIONS {
            let (mut socket, _) = open(&rig, version, CLAUDE).await?;
            socket.send(Message::text(version)).await?;
            assert_eq!(socket.next().await.unwrap()?, Message::text(version));
        }
        let mut setup = Setup::new(peer::nobody().await?, url);
        setup.gateway_roots = other.roots()?;
        let rig = Rig::start(setup).await?;
        rig.rules
            .change(|document| document.fail = tidegate_policy::FailMode::Closed);
        let client = rig.ca.client(&["http/1.1"])?;
        let mut app = App::connect(rig.address, client, CLAUDE).await?;
        let response = app.send(ask("http/1.1", CLAUDE)).await?;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        Ok(())
    })
    .await
}

/// The app's own library is satisfied with the refusal.
#[tokio::test]
async fn a_websocket_library_reads_the_refusal() -> anyhow::Result<()> {
    timed(async {
        let gateway = Gateway::start(Script::Refuse(StatusCode::UPGRADE_REQUIRED)).await?;
        let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
        let Err(error) = open(&rig, "http/1.1", CLAUDE).await else {
            panic!("it was carried");
        };
        match error.downcast::<Error>()? {
            Error::Http(response) => assert_eq!(response.status(), StatusCode::UPGRADE_REQUIRED),
            other => panic!("{other}"),
        }
        Ok(())
    })
    .await
}
