//! Rate limits without locks: requests and tokens per minute, and calls in flight at once.
//!
//! Rates follow the generic cell rate algorithm (GCRA, ITU-T I.371): one number per limit, the
//! time at which everything taken so far will have drained. Taking moves it on by the time that
//! the limit needs to drain what is taken; a take fits while the result is at most a minute ahead,
//! so an idle limit lets a minute's worth through at once, and a minute's worth per minute after.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tidegate_types::{Mono, TokenCount};

use crate::{entity::RateLimit, govern::Denial};

const MINUTE: u64 = 60_000_000_000;

/// How a limit stands: what response headers tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Units per minute.
    pub limit: u64,
    /// How many fit at once now.
    pub remaining: u64,
    /// Until all of it is free again.
    pub reset: Duration,
}

/// One rate's state: the time at which all that was taken has drained, in monotonic nanoseconds.
#[derive(Debug, Default)]
struct Rate(AtomicU64);

/// The time a limit needs to drain `units`, in nanoseconds. Rounded down: rounded up, the last of
/// a minute's worth would not fit. What is not nothing takes at least a nanosecond.
fn drain_time(units: u64, per_minute: u64) -> u64 {
    let exact = u128::from(units) * u128::from(MINUTE) / u128::from(per_minute.max(1));
    u64::try_from(exact)
        .unwrap_or(u64::MAX)
        .max(u64::from(units > 0))
}

impl Rate {
    /// Takes `units`, and answers when they will have drained; or takes nothing, and answers how
    /// long until they would fit.
    fn take(&self, units: u64, per_minute: u64, now: Mono) -> Result<u64, Duration> {
        let time = if per_minute == 0 {
            u64::MAX
        } else {
            drain_time(units, per_minute)
        };
        let mut drained = self.0.load(Ordering::Relaxed);
        loop {
            let next = drained.max(now.0).saturating_add(time);
            let ahead = next - now.0;
            if ahead > MINUTE {
                return Err(Duration::from_nanos((ahead - MINUTE).min(MINUTE)));
            }
            match self
                .0
                .compare_exchange_weak(drained, next, Ordering::Relaxed, Ordering::Relaxed)
            {
                Ok(_) => return Ok(next),
                Err(seen) => drained = seen,
            }
        }
    }

    /// Gives back `units` of a take that drains at `drains_at`. What has drained since it was
    /// taken was denied to nobody after that, and is not given back a second time.
    fn give_back(&self, units: u64, per_minute: u64, drains_at: u64, now: Mono) {
        let time = drain_time(units, per_minute).min(drains_at.saturating_sub(now.0));
        self.update(|drained| drained.saturating_sub(time));
    }

    /// Takes `units` that were already used, fitting or not.
    fn charge(&self, units: u64, per_minute: u64, now: Mono) {
        let time = drain_time(units, per_minute);
        self.update(|drained| drained.max(now.0).saturating_add(time));
    }

    fn update(&self, change: impl Fn(u64) -> u64) {
        let mut seen = self.0.load(Ordering::Relaxed);
        while let Err(now) =
            self.0
                .compare_exchange_weak(seen, change(seen), Ordering::Relaxed, Ordering::Relaxed)
        {
            seen = now;
        }
    }
}

fn reading(per_minute: u64, drains_at: u64, now: Mono) -> Reading {
    let taken = drains_at.saturating_sub(now.0).min(MINUTE);
    let free = u128::from(MINUTE - taken) * u128::from(per_minute) / u128::from(MINUTE);
    Reading {
        limit: per_minute,
        remaining: u64::try_from(free).unwrap_or(u64::MAX),
        reset: Duration::from_nanos(taken),
    }
}

/// The counters of one limit. They outlive a change of its numbers.
#[derive(Debug, Default)]
struct Counters {
    requests: Rate,
    tokens: Rate,
    in_flight: AtomicU64,
}

/// A limit as configured, with its counters.
#[derive(Debug)]
pub(crate) struct Limiter {
    pub(crate) config: RateLimit,
    counters: Arc<Counters>,
}

