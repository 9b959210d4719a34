//! One HTTP/2 connection to the gateway, and a place on it.

use std::{
    future::poll_fn,
    io,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use super::{gathered::Gathered, heard::Heard};
use hyper::{
    body::Incoming,
    client::conn::http2::{Builder, SendRequest},
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::Instant,
};

/// Streams on one connection at the most, whatever the gateway allows: packets lost on the way hold up
/// all of them.
const STREAMS: usize = 128;
/// Streams allowed before the gateway's settings are there.
const UNKNOWN: usize = 0;
/// What one answer may be ahead of its reader, in bytes.
const STREAM_WINDOW: u32 = 512 * 1024;
/// Enough for every stream's window, so that readers that pause cannot stop the others.
const CONNECTION_WINDOW: u32 = STREAM_WINDOW * STREAMS as u32;
/// A connection that was idle for longer is not trusted: a laptop may have slept, or a NAT forgotten it.
const STALE: Duration = Duration::from_secs(60);
/// While streams are open, silence for this long and no answer to a ping mean that the gateway is gone.
/// Idle connections are not pinged.
const PING: Duration = Duration::from_secs(15);
const PONG: Duration = Duration::from_secs(10);
/// Cookies and tokens of web apps are large.
const HEADERS: u32 = 128 * 1024;

/// A connection.
#[derive(Debug)]
pub(super) struct Link {
    sender: SendRequest<Incoming>,
    /// Streams that the gateway allows now.
    allowed: Arc<AtomicUsize>,
    use_: Mutex<Use>,
}

#[derive(Debug)]
struct Use {
    streams: usize,
    idle_since: Instant,
}

impl Link {
    /// Speaks HTTP/2 on a fresh connection, and waits for the gateway's settings: they prove that it speaks
    /// it too, and say how many streams it takes.
    pub(super) async fn open<S>(stream: S) -> io::Result<Self>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (stream, ear) = Heard::new(Gathered::new(stream));
        let (sender, mut driver) = Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .initial_max_send_streams(UNKNOWN)
            .keep_alive_interval(PING)
            .keep_alive_timeout(PONG)
            .max_header_list_size(HEADERS)
            .keep_alive_while_idle(false)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(io::Error::other)?;
        while driver.current_max_send_streams() == UNKNOWN {
            if !ear.more().await {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        ear.enough();
        let allowed = Arc::new(AtomicUsize::new(driver.current_max_send_streams()));
        let noted = allowed.clone();
        tokio::spawn(async move {
            let result = poll_fn(|cx| {
                let result = Pin::new(&mut driver).poll(cx);
                noted.store(driver.current_max_send_streams(), Ordering::Relaxed);
                result
            })
            .await;
            if let Err(error) = result {
                tracing::debug!(%error, "the connection to the gateway ended");
            }
        });
        Ok(Self {
            sender,
            allowed,
            use_: Mutex::new(Use {
                streams: 0,
                idle_since: Instant::now(),
            }),
        })
    }

    /// Whether it may still be used.
    pub(super) fn alive(&self) -> bool {
        let stale = |state: &Use| state.streams == 0 && state.idle_since.elapsed() > STALE;
        !self.sender.is_closed() && !stale(&self.state())
    }

    /// A place for one more stream, if there is one.
    pub(super) fn place(self: &Arc<Self>) -> Option<Place> {
        if !self.alive() {
            return None;
        }
        let most = self.allowed.load(Ordering::Relaxed).min(STREAMS);
        let mut state = self.state();
        if state.streams >= most {
            return None;
        }
        state.streams += 1;
        drop(state);
        Some(Place(self.clone()))
    }

    fn state(&self) -> std::sync::MutexGuard<'_, Use> {
        self.use_.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One stream's place; free again when dropped.
#[derive(Debug)]
pub(crate) struct Place(Arc<Link>);

impl Place {
    pub(super) fn sender(&self) -> SendRequest<Incoming> {
        self.0.sender.clone()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.streams -= 1;
        if state.streams == 0 {
            state.idle_since = Instant::now();
        }
    }
}
