//! WebSockets that are open: what both ends say is passed on as it comes, each direction for itself, and so
//! is an end's end. They belong to the app's connection: they count as long as it does, and go with it.

use std::{
    future::poll_fn,
    io, mem,
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::Poll,
    time::Duration,
};

use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::watch,
    task::JoinSet,
};

use crate::gateway::Seat;

/// How long an end may be silent and keep its half open after the other has closed.
const LINGER: Duration = Duration::from_secs(5);
/// A pause as long as this is taken for the end of what was being said, when the proxy is to stop.
const PAUSE: Duration = Duration::from_millis(250);
/// The most that is on its way in one direction, in bytes.
const CHUNK: usize = 16 * 1024;

/// The WebSockets of one connection of an app.
#[derive(Debug, Clone)]
pub(super) struct Tunnels {
    open: Arc<Mutex<JoinSet<()>>>,
    stop: watch::Receiver<bool>,
}

/// Ends them when it is dropped.
#[derive(Debug)]
pub(super) struct Owner(Tunnels);

impl Tunnels {
    /// None yet. When `stop` turns true, each of them ends at the next pause.
    pub(super) fn new(stop: watch::Receiver<bool>) -> (Self, Owner) {
        let tunnels = Self {
            open: Arc::default(),
            stop,
        };
        (tunnels.clone(), Owner(tunnels))
    }

    /// Carries one from when both ends have changed protocols. Its seat is taken until its end.
    pub(super) fn open(&self, app: OnUpgrade, far: OnUpgrade, seat: Option<Seat>) {
        let stop = self.stop.clone();
        let mut open = self.set();
        while open.try_join_next().is_some() {}
        open.spawn(async move {
            let result = async {
                let (app, far) = tokio::try_join!(app, far).map_err(io::Error::other)?;
                carry(TokioIo::new(app), TokioIo::new(far), stop).await
            };
            if let Err(error) = result.await {
                tracing::debug!(%error, "a WebSocket broke");
            }
            drop(seat);
        });
    }

    fn set(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Owner {
    /// Waits until all have ended.
    pub(super) async fn ended(&self) {
        poll_fn(|cx| {
            let mut open = self.0.set();
            loop {
                match open.poll_join_next(cx) {
                    Poll::Ready(None) => return Poll::Ready(()),
                    Poll::Ready(Some(_)) => {}
                    Poll::Pending => return Poll::Pending,
                }
            }
        })
        .await;
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.set().abort_all();
    }
}

/// Carries until both ends have closed, one has failed, or the proxy stops.
async fn carry<A, F>(app: A, far: F, mut stop: watch::Receiver<bool>) -> io::Result<()>
where
    A: AsyncRead + AsyncWrite + Unpin,
    F: AsyncRead + AsyncWrite + Unpin,
{
    let moved = AtomicU64::new(0);
    let (from_app, to_app) = tokio::io::split(app);
    let (from_far, to_far) = tokio::io::split(far);
    let mut up = pin!(pump(from_app, to_far, &moved));
    let mut down = pin!(pump(from_far, to_app, &moved));
    let closing = async {
        tokio::select! {
            ended = &mut up => {
                ended?;
                linger(down, &moved).await
            }
            ended = &mut down => {
                ended?;
                linger(up, &moved).await
            }
        }
    };
    let stopping = async {
        // An error means that whoever could say so is gone.
        let _gone = stop.wait_for(|stop| *stop).await.is_err();
        silence(&moved, PAUSE).await;
    };
    tokio::select! {
        ended = closing => ended,
        () = stopping => Ok(()),
    }
}

/// The direction that is left, for as long as it goes on.
async fn linger(left: impl Future<Output = io::Result<()>>, moved: &AtomicU64) -> io::Result<()> {
    tokio::select! {
        ended = left => ended,
        () = silence(moved, LINGER) => Ok(()),
    }
}

/// Resolves when nothing has been said for `time`, or somewhat longer.
async fn silence(moved: &AtomicU64, time: Duration) {
    let mut before = moved.load(Ordering::Relaxed);
    loop {
        tokio::time::sleep(time).await;
        let now = moved.load(Ordering::Relaxed);
        if mem::replace(&mut before, now) == now {
            return;
        }
    }
}

/// Passes one direction on, its end too.
async fn pump<R, W>(mut from: R, mut to: W, moved: &AtomicU64) -> io::Result<()>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut buffer = vec![0; CHUNK];
    loop {
        let length = from.read(&mut buffer).await?;
        if length == 0 {
            break;
        }
        to.write_all(&buffer[..length]).await?;
        to.flush().await?;
        moved.fetch_add(length as u64, Ordering::Relaxed);
    }
    // If it is gone already there is nobody to tell.
    let _told = to.shutdown().await;
    Ok(())
}

#[cfg(test)]
mod tests;
