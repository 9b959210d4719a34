//! Whether and when a failed call is tried once more at the same place.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use crate::place::Cooldown;

/// The budget is kept in thousandths of a retry.
const ONE: i64 = 1_000;

/// How many retries are saved up at most; also what there is at the start, so that a quiet gateway can retry.
const SAVED: i64 = 20;

/// How often calls are tried again, and how providers are spared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// How often a call is tried again after a wait, at most; other keys and fallbacks do not count.
    pub retries: u32,
    /// The first wait at most; the next are twice as long each. How long it really is, chance decides between
    /// nothing and that ("full jitter"), so that calls that failed together do not come back together.
    pub delay: Duration,
    /// No wait is longer; and where the provider asks for a longer one, its answer passes to the client.
    pub delay_max: Duration,
    /// For how many of all calls there may be a retry, 0 to 1: a provider in trouble is not asked twice as much.
    pub budget: f64,
    /// When a provider or a key is left alone.
    pub cooldown: Cooldown,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            retries: 2,
            delay: Duration::from_millis(250),
            delay_max: Duration::from_secs(5),
            budget: 0.2,
            cooldown: Cooldown::default(),
        }
    }
}

/// Counts calls and retries.
#[derive(Debug)]
pub struct Retry {
    policy: Policy,
    saved: AtomicI64,
}

impl Default for Retry {
    fn default() -> Self {
        Self::new(Policy::default())
    }
}

impl Retry {
    pub(crate) const fn new(policy: Policy) -> Self {
        Self {
            policy,
            saved: AtomicI64::new(SAVED * ONE),
        }
    }

    /// Has saved up what another one has: an outage is not multiplied by a change of the configuration.
    pub(crate) fn follow(&self, other: &Self) {
        let saved = other.saved.load(Ordering::Relaxed);
        self.saved.store(saved, Ordering::Relaxed);
    }

    /// A call arrived: it saves up its part of a retry.
    pub fn deposit(&self) {
        // The budget is full most of the time, and nothing has to be written then.
        if self.saved.load(Ordering::Relaxed) < SAVED * ONE {
            #[expect(clippy::cast_possible_truncation, reason = "a fraction of a thousand")]
            let part = (self.policy.budget.clamp(0.0, 1.0) * ONE as f64) as i64;
            self.saved.fetch_add(part, Ordering::Relaxed);
        }
    }

    /// How long to wait before the call that has been tried again `already` times is tried once more, where the
    /// provider `told` a time or did not; `None`: no more.
    #[must_use]
    pub fn wait(&self, already: u32, told: Option<Duration>) -> Option<Duration> {
        let longest = self.policy.delay_max;
        if already >= self.policy.retries || told.is_some_and(|told| told > longest) {
            return None;
        }
        let taken = self.saved.fetch_sub(ONE, Ordering::Relaxed);
        if taken < ONE {
            self.saved.fetch_add(ONE, Ordering::Relaxed);
            return None;
        }
        let most = self
            .policy
            .delay
            .saturating_mul(1 << already.min(16))
            .min(longest);
        let jitter = most.mul_f64(fastrand::f64());
        // Not before it was told, and not all at once then.
        Some(told.map_or(jitter, |told| told + jitter.min(longest / 4)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_are_bounded_and_never_before_the_time_told() {
        let retry = Retry::new(Policy {
            retries: 10,
            budget: 1.0,
            ..Policy::default()
        });
        for already in 0..10 {
            retry.deposit();
            let most = Duration::from_millis(250 << already).min(Duration::from_secs(5));
            assert!(retry.wait(already, None).unwrap() <= most);
            retry.deposit();
            let told = Duration::from_secs(2);
            assert!(retry.wait(already, Some(told)).unwrap() >= told);
        }
        assert_eq!(retry.wait(10, None), None);
        assert_eq!(retry.wait(0, Some(Duration::from_secs(6))), None);
    }

    #[test]
    fn an_outage_is_not_multiplied() {
        let retry = Retry::default();
        let mut retries = 0;
        for _ in 0..1_000 {
            retry.deposit();
            let mut already = 0;
            while retry.wait(already, None).is_some() {
                already += 1;
                retries += 1;
            }
        }
        // A fifth of the calls, and what was saved.
        assert!((200..=220).contains(&retries), "{retries} for 1,000 calls");
    }
}
