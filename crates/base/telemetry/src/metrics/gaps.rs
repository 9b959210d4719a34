//! Gaps between the events of one stream, collected by the stream alone and counted at its end, so
//! that an event costs no shared memory.

use std::time::Duration;

use super::histogram::{GAP, Histogram, bucket, nanos};

/// The gaps of one stream.
#[derive(Debug, Clone, Default)]
pub struct Gaps {
    counts: [u32; GAP.len() + 1],
    sum: u64,
}

impl Gaps {
    /// Counts the time between two events.
    pub fn record(&mut self, gap: Duration) {
        let gap = nanos(gap);
        let slot = &mut self.counts[bucket(GAP, gap)];
        *slot = slot.saturating_add(1);
        self.sum = self.sum.saturating_add(gap);
    }

    pub(super) fn flush(&self, into: &Histogram) {
        let mut sum = self.sum;
        for (bucket, &count) in self
            .counts
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
        {
            into.add(bucket, u64::from(count), std::mem::take(&mut sum));
        }
    }
}
