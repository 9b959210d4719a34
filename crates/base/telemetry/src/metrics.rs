//! All metrics of the gateway: their names, their labels, and the one place that updates them.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, family::Family, gauge::Gauge, info::Info},
    registry::Registry,
};
use tidegate_types::{MicroUsd, ProviderName};

mod addresses;
mod cache;
mod configuration;
mod exports;
mod gaps;
mod handles;
mod histogram;
mod labels;
mod names;
mod observation;
mod shadows;

pub use addresses::AddressRefusal;
pub use exports::ExportFate;
pub use gaps::Gaps;
pub use observation::{Ending, Observation, RefusedBy};
pub use shadows::ShadowFate;

use cache::Cache;
use handles::{
    KINDS, ModelHandles, ProviderHandles, RouteHandles, STATUS_CLASSES, status_class, tokens,
};
use histogram::{CALL, GAP, Histogram, OVERHEAD};

/// The `content-type` of [`Metrics::encode`]'s text.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Most models of one provider that get a label of their own. The price list is shorter; should a
/// caller ever pass something else, memory stays bounded.
const MAX_MODELS: usize = 512;
/// Most guardrails that get a label of their own.
const MAX_GUARDRAILS: usize = 512;
/// The label of all other models and guardrails.
const OTHER: &str = "other";

type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;

/// All metrics. One for the process, shared by reference.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    calls: Family<labels::Call, Counter>,
    duration: Histograms<labels::Route>,
    ttft: Histograms<labels::Route>,
    upstream: Histograms<labels::ByProvider>,
    gaps: Histograms<labels::ByProvider>,
    overhead: Histogram,
    tokens: Family<labels::Tokens, Counter>,
    cost: Family<labels::ByProvider, Counter>,
    unpriced: Counter,
    refusals: Family<labels::Code, Counter>,
    budget_refusals: Family<labels::Budget, Counter>,
    limit_refusals: Family<labels::Limit, Counter>,
    upstream_errors: Family<labels::UpstreamError, Counter>,
    guardrails: Family<labels::Guardrail, Counter>,
    guardrail_names: Mutex<HashSet<String>>,
    cache_lookups: Family<labels::Lookup, Counter>,
    cache_saved: Counter,
    cache_evicted: Counter,
    cache_bytes: Gauge,
    shadows: shadows::Shadows,
    in_flight: Gauge,
    log_queue_depth: Gauge,
    log_dropped: Counter,
    spans: Family<labels::Export, Counter>,
    otlp_metrics: Family<labels::Export, Counter>,
    otlp_logs: Family<labels::Export, Counter>,
    address_refusals: Family<labels::AddressLimit, Counter>,
    snapshot_revision: Gauge,
    configuration: Family<labels::Configuration, Gauge>,
    reloads: Family<labels::Reload, Counter>,
    reload_success: Gauge,
    reload_good: Gauge,
    body_memory: Gauge,
    routes: Cache<(&'static str, Option<ProviderName>), RouteHandles>,
    providers: Cache<ProviderName, ProviderHandles>,
}

