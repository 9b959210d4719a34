//! Hellos that come in pieces, late, or not at all.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use rustls::{ClientConfig, ClientConnection, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use crate::{
    body::whole,
    peer,
    rig::{CLAUDE, Rig, Setup, timed},
};

const UNUSED: &str = "http://127.0.0.1:1";

/// Writes the first bytes in two segments, cut at one place.
struct Cut {
    stream: TcpStream,
    left: usize,
}

impl AsyncWrite for Cut {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let most = if self.left == 0 {
            bytes.len()
        } else {
            self.left.min(bytes.len())
        };
        let result = Pin::new(&mut self.stream).poll_write(cx, &bytes[..most]);
        if let Poll::Ready(Ok(count)) = result {
            self.left = self.left.saturating_sub(count);
        }
        result
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl AsyncRead for Cut {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

fn hello(config: ClientConfig, host: &str) -> anyhow::Result<Vec<u8>> {
    let name = ServerName::try_from(host.to_owned())?;
    let mut bytes = Vec::new();
    ClientConnection::new(Arc::new(config), name)?.write_tls(&mut bytes)?;
    Ok(bytes)
}

#[tokio::test]
async fn a_hello_cut_anywhere_is_understood() -> anyhow::Result<()> {
    timed(async {
        let gateway = peer::gateway(|_| async { http::Response::new(whole("")) }).await?;
        let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
        // Otherwise so many unused connections look like pinning.
        let config = Arc::new(rig.ca.client(&["h2"])?);
        let mut app = crate::client::App::connect(rig.address, (*config).clone(), CLAUDE).await?;
        app.send(http::Request::get(format!("https://{CLAUDE}/")).body(whole(""))?)
            .await?;
        let length = hello((*config).clone(), CLAUDE)?.len();
        for left in 1..length {
            let stream = TcpStream::connect(rig.address).await?;
            stream.set_nodelay(true)?;
            let cut = Cut { stream, left };
            let name = ServerName::try_from(CLAUDE)?;
            let stream = TlsConnector::from(config.clone())
                .connect(name, cut)
                .await?;
            assert_eq!(
                stream.get_ref().1.alpn_protocol(),
                Some(&b"h2"[..]),
                "{left}"
            );
        }
        rig.happened("relayed api.anthropic.com", length).await
    })
    .await
}

/// The same hello in records of a few bytes each. (The client's transcript differs, so that the handshake
/// cannot be finished: it is enough that the proxy answers with a handshake of its own.)
#[tokio::test]
async fn a_hello_in_many_records_is_understood() -> anyhow::Result<()> {
    timed(async {
        let gateway = peer::gateway(|_| async { http::Response::new(whole("")) }).await?;
        let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
        let whole = hello(rig.ca.client(&["h2"])?, CLAUDE)?;
        for size in [1, 7, 100] {
            let mut app = TcpStream::connect(rig.address).await?;
            for piece in whole[5..].chunks(size) {
                app.write_all(&[22, 3, 1, 0, u8::try_from(piece.len())?])
                    .await?;
                app.write_all(piece).await?;
            }
            let mut answer = [0; 6];
            app.read_exact(&mut answer).await?;
            assert_eq!((answer[0], answer[5]), (22, 2), "a ServerHello: {answer:?}");
        }
        Ok(())
    })
    .await
}

/// An app that waits until its silence was taken for a server's turn is read all the same.
#[tokio::test]
async fn a_late_hello_is_no_way_round() -> anyhow::Result<()> {
    timed(async {
        let (asked, mut arrived) = tokio::sync::mpsc::channel(4);
        let origin = peer::listen(move |mut stream| {
            let asked = asked.clone();
            async move {
                asked.send(()).await.unwrap();
                let _nothing = stream.read(&mut [0]).await;
            }
        })
        .await?;
        let gateway = peer::gateway(|_| async { http::Response::new(whole("governed")) }).await?;
        let mut setup = Setup::new(origin.address, gateway.url());
        setup.settings.silence = Duration::from_millis(10);
        let rig = Rig::start(setup).await?;
        let stream = TcpStream::connect(rig.address).await?;
        arrived.recv().await.unwrap();
        let name = ServerName::try_from(CLAUDE)?;
        let config = Arc::new(rig.ca.client(&["h2"])?);
        TlsConnector::from(config).connect(name, stream).await?;
        rig.happened("relayed api.anthropic.com", 1).await?;
        assert_eq!(rig.log().len(), 1);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_hello_that_never_ends_is_refused() -> anyhow::Result<()> {
    timed(async {
        let mut setup = Setup::new(peer::nobody().await?, UNUSED.into());
        setup.settings.hello = Duration::from_millis(30);
        let rig = Rig::start(setup).await?;
        let mut app = TcpStream::connect(rig.address).await?;
        app.write_all(&[22, 3, 1, 0, 200, 1, 0]).await?;
        let mut answer = Vec::new();
        app.read_to_end(&mut answer).await?;
        assert_eq!(answer, [21, 3, 3, 0, 2, 2, 49], "access_denied");
        rig.happened("refused Hello", 1).await?;

        let mut app = TcpStream::connect(rig.address).await?;
        app.write_all(&[22, 3, 1, 0x20, 0, 1, 0, 0x40, 1]).await?;
        rig.happened("refused Hello", 2).await
    })
    .await
}

#[tokio::test]
async fn no_name_or_an_address_passes_untouched() -> anyhow::Result<()> {
    timed(async {
        let (sent, mut got) = tokio::sync::mpsc::channel(1);
        let origin = peer::listen(move |mut stream| {
            let sent = sent.clone();
            async move {
                let mut all = Vec::new();
                stream.read_to_end(&mut all).await.unwrap();
                sent.send(all).await.unwrap();
            }
        })
        .await?;
        let rig = Rig::start(Setup::new(origin.address, UNUSED.into())).await?;
        let address = hello(rig.ca.client(&["h2"])?, "203.0.113.10")?;
        let broken = [22, 3, 1, 0, 0, 9, 9].to_vec();
        for bytes in [address, broken, b"SSH-2.0-x\r\n".to_vec()] {
            let mut app = TcpStream::connect(rig.address).await?;
            app.write_all(&bytes).await?;
            app.shutdown().await?;
            assert_eq!(got.recv().await.unwrap(), bytes);
        }
        Ok(())
    })
    .await
}

/// Adds an outer encrypted hello (RFC 9849) to a hello, whose extensions are at its end.
fn with_ech(mut bytes: Vec<u8>) -> anyhow::Result<Vec<u8>> {
    // Outer, suite, config, no encapsulated key, one byte of payload.
    let inner = [0xfe, 0x0d, 0, 11, 0, 0, 1, 0, 1, 7, 0, 0, 0, 1, 9];
    // Record and message headers, version, random, session, suites, compression.
    let mut at = 5 + 4 + 2 + 32;
    at += 1 + usize::from(bytes[at]);
    at += 2 + usize::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]));
    at += 1 + usize::from(bytes[at]);
    bytes.extend(inner);
    for (place, before) in [(3, 5), (7, 9), (at, at + 2)] {
        let length = u16::try_from(bytes.len() - before)?.to_be_bytes();
        bytes[place..place + 2].copy_from_slice(&length);
    }
    Ok(bytes)
}

/// The name outside decides: a governed one is ended here, any other passes and is noted.
#[tokio::test]
async fn of_an_encrypted_hello_the_name_outside_counts() -> anyhow::Result<()> {
    timed(async {
        let origin = peer::listen(|mut stream| async move {
            stream.read_exact(&mut [0; 5]).await.unwrap();
            stream.write_all(b"untouched").await.unwrap();
        })
        .await?;
        let gateway = peer::gateway(|_| async { http::Response::new(whole("")) }).await?;
        let rig = Rig::start(Setup::new(origin.address, gateway.url())).await?;
        let client = rig.ca.client(&["h2"])?;
        for (host, answer) in [("cover.example", &b"untouched"[..]), (CLAUDE, &[22, 3, 3])] {
            let mut app = TcpStream::connect(rig.address).await?;
            app.write_all(&with_ech(hello(client.clone(), host)?)?)
                .await?;
            let mut got = vec![0; answer.len()];
            app.read_exact(&mut got).await?;
            assert_eq!(got, answer, "{host}");
        }
        rig.happened("untouched Ignored ech=true", 1).await?;
        assert_eq!(rig.counters.totals().ech, 1);
        Ok(())
    })
    .await
}

/// A port scan, or the loser of a race, costs the destination nothing.
#[tokio::test]
async fn an_app_that_leaves_early_is_forgotten() -> anyhow::Result<()> {
    timed(async {
        let mut rig = Rig::start(Setup::new(peer::nobody().await?, UNUSED.into())).await?;
        drop(TcpStream::connect(rig.address).await?);
        let mut app = TcpStream::connect(rig.address).await?;
        app.write_all(&[22, 3]).await?;
        app.set_zero_linger()?;
        drop(app);
        rig.stop();
        rig.ended().await?;
        assert_eq!(rig.log(), Vec::<String>::new());
        Ok(())
    })
    .await
}
