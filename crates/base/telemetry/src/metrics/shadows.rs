//! Copies of calls for shadow targets. They are no calls, and none of the numbers of calls has them.

use std::time::Duration;

use prometheus_client::{
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};
use tidegate_types::{MicroUsd, ProviderName};

use super::{
    Histograms, Metrics,
    histogram::{CALL, Histogram},
    labels,
};

/// What became of copies.
#[derive(Debug)]
pub(super) struct Shadows {
    copies: Family<labels::Shadow, Counter>,
    cost: Family<labels::ByProvider, Counter>,
    duration: Histograms<labels::ByProvider>,
    ttft: Histograms<labels::ByProvider>,
}

impl Default for Shadows {
    fn default() -> Self {
        let calls: fn() -> Histogram = || Histogram::new(CALL);
        Self {
            copies: Family::default(),
            cost: Family::default(),
            duration: Family::new_with_constructor(calls),
            ttft: Family::new_with_constructor(calls),
        }
    }
}

impl Shadows {
    pub(super) fn register(&self, r: &mut Registry) {
        r.register(
            "shadow_requests",
            "Copies of calls for shadow targets, by what became of them",
            self.copies.clone(),
        );
        r.register(
            "shadow_cost_micro_usd",
            "Cost of copies for shadow targets in millionths of a dollar; it is in no other number",
            self.cost.clone(),
        );
        r.register(
            "shadow_duration_seconds",
            "From the start of a copy for a shadow target to the end of its answer",
            self.duration.clone(),
        );
        r.register(
            "shadow_ttft_seconds",
            "From the start of a copy for a shadow target to the first byte of its answer's body",
            self.ttft.clone(),
        );
    }
}

/// What became of a copy for a shadow target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShadowFate {
    /// It was answered to the end, with a status below 400.
    Answered,
    /// It was not sent: too many are under way, or there is no memory for it.
    Dropped,
    /// It was answered with an error, or not, or not to the end.
    Failed,
    /// It was not sent: the key may not use the target, a guard refused it, or it cannot be said there.
    Refused,
    /// It was not sent: the provider or its key rests.
    Resting,
}

impl ShadowFate {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Dropped => "dropped",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Resting => "resting",
        }
    }
}

impl Metrics {
    /// Counts a copy for a shadow target at this provider.
    pub fn shadow(&self, provider: &ProviderName, fate: ShadowFate) {
        let provider = labels::Provider(Some(provider.clone()));
        let result = fate.as_str();
        let labels = labels::Shadow { provider, result };
        self.shadows.copies.get_or_create(&labels).inc();
    }

    /// Adds what a copy that was sent took and cost.
    pub fn shadow_answer(
        &self,
        provider: &ProviderName,
        took: Duration,
        ttft: Option<Duration>,
        cost: MicroUsd,
    ) {
        let provider = labels::Provider(Some(provider.clone()));
        let labels = labels::ByProvider { provider };
        self.shadows.duration.get_or_create(&labels).observe(took);
        if let Some(ttft) = ttft {
            self.shadows.ttft.get_or_create(&labels).observe(ttft);
        }
        let cost = u64::try_from(cost.micros()).unwrap_or(0);
        self.shadows.cost.get_or_create(&labels).inc_by(cost);
    }
}
