//! One HTTP/2 connection to the gateway, and a place on it.
//!
//! `h2` itself, without hyper's client: that puts a queue, tasks of its own and several channels between a
//! call and its connection, and all of them have to be woken before a byte leaves.

use std::{
    future::poll_fn,
    io,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use h2::client::{Builder, Connection, SendRequest};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::Instant,
};

use super::{HEADERS, STALE, heard::Heard, pulse::Pulse};

/// Streams on one connection at the most, whatever the gateway allows: packets lost on the way hold up
/// all of them.
const STREAMS: usize = 128;
/// Streams allowed before the gateway's settings are there.
const UNKNOWN: usize = 0;
/// What one answer may be ahead of its reader, in bytes.
const STREAM_WINDOW: u32 = 512 * 1024;
/// Enough for every stream's window, so that readers that pause cannot stop the others.
const CONNECTION_WINDOW: u32 = STREAM_WINDOW * STREAMS as u32;
/// What is sent ahead of the gateway's reading, in bytes, for one call.
const SEND_BUFFER: usize = 1024 * 1024;

/// A connection.
pub(super) struct Link {
    sender: SendRequest<Bytes>,
    state: Arc<State>,
}

/// What calls and the connection's driver share.
#[derive(Debug)]
struct State {
    /// Streams that the gateway allows now.
    allowed: AtomicUsize,
    /// It takes no more calls.
    closed: AtomicBool,
    use_: Mutex<Use>,
}

#[derive(Debug)]
struct Use {
    streams: usize,
    idle_since: Instant,
}

impl State {
    fn use_(&self) -> MutexGuard<'_, Use> {
        self.use_.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Link {
    /// Speaks HTTP/2 on a fresh connection, and waits for the gateway's settings: they prove that it speaks
    /// it too, and say how many streams it takes.
    pub(super) async fn open<S>(stream: S) -> io::Result<Self>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (stream, ear) = Heard::new(stream);
        let (sender, mut connection) = Builder::new()
            .enable_push(false)
            .initial_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .initial_max_send_streams(UNKNOWN)
            .max_header_list_size(HEADERS)
            .max_send_buffer_size(SEND_BUFFER)
            .handshake(stream)
            .await
            .map_err(io::Error::other)?;
        poll_fn(|cx| match Pin::new(&mut connection).poll(cx) {
            Poll::Ready(Ok(())) => Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
            Poll::Ready(Err(error)) => Poll::Ready(Err(io::Error::other(error))),
            Poll::Pending if connection.max_concurrent_send_streams() == UNKNOWN => Poll::Pending,
            Poll::Pending => Poll::Ready(Ok(())),
        })
        .await?;
        let ping = connection.ping_pong();
        let ping = ping.ok_or_else(|| io::Error::other("no pings"))?;
        let state = Arc::new(State {
            allowed: AtomicUsize::new(connection.max_concurrent_send_streams()),
            closed: AtomicBool::new(false),
            use_: Mutex::new(Use {
                streams: 0,
                idle_since: Instant::now(),
            }),
        });
        let driver = Driver {
            connection,
            pulse: Pulse::new(ping, ear),
            state: state.clone(),
        };
        tokio::spawn(driver);
        Ok(Self { sender, state })
    }

    /// Whether it may still be used.
    pub(super) fn alive(&self) -> bool {
        !self.closed() && !stale(&self.state.use_())
    }

    /// A place for one more stream, if there is one.
    pub(super) fn place(self: &Arc<Self>) -> Option<Place> {
        if self.closed() {
            return None;
        }
        let most = self.state.allowed.load(Ordering::Relaxed).min(STREAMS);
        let mut state = self.state.use_();
        if state.streams >= most || stale(&state) {
            return None;
        }
        state.streams += 1;
        drop(state);
        Some(Place(self.clone()))
    }

    fn closed(&self) -> bool {
        self.state.closed.load(Ordering::Relaxed)
    }
}

fn stale(state: &Use) -> bool {
    state.streams == 0 && state.idle_since.elapsed() > STALE
}

/// One stream's place; free again when dropped.
pub(crate) struct Place(Arc<Link>);

impl Place {
    /// Ready to send.
    ///
    /// # Errors
    /// The connection takes no calls any more. Nothing was sent.
    pub(super) async fn ready(&self) -> Result<SendRequest<Bytes>, h2::Error> {
        let ready = self.0.sender.clone().ready().await;
        if ready.is_err() {
            self.0.state.closed.store(true, Ordering::Relaxed);
        }
        ready
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.0.state.use_();
        state.streams -= 1;
        if state.streams == 0 {
            state.idle_since = Instant::now();
        }
    }
}

/// Reads and writes the connection, to its end.
struct Driver<S> {
    connection: Connection<Heard<S>, Bytes>,
    pulse: Pulse,
    state: Arc<State>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Future for Driver<S> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if let Poll::Ready(result) = Pin::new(&mut self.connection).poll(cx) {
            if let Err(error) = result {
                tracing::debug!(%error, "the connection to the gateway ended");
            }
            return Poll::Ready(());
        }
        let allowed = self.connection.max_concurrent_send_streams();
        self.state.allowed.store(allowed, Ordering::Relaxed);
        let busy = self.state.use_().streams > 0;
        let gone = self.pulse.poll(cx, busy);
        if gone.is_ready() {
            tracing::debug!("the gateway does not answer any more");
        }
        gone
    }
}

impl<S> Drop for Driver<S> {
    fn drop(&mut self) {
        self.state.closed.store(true, Ordering::Relaxed);
    }
}
