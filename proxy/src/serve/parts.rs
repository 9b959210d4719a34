//! The parts of the process, assembled; and the work that goes on behind the calls.

use std::{
    net::SocketAddr,
    sync::{Arc, Weak},
    time::Duration,
};

use anyhow::Context;
use tidegate_governance::govern::{Governor, Settings as LedgerSettings};
use tidegate_identity::Client;
use tidegate_pipeline::guard::Guards;
use tidegate_store::{RecorderConfig, RecorderHandle, Store, StoreConfig};
use tidegate_telemetry::Metrics;
use tidegate_types::{Clock, NodeId};
use tokio::sync::watch;

use super::build::{Built, Lasting, build};
use crate::{
    addresses::Addresses,
    config::Config,
    gateway::{InFlight, InForce},
    otlp::{logs, push::Meters},
    traces::Outlets,
};

/// Where the log's events come out of.
pub(super) type Logs = (Arc<logs::Queue>, logs::Events);

/// How often gauges are sampled.
const SAMPLE: Duration = Duration::from_secs(1);

pub(super) struct Parts {
    pub(super) lasting: Lasting,
    pub(super) recorder: RecorderHandle,
    pub(super) identity: Client,
}

pub(super) async fn assemble(
    config: &mut Config,
    data: SocketAddr,
    clock: Arc<dyn Clock>,
    guards: Guards,
    logs: Option<Logs>,
) -> anyhow::Result<(Parts, Built)> {
    pingora_rustls::install_default_crypto_provider();
    let node = NodeId::generate(clock.now());
    let store =
        StoreConfig::new(config.store.url.expose().as_str()).with_journal(&config.store.journal);
    let store = Store::open(store, Arc::clone(&clock), node)
        .await
        .context("the store cannot be opened")?;
    store
        .migrate()
        .await
        .context("the store's schema cannot be brought up to date")?;
    let (records, recorder) = store
        .recorder(RecorderConfig::default())
        .await
        .context("the journal cannot be opened or replayed")?;
    let edge = super::edge::open(config, data, &store, &clock).await?;
    let identity = identity(config)?;
    let ledger = LedgerSettings {
        lease_ttl: config.ledger.lease,
        when_ledger_fails: config.ledger.failure,
    };
    let governor = Governor::new(Arc::new(store.clone()), Arc::clone(&clock), node, ledger);
    let metrics = Arc::new(Metrics::new(env!("CARGO_PKG_VERSION")));
    let addresses = Addresses::new(Arc::clone(&clock), Arc::clone(&metrics));
    let meters = Meters::new(Arc::clone(&metrics), Arc::clone(&clock));
    let lasting = Lasting {
        store,
        clock,
        node,
        edge,
        guards,
        recorder: records,
        governor: Arc::new(governor),
        outlets: Outlets {
            meters: Arc::new(meters),
            logs,
        },
        metrics,
        addresses,
        in_flight: InFlight::default(),
        sockets: Arc::default(),
        seats: Default::default(),
    };
    let built = build(config, &lasting, None).await?;
    let revision = built.gateway.snapshot.load().keyring.revision();
    lasting.metrics.set_snapshot_revision(revision);
    let parts = Parts {
        lasting,
        recorder,
        identity,
    };
    Ok((parts, built))
}

/// What speaks to identity providers.
fn identity(config: &Config) -> anyhow::Result<Client> {
    Ok(match &config.control.ca {
        Some(file) => Client::with_roots_of(file).context("control.ca cannot be used")?,
        None => Client::with_system_roots()?,
    })
}

/// Renews leases in use and hands back what idle budgets hold, until shutdown.
pub(super) async fn maintain_leases(
    in_force: Weak<InForce>,
    every: Duration,
    mut shutdown: watch::Receiver<bool>,
) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            _ = shutdown.wait_for(|&down| down) => return,
        }
        let Some(gateway) = in_force.upgrade().map(|in_force| in_force.gateway()) else {
            return;
        };
        let snapshot = gateway.snapshot.load_full();
        gateway.governor.maintain(&snapshot.keyring).await;
    }
}

/// Samples what is not counted call by call, until shutdown.
pub(super) async fn sample_gauges(
    in_force: Weak<InForce>,
    recorder: RecorderHandle,
    mut shutdown: watch::Receiver<bool>,
) {
    let (mut dropped, mut held, mut evicted) = (0, 0_i64, 0);
    loop {
        tokio::select! {
            () = tokio::time::sleep(SAMPLE) => {}
            _ = shutdown.wait_for(|&down| down) => return,
        }
        let Some(gateway) = in_force.upgrade().map(|in_force| in_force.gateway()) else {
            return;
        };
        let metrics = &gateway.metrics;
        metrics.set_log_queue_depth(usize::try_from(recorder.depth()).unwrap_or(usize::MAX));
        let now_dropped = recorder.dropped();
        metrics.log_dropped(now_dropped.saturating_sub(dropped));
        dropped = now_dropped;
        let now_held = i64::try_from(gateway.body_memory.used()).unwrap_or(i64::MAX);
        metrics.body_memory(now_held.saturating_sub(held));
        held = now_held;
        if let Some(cache) = &gateway.cache {
            let now_evicted = cache.counts().evictions();
            metrics.cache_state(cache.bytes(), now_evicted.saturating_sub(evicted));
            evicted = now_evicted;
        }
    }
}
