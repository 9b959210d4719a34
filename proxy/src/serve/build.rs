//! What is made of one configuration, at start and each time the file changed; and what outlives them all.

use std::{mem, sync::Arc};

use anyhow::Context;
use arc_swap::ArcSwap;
use pingora_core::listeners::tls::Acceptor;
use tidegate_cache::Cache;
use tidegate_control::Edge;
use tidegate_governance::{govern::Governor, record::SharedRecorder};
use tidegate_pipeline::guard::Guards;
use tidegate_provider::{PriceBook, Provider, ProviderError, ProviderKey};
use tidegate_routing::Routing;
use tidegate_store::Store;
use tidegate_telemetry::Metrics;
use tidegate_types::{Clock, NodeId};
use tokio::sync::Semaphore;

use super::guardrails;
use crate::{
    addresses::Addresses,
    alerts::Alerts,
    config::{Config, Credential, KeyConfig, ProviderConfig},
    embedding::Embedder,
    gateway::{Gateway, InFlight},
    health::Health,
    intake::BodyMemory,
    snapshots::Maker,
    tokens::{self, Kept},
    traces::{Exporting, Outlets, Traces},
    upstreams::Upstreams,
    websocket,
};

/// What outlives configurations.
#[derive(Clone)]
pub(super) struct Lasting {
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) node: NodeId,
    pub(super) edge: Arc<Edge>,
    /// Guards of the embedding program.
    pub(super) guards: Guards,
    pub(super) recorder: SharedRecorder,
    pub(super) governor: Arc<Governor>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) outlets: Outlets,
    pub(super) addresses: Arc<Addresses>,
    pub(super) in_flight: InFlight,
    pub(super) sockets: Arc<websocket::Closing>,
    pub(super) seats: websocket::Seats,
}

/// What is made of a configuration.
pub(super) struct Built {
    pub(super) gateway: Gateway,
    pub(super) maker: Arc<Maker>,
    pub(super) tls: Option<Arc<Acceptor>>,
    pub(super) exporting: Option<Exporting>,
}

/// Makes all of it anew; of `previous`, the gateway in force, what did not change is taken over: connections to
/// providers, what is known of their health, counters.
///
/// # Errors
/// A file cannot be used, or the store not be read.
pub(super) async fn build(
    config: &mut Config,
    lasting: &Lasting,
    previous: Option<(&Gateway, bool)>,
) -> anyhow::Result<Built> {
    let (old, same_rules) = previous.unzip();
    let kept_rules = old.filter(|_| same_rules == Some(true));
    let tls = config.listen.data_tls.as_ref();
    let tls = tls.map(crate::listener::acceptor).transpose()?;
    let workshop = guardrails::workshop(
        &mut config.guardrails,
        lasting,
        kept_rules.map(|gateway| &*gateway.workshop),
    )?;
    let upstreams = Upstreams::new(
        &config.providers,
        &config.edge,
        &config.timeouts,
        Arc::clone(&lasting.clock),
        old.map(|gateway| &gateway.upstreams),
    )?;
    let mut tokens = Vec::new();
    let one = |config| provider(config, &mut tokens);
    let providers = config.providers.iter().map(one);
    let providers: Vec<_> = providers.collect::<anyhow::Result<_>>()?;
    let health = Arc::new(Health::new(
        config.providers.iter().map(|provider| &provider.name),
        old.map(|gateway| &*gateway.health),
    ));
    tokens::keep_all(tokens, &lasting.clock, &health).await;
    let maker = Maker {
        store: lasting.store.clone(),
        clock: Arc::clone(&lasting.clock),
        routing: Arc::new(routing(config, &providers)),
        providers,
        prices: PriceBook::builtin()?.with_overrides(config.prices.iter().cloned())?,
        settings: config.settings,
        edge: Arc::clone(&lasting.edge),
        guards: lasting.guards.clone(),
        workshop: Arc::clone(&workshop),
        made: Default::default(),
    };
    let current = old.map(|gateway| gateway.snapshot.load_full());
    let snapshot = maker.make(current.as_deref()).await;
    let snapshot = Arc::new(snapshot.context("keys and budgets cannot be read")?);
    let (traces, exporting) = traces(config, lasting)?.unzip();
    let gateway = Gateway {
        governor: Arc::clone(&lasting.governor),
        recorder: Arc::clone(&lasting.recorder),
        metrics: Arc::clone(&lasting.metrics),
        cache: cache(config, old),
        embedder: embedder(config, &maker.providers)?,
        alerts: alerts(config)?,
        traces,
        upstreams,
        health,
        body_memory: match old {
            Some(gateway) => gateway.body_memory.limited(config.limits.body_memory),
            None => BodyMemory::new(config.limits.body_memory),
        },
        limits: config.limits,
        proxies: Arc::clone(&config.proxies),
        addresses: Arc::clone(&lasting.addresses),
        timeouts: config.timeouts,
        shadows: Arc::new(Semaphore::new(config.routing.shadows)),
        in_flight: lasting.in_flight.clone(),
        sockets: Arc::clone(&lasting.sockets),
        seats: lasting.seats.clone(),
        clock: Arc::clone(&lasting.clock),
        workshop,
        newest: match old {
            Some(gateway) => Arc::clone(&gateway.newest),
            None => Arc::new(ArcSwap::new(Arc::clone(&snapshot))),
        },
        snapshot: ArcSwap::new(snapshot),
    };
    Ok(Built {
        gateway,
        maker: Arc::new(maker),
        tls,
        exporting,
    })
}

