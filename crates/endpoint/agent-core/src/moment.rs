//! Now, as an argument: both clocks, and a piece of chance for jitter.

use std::time::Duration;

use tidegate_types::{Mono, Timestamp};

/// A moment at which something is handled.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Wall time: for certificates, and for people.
    pub wall: Timestamp,
    /// Monotonic time: for everything that waits.
    pub mono: Mono,
    /// A random number, a new one for each moment: devices must not all come at once.
    pub chance: u32,
}

impl Moment {
    /// The monotonic time this long from now. It is always later than now.
    pub(crate) fn after(&self, wait: Duration) -> Mono {
        const SHORTEST: u64 = 1_000_000;
        let nanos = u64::try_from(wait.as_nanos()).unwrap_or(u64::MAX);
        Mono(self.mono.0.saturating_add(nanos.max(SHORTEST)))
    }

    /// A random part of a duration, from nothing up to the whole.
    pub(crate) fn part(&self, of: Duration) -> Duration {
        let nanos = of.as_nanos().saturating_mul(u128::from(self.chance)) >> 32;
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// A duration, give or take a tenth.
    pub(crate) fn about(&self, wait: Duration) -> Duration {
        let tenth = wait / 10;
        wait.saturating_sub(tenth)
            .saturating_add(self.part(tenth * 2))
    }
}
