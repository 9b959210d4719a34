//! Something that is tried again and again: waits, runs, fails, waits longer. It always wants to be
//! woken at some later time.

use std::time::Duration;

use tidegate_types::Mono;

use crate::{Attempt, Moment};

/// The first wait after a failure; it doubles with each one.
pub(crate) const SHORTEST: Duration = Duration::from_secs(5);
/// The longest, unless the gateway asks for more.
pub(crate) const LONGEST: Duration = Duration::from_secs(300);
/// The longest that it can ask for.
pub(crate) const LONGEST_ASKED: Duration = Duration::from_secs(3600);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting {
        at: Mono,
    },
    Running {
        attempt: Attempt,
        started: Mono,
        until: Mono,
    },
}

#[derive(Debug)]
pub(crate) struct Task {
    state: State,
    failures: u32,
    attempts: u64,
}

impl Task {
    /// Due at once.
    pub(crate) const fn new(now: Mono) -> Self {
        Self {
            state: State::Waiting { at: now },
            failures: 0,
            attempts: 0,
        }
    }

    /// When to look at it again.
    pub(crate) const fn wake(&self) -> Mono {
        match self.state {
            State::Waiting { at } => at,
            State::Running { until, .. } => until,
        }
    }

    /// When it runs next; none while it does.
    pub(crate) const fn next(&self) -> Option<Mono> {
        match self.state {
            State::Waiting { at } => Some(at),
            State::Running { .. } => None,
        }
    }

    pub(crate) fn is_due(&self, now: Mono) -> bool {
        matches!(self.state, State::Waiting { at } if at <= now)
    }

    /// Whether the shell owes an answer for longer than was agreed.
    pub(crate) fn is_overdue(&self, now: Mono) -> bool {
        matches!(self.state, State::Running { until, .. } if until <= now)
    }

    pub(crate) fn start(&mut self, now: &Moment, timeout: Duration) -> Attempt {
        self.attempts += 1;
        let attempt = Attempt(self.attempts);
        self.state = State::Running {
            attempt,
            started: now.mono,
            // The shell's own time-out comes first.
            until: now.after(timeout + Duration::from_secs(5)),
        };
        attempt
    }

    /// When this try began; none where it is not the one that runs.
    pub(crate) fn started(&self, attempt: Attempt) -> Option<Mono> {
        match self.state {
            State::Running {
                attempt: runs,
                started,
                ..
            } if runs == attempt => Some(started),
            _ => None,
        }
    }

    pub(crate) fn succeed(&mut self, now: &Moment, next: Duration) {
        self.failures = 0;
        self.wait(now, next);
    }

    /// Waits twice as long as the last time, less up to half by chance, and never shorter than asked.
    pub(crate) fn fail(&mut self, now: &Moment, retry_after: Option<Duration>) {
        let doubled = SHORTEST
            .saturating_mul(1 << self.failures.min(16))
            .min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        let half = doubled / 2;
        let asked = retry_after.unwrap_or_default().min(LONGEST_ASKED);
        self.wait(now, asked.max(half) + now.part(half));
    }

    /// Waits from now on.
    pub(crate) fn wait(&mut self, now: &Moment, wait: Duration) {
        self.state = State::Waiting {
            at: now.after(wait),
        };
    }

    /// Brings the next try forward, if none runs.
    pub(crate) fn hurry(&mut self, now: &Moment, within: Duration) {
        if let State::Waiting { at } = &mut self.state {
            *at = (*at).min(now.after(now.part(within)));
        }
    }

    /// Brings the next try forward to a moment, if none runs.
    pub(crate) fn bring(&mut self, to: Mono) {
        if let State::Waiting { at } = &mut self.state {
            *at = (*at).min(to);
        }
    }

    pub(crate) const fn forgive(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tidegate_types::Timestamp;

    use super::*;

    fn at(mono: u64, chance: u32) -> Moment {
        Moment {
            wall: Timestamp::default(),
            mono: Mono(mono),
            chance,
        }
    }

    proptest! {
        #[test]
        fn waiting_is_bounded_and_lies_ahead(
            tries in prop::collection::vec((any::<u32>(), prop::option::of(0..10_000_u64)), 1..40),
        ) {
            let mut task = Task::new(Mono(0));
            let mut mono = 0;
            for (failures, (chance, asked)) in tries.into_iter().enumerate() {
                let now = at(mono, chance);
                task.start(&now, Duration::from_secs(30));
                let asked = asked.map(Duration::from_secs);
                task.fail(&now, asked);
                let wait = task.wake().since(now.mono);
                let least = asked.unwrap_or_default().min(LONGEST_ASKED);
                prop_assert!(wait >= least && wait >= SHORTEST / 2);
                prop_assert!(wait <= least.max(LONGEST / 2) + LONGEST / 2);
                if failures == 0 && asked.is_none() {
                    prop_assert!(wait <= SHORTEST);
                }
                mono = task.wake().0;
                prop_assert!(task.is_due(Mono(mono)) && !task.is_due(Mono(mono - 1)));
            }
        }
    }

    #[test]
    fn an_answer_to_a_try_that_was_given_up_is_known() {
        let mut task = Task::new(Mono(0));
        let first = task.start(&at(0, 0), Duration::from_secs(1));
        assert!(!task.is_overdue(Mono(5_999_999_999)) && task.is_overdue(Mono(6_000_000_000)));
        assert_eq!(task.started(first), Some(Mono(0)));
        task.fail(&at(7, 0), None);
        let second = task.start(&at(8, 0), Duration::from_secs(1));
        assert_eq!(
            (task.started(first), task.started(second)),
            (None, Some(Mono(8)))
        );
    }
}
