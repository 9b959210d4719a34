//! A stream whose small writes leave together: a call's head and what is there of its body in one packet,
//! one TLS record and one wake-up of the gateway.
//!
//! HTTP/2 of hyper flushes a head as soon as it has it, while the body is read by another task that is just
//! about to run. So a flush first lets the tasks that are ready have their turn, once, and then sends what
//! all of them said. Nothing is ever held back for longer: no clock is involved.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What is gathered at the most, in bytes: as much as a TLS record holds (RFC 8446 §5.1).
const MOST: usize = 16 * 1024;
/// What is kept allocated between two writes, in bytes.
const KEPT: usize = 4 * 1024;

/// The stream.
#[derive(Debug)]
pub(super) struct Gathered<S> {
    stream: S,
    pending: Vec<u8>,
    /// How much of `pending` has left.
    sent: usize,
    /// The others have had their turn since the last flush.
    waited: bool,
}

impl<S> Gathered<S> {
    pub(super) const fn new(stream: S) -> Self {
        Self {
            stream,
            pending: Vec::new(),
            sent: 0,
            waited: false,
        }
    }
}

impl<S: AsyncWrite + Unpin> Gathered<S> {
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self.pending.get(self.sent..).filter(|r| !r.is_empty()) {
            match ready!(Pin::new(&mut self.stream).poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => self.sent += count,
            }
        }
        self.sent = 0;
        self.pending.clear();
        self.pending.shrink_to(KEPT);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Gathered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Gathered<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.pending.len() >= MOST {
            ready!(self.poll_send(cx))?;
        }
        if self.pending.is_empty() && buf.len() >= MOST {
            return Pin::new(&mut self.stream).poll_write(cx, buf);
        }
        let taken = buf.len().min(MOST - self.pending.len());
        self.pending.extend(buf.iter().take(taken));
        Poll::Ready(Ok(taken))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.pending.is_empty() && !self.waited {
            self.waited = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        ready!(self.poll_send(cx))?;
        self.waited = false;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, time::Duration};

    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test]
    async fn what_is_said_by_others_meanwhile_goes_along() {
        let (near, mut far) = duplex(1 << 20);
        let mut stream = Gathered::new(near);
        stream.write_all(b"head ").await.unwrap();
        let first = poll_fn(|cx| Poll::Ready(Pin::new(&mut stream).poll_flush(cx))).await;
        assert!(first.is_pending(), "the others come first");
        stream.write_all(b"body").await.unwrap();
        let mut got = [0; 100];
        let early = tokio::time::timeout(Duration::from_millis(1), far.read(&mut got));
        assert!(early.await.is_err(), "nothing left yet");
        stream.flush().await.unwrap();
        let count = far.read(&mut got).await.unwrap();
        assert_eq!(&got[..count], b"head body");
    }

    #[tokio::test(start_paused = true)]
    async fn a_flush_waits_for_no_clock() {
        let (near, mut far) = duplex(1 << 20);
        let mut stream = Gathered::new(near);
        let since = tokio::time::Instant::now();
        for _ in 0..10 {
            stream.write_all(b"piece").await.unwrap();
            stream.flush().await.unwrap();
            let mut got = [0; 5];
            far.read_exact(&mut got).await.unwrap();
        }
        assert_eq!(since.elapsed(), Duration::ZERO);
    }

    #[tokio::test]
    async fn every_byte_arrives_in_order_whatever_the_sizes() {
        let (near, mut far) = duplex(1_000);
        let mut stream = Gathered::new(near);
        let sent: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8).collect();
        let expected = sent.clone();
        let writer = tokio::spawn(async move {
            let mut rest = &sent[..];
            for size in [1, MOST - 1, MOST, MOST + 1, 7, 40_000, 3]
                .into_iter()
                .cycle()
            {
                let (now, later) = rest.split_at(size.min(rest.len()));
                stream.write_all(now).await.unwrap();
                if size == 7 {
                    stream.flush().await.unwrap();
                }
                assert!(stream.pending.capacity() <= 2 * MOST);
                rest = later;
                if rest.is_empty() {
                    break;
                }
            }
            stream.shutdown().await.unwrap();
        });
        let mut got = Vec::new();
        far.read_to_end(&mut got).await.unwrap();
        writer.await.unwrap();
        assert_eq!(got, expected);
    }
}
