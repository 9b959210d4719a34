//! How long a connection's other side is waited for.
//!
//! A timer for each read costs more than the read's bookkeeping. So a connection has one, armed
//! at the first wait and armed again only when it rings: it may ring early, for a wait that is over,
//! and is then set to the end of the present one.
//!
//! A request's head has one time for all of it, however many pieces it comes in: else whoever sends a byte
//! now and then could keep the connection for ever, without ever saying who they are.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    task::{Context, Poll, ready},
    time::Duration,
};

use pingora_error::{Error, ErrorType};
use tokio::time::{Instant, Sleep};

/// The patience with one connection.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    /// Milliseconds a wait may take; 0: for ever.
    allowed: AtomicU64,
    /// Milliseconds that a head may take from its first bytes on; 0: each wait has its own time.
    head: AtomicU64,
    /// What is waited for is not what was waited for before.
    anew: AtomicBool,
    /// The head's first bytes are there.
    begun: bool,
    since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    /// Each wait from now on, the present one too, may take that long; `None`: for ever.
    pub(crate) fn allow(&self, time: Option<Duration>) {
        self.allowed
            .store(time.map_or(0, millis), Ordering::Relaxed);
        if self.head.swap(0, Ordering::Relaxed) != 0 {
            self.anew.store(true, Ordering::Relaxed);
        }
    }

    /// A request's head is waited for: its first bytes may take `first`, all the others together `head`.
    pub(crate) fn allow_head(&self, first: Duration, head: Duration) {
        self.allowed.store(millis(first), Ordering::Relaxed);
        self.head.store(millis(head), Ordering::Relaxed);
        self.anew.store(true, Ordering::Relaxed);
    }

    /// The other side said something: the wait is over, but for that for the rest of a head.
    pub(crate) fn rest(&mut self) {
        self.turn();
        match *self.head.get_mut() {
            0 => self.since = None,
            _ if self.begun => {}
            head => {
                self.begun = true;
                *self.allowed.get_mut() = head;
                self.since = Some(Instant::now());
            }
        }
    }

    fn turn(&mut self) {
        if std::mem::take(self.anew.get_mut()) {
            self.begun = false;
            self.since = None;
        }
    }

    /// Ready when the other side has been waited for long enough; asked whenever it is silent.
    pub(crate) fn poll_exhausted(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.turn();
        let allowed = match self.allowed.load(Ordering::Relaxed) {
            0 => {
                self.since = None;
                return Poll::Pending;
            }
            millis => Duration::from_millis(millis),
        };
        let since = *self.since.get_or_insert_with(Instant::now);
        let Some(end) = since.checked_add(allowed) else {
            return Poll::Pending;
        };
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(end)));
        if timer.deadline() > end {
            timer.as_mut().reset(end);
        }
        loop {
            ready!(timer.as_mut().poll(cx));
            if Instant::now() >= end {
                return Poll::Ready(());
            }
            timer.as_mut().reset(end);
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1)
}

/// Whether reading failed because the other side was silent for too long.
pub(crate) fn exhausted(error: &Error) -> bool {
    let cause = error.cause.as_ref().map(|cause| cause.downcast_ref());
    let timed_out = |error: &io::Error| error.kind() == io::ErrorKind::TimedOut;
    *error.etype() == ErrorType::ReadTimedout || cause.flatten().is_some_and(timed_out)
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    async fn exhausted(patience: &mut Patience) -> Duration {
        let start = Instant::now();
        poll_fn(|cx| patience.poll_exhausted(cx)).await;
        start.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn each_wait_has_its_whole_time() {
        let mut patience = Patience::default();
        patience.allow(Some(SECOND * 10));
        for _ in 0..3 {
            let early = tokio::time::timeout(SECOND * 7, exhausted(&mut patience)).await;
            assert!(early.is_err());
            patience.rest();
        }
        assert_eq!(exhausted(&mut patience).await.as_secs(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_shorter_time_counts_at_once_and_a_longer_one_too() {
        let mut patience = Patience::default();
        patience.allow(Some(SECOND * 100));
        let early = tokio::time::timeout(SECOND, exhausted(&mut patience)).await;
        assert!(early.is_err());
        patience.rest();
        patience.allow(Some(SECOND * 2));
        assert_eq!(exhausted(&mut patience).await.as_secs(), 2);
        patience.rest();
        patience.allow(Some(SECOND * 50));
        assert_eq!(exhausted(&mut patience).await.as_secs(), 50);
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_has_one_time_for_all_its_pieces() {
        let mut patience = Patience::default();
        for _ in 0..2 {
            patience.allow_head(SECOND * 75, SECOND * 60);
            let idle = tokio::time::timeout(SECOND * 70, exhausted(&mut patience)).await;
            assert!(idle.is_err(), "until the first bytes it is idle");
            patience.rest();
            for _ in 0..5 {
                let early = tokio::time::timeout(SECOND * 10, exhausted(&mut patience)).await;
                assert!(early.is_err());
                patience.rest();
            }
            assert_eq!(exhausted(&mut patience).await.as_secs(), 10);
        }
        // What comes after the head has its own time again.
        patience.allow(Some(SECOND * 20));
        assert_eq!(exhausted(&mut patience).await.as_secs(), 20);
    }

    #[tokio::test(start_paused = true)]
    async fn patience_without_an_end() {
        let mut patience = Patience::default();
        let hour = tokio::time::timeout(SECOND * 3_600, exhausted(&mut patience)).await;
        assert!(hour.is_err());
    }
}
