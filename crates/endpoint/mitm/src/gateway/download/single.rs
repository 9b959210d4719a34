//! An answer on a connection of its own. Whoever reads it drives the connection: no other task has to be woken
//! for a piece. What is left of the call's own body is sent by the way.

use std::{
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use http_body::{Frame, SizeHint};

use super::super::{
    Broken,
    pool::Pool,
    single::{Decoder, Fault, Single},
};

/// A piece that is shorter goes together with what is there behind it.
const SHORT: usize = 4 * 1024;
/// Pieces go together up to this length, and one more: what a TLS record holds.
const TOGETHER: usize = 16 * 1024;

type Next = Option<Result<Frame<Bytes>, Broken>>;

/// The body. Its connection is pooled again when all of it was read, and closed if it is dropped before.
pub(crate) struct SingleBody {
    decoder: Decoder,
    /// The first of all, read ahead.
    first: Option<Bytes>,
    /// What came behind pieces that went together, and is none of them.
    behind: Option<Next>,
    /// Gone when the body is over, or has broken.
    connection: Option<Single>,
    pool: Arc<Pool>,
}

impl SingleBody {
    pub(in crate::gateway) fn new(decoder: Decoder, connection: Single, pool: Arc<Pool>) -> Self {
        Self {
            decoder,
            first: None,
            behind: None,
            connection: Some(connection),
            pool,
        }
    }

    /// Gives the body one turn to begin: the gateway sends an answer's head by itself, and what it has of the body
    /// at once behind it. Head and first piece then reach the app together. No clock is involved.
    pub(in crate::gateway) async fn begin(&mut self) {
        for again in [true, false] {
            if self.decoder.is_over() {
                return;
            }
            let polled = poll_fn(|cx| Poll::Ready(self.poll(cx))).await;
            match polled {
                Poll::Ready(first) => {
                    match data(first) {
                        Ok(first) => self.first = Some(first),
                        Err(other) => self.behind = Some(other),
                    }
                    return;
                }
                // The runtime looks at its sockets before it comes back here.
                Poll::Pending if again => tokio::task::yield_now().await,
                Poll::Pending => {}
            }
        }
    }

    /// The next piece: all short ones that are there, as one, since each costs the agent and the app the same
    /// again. A provider's event is a piece, and a gateway sends several at once. None is waited for.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        if let Some(behind) = self.behind.take() {
            return Poll::Ready(behind);
        }
        let first = match short(ready!(self.poll_next(cx))) {
            Ok(first) => first,
            Err(other) => return Poll::Ready(other),
        };
        let mut more = BytesMut::new();
        while first.len().max(more.len()) < TOGETHER {
            let Poll::Ready(next) = self.poll_next(cx) else {
                break;
            };
            match short(next) {
                Ok(piece) => {
                    if more.is_empty() {
                        let ahead = self.connection.as_ref().map_or(0, Single::ahead);
                        more.reserve(first.len() + piece.len() + ahead.min(TOGETHER));
                        more.extend_from_slice(&first);
                    }
                    more.extend_from_slice(&piece);
                }
                Err(other) => {
                    self.behind = Some(other);
                    break;
                }
            }
        }
        let piece = if more.is_empty() {
            first
        } else {
            more.freeze()
        };
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        let Some(connection) = &mut self.connection else {
            // An end would be a lie where it broke.
            let broke = !self.decoder.is_over();
            return Poll::Ready(broke.then_some(Err(Broken::Single(Fault::Cut))));
        };
        let frame = ready!(connection.poll_frame(cx, &mut self.decoder));
        match &frame {
            Ok(None) => self.rest(),
            Ok(Some(_)) => {}
            Err(_) => self.connection = None,
        }
        Poll::Ready(frame.map_err(Broken::Single).transpose())
    }

    pub(super) fn is_end_stream(&self) -> bool {
        self.first.is_none()
            && match &self.behind {
                Some(behind) => behind.is_none(),
                None => self.decoder.is_over(),
            }
    }

    pub(super) fn size_hint(&self) -> SizeHint {
        let Some(left) = self.decoder.left() else {
            return SizeHint::new();
        };
        let behind = self.behind.iter().flatten().flatten();
        let behind = behind.filter_map(Frame::data_ref);
        let read = self.first.iter().chain(behind).map(Bytes::len);
        SizeHint::with_exact(left + read.sum::<usize>() as u64)
    }

    fn rest(&mut self) {
        if let Some(mut connection) = self.connection.take() {
            connection.rest();
            self.pool.give_back(connection);
        }
    }
}

/// What comes next, if it is a piece that may go together with others.
fn short(next: Next) -> Result<Bytes, Next> {
    let piece = next.as_ref().and_then(|next| next.as_ref().ok());
    match piece.and_then(Frame::data_ref) {
        Some(piece) if piece.len() < SHORT => data(next),
        _ => Err(next),
    }
}

/// What comes next, if it is a piece.
fn data(next: Next) -> Result<Bytes, Next> {
    match next {
        Some(Ok(frame)) => frame.into_data().map_err(|frame| Some(Ok(frame))),
        other => Err(other),
    }
}

impl Drop for SingleBody {
    fn drop(&mut self) {
        // Where an answer says how long it is, nobody asks for more behind its last byte.
        if self.is_end_stream() {
            self.rest();
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    /// A body whose bytes are there, its pool, and the other end of its connection.
    async fn body(decoder: Decoder, bytes: &[u8]) -> (SingleBody, Arc<Pool>, DuplexStream) {
        let (near, mut far) = duplex(64 * 1024);
        far.write_all(bytes).await.unwrap();
        let pool = Pool::new();
        let connection = Single::open(Box::new(near), pool.room().unwrap());
        let body = SingleBody::new(decoder, connection, pool.clone());
        (body, pool, far)
    }

    /// The next piece, or why there is none.
    async fn next(body: &mut SingleBody) -> Option<Result<Bytes, Broken>> {
        let frame = poll_fn(|cx| body.poll(cx)).await?;
        Some(frame.map(|frame| frame.into_data().unwrap_or_default()))
    }

    #[tokio::test]
    async fn a_connection_goes_back_where_its_body_was_read() {
        for (decoder, bytes) in [
            (Decoder::Length(2), &b"ab"[..]),
            (Decoder::chunked(), b"1\r\na\r\n1\r\nb\r\n0\r\n\r\n"),
        ] {
            let (mut body, pool, _far) = body(decoder, bytes).await;
            body.begin().await;
            assert!(!body.is_end_stream());
            let length = body.size_hint().exact();
            assert_eq!(next(&mut body).await.unwrap().unwrap(), "ab");
            assert!(body.is_end_stream(), "known with the last piece");
            assert!(length.is_none_or(|length| length == 2));
            drop(body);
            assert!(pool.take().is_some());
        }
        let (body, pool, _far) = body(Decoder::Length(2), b"a").await;
        drop(body);
        assert!(pool.take().is_none());
    }

    #[tokio::test]
    async fn what_broke_has_no_end_and_its_connection_goes() {
        let (mut body, pool, mut far) = body(Decoder::chunked(), b"2\r\nab\r\nzz").await;
        assert_eq!(next(&mut body).await.unwrap().unwrap(), "ab");
        assert!(next(&mut body).await.unwrap().is_err());
        assert_eq!(far.read(&mut [0]).await.unwrap(), 0, "it is closed");
        assert!(next(&mut body).await.unwrap().is_err());
        assert!(!body.is_end_stream());
        drop(body);
        assert!(pool.take().is_none());
    }
}
