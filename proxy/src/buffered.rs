//! A connection with a write buffer: a header and the start of its body leave in one packet and one
//! system call, and a large body leaves with what was buffered before it, uncopied.
//!
//! Towards a client, whoever asks for a flush gets it at once, so the events of a stream are not held
//! back. Towards a provider the request leaves when its answer is waited for: Pingora flushes the
//! header by itself, before the body is there.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use async_trait::async_trait;
use bytes::{Buf, BytesMut};
use pingora_core::protocols::{
    ALPN, GetProxyDigest, GetSocketDigest, GetTimingDigest, IO, Peek, Shutdown, SocketDigest, Ssl,
    Stream, TimingDigest, UniqueID, UniqueIDType,
    raw_connect::ProxyDigest,
    tls::{SslDigest, TlsRef},
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use crate::patience::Patience;

/// What a client that speaks HTTP/2 says first (RFC 9113 §3.4).
pub(crate) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Larger writes go out by themselves.
const CAPACITY: usize = 4_096;

/// When what was written leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leave {
    /// When a flush is asked for.
    AtFlush,
    /// When the other side is waited for, or the connection ends.
    BeforeReading,
}

/// A connection with a write buffer.
#[derive(Debug)]
pub(crate) struct Buffered {
    inner: Stream,
    pending: Vec<u8>,
    leave: Leave,
    /// More is written right away, so a flush waits for it.
    held: AtomicBool,
    /// Something was written and not flushed yet.
    unsent: bool,
    /// Bytes that were looked at and not read yet.
    peeked: BytesMut,
    patience: Patience,
}

impl Buffered {
    /// A client's connection.
    pub(crate) fn downstream(inner: Stream) -> Self {
        Self::new(inner, Leave::AtFlush)
    }

    /// A connection to a provider that speaks HTTP/1.1.
    pub(crate) fn upstream(inner: Stream) -> Self {
        Self::new(inner, Leave::BeforeReading)
    }

    fn new(inner: Stream, leave: Leave) -> Self {
        Self {
            inner,
            pending: Vec::new(),
            leave,
            held: AtomicBool::new(false),
            unsent: false,
            peeked: BytesMut::new(),
            patience: Patience::default(),
        }
    }

    /// How long the other side of a connection is waited for, if that connection is one of these.
    pub(crate) fn patience(stream: &Stream) -> Option<&Patience> {
        Some(&Self::of(stream)?.patience)
    }

    /// Whether more is written to a connection right away, if it is one of these: until that is over, a flush
    /// sends nothing, so what is written meanwhile leaves together. Whoever reads from the connection, or closes
    /// it, sends it all the same.
    pub(crate) fn hold(stream: &Stream, held: bool) {
        if let Some(this) = Self::of(stream) {
            this.held.store(held, Ordering::Relaxed);
        }
    }

    fn of(stream: &Stream) -> Option<&Self> {
        let stream: &dyn IO = stream.as_ref();
        stream.as_any().downcast_ref()
    }

    /// Writes what is pending and `buf` together; how many bytes of `buf` were taken.
    fn poll_both(&mut self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            let slices = [IoSlice::new(&self.pending), IoSlice::new(buf)];
            let written = ready!(Pin::new(&mut self.inner).poll_write_vectored(cx, &slices))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            if let Some(taken) = written.checked_sub(self.pending.len()) {
                self.pending.clear();
                if taken > 0 {
                    return Poll::Ready(Ok(taken));
                }
                return Pin::new(&mut self.inner).poll_write(cx, buf);
            }
            self.pending.drain(..written);
        }
    }

    fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut written = 0;
        let result = loop {
            if written == self.pending.len() {
                break Poll::Ready(Ok(()));
            }
            match Pin::new(&mut self.inner).poll_write(cx, &self.pending[written..]) {
                Poll::Ready(Ok(0)) => break Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(count)) => written += count,
                Poll::Ready(Err(error)) => break Poll::Ready(Err(error)),
                Poll::Pending => break Poll::Pending,
            }
        };
        self.pending.drain(..written);
        result
    }

    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_drain(cx))?;
        ready!(Pin::new(&mut self.inner).poll_flush(cx))?;
        self.unsent = false;
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Buffered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // Whoever waits for the other side has said what it had to say.
        if self.unsent
            && let Poll::Ready(Err(error)) = self.poll_send(cx)
        {
            return Poll::Ready(Err(error));
        }
        if !self.peeked.is_empty() {
            let count = self.peeked.len().min(buf.remaining());
            buf.put_slice(&self.peeked[..count]);
            self.peeked.advance(count);
            self.patience.rest();
            return Poll::Ready(Ok(()));
        }
        let read = Pin::new(&mut self.inner).poll_read(cx, buf);
        if read.is_ready() {
            self.patience.rest();
        } else if self.patience.poll_exhausted(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        read
    }
}

