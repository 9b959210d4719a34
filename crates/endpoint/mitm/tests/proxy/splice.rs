//! Bytes that pass untouched.

use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, tcp::OwnedWriteHalf},
    sync::mpsc,
};

use crate::{
    client::connect,
    peer,
    rig::{Rig, Setup, timed},
};

const MEGABYTES: u64 = 48;

/// Writes bytes that differ everywhere, and returns their hash.
async fn pour(mut to: OwnedWriteHalf, seed: u64, count: u64) -> anyhow::Result<Vec<u8>> {
    let mut hash = Sha256::new();
    let mut state = seed;
    for turn in 0..count * 8 {
        let block: Vec<u8> = std::iter::repeat_with(|| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(turn | 1);
            state.to_be_bytes()
        })
        .take(128 * 1024 / 8)
        .flatten()
        .collect();
        hash.update(&block);
        to.write_all(&block).await?;
    }
    to.shutdown().await?;
    Ok(hash.finalize().to_vec())
}

/// Reads to the end, and returns the hash and the length.
async fn drink(mut from: impl AsyncRead + Unpin) -> anyhow::Result<(Vec<u8>, u64)> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 100_000];
    let mut total = 0;
    loop {
        let count = from.read(&mut buffer).await?;
        if count == 0 {
            return Ok((hash.finalize().to_vec(), total));
        }
        hash.update(&buffer[..count]);
        total += count as u64;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_directions_are_exact_at_once() -> anyhow::Result<()> {
    timed(async {
        let (done, mut results) = mpsc::channel(1);
        let origin = peer::listen(move |stream| {
            let done = done.clone();
            async move {
                let (from, to) = stream.into_split();
                let down = tokio::spawn(pour(to, 2, MEGABYTES));
                let up = drink(from).await.unwrap();
                done.send((up, down.await.unwrap().unwrap())).await.unwrap();
            }
        })
        .await?;
        let gateway = "http://127.0.0.1:1".to_owned();
        let rig = Rig::start(Setup::new(origin.address, gateway)).await?;
        let (from, to) = TcpStream::connect(rig.address).await?.into_split();
        let sent = tokio::spawn(pour(to, 1, MEGABYTES));
        let (got, length) = drink(from).await?;
        assert_eq!(length, MEGABYTES << 20);
        let ((up, up_length), down) = results.recv().await.unwrap();
        assert_eq!(up_length, MEGABYTES << 20);
        assert_eq!(up, sent.await??);
        assert_eq!(got, down);
        assert_eq!(rig.log(), ["untouched Ignored ech=false"]);
        Ok(())
    })
    .await
}

/// Much, then nothing until all of it has arrived, then a word; and once more, and the end.
#[tokio::test]
async fn bursts_arrive_whole_and_what_comes_between_at_once() -> anyhow::Result<()> {
    const BURST: usize = 3 << 20;
    timed(async {
        let origin = peer::listen(|mut stream| async move {
            let mut word = [0; 4];
            for turn in 0..3_u8 {
                stream.read_exact(&mut word).await.unwrap();
                stream.write_all(&vec![turn; BURST]).await.unwrap();
                stream.read_exact(&mut word).await.unwrap();
                stream.write_all(&[b'a' + turn]).await.unwrap();
            }
        })
        .await?;
        let rig = Rig::start(Setup::new(origin.address, "http://127.0.0.1:1".into())).await?;
        let mut app = TcpStream::connect(rig.address).await?;
        let mut burst = vec![0; BURST];
        let mut byte = [0];
        for turn in 0..3_u8 {
            app.write_all(b"much").await?;
            app.read_exact(&mut burst).await?;
            assert!(burst.iter().all(|byte| *byte == turn));
            app.write_all(b"word").await?;
            app.read_exact(&mut byte).await?;
            assert_eq!(byte, [b'a' + turn]);
        }
        assert_eq!(app.read(&mut byte).await?, 0);
        Ok(())
    })
    .await
}

/// The app closes its half first; the destination answers only then.
#[tokio::test]
async fn a_half_close_is_passed_on_and_the_answer_comes() -> anyhow::Result<()> {
    timed(async {
        let origin = peer::listen(|mut stream| async move {
            let mut all = Vec::new();
            stream.read_to_end(&mut all).await.unwrap();
            all.reverse();
            stream.write_all(&all).await.unwrap();
        })
        .await?;
        let rig = Rig::start(Setup::new(origin.address, "http://127.0.0.1:1".into())).await?;
        let mut app = TcpStream::connect(rig.address).await?;
        app.write_all(b"GET abc").await?;
        app.shutdown().await?;
        let mut answer = Vec::new();
        app.read_to_end(&mut answer).await?;
        assert_eq!(answer, b"cba TEG");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_server_that_speaks_first_is_heard() -> anyhow::Result<()> {
    timed(async {
        let origin = peer::listen(|mut stream| async move {
            stream.write_all(b"220 ready\r\n").await.unwrap();
            let mut line = [0; 6];
            stream.read_exact(&mut line).await.unwrap();
            stream.write_all(&line).await.unwrap();
        })
        .await?;
        let mut setup = Setup::new(origin.address, "http://127.0.0.1:1".into());
        setup.settings.silence = Duration::from_millis(20);
        let rig = Rig::start(setup).await?;
        let mut app = TcpStream::connect(rig.address).await?;
        let mut greeting = [0; 11];
        app.read_exact(&mut greeting).await?;
        assert_eq!(&greeting, b"220 ready\r\n");
        app.write_all(b"HELO\r\n").await?;
        let mut answer = Vec::new();
        app.read_to_end(&mut answer).await?;
        assert_eq!(answer, b"HELO\r\n");
        Ok(())
    })
    .await
}

/// Reset by the app, after a half-close of the destination; and the other way round.
#[tokio::test]
async fn a_reset_is_passed_on_in_either_direction() -> anyhow::Result<()> {
    timed(async {
        let (done, mut results) = mpsc::channel(1);
        let origin = peer::listen(move |mut stream| {
            let done = done.clone();
            async move {
                let mut first = [0];
                stream.read_exact(&mut first).await.unwrap();
                if first == *b"R" {
                    stream.set_zero_linger().unwrap();
                    return;
                }
                stream.shutdown().await.unwrap();
                let error = stream.read(&mut first).await.unwrap_err();
                done.send(error.kind()).await.unwrap();
            }
        })
        .await?;
        let rig = Rig::start(Setup::new(origin.address, "http://127.0.0.1:1".into())).await?;
        let mut app = TcpStream::connect(rig.address).await?;
        app.write_all(b"R").await?;
        let error = app.read(&mut [0]).await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);

        let mut app = TcpStream::connect(rig.address).await?;
        app.write_all(b"S").await?;
        assert_eq!(app.read(&mut [0]).await?, 0);
        app.set_zero_linger()?;
        drop(app);
        assert_eq!(
            results.recv().await,
            Some(std::io::ErrorKind::ConnectionReset)
        );
        Ok(())
    })
    .await
}

/// The app has closed its half and is then killed, while the destination says nothing.
#[tokio::test]
async fn a_reset_after_a_half_close_is_seen_at_once() -> anyhow::Result<()> {
    timed(async {
        let (done, mut results) = mpsc::channel(1);
        let origin = peer::listen(move |mut stream| {
            let done = done.clone();
            async move {
                let mut all = Vec::new();
                stream.read_to_end(&mut all).await.unwrap();
                done.send("half").await.unwrap();
                stream.ready(tokio::io::Interest::ERROR).await.unwrap();
                done.send("reset").await.unwrap();
            }
        })
        .await?;
        let rig = Rig::start(Setup::new(origin.address, "http://127.0.0.1:1".into())).await?;
        let mut app = TcpStream::connect(rig.address).await?;
        app.write_all(b"x").await?;
        app.shutdown().await?;
        assert_eq!(results.recv().await, Some("half"));
        app.set_zero_linger()?;
        drop(app);
        assert_eq!(results.recv().await, Some("reset"));
        Ok(())
    })
    .await
}

/// A destination that does not read stops the app; nothing piles up here.
#[tokio::test]
async fn a_reader_that_pauses_stops_the_writer() -> anyhow::Result<()> {
    timed(async {
        let (go, gate) = tokio::sync::watch::channel(false);
        let (done, mut results) = mpsc::channel(1);
        let origin = peer::listen(move |stream| {
            let (mut gate, done) = (gate.clone(), done.clone());
            async move {
                gate.wait_for(|open| *open).await.unwrap();
                done.send(drink(stream).await.unwrap()).await.unwrap();
            }
        })
        .await?;
        let rig = Rig::start(Setup::new(origin.address, "http://127.0.0.1:1".into())).await?;
        let app = TcpStream::connect(rig.address).await?;
        let (_from, to) = app.into_split();
        let mut sent = tokio::spawn(pour(to, 3, 64));
        // Far more than all the kernel's buffers take; the writer has to be stuck.
        let stuck = tokio::time::timeout(Duration::from_millis(300), &mut sent).await;
        assert!(stuck.is_err());
        go.send_replace(true);
        let (hash, length) = results.recv().await.unwrap();
        assert_eq!(length, 64 << 20);
        assert_eq!(hash, sent.await??);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn other_hosts_keep_their_own_certificate() -> anyhow::Result<()> {
    timed(async {
        let issuer = crate::ca::Ca::new()?;
        let server = issuer.server(&["example.com"], &["h2"])?;
        let origin = peer::origin(server, |_| async {
            http::Response::new(crate::body::whole(""))
        })
        .await?;
        let rig = Rig::start(Setup::new(origin.address, "http://127.0.0.1:1".into())).await?;
        connect(rig.address, issuer.client(&["h2"])?, "example.com").await?;
        let ours = connect(rig.address, rig.ca.client(&["h2"])?, "example.com").await;
        assert!(ours.is_err());
        assert_eq!(rig.counters.totals().ignored, 2);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_unreachable_destination_is_a_reset() -> anyhow::Result<()> {
    timed(async {
        let nobody = peer::nobody().await?;
        let rig = Rig::start(Setup::new(nobody, "http://127.0.0.1:1".into())).await?;
        let mut app = TcpStream::connect(rig.address).await?;
        app.write_all(b"GET /").await?;
        let error = app.read(&mut [0]).await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        Ok(())
    })
    .await
}
