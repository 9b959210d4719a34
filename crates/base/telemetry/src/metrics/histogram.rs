//! A histogram of durations made of atomics. The client library's own takes a lock for each value,
//! and these are written on every request by all threads.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use prometheus_client::{
    encoding::{EncodeMetric, MetricEncoder, NoLabelSet},
    metrics::{MetricType, TypedMetric},
};

/// Upper bounds of buckets, in nanoseconds, ascending. The last bucket, without a bound, is
/// implied.
pub(super) type Bounds = &'static [u64];

const US: u64 = 1_000;
const MS: u64 = 1_000_000;
const S: u64 = 1_000_000_000;

/// The gateway's own time: 5 µs to 100 ms.
pub(super) const OVERHEAD: Bounds = &[
    5 * US,
    10 * US,
    15 * US,
    20 * US,
    30 * US,
    40 * US,
    50 * US,
    75 * US,
    100 * US,
    150 * US,
    250 * US,
    500 * US,
    MS,
    5 * MS,
    10 * MS,
    25 * MS,
    50 * MS,
    100 * MS,
];

/// Time from event to event of a stream: 1 ms to 10 s.
pub(super) const GAP: Bounds = &[
    MS,
    2 * MS,
    5 * MS,
    10 * MS,
    20 * MS,
    50 * MS,
    100 * MS,
    250 * MS,
    500 * MS,
    S,
    5 * S,
    10 * S,
];

/// Whole calls, and waits for a model: 5 ms to 10 min.
pub(super) const CALL: Bounds = &[
    5 * MS,
    10 * MS,
    25 * MS,
    50 * MS,
    100 * MS,
    250 * MS,
    500 * MS,
    S,
    2 * S,
    5 * S,
    10 * S,
    30 * S,
    60 * S,
    120 * S,
    300 * S,
    600 * S,
];

#[derive(Debug)]
struct Inner {
    bounds: Bounds,
    /// One more than there are bounds.
    counts: Box<[AtomicU64]>,
    sum: AtomicU64,
}

/// A histogram of durations. Clones share their values.
#[derive(Debug, Clone)]
pub(super) struct Histogram(Arc<Inner>);

impl Histogram {
    pub(super) fn new(bounds: Bounds) -> Self {
        let counts = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self(Arc::new(Inner {
            bounds,
            counts,
            sum: AtomicU64::new(0),
        }))
    }

    /// Counts one duration.
    pub(super) fn observe(&self, value: Duration) {
        let nanos = nanos(value);
        self.add(bucket(self.0.bounds, nanos), 1, nanos);
    }

    /// Counts `count` durations of one bucket.
    pub(super) fn add(&self, bucket: usize, count: u64, sum: u64) {
        if let Some(slot) = self.0.counts.get(bucket) {
            slot.fetch_add(count, Ordering::Relaxed);
            self.0.sum.fetch_add(sum, Ordering::Relaxed);
        }
    }
}

pub(super) fn nanos(value: Duration) -> u64 {
    u64::try_from(value.as_nanos()).unwrap_or(u64::MAX)
}

/// The bucket of a value: the first whose bound is not below it.
pub(super) fn bucket(bounds: Bounds, nanos: u64) -> usize {
    bounds.partition_point(|&bound| bound < nanos)
}

/// Seconds, for the text form only.
fn seconds(nanos: u64) -> f64 {
    Duration::from_nanos(nanos).as_secs_f64()
}

impl TypedMetric for Histogram {
    const TYPE: MetricType = MetricType::Histogram;
}

impl EncodeMetric for Histogram {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), std::fmt::Error> {
        let Inner {
            bounds,
            counts,
            sum,
        } = &*self.0;
        let bounds = bounds
            .iter()
            .map(|&bound| seconds(bound))
            .chain([f64::INFINITY]);
        let counts = counts.iter().map(|count| count.load(Ordering::Relaxed));
        let buckets: Vec<_> = bounds.zip(counts).collect();
        let count = buckets.iter().map(|(_, count)| count).sum();
        let sum = seconds(sum.load(Ordering::Relaxed));
        encoder.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_belongs_to_its_bucket() {
        assert_eq!(bucket(OVERHEAD, 0), 0);
        assert_eq!(bucket(OVERHEAD, 5 * US), 0);
        assert_eq!(bucket(OVERHEAD, 5 * US + 1), 1);
        assert_eq!(bucket(OVERHEAD, 100 * MS), OVERHEAD.len() - 1);
        assert_eq!(bucket(OVERHEAD, u64::MAX), OVERHEAD.len());
        for bounds in [OVERHEAD, GAP, CALL] {
            assert!(bounds.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
