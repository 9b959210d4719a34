//! How WebSockets end: in order from either side, by a broken connection, with the proxy; and how they
//! begin when the gateway is gone.

use futures::{SinkExt, StreamExt};
use http_body_util::BodyExt;
use tokio_tungstenite::tungstenite::Message;

use super::rig::{Gateway, Script, VERSIONS, open, open_on, origin};
use crate::{
    body::whole,
    ca::Ca,
    client::App,
    peer,
    rig::{CLAUDE, OPENAI, Rig, Setup, timed},
};

#[tokio::test]
async fn an_app_that_closes_is_answered_and_ends() -> anyhow::Result<()> {
    timed(async {
        for version in VERSIONS {
            let gateway = Gateway::start(Script::Echo).await?;
            let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
            let (mut socket, _) = open(&rig, version, CLAUDE).await?;
            socket.close(None).await?;
            let last = socket.next().await.unwrap()?;
            assert!(last.is_close(), "{version}: {last:?}");
            assert!(socket.next().await.is_none(), "{version}");
            assert_eq!(gateway.heard().await?, "close");
            assert_eq!(gateway.heard().await?, "end");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_gateway_that_closes_is_heard() -> anyhow::Result<()> {
    timed(async {
        for version in VERSIONS {
            let gateway = Gateway::start(Script::Close).await?;
            let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
            let (mut socket, _) = open(&rig, version, CLAUDE).await?;
            socket.send(Message::text("x")).await?;
            assert!(socket.next().await.unwrap()?.is_close(), "{version}");
            assert!(socket.next().await.is_none(), "{version}");
            assert_eq!(gateway.heard().await?, "close", "the app's answer");
            assert_eq!(gateway.heard().await?, "end");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_app_that_is_gone_is_noticed() -> anyhow::Result<()> {
    timed(async {
        for version in VERSIONS {
            let gateway = Gateway::start(Script::Echo).await?;
            let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
            let (mut socket, _) = open(&rig, version, CLAUDE).await?;
            socket.send(Message::text("x")).await?;
            socket.next().await.unwrap()?;
            drop(socket);
            assert_eq!(gateway.heard().await?, "end", "{version}");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_gateway_that_breaks_off_is_noticed() -> anyhow::Result<()> {
    timed(async {
        for version in VERSIONS {
            let gateway = Gateway::start(Script::Drop).await?;
            let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
            let (mut socket, _) = open(&rig, version, CLAUDE).await?;
            socket.send(Message::text("x")).await?;
            let last = socket.next().await;
            let whole = matches!(last, Some(Ok(_)));
            assert!(!whole, "{version}: {last:?}");
        }
        Ok(())
    })
    .await
}

/// Other calls on the connection go on beside it, and after it.
#[tokio::test]
async fn a_connection_in_http2_carries_calls_and_several_websockets() -> anyhow::Result<()> {
    timed(async {
        let gateway = Gateway::start(Script::Echo).await?;
        let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
        let mut app = App::connect(rig.address, rig.ca.client(&["h2"])?, CLAUDE).await?;
        let (mut first, _) = open_on(&mut app, CLAUDE).await?;
        let (mut second, _) = open_on(&mut app, OPENAI).await?;
        for (socket, text) in [(&mut first, "one"), (&mut second, "two")] {
            socket.send(Message::text(text)).await?;
            assert_eq!(socket.next().await.unwrap()?, Message::text(text));
        }
        first.close(None).await?;
        while first.next().await.is_some() {}
        second.send(Message::text("still")).await?;
        assert_eq!(second.next().await.unwrap()?, Message::text("still"));
        let call = http::Request::get(format!("https://{CLAUDE}/")).body(whole(""))?;
        let answer = app.send(call).await?.into_body().collect().await?;
        assert_eq!(answer.to_bytes(), "an ordinary answer");
        assert_eq!(rig.counters.totals().sockets, 2);
        assert_eq!(rig.counters.totals().accepted, 1);
        Ok(())
    })
    .await
}

/// A silent WebSocket does not hold up the end of the proxy for as long as a drain may take.
#[tokio::test]
async fn a_proxy_that_stops_ends_silent_websockets() -> anyhow::Result<()> {
    timed(async {
        for version in VERSIONS {
            let gateway = Gateway::start(Script::Echo).await?;
            let mut setup = Setup::new(peer::nobody().await?, gateway.url());
            setup.settings.drain = std::time::Duration::from_secs(3_600);
            let mut rig = Rig::start(setup).await?;
            let (mut socket, _) = open(&rig, version, CLAUDE).await?;
            rig.stop();
            while let Some(Ok(_)) = socket.next().await {}
            rig.ended().await?;
            assert_eq!(gateway.heard().await?, "end", "{version}");
        }
        Ok(())
    })
    .await
}

/// And one that never pauses is cut at the end of the drain.
#[tokio::test]
async fn a_proxy_that_stops_cuts_what_does_not_pause() -> anyhow::Result<()> {
    timed(async {
        for version in VERSIONS {
            let gateway = Gateway::start(Script::Echo).await?;
            let mut setup = Setup::new(peer::nobody().await?, gateway.url());
            setup.settings.drain = std::time::Duration::from_millis(500);
            let mut rig = Rig::start(setup).await?;
            let (mut socket, _) = open(&rig, version, CLAUDE).await?;
            rig.stop();
            let talk = async {
                loop {
                    if socket.send(Message::text("x")).await.is_err() {
                        return;
                    }
                    let Some(Ok(_)) = socket.next().await else {
                        return;
                    };
                }
            };
            let (ended, ()) = tokio::join!(rig.ended(), talk);
            ended?;
            assert_eq!(gateway.heard().await?, "end", "{version}");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn open_means_the_true_destination_when_the_gateway_is_gone() -> anyhow::Result<()> {
    timed(async {
        let issuer = Ca::new()?;
        let (origin, asked) = origin(issuer.server(&[CLAUDE], &["http/1.1"])?).await?;
        let gateway = Gateway::start(Script::Echo).await?;
        let mut setup = Setup::new(origin.address, gateway.url());
        setup.roots = issuer.roots()?;
        let rig = Rig::start(setup).await?;
        let mut app = App::connect(rig.address, rig.ca.client(&["h2"])?, CLAUDE).await?;
        let (mut governed, _) = open_on(&mut app, CLAUDE).await?;
        governed.send(Message::text("x")).await?;
        governed.next().await.unwrap()?;
        gateway.end().await;
        let mut ask = super::rig::ask("h2", CLAUDE);
        ask.headers_mut().insert("x-kept", "1".parse()?);
        let mut response = app.send(ask).await?;
        assert_eq!(response.status(), http::StatusCode::OK);
        let stream = hyper::upgrade::on(&mut response).await?;
        let stream = hyper_util::rt::TokioIo::new(stream);
        let role = tokio_tungstenite::tungstenite::protocol::Role::Client;
        let mut socket =
            tokio_tungstenite::WebSocketStream::from_raw_socket(stream, role, None).await;
        socket.send(Message::text("past")).await?;
        assert_eq!(socket.next().await.unwrap()?, Message::text("past"));
        rig.happened("direct api.anthropic.com", 1).await?;
        let asked = asked.lock().unwrap().clone();
        let (target, headers) = &asked[0];
        assert_eq!(target, "/ws?a=1&b=%2F");
        assert_eq!(headers["host"], CLAUDE);
        assert_eq!(headers["x-kept"], "1");
        let ours = headers
            .keys()
            .any(|name| name.as_str().contains("tidegate"));
        assert!(!ours, "{headers:?}");
        Ok(())
    })
    .await
}