impl Metrics {
    /// All metrics at zero. `version` is the build's.
    #[must_use]
    pub fn new(version: &'static str) -> Self {
        let calls: fn() -> Histogram = || Histogram::new(CALL);
        let gaps: fn() -> Histogram = || Histogram::new(GAP);
        let mut metrics = Self {
            registry: Registry::with_prefix("tidegate"),
            calls: Family::default(),
            duration: Family::new_with_constructor(calls),
            ttft: Family::new_with_constructor(calls),
            upstream: Family::new_with_constructor(calls),
            gaps: Family::new_with_constructor(gaps),
            overhead: Histogram::new(OVERHEAD),
            tokens: Family::default(),
            cost: Family::default(),
            unpriced: Counter::default(),
            refusals: Family::default(),
            budget_refusals: Family::default(),
            limit_refusals: Family::default(),
            upstream_errors: Family::default(),
            guardrails: Family::default(),
            guardrail_names: Mutex::default(),
            cache_lookups: Family::default(),
            cache_saved: Counter::default(),
            cache_evicted: Counter::default(),
            cache_bytes: Gauge::default(),
            shadows: shadows::Shadows::default(),
            in_flight: Gauge::default(),
            log_queue_depth: Gauge::default(),
            log_dropped: Counter::default(),
            spans: Family::default(),
            otlp_metrics: Family::default(),
            otlp_logs: Family::default(),
            address_refusals: Family::default(),
            snapshot_revision: Gauge::default(),
            configuration: Family::default(),
            reloads: Family::default(),
            reload_success: Gauge::default(),
            reload_good: Gauge::default(),
            body_memory: Gauge::default(),
            routes: Cache::default(),
            providers: Cache::default(),
        };
        let build = Info::new(labels::Build { version });
        metrics
            .registry
            .register("build", "The running build", build);
        metrics.register_calls();
        metrics.register_state();
        metrics.shadows.register(&mut metrics.registry);
        metrics
    }

    /// Counts a finished call. Once its route, provider and model were seen before, this only adds
    /// to atomics; refusals and upstream errors take a lock of their own family.
    pub fn observe(&self, call: &Observation<'_>) {
        self.observe_route(call);
        if let Some(provider) = call.provider {
            self.observe_provider(provider, call);
        }
        self.overhead.observe(call.overhead);
        if call.unpriced {
            self.unpriced.inc();
        }
        if let Some(code) = call.refusal {
            self.refusals.get_or_create(&labels::Code { code }).inc();
        }
        match call.refused_by {
            Some(RefusedBy::Budget { scope }) => {
                self.budget_refusals
                    .get_or_create(&labels::Budget { scope })
                    .inc();
            }
            Some(RefusedBy::Limit { kind, scope }) => {
                self.limit_refusals
                    .get_or_create(&labels::Limit { kind, scope })
                    .inc();
            }
            None => {}
        }
        if let Some(class) = call.upstream_error {
            let provider = labels::Provider(call.provider.cloned());
            self.upstream_errors
                .get_or_create(&labels::UpstreamError { provider, class })
                .inc();
        }
    }

