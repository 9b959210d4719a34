//! Limits against a naive token bucket, step by step, and under races.

use std::{thread, time::Duration};

use proptest::prelude::*;
use tidegate_types::{Clock as _, LimitId, ManualClock, Timestamp};

use super::*;
use crate::entity::Scope;

fn limiter(rpm: Option<u64>, tpm: Option<u64>, concurrency: Option<u64>) -> Limiter {
    let config = RateLimit {
        id: LimitId::generate(Timestamp::default()),
        scope: Scope::Organization,
        model: None,
        requests_per_minute: rpm,
        tokens_per_minute: tpm,
        concurrency,
        created_at: Timestamp::default(),
    };
    Limiter::new(config, None)
}

/// A bucket of tokens times nanoseconds, filled by time: the textbook's, with a lock's worth of
/// state. A refund is what its take would not have got back by itself yet.
struct Bucket {
    per_minute: u128,
    level: u128,
    seen: u64,
}

impl Bucket {
    fn new(per_minute: u64) -> Self {
        let full = u128::from(per_minute) * u128::from(MINUTE);
        Self {
            per_minute: per_minute.into(),
            level: full,
            seen: 0,
        }
    }

    fn fill(&mut self, now: u64) {
        let full = self.per_minute * u128::from(MINUTE);
        self.level = (self.level + self.per_minute * u128::from(now - self.seen)).min(full);
        self.seen = now;
    }

    fn take(&mut self, units: u64, now: u64) -> bool {
        self.fill(now);
        let cost = u128::from(units) * u128::from(MINUTE);
        let fits = cost <= self.level;
        self.level -= if fits { cost } else { 0 };
        fits
    }
}

proptest! {
    /// Limits whose units drain in whole nanoseconds, so that both sides are exact.
    #[test]
    fn takes_as_a_token_bucket_does(
        per_minute in prop::sample::select(vec![1_u64, 3, 60, 1_000, 48_000]),
        steps in prop::collection::vec((0_u64..90_000, 0_u64..40), 1..80),
    ) {
        let clock = ManualClock::at(Timestamp::default());
        let rate = Rate::default();
        let mut bucket = Bucket::new(per_minute);
        for (millis, part) in steps {
            clock.advance(Duration::from_millis(millis * u64::from(part % 3 == 0)));
            let (now, units) = (clock.mono(), per_minute * part / 30);
            let level = bucket.level;
            let fits = bucket.take(units, now.0);
            let taken = rate.take(units, per_minute, now);
            prop_assert_eq!(taken.is_ok(), fits, "level {} before", level);
            if let Ok(drains_at) = taken {
                let seen = reading(per_minute, drains_at, now);
                prop_assert_eq!(u128::from(seen.remaining), bucket.level / u128::from(MINUTE));
            }
            if let Err(wait) = taken && units <= per_minute {
                // The time it names is the first at which it fits.
                let then = Mono(now.0 + u64::try_from(wait.as_nanos()).unwrap());
                prop_assert!(rate.take(units, per_minute, Mono(then.0 - 1)).is_err());
                prop_assert!(rate.take(units, per_minute, then).is_ok());
                prop_assert!(bucket.take(units, then.0));
                clock.advance(wait);
            }
        }
    }

    /// Whatever is taken and given back: no more is used than a minute's worth at the start and
    /// what has drained since.
    #[test]
    fn refunds_never_let_more_through_than_burst_and_time(
        calls in prop::collection::vec((0_u64..20, 1_u64..60, 0_u64..60, 0_u64..50), 1..60),
    ) {
        let limiter = limiter(None, Some(60), None);
        let mut now = Mono(0);
        let mut ends: Vec<(u64, LimitHold, u64, u64)> = Vec::new();
        let mut used = 0_u64;
        for (pause, estimate, actual, lasts) in calls {
            now.0 += pause * 1_000_000_000;
            ends.sort_by_key(|end| std::cmp::Reverse(end.0));
            while let Some(&(end, hold, estimate, actual)) = ends.last() && end <= now.0 {
                limiter.release(hold, TokenCount(estimate), TokenCount(actual), Mono(end));
                ends.pop();
            }
            if let Ok(hold) = limiter.take(TokenCount(estimate), now) {
                let actual = actual.min(estimate);
                used += actual;
                ends.push((now.0 + lasts * 1_000_000_000, hold, estimate, actual));
                // One token drains in a second.
                prop_assert!(used <= 60 + now.0 / 1_000_000_000);
            }
        }
    }
}

