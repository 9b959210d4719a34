//! Streams: event by event, against a slow reader, given up half-way, many at once.

use std::{sync::Arc, time::Duration};

use http::{Request, Response};
use http_body_util::BodyExt;
use tokio::sync::{Barrier, mpsc};

use crate::{
    body::{Writer, whole, written},
    client::App,
    peer::{self, Peer},
    rig::{CLAUDE, Rig, Setup, timed},
};

const VERSIONS: [&str; 2] = ["http/1.1", "h2"];

/// A gateway whose answers the test writes.
async fn by_hand() -> anyhow::Result<(Peer, mpsc::Receiver<Writer>)> {
    let (hand, hands) = mpsc::channel(4);
    let gateway = peer::gateway(move |_| {
        let hand = hand.clone();
        async move {
            let (writer, body) = written();
            hand.send(writer).await.unwrap();
            Response::builder()
                .header("content-type", "text/event-stream")
                .body(body)
                .unwrap()
        }
    })
    .await?;
    Ok((gateway, hands))
}

fn get() -> Request<crate::body::Written> {
    Request::get(format!("https://{CLAUDE}/"))
        .body(whole(""))
        .unwrap()
}

/// Each event is in the app's hands before the next is written.
#[tokio::test]
async fn events_arrive_one_by_one() -> anyhow::Result<()> {
    timed(async {
        let (gateway, mut hands) = by_hand().await?;
        for version in VERSIONS {
            let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
            let client = rig.ca.client(&[version])?;
            let mut app = App::connect(rig.address, client, CLAUDE).await?;
            let response = app.send(get()).await?;
            let writer = hands.recv().await.unwrap();
            let mut body = response.into_body();
            for n in 0..50 {
                let event = format!("data: {n}\n\n");
                writer.data(event.clone()).await?;
                let frame = body.frame().await.unwrap()?;
                assert_eq!(frame.into_data().unwrap(), event, "{version}");
            }
            drop(writer);
            assert_eq!(body.collect().await?.to_bytes(), "");
        }
        Ok(())
    })
    .await
}

/// Tokens cost money: the gateway hears at once of an app that gave up.
#[tokio::test]
async fn an_app_that_gives_up_is_noticed_upstream() -> anyhow::Result<()> {
    timed(async {
        let (gateway, mut hands) = by_hand().await?;
        for version in VERSIONS {
            let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
            let client = rig.ca.client(&[version])?;
            // Amid the answer.
            let mut app = App::connect(rig.address, client.clone(), CLAUDE).await?;
            let response = app.send(get()).await?;
            let writer = hands.recv().await.unwrap();
            writer.data("one").await?;
            drop(response);
            drop(app);
            writer.unread().await;
        }
        Ok(())
    })
    .await
}

