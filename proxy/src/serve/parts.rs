//! The parts of the process, assembled; and the work that goes on behind the calls.

use std::{
    mem,
    net::SocketAddr,
    sync::{Arc, Weak},
    time::Duration,
};

use anyhow::Context;
use arc_swap::ArcSwap;
use pingora_core::apps::HttpServerOptions;
use tidegate_control::Edge;
use tidegate_governance::govern::{Governor, Settings as LedgerSettings};
use tidegate_identity::Client;
use tidegate_pipeline::guard::Guards;
use tidegate_provider::{PriceBook, Provider, ProviderError, ProviderKey};
use tidegate_routing::Routing;
use tidegate_store::{RecorderConfig, RecorderHandle, Store, StoreConfig};
use tidegate_telemetry::Metrics;
use tidegate_types::{Clock, NodeId};
use tokio::sync::{Notify, watch};

use crate::{
    alerts::Alerts,
    config::{Config, KeyConfig},
    gateway::{Gateway, InFlight},
    health::Health,
    intake::BodyMemory,
    snapshots::Maker,
    traces::{Exporting, Traces},
    upstreams::Upstreams,
};

/// How often gauges are sampled.
const SAMPLE: Duration = Duration::from_secs(1);

pub(super) struct Parts {
    pub(super) gateway: Arc<Gateway>,
    pub(super) maker: Maker,
    pub(super) recorder: RecorderHandle,
    pub(super) changed: Arc<Notify>,
    pub(super) store: Store,
    pub(super) edge: Arc<Edge>,
    pub(super) identity: Client,
    pub(super) node: NodeId,
    pub(super) exporting: Option<Exporting>,
}

pub(super) async fn assemble(
    config: &mut Config,
    data: SocketAddr,
    clock: Arc<dyn Clock>,
    guards: Guards,
) -> anyhow::Result<Parts> {
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
    let providers: Vec<_> = config
        .providers
        .iter()
        .map(provider)
        .collect::<anyhow::Result<_>>()?;
    let maker = Maker {
        store: store.clone(),
        clock: Arc::clone(&clock),
        routing: Arc::new(routing(config, &providers)),
        providers,
        prices: PriceBook::builtin()?.with_overrides(config.prices.iter().cloned())?,
        settings: config.settings,
        edge: Arc::clone(&edge),
        guards,
        workshop: super::guardrails::workshop(&mut config.guardrails, &edge, &clock)?,
        made: Default::default(),
    };
    let snapshot = maker
        .make(None)
        .await
        .context("keys and budgets cannot be read")?;
    let metrics = Arc::new(Metrics::new(env!("CARGO_PKG_VERSION")));
    metrics.set_snapshot_revision(snapshot.keyring.revision());
    let ledger = LedgerSettings {
        lease_ttl: config.ledger.lease,
        when_ledger_fails: config.ledger.failure,
    };
    let (traces, exporting) = traces(config, node, &metrics)?.unzip();
    let gateway = Arc::new(Gateway {
        snapshot: ArcSwap::from_pointee(snapshot),
        governor: Governor::new(Arc::new(store.clone()), Arc::clone(&clock), node, ledger),
        recorder: records,
        metrics,
        alerts: alerts(config)?,
        traces,
        upstreams: Upstreams::new(
            &config.providers,
            &config.edge,
            &config.timeouts,
            Arc::clone(&clock),
        ),
        health: Health::new(config.providers.iter().map(|provider| &provider.name)),
        body_memory: BodyMemory::new(config.limits.body_memory),
        limits: config.limits,
        timeouts: config.timeouts,
        in_flight: InFlight::default(),
        sockets: Default::default(),
        options: options(config),
        clock,
    });
    Ok(Parts {
        gateway,
        maker,
        recorder,
        changed: Arc::default(),
        store,
        edge,
        identity,
        node,
        exporting,
    })
}

/// How connections of the data plane are served.
fn options(config: &Config) -> HttpServerOptions {
    let mut options = HttpServerOptions::default();
    options.h2c = true;
    options.h2_idle_timeout = Some(config.timeouts.keep_alive);
    options
}

/// What speaks to identity providers.
fn identity(config: &Config) -> anyhow::Result<Client> {
    Ok(match &config.control.ca {
        Some(file) => Client::with_roots_of(file).context("control.ca cannot be used")?,
        None => Client::with_system_roots()?,
    })
}

/// Where people are told. The work of it ends when the gateway is dropped, with what was still to be told.
fn alerts(config: &Config) -> anyhow::Result<Option<Alerts>> {
    Ok(Alerts::new(&config.alerts)?.map(|(alerts, telling)| {
        tokio::spawn(telling);
        alerts
    }))
}

/// Where spans of calls go, with the task that takes them there.
fn traces(
    config: &Config,
    node: NodeId,
    metrics: &Arc<Metrics>,
) -> anyhow::Result<Option<(Traces, Exporting)>> {
    let otlp = config.telemetry.otlp.as_ref();
    otlp.map(|otlp| Traces::start(otlp, &config.providers, node, Arc::clone(metrics)))
        .transpose()
}

/// Virtual models and rules are taken out of the configuration: what they have seen is kept in them.
fn routing(config: &mut Config, providers: &[Provider]) -> Routing {
    let routing = &mut config.routing;
    let (models, rules) = (
        mem::take(&mut routing.models),
        mem::take(&mut routing.rules),
    );
    Routing::new(providers, models, rules, routing.policy)
}

fn provider(config: &crate::config::ProviderConfig) -> anyhow::Result<Provider> {
    let (name, dialect) = (config.name.clone(), config.dialect);
    let key = |key: &KeyConfig| {
        let made = ProviderKey::new(&key.name, dialect, &key.credential)?;
        Ok(made.with_weight(key.weight).with_models(key.models.clone()))
    };
    let keys: Result<_, ProviderError> = config.keys.iter().map(key).collect();
    let keys = keys.with_context(|| format!("provider `{name}`"))?;
    let provider = Provider::new(name, dialect, config.endpoint.clone(), None)?;
    Ok(provider
        .with_keys(keys)
        .with_models(config.models.clone())
        .with_languages(config.languages.clone()))
}

/// Renews leases in use and hands back what idle budgets hold, until shutdown.
pub(super) async fn maintain_leases(
    gateway: Weak<Gateway>,
    every: Duration,
    mut shutdown: watch::Receiver<bool>,
) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            _ = shutdown.wait_for(|&down| down) => return,
        }
        let Some(gateway) = gateway.upgrade() else {
            return;
        };
        let snapshot = gateway.snapshot.load_full();
        gateway.governor.maintain(&snapshot.keyring).await;
    }
}

/// Samples what is not counted call by call, until shutdown.
pub(super) async fn sample_gauges(
    gateway: Weak<Gateway>,
    recorder: RecorderHandle,
    mut shutdown: watch::Receiver<bool>,
) {
    let (mut dropped, mut held) = (0, 0_i64);
    loop {
        tokio::select! {
            () = tokio::time::sleep(SAMPLE) => {}
            _ = shutdown.wait_for(|&down| down) => return,
        }
        let Some(gateway) = gateway.upgrade() else {
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
    }
}