#[test]
fn a_minutes_worth_passes_at_once_and_then_one_by_one() {
    for rpm in [1, 7, 59, 60, 61, 1_000, 7_777] {
        let limiter = limiter(Some(rpm), None, None);
        let passed = (0..rpm + 5)
            .filter(|_| limiter.take(TokenCount(0), Mono(9)).is_ok())
            .count();
        assert_eq!(passed as u64, rpm);
        let Err(Denial::Requests {
            retry_after, limit, ..
        }) = limiter.take(TokenCount(0), Mono(9))
        else {
            panic!("refused");
        };
        assert_eq!(limit, rpm);
        let then = Mono(9 + u64::try_from(retry_after.as_nanos()).unwrap());
        assert!(limiter.take(TokenCount(0), then).is_ok());
        assert!(limiter.take(TokenCount(0), then).is_err());
    }
}

#[test]
fn a_refused_call_takes_nothing() {
    let limiter = limiter(Some(2), Some(100), Some(5));
    let hold = limiter.take(TokenCount(100), Mono(0)).unwrap();
    for _ in 0..10 {
        // Refused by its tokens, after request and concurrency were taken.
        assert!(matches!(
            limiter.take(TokenCount(1), Mono(0)),
            Err(Denial::Tokens { .. })
        ));
    }
    limiter.release(hold, TokenCount(100), TokenCount(40), Mono(0));
    assert_eq!(limiter.counters.in_flight.load(Ordering::Relaxed), 0);
    let hold = limiter.take(TokenCount(60), Mono(0)).unwrap();
    assert_eq!(limiter.requests(&hold, Mono(0)).unwrap().remaining, 0);
    assert_eq!(limiter.tokens(&hold, Mono(0)).unwrap().remaining, 0);
}

#[test]
fn a_refund_does_not_give_back_what_time_gave_back() {
    let limiter = limiter(None, Some(60), None);
    let minute = Mono(MINUTE);
    let slow = limiter.take(TokenCount(60), Mono(0)).unwrap();
    let full = limiter.take(TokenCount(60), minute).unwrap();
    limiter.release(slow, TokenCount(60), TokenCount(0), minute);
    assert!(limiter.take(TokenCount(1), minute).is_err());
    limiter.release(full, TokenCount(60), TokenCount(20), minute);
    assert!(limiter.take(TokenCount(41), minute).is_err());
    assert!(limiter.take(TokenCount(40), minute).is_ok());
}

#[test]
fn tokens_used_beyond_the_estimate_are_owed() {
    let limiter = limiter(None, Some(60), None);
    let hold = limiter.take(TokenCount(10), Mono(0)).unwrap();
    limiter.release(hold, TokenCount(10), TokenCount(90), Mono(0));
    let wait = |tokens| match limiter.take(TokenCount(tokens), Mono(0)) {
        Err(Denial::Tokens { retry_after, .. }) => retry_after.as_secs(),
        other => panic!("{other:?}"),
    };
    assert_eq!((wait(0), wait(1), wait(20)), (30, 31, 50));
}

#[test]
fn a_limit_of_zero_lets_nothing_through() {
    assert!(
        limiter(Some(0), None, None)
            .take(TokenCount(0), Mono(5))
            .is_err()
    );
    assert!(
        limiter(None, Some(0), None)
            .take(TokenCount(1), Mono(5))
            .is_err()
    );
    assert!(
        limiter(None, None, Some(0))
            .take(TokenCount(1), Mono(5))
            .is_err()
    );
}

#[test]
fn counters_live_on_when_the_numbers_change() {
    let old = limiter(Some(10), None, Some(2));
    let holds: Vec<_> = (0..2)
        .map(|_| old.take(TokenCount(0), Mono(0)).unwrap())
        .collect();
    let new = Limiter::new(
        RateLimit {
            requests_per_minute: Some(100),
            concurrency: Some(3),
            ..old.config.clone()
        },
        Some(&old),
    );
    let hold = new.take(TokenCount(0), Mono(0)).unwrap();
    assert_eq!(new.requests(&hold, Mono(0)).unwrap().remaining, 79);
    assert!(matches!(
        new.take(TokenCount(0), Mono(0)),
        Err(Denial::Concurrency { limit: 3, .. })
    ));
    old.release(holds[0], TokenCount(0), TokenCount(0), Mono(0));
    assert!(new.take(TokenCount(0), Mono(0)).is_ok());
}

#[test]
fn threads_never_take_more_than_there_is() {
    let limiter = limiter(Some(500), Some(4_000), Some(300));
    let holds: usize = thread::scope(|scope| {
        let take = || {
            let mine = || limiter.take(TokenCount(10), Mono(7)).is_ok();
            (0..400).filter(|_| mine()).count()
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(take)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    });
    assert_eq!(holds, 300);
}