/// The same, before the answer has begun.
#[tokio::test]
async fn an_app_that_gives_up_early_is_noticed_upstream() -> anyhow::Result<()> {
    struct Dropped(mpsc::Sender<()>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            let _full = self.0.try_send(());
        }
    }
    timed(async {
        let (arrived, mut arrivals) = mpsc::channel(4);
        let (gone, mut goners) = mpsc::channel(4);
        let gateway = peer::gateway(move |_| {
            let guard = Dropped(gone.clone());
            let arrived = arrived.clone();
            async move {
                arrived.send(()).await.unwrap();
                std::future::pending::<()>().await;
                drop(guard);
                Response::new(whole(""))
            }
        })
        .await?;
        for version in VERSIONS {
            let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
            let client = rig.ca.client(&[version])?;
            let mut app = App::connect(rig.address, client, CLAUDE).await?;
            let call = tokio::spawn(async move { app.send(get()).await.map(|_| ()) });
            arrivals.recv().await.unwrap();
            call.abort();
            goners.recv().await.unwrap();
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_answer_that_breaks_off_breaks_off_at_the_app() -> anyhow::Result<()> {
    timed(async {
        let (gateway, mut hands) = by_hand().await?;
        for version in VERSIONS {
            let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
            let client = rig.ca.client(&[version])?;
            let mut app = App::connect(rig.address, client, CLAUDE).await?;
            let response = app.send(get()).await?;
            let writer = hands.recv().await.unwrap();
            let mut body = response.into_body();
            writer.data("one").await?;
            assert_eq!(body.frame().await.unwrap()?.into_data().unwrap(), "one");
            writer.fail().await?;
            assert!(
                body.frame().await.unwrap().is_err(),
                "{version}: an end would be a lie"
            );
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_big_upload_waits_for_its_reader_and_is_whole() -> anyhow::Result<()> {
    timed(async {
        const BLOCK: usize = 256 * 1024;
        const BLOCKS: usize = 128;
        for version in VERSIONS {
            let (go, gate) = tokio::sync::watch::channel(false);
            let gateway = peer::gateway(move |request| {
                let mut gate = gate.clone();
                async move {
                    gate.wait_for(|open| *open).await.unwrap();
                    let body = request.into_body().collect().await.unwrap().to_bytes();
                    let right = body.chunks(BLOCK).enumerate();
                    let right =
                        right.filter(|(n, block)| block.iter().all(|b| usize::from(*b) == *n));
                    Response::new(whole(format!("{} {}", body.len(), right.count())))
                }
            })
            .await?;
            let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
            let client = rig.ca.client(&[version])?;
            let mut app = App::connect(rig.address, client, CLAUDE).await?;
            let (writer, body) = written();
            let request = Request::put(format!("https://{CLAUDE}/")).body(body)?;
            let mut sending = tokio::spawn(async move {
                for n in 0..BLOCKS {
                    writer
                        .data(vec![u8::try_from(n).unwrap(); BLOCK])
                        .await
                        .unwrap();
                }
            });
            let answer = tokio::spawn(async move { app.send(request).await });
            let stuck = tokio::time::timeout(Duration::from_millis(300), &mut sending).await;
            assert!(
                stuck.is_err(),
                "32 MiB went to a gateway that reads nothing"
            );
            go.send_replace(true);
            sending.await?;
            let text = answer.await??.into_body().collect().await?.to_bytes();
            assert_eq!(text, format!("{} {BLOCKS}", BLOCK * BLOCKS));
        }
        Ok(())
    })
    .await
}

/// An answer that nobody reads does not pile up here, and does not stop another.
#[tokio::test]
async fn a_reader_that_pauses_stops_its_own_answer_only() -> anyhow::Result<()> {
    timed(async {
        let (gateway, mut hands) = by_hand().await?;
        let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
        let mut app = App::connect(rig.address, rig.ca.client(&["h2"])?, CLAUDE).await?;
        let slow = app.send(get()).await?;
        let writer = hands.recv().await.unwrap();
        let mut flood = tokio::spawn(async move {
            for _ in 0..256 {
                writer.data(vec![7; 256 * 1024]).await.unwrap();
            }
        });
        let stuck = tokio::time::timeout(Duration::from_millis(300), &mut flood).await;
        assert!(stuck.is_err(), "64 MiB went to an app that reads nothing");
        let mut other = App::connect(rig.address, rig.ca.client(&["h2"])?, CLAUDE).await?;
        let quick = other.send(get()).await?;
        hands.recv().await.unwrap().data("quick").await?;
        assert_eq!(quick.into_body().collect().await?.to_bytes(), "quick");
        let all = slow.into_body().collect().await?.to_bytes();
        assert_eq!(all.len(), 64 << 20);
        flood.await?;
        Ok(())
    })
    .await
}

/// Two hundred calls are open at the same time, on one connection and on many.
#[tokio::test]
async fn two_hundred_calls_at_once() -> anyhow::Result<()> {
    timed(async {
        const CALLS: usize = 200;
        let together = Arc::new(Barrier::new(CALLS));
        let gateway = peer::gateway(move |request| {
            let together = together.clone();
            async move {
                together.wait().await;
                let path = request.uri().path().to_owned();
                Response::new(whole(path))
            }
        })
        .await?;
        let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
        for apps in [1, 100] {
            let mut tasks = tokio::task::JoinSet::new();
            for app in 0..apps {
                let client = rig.ca.client(&["h2"])?;
                let App::Two(sender) = App::connect(rig.address, client, CLAUDE).await? else {
                    anyhow::bail!("no HTTP/2");
                };
                for call in 0..CALLS / apps {
                    let mut sender = sender.clone();
                    tasks.spawn(async move {
                        let uri = format!("https://{CLAUDE}/{app}/{call}");
                        let request = Request::get(uri).body(whole(""))?;
                        let body = sender.send_request(request).await?.into_body();
                        let body = body.collect().await?.to_bytes();
                        assert_eq!(body, format!("/edge/{CLAUDE}/{app}/{call}"));
                        anyhow::Ok(())
                    });
                }
            }
            while let Some(done) = tasks.join_next().await {
                done??;
            }
        }
        assert_eq!(rig.counters.totals().requests, 2 * CALLS as u64);
        Ok(())
    })
    .await
}

/// A call whose answer takes its time: nothing for a quarter of an hour.
#[tokio::test]
async fn a_silent_stream_is_left_alone() -> anyhow::Result<()> {
    let (gateway, mut hands) = by_hand().await?;
    for version in VERSIONS {
        let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
        let client = rig.ca.client(&[version])?;
        let mut app = App::connect(rig.address, client.clone(), CLAUDE).await?;
        let response = app.send(get()).await?;
        let writer = hands.recv().await.unwrap();
        let mut body = response.into_body();
        writer.data("one").await?;
        assert_eq!(body.frame().await.unwrap()?.into_data().unwrap(), "one");
        // The clock stands still but for us: while a blocking task runs, it does not jump.
        tokio::time::pause();
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let holder = tokio::task::spawn_blocking(move || ended.recv());
        let mut other = App::connect(rig.address, client, CLAUDE).await?;
        for _ in 0..90 {
            tokio::time::advance(Duration::from_secs(10)).await;
            // Whatever was due has happened once a call has gone there and back.
            let response = other.send(get()).await?;
            drop(hands.recv().await.unwrap());
            response.into_body().collect().await?;
        }
        tokio::time::resume();
        drop(end);
        assert!(holder.await?.is_err());
        writer.data("two").await?;
        assert_eq!(body.frame().await.unwrap()?.into_data().unwrap(), "two");
    }
    Ok(())
}
