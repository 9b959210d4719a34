//! Apps that accept no certificate but their own.

use rustls::RootCertStore;
use tidegate_policy::Pinned;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    body::whole,
    ca::{Ca, client},
    client::{App, connect},
    peer::{self, Peer},
    rig::{CLAUDE, OPENAI, Rig, Setup, timed},
};

/// A rig whose true destination has a certificate of its own issuer.
async fn rig(issuer: &Ca) -> anyhow::Result<(Rig, Peer, Peer)> {
    let server = issuer.server(&[CLAUDE], &["h2"])?;
    let origin = peer::origin(server, |_| async { http::Response::new(whole("true")) }).await?;
    let gateway = peer::gateway(|_| async { http::Response::new(whole("governed")) }).await?;
    let rig = Rig::start(Setup::new(origin.address, gateway.url())).await?;
    Ok((rig, origin, gateway))
}

async fn answer(app: &mut App) -> anyhow::Result<bytes::Bytes> {
    use http_body_util::BodyExt;
    let request = http::Request::get(format!("https://{CLAUDE}/")).body(whole(""))?;
    Ok(app
        .send(request)
        .await?
        .into_body()
        .collect()
        .await?
        .to_bytes())
}

#[tokio::test]
async fn an_app_that_distrusts_us_passes_from_its_next_connection_on() -> anyhow::Result<()> {
    timed(async {
        let issuer = Ca::new()?;
        let (rig, _origin, _gateway) = rig(&issuer).await?;
        let first = connect(rig.address, issuer.client(&["h2"])?, CLAUDE).await;
        assert!(first.is_err());
        rig.happened("pinned claude-code api.anthropic.com", 1)
            .await?;
        let mut app = App::connect(rig.address, issuer.client(&["h2"])?, CLAUDE).await?;
        assert_eq!(answer(&mut app).await?, "true");
        rig.happened("untouched Pinned ech=false", 1).await?;
        // Another host of the same app is another matter.
        connect(rig.address, rig.ca.client(&["h2"])?, OPENAI).await?;
        let totals = rig.counters.totals();
        assert_eq!((totals.pinned, totals.bypassed), (1, 1));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn where_the_policy_blocks_such_apps_they_are_refused() -> anyhow::Result<()> {
    timed(async {
        let issuer = Ca::new()?;
        let (rig, _origin, _gateway) = rig(&issuer).await?;
        rig.rules
            .change(|document| document.default_pinned = Pinned::Block);
        for _ in 0..2 {
            let nobody = client(RootCertStore::empty(), &["h2"])?;
            assert!(connect(rig.address, nobody, CLAUDE).await.is_err());
        }
        rig.happened("pinned claude-code api.anthropic.com", 1)
            .await?;
        let error = connect(rig.address, issuer.client(&["h2"])?, CLAUDE)
            .await
            .unwrap_err();
        assert!(error.to_string().contains("AccessDenied"), "{error}");
        rig.happened("refused Pinned", 1).await
    })
    .await
}

/// Closing without a word is a hint only; several in a row are more.
#[tokio::test]
async fn silent_closes_add_up() -> anyhow::Result<()> {
    timed(async {
        let issuer = Ca::new()?;
        let (rig, _origin, _gateway) = rig(&issuer).await?;
        let name = rustls::pki_types::ServerName::try_from(CLAUDE)?;
        for turn in 1..=3 {
            assert_eq!(rig.counters.totals().pinned, 0, "{turn}");
            let config = std::sync::Arc::new(issuer.client(&["h2"])?);
            let mut hello = Vec::new();
            rustls::ClientConnection::new(config, name.clone())?.write_tls(&mut hello)?;
            let mut app = TcpStream::connect(rig.address).await?;
            app.write_all(&hello).await?;
            app.read_exact(&mut [0; 64]).await?;
        }
        rig.happened("pinned claude-code api.anthropic.com", 1)
            .await?;
        let mut app = App::connect(rig.address, issuer.client(&["h2"])?, CLAUDE).await?;
        assert_eq!(answer(&mut app).await?, "true");
        Ok(())
    })
    .await
}

/// A leaf that lacks the host would look like pinning; it is not even shown.
#[tokio::test]
async fn a_leaf_without_the_host_is_not_shown() -> anyhow::Result<()> {
    timed(async {
        let issuer = Ca::new()?;
        let (rig, _origin, _gateway) = rig(&issuer).await?;
        rig.leaf.set(rig.ca.leaf(&["other.example"])?);
        let mut app = App::connect(rig.address, issuer.client(&["h2"])?, CLAUDE).await?;
        assert_eq!(answer(&mut app).await?, "true");
        rig.happened("untouched FailedOpen ech=false", 1).await?;
        rig.leaf.set(rig.ca.leaf(&["*.anthropic.com"])?);
        let mut app = App::connect(rig.address, rig.ca.client(&["h2"])?, CLAUDE).await?;
        assert_eq!(
            answer(&mut app).await?,
            "governed",
            "the new leaf is used at once"
        );
        assert_eq!(rig.counters.totals().pinned, 0);
        Ok(())
    })
    .await
}