/// What one call took from one limit.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LimitHold {
    request: Option<u64>,
    tokens: Option<u64>,
    in_flight: bool,
}

impl Limiter {
    /// A limit with the counters of its former self, or new ones.
    pub(crate) fn new(config: RateLimit, previous: Option<&Self>) -> Self {
        let counters = previous.map_or_else(Arc::default, |p| Arc::clone(&p.counters));
        Self { config, counters }
    }

    /// Whether it counts calls of this model.
    pub(crate) fn applies_to(&self, model: &str) -> bool {
        self.config
            .model
            .as_ref()
            .is_none_or(|pattern| pattern.matches(model))
    }

    /// Takes a call with an estimate of its tokens: all of it, or nothing and the reason.
    pub(crate) fn take(&self, tokens: TokenCount, now: Mono) -> Result<LimitHold, Denial> {
        let mut hold = LimitHold::default();
        self.take_into(&mut hold, tokens, now)
            .inspect_err(|_| self.undo(hold, tokens, now))?;
        Ok(hold)
    }

    fn take_into(&self, hold: &mut LimitHold, need: TokenCount, now: Mono) -> Result<(), Denial> {
        let scope = self.config.scope;
        if let Some(limit) = self.config.concurrency {
            let mut seen = self.counters.in_flight.load(Ordering::Relaxed);
            while let Err(now) = self.counters.in_flight.compare_exchange_weak(
                seen,
                (seen < limit)
                    .then_some(seen + 1)
                    .ok_or(Denial::Concurrency { scope, limit })?,
                Ordering::Relaxed,
                Ordering::Relaxed,
            ) {
                seen = now;
            }
            hold.in_flight = true;
        }
        if let Some(limit) = self.config.requests_per_minute {
            let taken = self.counters.requests.take(1, limit, now);
            let refused = |retry_after| Denial::Requests {
                scope,
                limit,
                retry_after,
            };
            hold.request = Some(taken.map_err(refused)?);
        }
        if let Some(limit) = self.config.tokens_per_minute {
            let taken = self.counters.tokens.take(need.0, limit, now);
            let refused = |retry_after| Denial::Tokens {
                scope,
                limit,
                retry_after,
                need,
            };
            hold.tokens = Some(taken.map_err(refused)?);
        }
        Ok(())
    }

    /// Undoes a take, as if the call had not been made.
    pub(crate) fn undo(&self, hold: LimitHold, tokens: TokenCount, now: Mono) {
        if let (Some(limit), Some(at)) = (self.config.requests_per_minute, hold.request) {
            self.counters.requests.give_back(1, limit, at, now);
        }
        self.release(hold, tokens, TokenCount(0), now);
    }

    /// Ends a call that used `actual` tokens: the difference to its estimate is settled.
    pub(crate) fn release(
        &self,
        hold: LimitHold,
        tokens: TokenCount,
        actual: TokenCount,
        now: Mono,
    ) {
        if hold.in_flight {
            self.counters.in_flight.fetch_sub(1, Ordering::Relaxed);
        }
        if let (Some(limit), Some(at)) = (self.config.tokens_per_minute, hold.tokens) {
            let rate = &self.counters.tokens;
            if actual > tokens {
                rate.charge(actual.0 - tokens.0, limit, now);
            } else if actual < tokens {
                rate.give_back(tokens.0 - actual.0, limit, at, now);
            }
        }
    }

    /// How the request rate stood just after the take at `now`.
    pub(crate) fn requests(&self, hold: &LimitHold, now: Mono) -> Option<Reading> {
        Some(reading(
            self.config.requests_per_minute?,
            hold.request?,
            now,
        ))
    }

    /// How the token rate stood just after the take at `now`.
    pub(crate) fn tokens(&self, hold: &LimitHold, now: Mono) -> Option<Reading> {
        Some(reading(self.config.tokens_per_minute?, hold.tokens?, now))
    }
}

#[cfg(test)]
mod tests;