impl AsyncWrite for Buffered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.unsent = true;
        if self.pending.len() + buf.len() > CAPACITY {
            if !self.pending.is_empty() && self.inner.is_write_vectored() {
                return self.poll_both(cx, buf);
            }
            if self.pending.len() < CAPACITY && !self.pending.is_empty() {
                // TLS takes one slice at a time: fill the buffer up, so that the header does not
                // leave alone before a large body.
                let taken = buf.len().min(CAPACITY - self.pending.len());
                self.pending.extend_from_slice(&buf[..taken]);
                return Poll::Ready(Ok(taken));
            }
            ready!(self.poll_drain(cx))?;
            if buf.len() >= CAPACITY {
                return Pin::new(&mut self.inner).poll_write(cx, buf);
            }
        }
        self.pending.extend_from_slice(buf);
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.leave == Leave::AtFlush && !*self.held.get_mut() {
            return self.poll_send(cx);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_drain(cx))?;
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[async_trait]
impl Shutdown for Buffered {
    async fn shutdown(&mut self) {
        // The other side may be gone; then there is nobody to send to.
        drop(std::future::poll_fn(|cx| self.poll_send(cx)).await);
        Shutdown::shutdown(&mut *self.inner).await;
    }
}

#[async_trait]
impl Peek for Buffered {
    /// Looks for the preface of HTTP/2, for which alone Pingora asks. A client that says something else is
    /// not waited for any longer: its whole request may be shorter than the preface.
    async fn try_peek(&mut self, buf: &mut [u8]) -> io::Result<bool> {
        while self.peeked.len() < buf.len() && PREFACE.starts_with(&self.peeked) {
            if self.inner.read_buf(&mut self.peeked).await? == 0 {
                break;
            }
        }
        let count = self.peeked.len().min(buf.len());
        buf[..count].copy_from_slice(&self.peeked[..count]);
        Ok(true)
    }
}

impl UniqueID for Buffered {
    fn id(&self) -> UniqueIDType {
        self.inner.id()
    }
}

impl Ssl for Buffered {
    fn get_ssl(&self) -> Option<&TlsRef> {
        self.inner.get_ssl()
    }

    fn get_ssl_digest(&self) -> Option<Arc<SslDigest>> {
        self.inner.get_ssl_digest()
    }

    fn selected_alpn_proto(&self) -> Option<ALPN> {
        self.inner.selected_alpn_proto()
    }
}

impl GetTimingDigest for Buffered {
    fn get_timing_digest(&self) -> Vec<Option<TimingDigest>> {
        self.inner.get_timing_digest()
    }
}

impl GetProxyDigest for Buffered {
    fn get_proxy_digest(&self) -> Option<Arc<ProxyDigest>> {
        self.inner.get_proxy_digest()
    }
}

impl GetSocketDigest for Buffered {
    fn get_socket_digest(&self) -> Option<Arc<SocketDigest>> {
        self.inner.get_socket_digest()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test]
    async fn small_writes_leave_together_and_a_flush_leaves_at_once() {
        let (near, mut far) = duplex(1 << 20);
        let mut stream = Buffered::downstream(Box::new(near));
        stream.write_all(b"header ").await.unwrap();
        stream.write_all(b"body").await.unwrap();
        let mut got = vec![0; 100];
        let early = tokio::time::timeout(std::time::Duration::from_millis(1), far.read(&mut got));
        assert!(early.await.is_err(), "nothing leaves before the flush");
        stream.flush().await.unwrap();
        let count = far.read(&mut got).await.unwrap();
        assert_eq!(&got[..count], b"header body");
    }