    /// Counts what a guardrail did on a call. Takes a lock: most calls have nothing to count.
    pub fn guardrail(
        &self,
        (name, phase): (&str, &'static str),
        action: &str,
        shadow: bool,
        times: u32,
    ) {
        let labels = labels::Guardrail {
            guardrail: self.guardrail_label(name).to_owned(),
            phase,
            action: action.to_owned(),
            shadow: if shadow { "true" } else { "false" },
        };
        self.guardrails.get_or_create(&labels).inc_by(times.into());
    }

    /// Counts a call that the cache could have answered: what came of it (`hit`, `semantic`, `miss`), and what
    /// that saved.
    pub fn cached(&self, result: &'static str, saved: MicroUsd) {
        let labels = labels::Lookup { result };
        self.cache_lookups.get_or_create(&labels).inc();
        self.cache_saved
            .inc_by(u64::try_from(saved.micros()).unwrap_or(0));
    }

    /// Sets what kept answers take in memory, in bytes, and counts those that made room for others since.
    pub fn cache_state(&self, bytes: u64, evicted: u64) {
        self.cache_bytes
            .set(i64::try_from(bytes).unwrap_or(i64::MAX));
        self.cache_evicted.inc_by(evicted);
    }

    /// Guardrails come and go: memory stays bounded.
    fn guardrail_label<'a>(&self, name: &'a str) -> &'a str {
        let names = self.guardrail_names.lock();
        let mut names = names.unwrap_or_else(PoisonError::into_inner);
        if names.contains(name) {
            return name;
        }
        if names.len() >= MAX_GUARDRAILS {
            return OTHER;
        }
        names.insert(name.to_owned());
        name
    }

    fn observe_route(&self, call: &Observation<'_>) {
        let key = (call.operation, call.provider.cloned());
        let route = self.routes.get(&key).unwrap_or_else(|| {
            let provider = labels::Provider(key.1.clone());
            let labels = labels::Route {
                operation: call.operation,
                provider,
            };
            self.routes.insert(
                key,
                RouteHandles {
                    calls: Default::default(),
                    duration: self.duration.get_or_create_owned(&labels),
                    ttft: self.ttft.get_or_create_owned(&labels),
                },
            )
        });
        let class = status_class(call.status);
        let count = || {
            self.calls.get_or_create_owned(&labels::Call {
                operation: call.operation,
                provider: labels::Provider(call.provider.cloned()),
                status_class: STATUS_CLASSES[class],
                outcome: call.ending.as_str(),
            })
        };
        route.calls[class][call.ending as usize]
            .get_or_init(count)
            .inc();
        route.duration.observe(call.duration);
        if let Some(ttft) = call.ttft {
            route.ttft.observe(ttft);
        }
    }

    fn observe_provider(&self, name: &ProviderName, call: &Observation<'_>) {
        let label = || labels::Provider(Some(name.clone()));
        let provider = self.providers.get(name).unwrap_or_else(|| {
            let labels = labels::ByProvider { provider: label() };
            self.providers.insert(
                name.clone(),
                ProviderHandles {
                    cost: self.cost.get_or_create_owned(&labels),
                    upstream: self.upstream.get_or_create_owned(&labels),
                    gaps: self.gaps.get_or_create_owned(&labels),
                    models: Cache::default(),
                },
            )
        });
        provider
            .cost
            .inc_by(u64::try_from(call.cost.micros()).unwrap_or(0));
        if let Some(upstream) = call.upstream {
            provider.upstream.observe(upstream);
        }
        if let Some(gaps) = call.gaps {
            gaps.flush(&provider.gaps);
        }
        let (model, handles) = model_of(&provider, call.priced_model.unwrap_or(OTHER));
        for (at, count) in tokens(&call.usage)
            .into_iter()
            .enumerate()
            .filter(|(_, n)| *n > 0)
        {
            let counter = handles.tokens[at].get_or_init(|| {
                let labels = labels::Tokens {
                    provider: label(),
                    model: model.into(),
                    kind: KINDS[at],
                };
                self.tokens.get_or_create_owned(&labels)
            });
            counter.inc_by(count);
        }
    }

    /// Counts a call as in progress until the guard is dropped.
    #[must_use]
    pub fn enter(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// Sets how many rows wait to be written to the request log.
    pub fn set_log_queue_depth(&self, rows: usize) {
        self.log_queue_depth
            .set(i64::try_from(rows).unwrap_or(i64::MAX));
    }

    /// Counts rows of the request log that were lost to a full queue.
    pub fn log_dropped(&self, rows: u64) {
        self.log_dropped.inc_by(rows);
    }

    /// Sets the revision of the configuration in use.
    pub fn set_snapshot_revision(&self, revision: u64) {
        self.snapshot_revision
            .set(i64::try_from(revision).unwrap_or(i64::MAX));
    }

    /// Adds to the memory held by request bodies, or takes off it.
    pub fn body_memory(&self, bytes: i64) {
        self.body_memory.inc_by(bytes);
    }

    /// All metrics as `OpenMetrics` text, of type [`CONTENT_TYPE`].
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = String::new();
        // Writing to a `String` cannot fail, and no metric of ours makes an error of its own.
        encode(&mut text, &self.registry).unwrap_or_default();
        text
    }
}

/// The handles of a model, and the name it is counted under.
fn model_of<'a>(provider: &ProviderHandles, model: &'a str) -> (&'a str, Arc<ModelHandles>) {
    if let Some(handles) = provider.models.get(model) {
        return (model, handles);
    }
    let model = if provider.models.len() < MAX_MODELS {
        model
    } else {
        OTHER
    };
    (
        model,
        provider
            .models
            .insert(model.into(), ModelHandles::default()),
    )
}

/// A call in progress.
#[derive(Debug)]
pub struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests;