/// Answers that are kept; those of before, where nothing changed about it.
fn cache(config: &Config, old: Option<&Gateway>) -> Option<Arc<Cache>> {
    let settings = &config.cache.as_ref()?.settings;
    let kept = old.and_then(|gateway| gateway.cache.clone());
    let kept = kept.filter(|cache| cache.settings() == settings);
    kept.or_else(|| Some(Arc::new(Cache::new(settings.clone()))))
}

/// What finds out what questions mean.
fn embedder(config: &Config, providers: &[Provider]) -> anyhow::Result<Option<Embedder>> {
    let cache = config.cache.as_ref();
    let Some(semantic) = cache.and_then(|cache| cache.semantic.as_ref()) else {
        return Ok(None);
    };
    let found = config.providers.iter().zip(providers);
    let mut found = found.filter(|(config, _)| config.name == semantic.provider);
    found
        .next()
        .map(|(config, provider)| Embedder::new(semantic, config, provider))
        .transpose()
}

/// Where people are told. The work of it ends when the gateway is dropped, with what was still to be told.
fn alerts(config: &Config) -> anyhow::Result<Option<Alerts>> {
    Ok(Alerts::new(&config.alerts)?.map(|(alerts, telling)| {
        tokio::spawn(telling);
        alerts
    }))
}

/// Where spans of calls go, with the task that takes them there.
fn traces(config: &Config, lasting: &Lasting) -> anyhow::Result<Option<(Traces, Exporting)>> {
    let otlp = config.telemetry.otlp.as_ref();
    otlp.map(|otlp| Traces::start(otlp, &config.providers, lasting.node, &lasting.outlets))
        .transpose()
}

/// Virtual models and rules are taken out of the configuration: what they have seen is kept in them. They go on from
/// what those before them know when they are put in force.
fn routing(config: &mut Config, providers: &[Provider]) -> Routing {
    let routing = &mut config.routing;
    let (models, rules) = (
        mem::take(&mut routing.models),
        mem::take(&mut routing.rules),
    );
    Routing::new(providers, models, rules, routing.policy)
}

/// A provider as configured. Where its token has to be fetched, `tokens` gets what does it.
fn provider(config: &ProviderConfig, tokens: &mut Vec<Kept>) -> anyhow::Result<Provider> {
    let name = config.name.clone();
    let key = |key: &KeyConfig| {
        let made = match &key.credential {
            Credential::Aws(signer) => ProviderKey::signing(&key.name, Arc::clone(signer)),
            Credential::Plain(secret) => ProviderKey::new(&key.name, config.scheme, secret)?,
        };
        Ok(made.with_weight(key.weight).with_models(key.models.clone()))
    };
    let keys: Result<Vec<_>, ProviderError> = config.keys.iter().map(key).collect();
    let mut keys = keys.with_context(|| format!("provider `{name}`"))?;
    if let Some(grant) = &config.grant {
        let kept = Kept::new(name.clone(), Arc::clone(grant), config.ca.as_deref());
        let kept = kept.with_context(|| format!("provider `{name}`"))?;
        keys.push(ProviderKey::renewed(
            ProviderKey::ONLY,
            Arc::clone(&kept.token),
        ));
        tokens.push(kept);
    }
    let provider = Provider::new(name, config.dialect, config.endpoint.clone(), None)?;
    Ok(provider
        .with_profile(config.profile)
        .with_paths(config.paths.clone())
        .with_keys(keys)
        .with_models(config.models.clone())
        .with_languages(config.languages.clone())
        .with_websocket(config.websocket))
}
