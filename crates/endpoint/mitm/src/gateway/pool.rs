//! Connections that carry one call at a time and lie idle between calls. The one that was used last is used
//! next, so that what a burst needed goes when it is over.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep_until},
};

use super::{STALE, single::Single};

/// At the most, idle or not. Calls beyond share connections.
pub(super) const MOST: usize = 16;

/// The connections.
pub(super) struct Pool {
    idle: Mutex<Idle>,
    room: Arc<Semaphore>,
}

#[derive(Default)]
struct Idle {
    /// Since when; the one that was used last is at the end.
    connections: Vec<(Instant, Single)>,
    /// Whether there is a task that closes them in time.
    swept: bool,
}

impl Pool {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            idle: Mutex::default(),
            room: Arc::new(Semaphore::new(MOST)),
        })
    }

    /// Leave to open one more; none if there are enough.
    pub(super) fn room(&self) -> Option<OwnedSemaphorePermit> {
        self.room.clone().try_acquire_owned().ok()
    }

    /// One that is open and was not idle for too long. Others that are met on the way are closed.
    pub(super) fn take(&self) -> Option<Single> {
        loop {
            let (since, mut connection) = self.idle().connections.pop()?;
            if since.elapsed() <= STALE && connection.is_idle() {
                return Some(connection);
            }
        }
    }

    /// Keeps one for the next call, if it can take one.
    pub(super) fn give_back(self: &Arc<Self>, mut connection: Single) {
        // Without a runtime the agent is at its end.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        if !connection.is_idle() {
            return;
        }
        let now = Instant::now();
        let mut idle = self.idle();
        idle.connections.push((now, connection));
        if !std::mem::replace(&mut idle.swept, true) {
            runtime.spawn(sweep(Arc::downgrade(self), now + STALE));
        }
    }

    /// Closes those that were idle for too long. When the next one will have been; none if none is left.
    fn close_stale(&self) -> Option<Instant> {
        let mut idle = self.idle();
        let fresh = |(since, _): &(Instant, Single)| since.elapsed() < STALE;
        let stale = idle.connections.iter().position(fresh);
        let stale = stale.unwrap_or(idle.connections.len());
        let closed: Vec<_> = idle.connections.drain(..stale).collect();
        let next = idle.connections.first().map(|(since, _)| *since + STALE);
        idle.swept = next.is_some();
        drop(idle);
        drop(closed);
        next
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives back what idle connections hold. It wakes up once for `STALE` at the most, and ends when none is left,
/// so that nothing wakes up while nothing happens.
async fn sweep(pool: Weak<Pool>, mut next: Instant) {
    loop {
        sleep_until(next).await;
        match pool.upgrade().and_then(|pool| pool.close_stale()) {
            Some(later) => next = later,
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    fn pooled(pool: &Arc<Pool>) -> DuplexStream {
        let (near, far) = duplex(1024);
        pool.give_back(Single::open(Box::new(near), pool.room().unwrap()));
        far
    }

    fn idle(pool: &Pool) -> usize {
        pool.idle().connections.len()
    }

    #[tokio::test]
    async fn what_ended_or_spoke_unasked_is_not_used() {
        let pool = Pool::new();
        let oldest = pooled(&pool);
        let mut speaks = pooled(&pool);
        speaks
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            .await
            .unwrap();
        let ends = pooled(&pool);
        drop(ends);
        let mut last = pooled(&pool);
        drop(pool.take().unwrap());
        assert_eq!(last.read(&mut [0]).await.unwrap(), 0, "that one was it");
        assert!(pool.take().is_some());
        assert!(pool.take().is_none());
        assert_eq!(speaks.read(&mut [0]).await.unwrap(), 0, "it is closed");
        drop(oldest);
    }

    #[tokio::test]
    async fn there_are_not_more_than_there_may_be() {
        let pool = Pool::new();
        let mut far = Vec::new();
        for _ in 0..MOST {
            far.push(pooled(&pool));
        }
        assert!(pool.room().is_none());
        let taken = pool.take().unwrap();
        assert!(pool.room().is_none());
        drop(taken);
        assert!(pool.room().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn what_lies_idle_is_closed_in_time_and_then_nothing_runs() {
        let pool = Pool::new();
        let tasks = || Handle::current().metrics().num_alive_tasks();
        let mut first = pooled(&pool);
        tokio::time::sleep(STALE / 2).await;
        let mut second = pooled(&pool);
        assert_eq!((idle(&pool), tasks()), (2, 1), "one task for all");
        let since = Instant::now();
        assert_eq!(first.read(&mut [0]).await.unwrap(), 0);
        assert_eq!(idle(&pool), 1);
        assert_eq!(second.read(&mut [0]).await.unwrap(), 0);
        assert!(since.elapsed() >= STALE && since.elapsed() < STALE + STALE / 60);
        tokio::task::yield_now().await;
        assert_eq!((idle(&pool), tasks()), (0, 0));
        let _third = pooled(&pool);
        assert_eq!(tasks(), 1, "and begins again");
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_idle_for_too_long_is_not_taken() {
        let pool = Pool::new();
        let _far = pooled(&pool);
        // As a machine that slept: the clock goes on, and no task ran.
        tokio::time::advance(STALE + Duration::from_secs(1)).await;
        assert!(pool.take().is_none());
    }
}
