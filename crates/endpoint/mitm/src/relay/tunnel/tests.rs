//! Bytes between two ends in memory, with time that is turned.

use tokio::{
    io::{DuplexStream, duplex},
    task::JoinHandle,
    time::Instant,
};

use super::*;

/// The app's end, the far end, what stops the tunnel, and the tunnel.
struct Rig {
    app: DuplexStream,
    far: DuplexStream,
    stop: watch::Sender<bool>,
    tunnel: JoinHandle<io::Result<()>>,
}

fn rig() -> Rig {
    let (app, near) = duplex(1_000);
    let (far, beyond) = duplex(1_000);
    let (stop, stopped) = watch::channel(false);
    let tunnel = tokio::spawn(carry(near, beyond, stopped));
    Rig {
        app,
        far,
        stop,
        tunnel,
    }
}

#[tokio::test(start_paused = true)]
async fn one_end_may_go_on_when_the_other_has_closed_but_not_for_ever() {
    let mut rig = rig();
    rig.app.write_all(b"bye").await.unwrap();
    rig.app.shutdown().await.unwrap();
    let mut heard = Vec::new();
    rig.far.read_to_end(&mut heard).await.unwrap();
    assert_eq!(heard, b"bye");
    for _ in 0..5 {
        tokio::time::sleep(LINGER / 2).await;
        rig.far.write_all(b"x").await.unwrap();
        rig.app.read_exact(&mut [0]).await.unwrap();
    }
    assert!(!rig.tunnel.is_finished());
    let start = Instant::now();
    rig.tunnel.await.unwrap().unwrap();
    assert!(start.elapsed() <= LINGER * 2);
}

#[tokio::test(start_paused = true)]
async fn it_waits_for_years_and_stops_at_a_pause() {
    let mut rig = rig();
    tokio::time::sleep(Duration::from_secs(400 * 86_400)).await;
    rig.far.write_all(b"x").await.unwrap();
    rig.app.read_exact(&mut [0]).await.unwrap();
    rig.stop.send(true).unwrap();
    for _ in 0..20 {
        tokio::time::sleep(PAUSE / 2).await;
        rig.app.write_all(b"x").await.unwrap();
        rig.far.read_exact(&mut [0]).await.unwrap();
    }
    assert!(!rig.tunnel.is_finished(), "it was still talking");
    let start = Instant::now();
    rig.tunnel.await.unwrap().unwrap();
    assert!(start.elapsed() <= PAUSE * 2);
}

/// A reader that pauses stops its writer, and nothing grows in between.
#[tokio::test(start_paused = true)]
async fn a_slow_reader_is_waited_for() {
    let mut rig = rig();
    let much = vec![1; 1 << 20];
    let wrote = tokio::time::timeout(Duration::from_secs(60), async {
        let mut taken = 0;
        while taken < much.len() {
            taken += rig.app.write(&much[taken..]).await.unwrap();
            assert!(taken <= CHUNK + 2_000, "{taken} bytes are nobody's");
        }
    });
    assert!(wrote.await.is_err());
    drop(rig.far);
    assert!(rig.tunnel.await.unwrap().is_err());
}
