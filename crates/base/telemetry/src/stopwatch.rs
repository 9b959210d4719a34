//! Tells the gateway's own time from the time it waits on sockets.
//!
//! Overhead is the wall time of a call minus the time spent waiting on upstream or downstream
//! sockets. Everything else counts: parsing, checks, budgets, logging, and being scheduled late
//! outside a wait.

use std::{
    future::Future,
    time::{Duration, Instant},
};

/// Measures one call. Waits do not overlap, since each borrows the stopwatch.
#[derive(Debug)]
pub struct Stopwatch {
    start: Instant,
    waited: Duration,
    first_byte: Option<Duration>,
}

/// A wait on a socket in progress; ends when dropped.
#[derive(Debug)]
pub struct Waiting<'a> {
    watch: &'a mut Stopwatch,
    since: Instant,
}

impl Stopwatch {
    /// Starts measuring.
    #[must_use]
    pub fn start() -> Self {
        Self {
            start: Instant::now(),
            waited: Duration::ZERO,
            first_byte: None,
        }
    }

    /// Begins a wait on a socket, which ends when the guard is dropped.
    pub fn waiting(&mut self) -> Waiting<'_> {
        Waiting {
            since: Instant::now(),
            watch: self,
        }
    }

    /// Awaits a socket. The time counts as waiting even when the future is dropped half-way.
    pub async fn wait<F: Future>(&mut self, socket: F) -> F::Output {
        let _waiting = self.waiting();
        socket.await
    }

    /// Adds a wait that was measured elsewhere, on a task of its own.
    pub fn add_waited(&mut self, waited: Duration) {
        self.waited = self.waited.saturating_add(waited);
    }

    /// Marks the first byte of the answer's body; later calls change nothing.
    pub fn mark_first_byte(&mut self) {
        if self.first_byte.is_none() {
            self.first_byte = Some(self.elapsed());
        }
    }

    /// From the start to the first byte of the answer's body.
    #[must_use]
    pub const fn first_byte(&self) -> Option<Duration> {
        self.first_byte
    }

    /// Since the start.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// Spent waiting on sockets so far.
    #[must_use]
    pub const fn waited(&self) -> Duration {
        self.waited
    }

    /// The gateway's own time so far.
    #[must_use]
    pub fn overhead(&self) -> Duration {
        self.elapsed().saturating_sub(self.waited)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.watch.add_waited(self.since.elapsed());
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::pin,
        task::{Context, Poll, Waker},
    };

    use super::*;

    /// Lets real time pass without a sleep.
    fn spin(time: Duration) {
        let start = Instant::now();
        while start.elapsed() < time {
            std::hint::spin_loop();
        }
    }

    const STEP: Duration = Duration::from_millis(2);

    #[test]
    fn waiting_is_not_overhead_and_everything_else_is() {
        let mut watch = Stopwatch::start();
        spin(STEP);
        {
            let _waiting = watch.waiting();
            spin(STEP * 2);
        }
        assert!(watch.waited() >= STEP * 2);
        let (overhead, elapsed) = (watch.overhead(), watch.elapsed());
        assert!(overhead >= STEP);
        assert!(overhead + watch.waited() <= elapsed);
        watch.add_waited(Duration::from_secs(3_600));
        assert_eq!(watch.overhead(), Duration::ZERO);
    }

    #[test]
    fn a_future_counts_until_it_ends_or_is_dropped() {
        let mut context = Context::from_waker(Waker::noop());
        let mut watch = Stopwatch::start();
        {
            let ready = pin!(watch.wait(async {
                spin(STEP);
                7
            }));
            assert_eq!(ready.poll(&mut context), Poll::Ready(7));
        }
        assert!(watch.waited() >= STEP);
        let before = watch.waited();
        {
            let mut never = pin!(watch.wait(std::future::pending::<()>()));
            assert!(never.as_mut().poll(&mut context).is_pending());
            spin(STEP);
        }
        assert!(watch.waited() >= before + STEP);
    }

    #[test]
    fn the_first_byte_is_marked_once() {
        let mut watch = Stopwatch::start();
        assert_eq!(watch.first_byte(), None);
        spin(STEP);
        watch.mark_first_byte();
        let first = watch.first_byte();
        assert!(first >= Some(STEP));
        spin(STEP);
        watch.mark_first_byte();
        assert_eq!(watch.first_byte(), first);
    }
}
