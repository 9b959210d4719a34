//! How quickly a model has been beginning to answer.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tidegate_types::Mono;

/// What a measurement weighs against all before it, in percent.
const NEWEST: u64 = 30;

/// After this long without a call an average counts half: what is slow now is tried again some time.
const FORGET: Duration = Duration::from_secs(60);

/// A moving average of the time to the first byte.
#[derive(Debug, Default)]
pub(crate) struct Latency {
    /// Microseconds; 0: never measured.
    average: AtomicU64,
    /// Milliseconds on the monotonic clock.
    measured: AtomicU64,
}

impl Latency {
    /// Notes how long a call took to begin.
    pub(crate) fn measure(&self, took: Duration, now: Mono) {
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX / 100);
        let took = took.clamp(1, u64::MAX / 100);
        let next = match self.average.load(Ordering::Relaxed) {
            0 => took,
            past => (past * (100 - NEWEST) + took * NEWEST) / 100,
        };
        // An update that another thread overtakes costs one measurement.
        self.average.store(next.max(1), Ordering::Relaxed);
        self.measured.store(now.0 / 1_000_000, Ordering::Relaxed);
    }

    /// Knows what another one does.
    pub(crate) fn follow(&self, other: &Self) {
        let (average, measured) = (&other.average, &other.measured);
        self.average
            .store(average.load(Ordering::Relaxed), Ordering::Relaxed);
        self.measured
            .store(measured.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// Microseconds as expected now; 0 where nothing is known.
    pub(crate) fn expected(&self, now: Mono) -> u64 {
        let idle = (now.0 / 1_000_000).saturating_sub(self.measured.load(Ordering::Relaxed));
        let halvings = u128::from(idle) / FORGET.as_millis();
        let halvings = u32::try_from(halvings).unwrap_or(u32::MAX).min(63);
        self.average.load(Ordering::Relaxed) >> halvings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_and_forgets() {
        let latency = Latency::default();
        let at = |seconds: u64| Mono(seconds * 1_000_000_000);
        assert_eq!(latency.expected(at(1)), 0);
        latency.measure(Duration::from_millis(100), at(1));
        assert_eq!(latency.expected(at(1)), 100_000);
        latency.measure(Duration::from_millis(200), at(2));
        assert_eq!(latency.expected(at(2)), 130_000);
        assert_eq!(latency.expected(at(63)), 65_000);
        assert_eq!(latency.expected(at(1_000_000)), 0);
        latency.measure(Duration::MAX, at(70));
        assert!(latency.expected(at(70)) > 1_000_000);
    }
}
