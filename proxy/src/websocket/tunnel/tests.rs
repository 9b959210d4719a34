//! Bytes between two ends in memory.

use std::sync::Arc;

use tokio::{
    io::{DuplexStream, duplex},
    task::JoinHandle,
    time::Instant,
};

use super::*;

/// A tunnel with small pipes, the app's end, the host's end, and what was counted.
struct Rig {
    app: DuplexStream,
    host: DuplexStream,
    moved: Arc<Moved>,
    tunnel: JoinHandle<End>,
}

fn rig(said: [&'static [u8]; 2]) -> Rig {
    let (app, near) = duplex(1_000);
    let (host, far) = duplex(1_000);
    let moved = Arc::new(Moved::default());
    let counted = Arc::clone(&moved);
    let [app_said, host_said] = said.map(Bytes::from_static);
    let tunnel = tokio::spawn(async move {
        let near = Side {
            stream: near,
            said: app_said,
        };
        let far = Side {
            stream: far,
            said: host_said,
        };
        run(near, far, &counted).await
    });
    Rig {
        app,
        host,
        moved,
        tunnel,
    }
}

#[tokio::test]
async fn what_was_said_early_comes_first_and_an_end_passes_on() {
    let mut rig = rig([b"early ", b"soon "]);
    rig.app.write_all(b"late").await.unwrap();
    rig.app.shutdown().await.unwrap();
    let mut heard = Vec::new();
    rig.host.read_to_end(&mut heard).await.unwrap();
    assert_eq!(heard, b"early late");
    // The other half is still open.
    rig.host.write_all(b"bye").await.unwrap();
    rig.host.shutdown().await.unwrap();
    let mut heard = Vec::new();
    rig.app.read_to_end(&mut heard).await.unwrap();
    assert_eq!(heard, b"soon bye");
    assert_eq!(rig.tunnel.await.unwrap(), End::Closed);
    assert_eq!(rig.moved.bytes(), (10, 8));
}

/// Neither listens before it has said everything: a loop that serves one direction at a time stops here.
#[tokio::test]
async fn two_ends_that_talk_before_they_listen_are_both_heard() {
    const MUCH: usize = 1 << 20;
    let rig = rig([b"", b""]);
    let talk = |end: DuplexStream| {
        let (mut from, mut to) = tokio::io::split(end);
        tokio::spawn(async move {
            let said = tokio::spawn(async move {
                to.write_all(&vec![7; MUCH]).await.unwrap();
                to.shutdown().await.unwrap();
            });
            let mut heard = Vec::new();
            from.read_to_end(&mut heard).await.unwrap();
            said.await.unwrap();
            heard.len()
        })
    };
    let (app, host) = (talk(rig.app), talk(rig.host));
    assert_eq!((app.await.unwrap(), host.await.unwrap()), (MUCH, MUCH));
    assert_eq!(rig.tunnel.await.unwrap(), End::Closed);
    assert_eq!(rig.moved.bytes(), (MUCH as u64, MUCH as u64));
}

/// A reader that pauses stops its writer, and nothing grows in between.
#[tokio::test]
async fn a_slow_reader_is_waited_for() {
    let mut rig = rig([b"", b""]);
    let much = vec![1; 1 << 20];
    let stuck = tokio::time::timeout(Duration::from_millis(20), rig.app.write_all(&much)).await;
    assert!(stuck.is_err(), "a megabyte was taken and not read");
    let (up, _) = rig.moved.bytes();
    assert!(up <= CHUNK as u64, "{up}");
    drop(rig.host);
    assert_eq!(rig.tunnel.await.unwrap(), End::HostBroke);
}

#[tokio::test(start_paused = true)]
async fn silence_ends_it_but_a_word_now_and_then_does_not() {
    let mut talking = rig([b"", b""]);
    let start = Instant::now();
    for _ in 0..10 {
        tokio::time::sleep(IDLE / 2).await;
        talking.app.write_all(b"x").await.unwrap();
        talking.host.read_exact(&mut [0]).await.unwrap();
    }
    assert!(!talking.tunnel.is_finished());
    assert_eq!(talking.tunnel.await.unwrap(), End::Silent);
    let silent = start.elapsed() - IDLE * 5;
    assert!((IDLE..=IDLE * 2).contains(&silent), "{silent:?}");
}

#[tokio::test(start_paused = true)]
async fn an_end_that_stays_when_the_other_has_closed_is_not_waited_for_long() {
    let mut rig = rig([b"", b""]);
    let start = Instant::now();
    rig.app.shutdown().await.unwrap();
    let mut heard = Vec::new();
    rig.host.read_to_end(&mut heard).await.unwrap();
    assert_eq!(rig.tunnel.await.unwrap(), End::Closed);
    assert!(start.elapsed() <= LINGER * 2);
}
