//! A circuit breaker: a provider that failed several times in a row is asked last for a while, then by one call
//! at a time until it answers.

use std::{
    sync::atomic::{AtomicU32, AtomicU64, Ordering},
    time::Duration,
};

use tidegate_types::Mono;

/// A breaker stays open this long at most.
const LONGEST: Duration = Duration::from_secs(300);

/// A probe that does not come back lets the next one go after this time.
const PROBE: Duration = Duration::from_secs(5);

/// How a breaker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Calls pass.
    Closed,
    /// Its time is over; one call may try.
    HalfOpen,
    /// Calls go elsewhere if they can.
    Open,
}

/// The breaker of one provider. Never in the way of a call that has nowhere else to go: see
/// [`Place::is_open`](crate::Place::is_open).
#[derive(Debug)]
pub(crate) struct Breaker {
    /// Failures in a row.
    failures: AtomicU32,
    /// How often it opened since the last success.
    opened: AtomicU32,
    /// Milliseconds on the monotonic clock; 0 while closed.
    until: AtomicU64,
    threshold: u32,
    base: Duration,
}

pub(crate) fn millis(at: Mono) -> u64 {
    // Never 0, which means closed.
    at.0 / 1_000_000 + 1
}

fn whole_millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl Breaker {
    /// Opens after so many failures in a row, for `base`, and twice as long each time it fails again.
    pub(crate) const fn new(threshold: u32, base: Duration) -> Self {
        Self {
            failures: AtomicU32::new(0),
            opened: AtomicU32::new(0),
            until: AtomicU64::new(0),
            threshold,
            base,
        }
    }

    /// Stands as another one does.
    pub(crate) fn follow(&self, other: &Self) {
        let pairs = [
            (&self.failures, &other.failures),
            (&self.opened, &other.opened),
        ];
        for (mine, theirs) in pairs {
            mine.store(theirs.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        let until = other.until.load(Ordering::Relaxed);
        self.until.store(until, Ordering::Relaxed);
    }

    pub(crate) fn state(&self, now: Mono) -> State {
        match self.until.load(Ordering::Relaxed) {
            0 => State::Closed,
            until if until <= millis(now) => State::HalfOpen,
            _ => State::Open,
        }
    }

    /// Whether a call may pass. While half open one may, and the others wait for what comes of it.
    pub(crate) fn allows(&self, now: Mono) -> bool {
        let until = self.until.load(Ordering::Relaxed);
        if until == 0 {
            return true;
        }
        let now = millis(now);
        until <= now
            && self
                .until
                .compare_exchange(
                    until,
                    now.saturating_add(whole_millis(PROBE)),
                    Ordering::Relaxed,
                    Ordering::Relaxed,
                )
                .is_ok()
    }

    pub(crate) fn good(&self) {
        // Most calls are good news, and nothing has to be written for them.
        if self.failures.load(Ordering::Relaxed) != 0 {
            self.failures.store(0, Ordering::Relaxed);
        }
        if self.until.load(Ordering::Relaxed) != 0 {
            self.opened.store(0, Ordering::Relaxed);
            self.until.store(0, Ordering::Relaxed);
        }
    }

    pub(crate) fn bad(&self, now: Mono) {
        let failures = self.failures.fetch_add(1, Ordering::Relaxed) + 1;
        let probing = self.until.load(Ordering::Relaxed) != 0;
        if failures < self.threshold && !probing {
            return;
        }
        let times = self.opened.fetch_add(1, Ordering::Relaxed).min(16);
        let open = self.base.saturating_mul(1 << times).min(LONGEST);
        self.until.store(
            millis(now).saturating_add(whole_millis(open)),
            Ordering::Relaxed,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Mono {
        Mono(seconds * 1_000_000_000)
    }

    #[test]
    fn it_opens_probes_and_closes() {
        let breaker = Breaker::new(3, Duration::from_secs(10));
        for _ in 0..2 {
            breaker.bad(at(1));
        }
        assert!(breaker.allows(at(1)));
        breaker.bad(at(1));
        assert_eq!(breaker.state(at(2)), State::Open);
        assert!(!breaker.allows(at(2)));
        assert_eq!(breaker.state(at(12)), State::HalfOpen);
        assert!(breaker.allows(at(12)));
        // One probe at a time, and the next when it does not come back.
        assert!(!breaker.allows(at(12)));
        assert!(breaker.allows(at(18)));
        breaker.bad(at(18));
        // Twice as long.
        assert_eq!(breaker.state(at(37)), State::Open);
        assert_eq!(breaker.state(at(39)), State::HalfOpen);
        assert!(breaker.allows(at(39)));
        breaker.good();
        assert_eq!(breaker.state(at(39)), State::Closed);
        breaker.bad(at(40));
        assert!(breaker.allows(at(40)));
    }

    #[test]
    fn one_that_follows_another_stands_as_it_does() {
        let (old, new) = (
            Breaker::new(2, Duration::from_secs(10)),
            Breaker::new(3, Duration::from_secs(10)),
        );
        old.bad(at(1));
        new.follow(&old);
        assert_eq!(new.state(at(1)), State::Closed);
        new.bad(at(1));
        new.bad(at(1));
        assert_eq!(new.state(at(2)), State::Open, "two of three had happened");
        old.bad(at(1));
        old.bad(at(1));
        let next = Breaker::new(3, Duration::from_secs(10));
        next.follow(&old);
        assert_eq!(
            (next.state(at(20)), next.state(at(22))),
            (State::Open, State::HalfOpen),
            "opened twice: twice as long"
        );
    }

    #[test]
    fn successes_in_between_keep_it_closed() {
        let breaker = Breaker::new(2, Duration::from_secs(10));
        for second in 0..50 {
            breaker.bad(at(second));
            breaker.good();
            assert!(breaker.allows(at(second)));
        }
    }
}
