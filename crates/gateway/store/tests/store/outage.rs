//! The database goes away, or refuses: what was recorded waits, and is there in the end.

use std::{sync::Arc, time::Duration};

use tidegate_store::{RecorderConfig, Store, StoreConfig, StoreError};
use tidegate_types::BudgetId;
use tokio::{
    io::{AsyncRead, AsyncWrite, copy_bidirectional},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_postgres::{Config, config::Host};

use crate::{
    bed::{Bed, NOON, at, both, node, usd},
    recorder::{charged, logged, open_window},
};

both!(a_refused_call_holds_up_no_other);

/// Makes the database refuse calls that cost 13, and no longer.
async fn refuse(bed: &Bed, refuse: bool) {
    let (on, off) = if bed.is_sqlite() {
        (
            "CREATE TRIGGER no BEFORE INSERT ON requests WHEN NEW.cost = 13 \
             BEGIN SELECT RAISE(ABORT, 'no'); END",
            "DROP TRIGGER no",
        )
    } else {
        (
            "ALTER TABLE requests ADD CONSTRAINT no CHECK (cost <> 13)",
            "ALTER TABLE requests DROP CONSTRAINT no",
        )
    };
    bed.raw(if refuse { on } else { off }).await;
}

async fn a_refused_call_holds_up_no_other(bed: &Bed) {
    let budget = BudgetId::generate(at(NOON));
    open_window(&bed.store, budget).await;
    refuse(bed, true).await;
    let (recorder, handle) = bed.store.recorder(RecorderConfig::default()).await.unwrap();
    for cost in 1..=20 {
        recorder.record(charged(budget, cost));
    }
    handle.flush().await.unwrap();
    assert_eq!(
        (handle.committed(), handle.dropped(), handle.depth()),
        (19, 1, 0)
    );
    assert_eq!(
        (
            logged(&bed.store).await,
            open_window(&bed.store, budget).await
        ),
        (19, usd(197))
    );
    handle.shutdown().await.unwrap();
    drop((recorder, handle));
    // The journal kept it: once the database takes it, the next start brings it.
    refuse(bed, false).await;
    let next = bed.restarted().await;
    let (_, handle) = next.recorder(RecorderConfig::default()).await.unwrap();
    assert_eq!(
        (logged(&next).await, open_window(&next, budget).await),
        (20, usd(210))
    );
    handle.shutdown().await.unwrap();
}

/// A way to the server that can be cut.
struct Way {
    open: watch::Sender<bool>,
    port: u16,
}

impl Way {
    async fn to(server: Config) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (open, is_open) = watch::channel(true);
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let (server, is_open) = (server.clone(), is_open.clone());
                tokio::spawn(carry(client, server, is_open));
            }
        });
        Self { open, port }
    }
}

async fn carry(client: TcpStream, server: Config, mut is_open: watch::Receiver<bool>) {
    if !*is_open.borrow() {
        return;
    }
    let port = server.get_ports().first().copied().unwrap_or(5432);
    match &server.get_hosts()[0] {
        Host::Tcp(name) => {
            let server = TcpStream::connect((name.as_str(), port)).await.unwrap();
            both_ways(client, server, &mut is_open).await;
        }
        #[cfg(unix)]
        Host::Unix(dir) => {
            let path = dir.join(format!(".s.PGSQL.{port}"));
            let server = tokio::net::UnixStream::connect(path).await.unwrap();
            both_ways(client, server, &mut is_open).await;
        }
    }
}

async fn both_ways(
    mut client: TcpStream,
    mut server: impl AsyncRead + AsyncWrite + Unpin,
    is_open: &mut watch::Receiver<bool>,
) {
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        _ = is_open.wait_for(|open| !open) => {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_of_postgres_delays_and_loses_nothing() {
    let Some(bed) = Bed::postgres().await else {
        return;
    };
    let server: Config = bed.url.parse().unwrap();
    let way = Way::to(server.clone()).await;
    let (user, database) = (
        server.get_user().unwrap(),
        server.get_dbname().unwrap_or("postgres"),
    );
    let password = String::from_utf8(server.get_password().unwrap_or_default().to_vec()).unwrap();
    let options = server.get_options().unwrap().replace('=', "%3D");
    let port = way.port;
    let url = format!("postgres://{user}:{password}@127.0.0.1:{port}/{database}?options={options}");
    let config = StoreConfig::new(url).with_journal(bed.dir.path().join("outage"));
    let store = Store::open(config, bed.clock.clone(), node())
        .await
        .unwrap();
    let queue = RecorderConfig {
        queue: 8,
        max_batch: 4,
        ..RecorderConfig::default()
    };
    let (recorder, handle) = store.recorder(queue).await.unwrap();
    let budget = BudgetId::generate(at(NOON));
    open_window(&store, budget).await;
    recorder.record(charged(budget, 1));
    handle.flush().await.unwrap();

    way.open.send(false).unwrap();
    assert!(matches!(
        store.revision().await,
        Err(StoreError::Unavailable(_))
    ));
    for _ in 0..100 {
        recorder.record(charged(budget, 1));
    }
    // A flush waits as long as the outage does.
    let flush = tokio::time::timeout(Duration::from_millis(150), handle.flush()).await;
    assert!(flush.is_err());
    assert_eq!((handle.depth(), handle.dropped()), (100, 0));
    way.open.send(true).unwrap();
    handle.flush().await.unwrap();
    assert_eq!(
        (logged(&store).await, open_window(&store, budget).await),
        (101, usd(101))
    );

    // Closing during an outage gives up at once, and the next start brings what waited.
    way.open.send(false).unwrap();
    recorder.record(charged(budget, 1));
    assert!(matches!(
        handle.shutdown().await,
        Err(StoreError::Unavailable(_))
    ));
    assert_eq!(Arc::strong_count(&recorder), 1);
    drop((recorder, handle, store));
    let config = StoreConfig::new(&bed.url).with_journal(bed.dir.path().join("outage"));
    let next = Store::open(config, bed.clock.clone(), node())
        .await
        .unwrap();
    let (_, handle) = next.recorder(queue).await.unwrap();
    assert_eq!(
        (logged(&next).await, open_window(&next, budget).await),
        (102, usd(102))
    );
    handle.shutdown().await.unwrap();
    bed.finish().await;
}
