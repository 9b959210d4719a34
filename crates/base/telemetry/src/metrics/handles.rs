//! Counters of one route, provider or model, found once and kept, so that a request only adds to
//! atomics.

use std::sync::OnceLock;

use prometheus_client::metrics::counter::Counter;
use tidegate_types::Usage;

use super::{Ending, cache::Cache, histogram::Histogram};

/// Classes of statuses; anything else is a fault of ours and counts as the last.
pub(super) const STATUS_CLASSES: [&str; 6] = ["1xx", "2xx", "3xx", "4xx", "5xx", "other"];

pub(super) fn status_class(status: u16) -> usize {
    match status {
        100..=599 => usize::from(status / 100 - 1),
        _ => STATUS_CLASSES.len() - 1,
    }
}

/// One operation at one provider. Counters come to life with their first call, since a series that
/// stays at zero is noise.
#[derive(Debug)]
pub(super) struct RouteHandles {
    pub(super) calls: [[OnceLock<Counter>; Ending::COUNT]; STATUS_CLASSES.len()],
    pub(super) duration: Histogram,
    pub(super) ttft: Histogram,
}

/// One provider.
#[derive(Debug)]
pub(super) struct ProviderHandles {
    pub(super) cost: Counter,
    pub(super) upstream: Histogram,
    pub(super) gaps: Histogram,
    pub(super) models: Cache<std::sync::Arc<str>, ModelHandles>,
}

/// Kinds of tokens. They are disjoint: what is reasoning is not counted as output again.
pub(super) const KINDS: [&str; 9] = [
    "input",
    "cached",
    "cache_write_5m",
    "cache_write_1h",
    "input_audio",
    "output",
    "reasoning",
    "output_audio",
    "output_image",
];

/// Tokens by kind, in the order of [`KINDS`].
pub(super) const fn tokens(usage: &Usage) -> [u64; KINDS.len()] {
    [
        usage.input,
        usage.cached,
        usage.cache_write_5m,
        usage.cache_write_1h,
        usage.input_audio,
        usage.output.saturating_sub(usage.reasoning),
        usage.reasoning,
        usage.output_audio,
        usage.output_image,
    ]
}

/// One model at one provider.
#[derive(Debug, Default)]
pub(super) struct ModelHandles {
    pub(super) tokens: [OnceLock<Counter>; KINDS.len()],
}
