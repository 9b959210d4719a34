//! Idle HTTP/1.1 connections to one address of a provider.
//!
//! Pingora's pool gives each idle connection a task that waits for its end; here a connection is
//! asked when it is taken, without a system call, and swept now and then, so that one that the
//! provider has closed does not linger.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use pingora_core::protocols::Stream;
use tokio::io::{AsyncRead, ReadBuf};

/// How often closed and forgotten connections are let go.
const SWEEP: Duration = Duration::from_secs(5);

/// Idle connections, the most recently used last.
#[derive(Debug)]
pub(super) struct Idle {
    kept: Mutex<Kept>,
    most: usize,
    longest: Duration,
}

#[derive(Debug, Default)]
struct Kept {
    connections: Vec<(Instant, Stream)>,
    swept: bool,
}

impl Idle {
    /// Keeps at most `most` connections, each for at most `longest`.
    pub(super) fn new(most: usize, longest: Duration) -> Self {
        Self {
            kept: Mutex::default(),
            most,
            longest,
        }
    }

    /// A connection that is still open, as far as this side knows.
    pub(super) fn take(&self) -> Option<Stream> {
        loop {
            let (since, mut stream) = self.kept().connections.pop()?;
            if since.elapsed() < self.longest && is_quiet(&mut stream) {
                return Some(stream);
            }
        }
    }

    /// Keeps a connection for the next call. Of too many, the one unused for longest goes.
    pub(super) fn put(self: &Arc<Self>, stream: Stream) {
        let mut kept = self.kept();
        let surplus = (kept.connections.len() >= self.most).then(|| kept.connections.remove(0));
        kept.connections.push((Instant::now(), stream));
        let sweep = !std::mem::replace(&mut kept.swept, true);
        drop(kept);
        drop(surplus);
        if sweep {
            tokio::spawn(sweeping(Arc::downgrade(self)));
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // What it guards is whole between any two statements.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets go of what is closed or has been idle for too long; `false` when nothing is left.
    fn sweep(&self) -> bool {
        let mut gone = Vec::new();
        let mut kept = self.kept();
        for (since, mut stream) in std::mem::take(&mut kept.connections) {
            if since.elapsed() < self.longest && is_quiet(&mut stream) {
                kept.connections.push((since, stream));
            } else {
                gone.push(stream);
            }
        }
        kept.swept = !kept.connections.is_empty();
        let more = kept.swept;
        drop(kept);
        drop(gone);
        more
    }
}

/// Ends by itself when nothing is left to sweep.
async fn sweeping(idle: Weak<Idle>) {
    loop {
        tokio::time::sleep(SWEEP).await;
        if !idle.upgrade().is_some_and(|idle| idle.sweep()) {
            return;
        }
    }
}

/// Whether the other side has neither closed nor said anything: what it says between two answers
/// can only be an error, and would be taken for the next answer.
fn is_quiet(stream: &mut Stream) -> bool {
    let mut byte = [0; 1];
    let mut cx = Context::from_waker(Waker::noop());
    // Tokio's budget may make a ready socket look pending; a reused connection must really be asked.
    let read = std::pin::pin!(tokio::task::unconstrained(std::future::poll_fn(|cx| {
        Pin::new(&mut *stream).poll_read(cx, &mut ReadBuf::new(&mut byte))
    })));
    matches!(read.poll(&mut cx), Poll::Pending)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    fn connection() -> (Stream, DuplexStream) {
        let (near, far) = duplex(64);
        (Box::new(near), far)
    }

    #[tokio::test]
    async fn an_open_connection_comes_back_and_a_closed_one_does_not() {
        let idle = Arc::new(Idle::new(8, Duration::from_secs(60)));
        let (open, _far) = connection();
        let (closed, far) = connection();
        idle.put(open);
        idle.put(closed);
        drop(far);
        assert!(idle.take().is_some());
        assert!(idle.take().is_none());
    }

    #[tokio::test]
    async fn a_connection_that_said_something_by_itself_is_not_used() {
        let idle = Arc::new(Idle::new(8, Duration::from_secs(60)));
        let (stream, mut far) = connection();
        far.write_all(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
            .await
            .unwrap();
        idle.put(stream);
        assert!(idle.take().is_none());
    }

    #[tokio::test]
    async fn the_oldest_goes_when_there_are_too_many_and_all_go_in_time() {
        let idle = Arc::new(Idle::new(2, Duration::from_secs(60)));
        let mut far_ends = Vec::new();
        for _ in 0..3 {
            let (stream, far) = connection();
            idle.put(stream);
            far_ends.push(far);
        }
        let mut gone = far_ends.remove(0);
        assert!(gone.write_all(b"x").await.is_err(), "the first was closed");
        assert!(idle.take().is_some() && idle.take().is_some() && idle.take().is_none());

        let short = Arc::new(Idle::new(2, Duration::ZERO));
        let (stream, _far) = connection();
        short.put(stream);
        assert!(short.take().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn the_sweep_lets_go_of_a_closed_connection() {
        let idle = Arc::new(Idle::new(2, Duration::from_secs(60)));
        let (open, _far) = connection();
        let (closed, far) = connection();
        idle.put(open);
        idle.put(closed);
        drop(far);
        tokio::time::sleep(SWEEP * 2).await;
        assert_eq!(idle.kept().connections.len(), 1);
    }
}
