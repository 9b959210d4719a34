//! Ends the asking when an answer takes too long: apps would hang, and nobody could tell why.

use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use tidegate_redirect::RedirectError;

use super::group::Closer;
use crate::{maps::lock, os};

#[derive(Default)]
struct State {
    /// Since when the answering thread is at work; none while it waits for the kernel.
    busy: Option<Instant>,
    /// The watchdog sleeps without a limit.
    asleep: bool,
    ended: bool,
}

/// The answering thread's side.
pub(super) struct Watchdog(Arc<(Mutex<State>, Condvar)>);

impl Watchdog {
    pub(super) fn start(group: Closer, limit: Duration) -> Result<Self, RedirectError> {
        let shared = Arc::new((Mutex::new(State::default()), Condvar::new()));
        let theirs = Arc::clone(&shared);
        thread::Builder::new()
            .name("exec-watchdog".into())
            .spawn(move || watch(&theirs, &group, limit))
            .map_err(os("starting a thread"))?;
        Ok(Self(shared))
    }

    /// There is something to answer.
    pub(super) fn begin(&self) {
        let mut state = lock(&self.0.0);
        state.busy = Some(Instant::now());
        if state.asleep {
            self.0.1.notify_one();
        }
    }

    /// It is answered. The watchdog finds out by itself, so that a busy time wakes it once.
    pub(super) fn end(&self) {
        lock(&self.0.0).busy = None;
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        lock(&self.0.0).ended = true;
        self.0.1.notify_one();
    }
}

fn watch((state, changed): &(Mutex<State>, Condvar), group: &Closer, limit: Duration) {
    let mut state = lock(state);
    while !state.ended {
        state = match state.busy {
            None => {
                state.asleep = true;
                let mut woken = changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                woken.asleep = false;
                woken
            }
            Some(since) => {
                let left = limit.saturating_sub(since.elapsed());
                if left.is_zero() {
                    drop(state);
                    tracing::error!(
                        ?limit,
                        "an answer takes too long; denied apps may start until the next decision"
                    );
                    return group.close();
                }
                changed
                    .wait_timeout(state, left)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0
            }
        };
    }
}
