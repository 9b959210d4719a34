//! The gateway is gone: open or closed, as the policy says. And the proxy's own limits and end.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use anyhow::Context;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use tidegate_policy::FailMode;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{Semaphore, mpsc},
    task::JoinSet,
};

use crate::{
    body::{whole, written},
    ca::Ca,
    client::{App, connect},
    peer::{self, Peer},
    rig::{CLAUDE, Rig, Setup, timed},
};

async fn gateway() -> anyhow::Result<Peer> {
    peer::gateway(|_| async { http::Response::new(whole("governed")) }).await
}

/// A true destination that answers with what it saw.
async fn origin(issuer: &Ca, version: &str) -> anyhow::Result<Peer> {
    let server = issuer.server(&[CLAUDE], &[version])?;
    peer::origin(server, |request| async move {
        let (parts, body) = request.into_parts();
        let mut names: Vec<_> = parts.headers.keys().map(|name| name.as_str()).collect();
        names.sort_unstable();
        let cookie = parts.headers.get("cookie");
        let cookie = cookie.map_or("", |value| value.to_str().unwrap());
        let body = body.collect().await.unwrap().to_bytes();
        let target = parts.uri.path_and_query().unwrap();
        let text = format!("{target} {names:?} {cookie} {}", body.len());
        http::Response::new(whole(text))
    })
    .await
}

async fn call(app: &mut App) -> anyhow::Result<(StatusCode, String)> {
    let request = Request::post(format!("https://{CLAUDE}/v1/x?y"))
        .header("x-tidegate-app", "spoofed")
        .header("cookie", "a=1")
        .header("cookie", "b=2")
        .header("content-length", "4")
        .body(whole("body"))?;
    let response = app.send(request).await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    Ok((status, String::from_utf8(body.to_vec())?))
}

