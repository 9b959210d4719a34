//! A stream that says when everything that came so far has been read and dealt with.
//!
//! HTTP/2 lets a client send before it has the server's settings, and hyper does not say when they are
//! there. But its reader asks for more only when it has dealt with what it had.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::Notify,
};

/// What is known of the reader.
#[derive(Debug, Default)]
pub(super) struct Ear {
    changed: Notify,
    ended: AtomicBool,
    /// Nobody listens any more.
    deaf: AtomicBool,
}

impl Ear {
    /// Waits until something more was dealt with. False when the stream has ended.
    pub(super) async fn more(&self) -> bool {
        self.changed.notified().await;
        !self.ended.load(Ordering::Acquire)
    }

    /// No more is needed: reading costs nothing extra from here on.
    pub(super) fn enough(&self) {
        self.deaf.store(true, Ordering::Relaxed);
    }
}

/// The stream.
#[derive(Debug)]
pub(super) struct Heard<S> {
    stream: S,
    ear: Arc<Ear>,
    unsaid: bool,
}

impl<S> Heard<S> {
    pub(super) fn new(stream: S) -> (Self, Arc<Ear>) {
        let ear = Arc::new(Ear::default());
        let heard = Self {
            stream,
            ear: ear.clone(),
            unsaid: false,
        };
        (heard, ear)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Heard<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(cx, buf);
        if self.ear.deaf.load(Ordering::Relaxed) {
            return result;
        }
        match &result {
            Poll::Pending if self.unsaid => {
                self.unsaid = false;
                self.ear.changed.notify_one();
            }
            Poll::Pending => {}
            Poll::Ready(Ok(())) if buf.filled().len() > before => self.unsaid = true,
            Poll::Ready(_) => {
                self.ear.ended.store(true, Ordering::Release);
                self.ear.changed.notify_one();
            }
        }
        result
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Heard<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
