//! Leaves a service alone that fails: nobody waits for it call after call.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tidegate_types::Timestamp;

/// So many failures one after the other, and it is left alone.
const FAILURES: u32 = 5;
/// For so long; then one call tries it again.
const REST: Duration = Duration::from_secs(10);

/// The state of a service.
#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    rests_until: Option<Timestamp>,
}

impl Breaker {
    /// Whether it may be asked. After its rest, one call may; the others wait for what comes of that.
    pub(super) fn lets(&self, now: Timestamp) -> bool {
        let mut state = self.state();
        match state.rests_until {
            None => true,
            Some(until) if now < until => false,
            Some(_) => {
                state.rests_until = Some(now.plus(REST));
                true
            }
        }
    }

    /// Notes how it went.
    pub(super) fn note(&self, now: Timestamp, failed: bool) {
        let mut state = self.state();
        if !failed {
            *state = State::default();
            return;
        }
        state.failures = state.failures.saturating_add(1);
        if state.failures >= FAILURES {
            state.rests_until = Some(now.plus(REST));
        }
    }

    /// Nobody panics while holding it.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_five_failures_it_rests_and_then_one_call_tries() {
        let (breaker, start) = (Breaker::default(), Timestamp::from_micros(0));
        for _ in 0..FAILURES {
            assert!(breaker.lets(start));
            breaker.note(start, true);
        }
        assert!(!breaker.lets(start.plus(REST - Duration::from_millis(1))));
        let later = start.plus(REST);
        assert!(breaker.lets(later));
        assert!(!breaker.lets(later), "one is enough");
        breaker.note(later, true);
        assert!(!breaker.lets(later.plus(REST / 2)));
        let again = later.plus(REST * 2);
        assert!(breaker.lets(again));
        breaker.note(again, false);
        assert!(breaker.lets(again) && breaker.lets(again));
    }
}
