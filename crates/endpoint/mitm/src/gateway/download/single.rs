//! An answer on a connection of its own. Whoever reads it drives the connection: no other task has to be woken
//! for a piece. What is left of the call's own body is sent by the way.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::super::{Broken, pool::Pool, single::Single};

/// A piece that is shorter goes together with what is there behind it.
const SHORT: usize = 4 * 1024;
/// Pieces go together up to this length, and one more: what a TLS record holds.
const TOGETHER: usize = 16 * 1024;

type Next = Option<Result<Frame<Bytes>, Broken>>;

/// The body. Its connection is pooled again when all of it was read, and closed if it is dropped before.
pub(crate) struct SingleBody {
    body: Incoming,
    /// The first of all, read ahead.
    first: Option<Bytes>,
    /// What came behind pieces that went together, and is none of them.
    behind: Option<Next>,
    /// Gone when it has ended: what it left is in the body.
    connection: Option<Single>,
    pool: Arc<Pool>,
}

impl SingleBody {
    pub(in crate::gateway) fn new(
        body: Incoming,
        connection: Option<Single>,
        pool: Arc<Pool>,
    ) -> Self {
        Self {
            body,
            first: None,
            behind: None,
            connection,
            pool,
        }
    }

    /// Gives the body one turn to begin: the gateway sends an answer's head by itself, and what it has of the body
    /// at once behind it. Head and first piece then reach the app together. No clock is involved.
    pub(in crate::gateway) async fn begin(&mut self) {
        for again in [true, false] {
            if self.body.is_end_stream() {
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
        let frame = ready!(self.poll_driving(cx));
        match &frame {
            None => self.rest(),
            Some(Ok(_)) => {}
            Some(Err(_)) => self.connection = None,
        }
        Poll::Ready(frame)
    }

    fn poll_driving(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        let mut driven = false;
        loop {
            let frame = Pin::new(&mut self.body).poll_frame(cx);
            if frame.is_ready() || driven {
                return frame.map_err(Broken::Single);
            }
            let Some(connection) = &mut self.connection else {
                // It ended, and its body did not.
                return Poll::Ready(Some(Err(Broken::Nonsense)));
            };
            match connection.poll(cx) {
                Poll::Ready(()) => self.connection = None,
                Poll::Pending => driven = true,
            }
        }
    }

    pub(super) fn is_end_stream(&self) -> bool {
        self.first.is_none()
            && match &self.behind {
                Some(behind) => behind.is_none(),
                None => self.body.is_end_stream(),
            }
    }

    pub(super) fn size_hint(&self) -> SizeHint {
        let behind = self.behind.iter().flatten().flatten();
        let behind = behind.filter_map(Frame::data_ref);
        let read = self.first.iter().chain(behind).map(Bytes::len);
        let read = read.sum::<usize>() as u64;
        let rest = self.body.size_hint();
        rest.exact()
            .map_or(rest, |rest| SizeHint::with_exact(rest + read))
    }

    fn rest(&mut self) {
        if let Some(connection) = self.connection.take() {
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