#[tokio::test]
async fn open_means_untouched_before_and_direct_after() -> anyhow::Result<()> {
    timed(async {
        for (ours, theirs) in [("h2", "h2"), ("h2", "http/1.1"), ("http/1.1", "h2")] {
            let issuer = Ca::new()?;
            let (origin, gateway) = (origin(&issuer, theirs).await?, gateway().await?);
            let mut setup = Setup::new(origin.address, gateway.url());
            setup.roots = issuer.roots()?;
            let rig = Rig::start(setup).await?;
            let mut app = App::connect(rig.address, rig.ca.client(&[ours])?, CLAUDE).await?;
            assert_eq!(call(&mut app).await?.1, "governed");
            gateway.end().await;
            for _ in 0..2 {
                let (status, seen) = call(&mut app).await?;
                assert_eq!(status, StatusCode::OK, "{seen}");
                assert!(seen.starts_with("/v1/x?y ["), "{seen}");
                assert!(!seen.contains("tidegate"), "{seen}");
                assert!(seen.ends_with(" 4"), "{seen}");
                if theirs == "http/1.1" {
                    assert!(seen.contains("a=1; b=2"), "{seen}");
                }
            }
            rig.happened("direct api.anthropic.com", 2).await?;
            // A new connection is not even read: the app sees the true certificate.
            connect(rig.address, issuer.client(&[theirs])?, CLAUDE).await?;
            rig.happened("untouched FailedOpen ech=false", 1).await?;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_destination_that_cannot_prove_itself_gets_nothing() -> anyhow::Result<()> {
    timed(async {
        let (issuer, other) = (Ca::new()?, Ca::new()?);
        let (origin, gateway) = (origin(&issuer, "h2").await?, gateway().await?);
        let mut setup = Setup::new(origin.address, gateway.url());
        setup.roots = other.roots()?;
        let rig = Rig::start(setup).await?;
        let mut app = App::connect(rig.address, rig.ca.client(&["h2"])?, CLAUDE).await?;
        assert_eq!(call(&mut app).await?.1, "governed");
        gateway.end().await;
        let (status, text) = call(&mut app).await?;
        assert_eq!(status, StatusCode::BAD_GATEWAY);
        assert!(text.contains("api_error"), "{text}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn closed_means_an_answer_that_says_why() -> anyhow::Result<()> {
    timed(async {
        let nobody = peer::nobody().await?;
        let rig = Rig::start(Setup::new(nobody, format!("http://{nobody}"))).await?;
        rig.rules
            .change(|document| document.fail = FailMode::Closed);
        for version in ["h2", "http/1.1"] {
            let client = rig.ca.client(&[version])?;
            let mut app = App::connect(rig.address, client, CLAUDE).await?;
            let (status, text) = call(&mut app).await?;
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
            assert!(text.contains("the gateway cannot be reached"), "{text}");
        }
        assert_eq!(rig.counters.totals().failed_closed, 2);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_gateway_that_comes_back_is_used_again() -> anyhow::Result<()> {
    timed(async {
        let issuer = Ca::new()?;
        let origin = origin(&issuer, "h2").await?;
        let first = gateway().await?;
        let mut setup = Setup::new(origin.address, first.url());
        setup.roots = issuer.roots()?;
        let rig = Rig::start(setup).await?;
        let mut app = App::connect(rig.address, rig.ca.client(&["h2"])?, CLAUDE).await?;
        assert_eq!(call(&mut app).await?.1, "governed");
        let address = first.address;
        first.end().await;
        assert_ne!(call(&mut app).await?.1, "governed");
        let _second =
            peer::gateway_at(address, |_| async { http::Response::new(whole("again")) }).await?;
        while call(&mut app).await?.1 != "again" {
            tokio::task::yield_now().await;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn connections_beyond_the_limit_are_reset() -> anyhow::Result<()> {
    timed(async {
        let mut setup = Setup::new(peer::nobody().await?, "http://127.0.0.1:1".into());
        setup.settings.connections = 2;
        let rig = Rig::start(setup).await?;
        let first = TcpStream::connect(rig.address).await?;
        let _second = TcpStream::connect(rig.address).await?;
        let mut third = TcpStream::connect(rig.address).await?;
        let error = third.read(&mut [0]).await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        rig.happened("refused Limit", 1).await?;
        drop(first);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn open_answers_are_finished_when_the_proxy_stops() -> anyhow::Result<()> {
    timed(async {
        let (hand, mut hands) = tokio::sync::mpsc::channel(2);
        let gateway = peer::gateway(move |_| {
            let hand = hand.clone();
            async move {
                let (writer, body) = written();
                hand.send(writer).await.unwrap();
                http::Response::new(body)
            }
        })
        .await?;
        for version in ["h2", "http/1.1"] {
            let nobody = peer::nobody().await?;
            let mut rig = Rig::start(Setup::new(nobody, gateway.url())).await?;
            let client = rig.ca.client(&[version])?;
            let mut app = App::connect(rig.address, client, CLAUDE).await?;
            let request = Request::get(format!("https://{CLAUDE}/")).body(whole(""))?;
            let response = app.send(request).await?;
            let writer = hands.recv().await.unwrap();
            writer.data("one ").await?;
            rig.stop();
            writer.data("two").await?;
            drop(writer);
            assert_eq!(response.into_body().collect().await?.to_bytes(), "one two");
            rig.ended().await?;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_does_not_finish_in_time_is_cut() -> anyhow::Result<()> {
    timed(async {
        let origin = peer::listen(|mut stream| async move {
            let _ended = stream.read_to_end(&mut Vec::new()).await;
        })
        .await?;
        let mut setup = Setup::new(origin.address, "http://127.0.0.1:1".into());
        setup.settings.drain = Duration::from_millis(20);
        let mut rig = Rig::start(setup).await?;
        let mut app = TcpStream::connect(rig.address).await?;
        app.write_all(b"GET /").await?;
        rig.happened("untouched Ignored ech=false", 1).await?;
        rig.stop();
        rig.ended().await?;
        assert_eq!(app.read(&mut [0]).await.unwrap_or(0), 0);
        Ok(())
    })
    .await
}

/// A gateway that takes connections and says nothing holds nobody up for longer than the settings say.
#[tokio::test]
async fn a_gateway_that_hangs_is_as_good_as_gone() -> anyhow::Result<()> {
    timed(async {
        let issuer = Ca::new()?;
        let origin = origin(&issuer, "h2").await?;
        let hanging = peer::listen(|mut stream| async move {
            let _ended = stream.read_to_end(&mut Vec::new()).await;
        })
        .await?;
        let port = hanging.address.port();
        for url in [format!("https://localhost:{port}"), hanging.url()] {
            let mut setup = Setup::new(origin.address, url);
            setup.gateway_roots = issuer.roots()?;
            setup.settings.gateway = Duration::from_millis(50);
            let rig = Rig::start(setup).await?;
            for _ in 0..3 {
                connect(rig.address, issuer.client(&["h2"])?, CLAUDE).await?;
            }
            rig.happened("untouched FailedOpen ech=false", 3).await?;
        }
        Ok(())
    })
    .await
}

/// What was sent cannot be sent again elsewhere: the app is told, and tries again itself.
#[tokio::test]
async fn a_gateway_that_dies_amid_a_call_is_an_error() -> anyhow::Result<()> {
    timed(async {
        for version in ["h2", "http/1.1"] {
            let (arrived, mut arrivals) = tokio::sync::mpsc::channel(1);
            let gateway = peer::gateway(move |_| {
                let arrived = arrived.clone();
                async move {
                    arrived.send(()).await.unwrap();
                    std::future::pending().await
                }
            })
            .await?;
            let nobody = peer::nobody().await?;
            let rig = Rig::start(Setup::new(nobody, gateway.url())).await?;
            let client = rig.ca.client(&[version])?;
            let mut app = App::connect(rig.address, client, CLAUDE).await?;
            let waiting = tokio::spawn(async move { call(&mut app).await });
            arrivals.recv().await.unwrap();
            gateway.end().await;
            let (status, text) = waiting.await??;
            assert_eq!(status, StatusCode::BAD_GATEWAY);
            assert!(text.contains("broke off"), "{text}");
            assert_eq!(rig.counters.totals().broken, 1);
        }
        Ok(())
    })
    .await
}

/// Sixteen connections of HTTP/1.1 and sixteen of HTTP/2 with a call on each are all that there are. More calls are refused, also where the
/// policy fails open: being busy must not be a way past the gateway.
#[tokio::test]
async fn too_many_calls_are_refused_and_never_sent_past_the_gateway() -> anyhow::Result<()> {
    timed(async {
        let (arrived, mut arrivals) = mpsc::channel(64);
        let gate = Arc::new(Semaphore::new(0));
        let held = Arc::clone(&gate);
        let gateway = peer::narrow_gateway(1, move |_| {
            let (arrived, gate) = (arrived.clone(), Arc::clone(&held));
            async move {
                arrived.send(()).await.unwrap();
                drop(gate.acquire().await);
                http::Response::new(whole("governed"))
            }
        })
        .await?;
        let issuer = Ca::new()?;
        let origin = origin(&issuer, "h2").await?;
        let mut setup = Setup::new(origin.address, gateway.url());
        setup.roots = issuer.roots()?;
        let rig = Rig::start(setup).await?;
        let app = async || App::connect(rig.address, rig.ca.client(&["h2"])?, CLAUDE).await;
        let mut late = app().await?;
        let mut calls = JoinSet::new();
        for _ in 0..32 {
            let mut app = app().await?;
            calls.spawn(async move { call(&mut app).await });
            arrivals.recv().await.context("a call")?;
        }
        let (status, text) = call(&mut late).await?;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(text.contains("too many calls open"), "{text}");
        assert_eq!(origin.connections.load(Ordering::Relaxed), 0);
        assert_eq!(gateway.connections.load(Ordering::Relaxed), 32);
        gate.add_permits(64);
        while let Some(answered) = calls.join_next().await {
            assert_eq!(answered??, (StatusCode::OK, "governed".to_owned()));
        }
        assert_eq!(call(&mut late).await?.1, "governed");
        Ok(())
    })
    .await
}
