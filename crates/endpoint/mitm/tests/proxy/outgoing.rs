//! What leaves the agent: as few connections to the gateway as will do, and not one socket that the
//! redirector has not let past.

use std::sync::{Arc, atomic::Ordering};

use http::Request;
use http_body_util::BodyExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Barrier,
};

use crate::{
    body::whole,
    ca::Ca,
    client::{App, connect},
    peer,
    rig::{CLAUDE, Rig, Setup, timed},
};

async fn call(rig: &Rig) -> anyhow::Result<bytes::Bytes> {
    let mut app = App::connect(rig.address, rig.ca.client(&["h2"])?, CLAUDE).await?;
    let request = Request::get(format!("https://{CLAUDE}/")).body(whole(""))?;
    let response = app.send(request).await?;
    Ok(response.into_body().collect().await?.to_bytes())
}

#[tokio::test]
async fn a_few_connections_carry_all_apps() -> anyhow::Result<()> {
    timed(async {
        let gateway = peer::gateway(|_| async { http::Response::new(whole("ok")) }).await?;
        let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
        for _ in 0..4 {
            let calls = (0..50).map(|_| call(&rig));
            for answer in futures::future::join_all(calls).await {
                assert_eq!(answer?, "ok");
            }
        }
        // Sixteen that carry a call each, and one for all others.
        let connections = gateway.connections.load(Ordering::Relaxed);
        assert!((2..=17).contains(&connections), "{connections}");
        assert_eq!(rig.gate.passed.load(Ordering::Relaxed), connections as u64);
        Ok(())
    })
    .await
}

/// A gateway that takes few calls on a shared connection gets more of them, and no call waits for another.
#[tokio::test]
async fn calls_spill_over_to_new_connections() -> anyhow::Result<()> {
    timed(async {
        let together = Arc::new(Barrier::new(45));
        let gateway = peer::narrow_gateway(10, move |_| {
            let together = together.clone();
            async move {
                together.wait().await;
                http::Response::new(whole("ok"))
            }
        })
        .await?;
        let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
        for answer in futures::future::join_all((0..45).map(|_| call(&rig))).await {
            assert_eq!(answer?, "ok");
        }
        // Sixteen calls have one to themselves.
        assert_eq!(gateway.connections.load(Ordering::Relaxed), 16 + 3);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn every_socket_is_let_past_before_it_connects() -> anyhow::Result<()> {
    timed(async {
        let issuer = Ca::new()?;
        let server = issuer.server(&[CLAUDE, "example.com"], &["h2"])?;
        let origin = peer::origin(server, |_| async { http::Response::new(whole("true")) }).await?;
        let gateway = peer::gateway(|_| async { http::Response::new(whole("governed")) }).await?;
        let mut setup = Setup::new(origin.address, gateway.url());
        setup.roots = issuer.roots()?;
        let rig = Rig::start(setup).await?;
        let passed = || rig.gate.passed.load(Ordering::Relaxed);

        connect(rig.address, issuer.client(&["h2"])?, "example.com").await?;
        assert_eq!(passed(), 1, "a splice");
        let mut app = App::connect(rig.address, rig.ca.client(&["h2"])?, CLAUDE).await?;
        let get = || Request::get(format!("https://{CLAUDE}/")).body(whole(""));
        app.send(get()?).await?;
        // In clear the first look is in HTTP/2, and a call in HTTP/1.1.
        assert_eq!(passed(), 3, "the gateway");
        gateway.end().await;
        let answer = app.send(get()?).await?.into_body().collect().await?;
        assert_eq!(answer.to_bytes(), "true");
        let direct = u64::try_from(origin.connections.load(Ordering::Relaxed))?;
        assert_eq!(direct, 2, "the splice and the direct call");
        // And one to the gateway that was gone.
        assert_eq!(passed(), 5);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_socket_that_is_not_let_past_is_not_used() -> anyhow::Result<()> {
    timed(async {
        let origin = peer::listen(|_| async {}).await?;
        let gateway = peer::gateway(|_| async { http::Response::new(whole("")) }).await?;
        let rig = Rig::start(Setup::new(origin.address, gateway.url())).await?;
        rig.gate.shut.store(true, Ordering::Relaxed);
        let mut app = TcpStream::connect(rig.address).await?;
        app.write_all(b"GET /").await?;
        assert!(app.read(&mut [0]).await.is_err());
        let governed = connect(rig.address, rig.ca.client(&["h2"])?, CLAUDE).await;
        assert!(governed.is_err());
        assert_eq!(origin.connections.load(Ordering::Relaxed), 0);
        assert_eq!(gateway.connections.load(Ordering::Relaxed), 0);
        Ok(())
    })
    .await
}
