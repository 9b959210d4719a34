//! What a finished call adds to the metrics.

use std::{sync::Arc, time::Duration};

use tidegate_cache::Cache;
use tidegate_governance::{
    govern::Denial,
    record::{CacheUse, CostBasis, Outcome},
};
use tidegate_pipeline::{Facts, Refusal};
use tidegate_telemetry::{Ending, Gaps, Metrics, Observation, RefusedBy, Stopwatch};
use tidegate_types::{MicroUsd, ModelName};

use crate::{alerts::Alerts, call::Call, gateway::Gateway};

/// What the metrics want to know of a call besides its facts.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    /// When the request was sent upstream, since arrival.
    pub(crate) sent_at: Option<Duration>,
    /// When the last piece came, since arrival.
    pub(crate) last_piece: Option<Duration>,
    /// The gaps between the pieces of a stream.
    pub(crate) gaps: Gaps,
    /// The rule that refused it.
    pub(crate) refused_by: Option<RefusedBy>,
    /// How the upstream failed.
    pub(crate) upstream_error: Option<&'static str>,
}

impl Measured {
    /// A piece of the answer came.
    pub(crate) fn piece(&mut self, now: Duration) {
        if let Some(last) = self.last_piece.replace(now) {
            self.gaps.record(now.saturating_sub(last));
        }
    }

    /// The call was refused.
    pub(crate) fn refused(&mut self, refusal: &Refusal) {
        self.refused_by = match refusal {
            Refusal::Denied(denial) => refused_by(denial),
            _ => None,
        };
        self.upstream_error = match refusal {
            Refusal::UpstreamBroken(_) => Some("broken"),
            Refusal::UpstreamCredential(_) => Some("credential"),
            Refusal::UpstreamTimeout(_) => Some("timeout"),
            Refusal::UpstreamUnreachable(_) => Some("connect"),
            _ => None,
        };
    }
}

fn refused_by(denial: &Denial) -> Option<RefusedBy> {
    let (kind, scope) = match denial {
        Denial::Budget { scope, .. } => {
            return Some(RefusedBy::Budget {
                scope: scope.kind(),
            });
        }
        Denial::LedgerUnavailable => return None,
        Denial::Concurrency { scope, .. } => ("concurrency", scope),
        Denial::Requests { scope, .. } => ("requests", scope),
        Denial::Tokens { scope, .. } => ("tokens", scope),
    };
    Some(RefusedBy::Limit {
        kind,
        scope: scope.kind(),
    })
}

/// A call is over: counts it, tells those who are to be told of it, and hands over its span.
pub(crate) fn finished(gateway: &Gateway, call: Call) {
    if call.carries {
        return;
    }
    observe(&gateway.metrics, &call.facts, &call.watch, &call.measured);
    count(gateway.cache.as_ref(), &call.facts);
    tell(gateway.alerts.as_ref(), &call.facts);
    if let Some(traces) = &gateway.traces {
        traces.end(call);
    }
}

/// Adds a finished call to the metrics.
fn observe(metrics: &Metrics, facts: &Facts, watch: &Stopwatch, measured: &Measured) {
    let ending = match facts.outcome {
        Outcome::ClientGone => Ending::ClientGone,
        Outcome::Completed => Ending::Completed,
        Outcome::Refused => Ending::Refused,
        Outcome::UpstreamBroken => Ending::UpstreamBroken,
    };
    let upstream_error = measured.upstream_error.or(match facts.status {
        429 if facts.code.is_none() => Some("status_429"),
        500.. if facts.code.is_none() => Some("status_5xx"),
        _ if ending == Ending::UpstreamBroken => Some("broken"),
        _ => None,
    });
    for done in &facts.guardrails {
        let place = (done.guardrail.as_str(), done.phase.name());
        metrics.guardrail(place, &done.action, done.shadow, done.count);
    }
    if let Some(used) = facts.cache {
        metrics.cached(used.as_str(), used.saved().unwrap_or(MicroUsd::ZERO));
    }
    let (duration, overhead) = (watch.elapsed(), watch.overhead());
    metrics.observe(&Observation {
        provider: facts.provider.as_ref(),
        priced_model: facts.listed_model.as_ref().map(ModelName::as_str),
        refusal: facts.code,
        refused_by: measured.refused_by,
        upstream_error,
        usage: facts.usage,
        cost: facts.cost,
        unpriced: facts.cost_basis == CostBasis::Unpriced,
        duration,
        overhead,
        upstream: measured.sent_at.map(|sent| duration.saturating_sub(sent)),
        ttft: watch.first_byte(),
        gaps: facts.streamed.then_some(&measured.gaps),
        ..Observation::new(facts.operation_name(), facts.status, ending)
    });
}

/// Adds a finished call to what the cache says of itself.
pub(crate) fn count(cache: Option<&Arc<Cache>>, facts: &Facts) {
    match (cache, facts.cache) {
        (Some(cache), Some(CacheUse::Hit(saved))) => cache.counts().hit(false, saved),
        (Some(cache), Some(CacheUse::Semantic(saved))) => cache.counts().hit(true, saved),
        (Some(cache), Some(CacheUse::Miss)) => cache.counts().miss(),
        (None, _) | (_, None) => {}
    }
}

/// Tells those who are to be told of what guardrails did.
fn tell(alerts: Option<&Alerts>, facts: &Facts) {
    if let (Some(alerts), false) = (alerts, facts.guardrails.is_empty()) {
        alerts.tell(facts);
    }
}