    #[tokio::test]
    async fn a_flush_waits_for_what_is_written_right_away() {
        let (near, mut far) = duplex(1 << 20);
        let mut stream: Stream = Box::new(Buffered::downstream(Box::new(near)));
        Buffered::hold(&stream, true);
        stream.write_all(b"header ").await.unwrap();
        stream.flush().await.unwrap();
        let mut got = vec![0; 100];
        let early = tokio::time::timeout(std::time::Duration::from_millis(1), far.read(&mut got));
        assert!(early.await.is_err(), "nothing leaves while more is to come");
        Buffered::hold(&stream, false);
        stream.write_all(b"event").await.unwrap();
        stream.flush().await.unwrap();
        let count = far.read(&mut got).await.unwrap();
        assert_eq!(&got[..count], b"header event");
    }

    #[tokio::test]
    async fn a_request_leaves_when_its_answer_is_waited_for() {
        let (near, mut far) = duplex(1 << 20);
        let mut stream = Buffered::upstream(Box::new(near));
        stream.write_all(b"header ").await.unwrap();
        stream.flush().await.unwrap();
        stream.write_all(b"body").await.unwrap();
        let mut got = vec![0; 100];
        let early = tokio::time::timeout(std::time::Duration::from_millis(1), far.read(&mut got));
        assert!(
            early.await.is_err(),
            "nothing leaves before the answer is waited for"
        );
        let answer = tokio::spawn(async move {
            let mut answer = [0; 6];
            stream.read_exact(&mut answer).await.unwrap();
            answer
        });
        let count = far.read(&mut got).await.unwrap();
        assert_eq!(&got[..count], b"header body");
        far.write_all(b"answer").await.unwrap();
        assert_eq!(&answer.await.unwrap(), b"answer");
    }

    #[tokio::test]
    async fn a_look_at_the_first_bytes_takes_none_and_waits_for_no_more_than_tell() {
        for (said, is_h2) in [
            (&b"GET / HTTP/1.0\r\n\r\n"[..], false),
            (b"PRI * HTTP/1.1\r\n\r\n", false),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nmore", true),
        ] {
            let (near, mut far) = duplex(1 << 10);
            let mut stream = Buffered::downstream(Box::new(near));
            far.write_all(said).await.unwrap();
            for _ in 0..2 {
                let mut looked = [0; PREFACE.len()];
                assert!(stream.try_peek(&mut looked).await.unwrap());
                assert_eq!(&looked == PREFACE, is_h2);
            }
            AsyncWriteExt::shutdown(&mut far).await.unwrap();
            let mut got = Vec::new();
            stream.read_to_end(&mut got).await.unwrap();
            assert_eq!(got, said);
        }
    }

    #[tokio::test]
    async fn every_byte_arrives_in_order_whatever_the_sizes() {
        let (near, mut far) = duplex(1_000);
        let mut stream = Buffered::downstream(Box::new(near));
        let sent: Vec<u8> = (0..100_000_u32).map(|n| (n % 251) as u8).collect();
        let expected = sent.clone();
        let writer = tokio::spawn(async move {
            let mut rest = &sent[..];
            for size in [1, 4_095, 4_096, 4_097, 7, 20_000, 3].into_iter().cycle() {
                let (now, later) = rest.split_at(size.min(rest.len()));
                stream.write_all(now).await.unwrap();
                rest = later;
                if rest.is_empty() {
                    break;
                }
            }
            AsyncWriteExt::shutdown(&mut stream).await.unwrap();
        });
        let mut got = Vec::new();
        far.read_to_end(&mut got).await.unwrap();
        writer.await.unwrap();
        assert_eq!(got, expected);
    }
}
