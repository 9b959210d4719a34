//! What both ends of a WebSocket say, passed on as it comes. Each direction waits for its own reader and
//! never for the other direction: two ends that both talk before they listen would stop for good.

use std::{
    io, mem,
    pin::pin,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// When neither end has said anything for so long, nobody is there. Between this and twice this.
const IDLE: Duration = Duration::from_secs(30 * 60);
/// How long an end may be silent and keep its half open after the other has closed.
const LINGER: Duration = Duration::from_secs(5);
/// The most that is on its way in one direction, in bytes.
const CHUNK: usize = 16 * 1024;

/// One end, and what it said before the tunnel began.
pub(super) struct Side<S> {
    pub(super) stream: S,
    pub(super) said: Bytes,
}

/// How much was said.
#[derive(Debug, Default)]
pub(super) struct Moved {
    up: AtomicU64,
    down: AtomicU64,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// In order.
    Closed,
    /// The app's connection failed.
    AppBroke,
    /// The host's connection failed.
    HostBroke,
    /// Nobody said anything for too long.
    Silent,
    /// The gateway stops.
    Stopped,
    /// It may no longer be, by the refusal of this code.
    Revoked(&'static str),
}

impl Moved {
    /// The app said so many bytes.
    pub(super) fn up(&self, bytes: usize) {
        self.up.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    fn down(&self, bytes: usize) {
        self.down.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// From the app, and from the host.
    pub(super) fn bytes(&self) -> (u64, u64) {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (read(&self.up), read(&self.down))
    }
}

/// Resolves when nothing has been said for `time`, or somewhat longer: looking now and then costs less than
/// setting a timer for each piece.
pub(super) async fn silence(moved: &Moved, time: Duration) {
    let mut before = moved.bytes();
    loop {
        tokio::time::sleep(time).await;
        let now = moved.bytes();
        if mem::replace(&mut before, now) == now {
            return;
        }
    }
}

/// Carries until both ends have closed, one has failed, or nobody is there.
pub(super) async fn run<A, H>(app: Side<A>, host: Side<H>, moved: &Moved) -> End
where
    A: AsyncRead + AsyncWrite + Unpin,
    H: AsyncRead + AsyncWrite + Unpin,
{
    let (from_app, to_app) = tokio::io::split(app.stream);
    let (from_host, to_host) = tokio::io::split(host.stream);
    let up = pump(
        app.said,
        from_app,
        to_host,
        |bytes| moved.up(bytes),
        |_| false,
    );
    let down = pump(
        host.said,
        from_host,
        to_app,
        |bytes| moved.down(bytes),
        // Many hosts close without a word in TLS. Whether all was said is for the frames to tell.
        |error| error.kind() == io::ErrorKind::UnexpectedEof,
    );
    let (mut up, mut down) = (pin!(up), pin!(down));
    let closing = async {
        tokio::select! {
            ended = &mut up => match ended {
                Err(broken) => broken.end(End::AppBroke, End::HostBroke),
                Ok(()) => tokio::select! {
                    ended = &mut down => how(ended, End::HostBroke, End::AppBroke),
                    () = silence(moved, LINGER) => End::Closed,
                },
            },
            ended = &mut down => match ended {
                Err(broken) => broken.end(End::HostBroke, End::AppBroke),
                Ok(()) => tokio::select! {
                    ended = &mut up => how(ended, End::AppBroke, End::HostBroke),
                    () = silence(moved, LINGER) => End::Closed,
                },
            },
        }
    };
    tokio::select! {
        end = closing => end,
        () = silence(moved, IDLE) => End::Silent,
    }
}

/// Which of the two connections of a direction failed.
enum Broken {
    Source(io::Error),
    Sink(io::Error),
}

impl Broken {
    fn end(self, source: End, sink: End) -> End {
        let (error, end) = match self {
            Self::Source(error) => (error, source),
            Self::Sink(error) => (error, sink),
        };
        tracing::debug!(%error, ?end, "a WebSocket broke");
        end
    }
}

fn how(ended: Result<(), Broken>, source: End, sink: End) -> End {
    ended.map_or_else(|broken| broken.end(source, sink), |()| End::Closed)
}

/// Passes one direction on, its end too.
async fn pump<R, W>(
    said: Bytes,
    mut from: R,
    mut to: W,
    count: impl Fn(usize),
    is_end: impl Fn(&io::Error) -> bool,
) -> Result<(), Broken>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    if !said.is_empty() {
        pass(&mut to, &said).await?;
        count(said.len());
    }
    let mut buffer = vec![0; CHUNK];
    loop {
        let length = match from.read(&mut buffer).await {
            Err(error) if is_end(&error) => 0,
            read => read.map_err(Broken::Source)?,
        };
        if length == 0 {
            break;
        }
        pass(&mut to, &buffer[..length]).await?;
        count(length);
    }
    // If it is gone already there is nobody to tell.
    drop(to.shutdown().await);
    Ok(())
}

async fn pass<W: AsyncWrite + Unpin>(to: &mut W, bytes: &[u8]) -> Result<(), Broken> {
    to.write_all(bytes).await.map_err(Broken::Sink)?;
    to.flush().await.map_err(Broken::Sink)
}

#[cfg(test)]
mod tests;
