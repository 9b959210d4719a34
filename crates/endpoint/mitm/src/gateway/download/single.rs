//! An answer on a connection of its own. Whoever reads it drives the connection: no other task has to be woken
//! for a piece. What is left of the call's own body is sent by the way.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::super::{Broken, pool::Pool, single::Single};

/// The body. Its connection is pooled again when all of it was read, and closed if it is dropped before.
pub(crate) struct SingleBody {
    body: Incoming,
    /// Read ahead.
    first: Option<Result<Frame<Bytes>, Broken>>,
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
                    self.first = first;
                    return;
                }
                // The runtime looks at its sockets before it comes back here.
                Poll::Pending if again => tokio::task::yield_now().await,
                Poll::Pending => {}
            }
        }
    }

    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(first));
        }
        let frame = ready!(self.poll_driving(cx));
        match &frame {
            None => self.rest(),
            Some(Ok(_)) => {}
            Some(Err(_)) => self.connection = None,
        }
        Poll::Ready(frame)
    }

    fn poll_driving(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
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
        self.first.is_none() && self.body.is_end_stream()
    }

    pub(super) fn size_hint(&self) -> SizeHint {
        let read = self.first.as_ref().and_then(|first| first.as_ref().ok());
        let read = read.and_then(Frame::data_ref).map_or(0, Bytes::len) as u64;
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

impl Drop for SingleBody {
    fn drop(&mut self) {
        // Where an answer says how long it is, nobody asks for more behind its last byte.
        if self.is_end_stream() {
            self.rest();
        }
    }
}
