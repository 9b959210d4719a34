//! An answer on a connection of its own. Whoever reads it drives the connection: no other task has to be woken
//! for a piece. What is left of the call's own body is sent by the way.

use std::{
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
            connection,
            pool,
        }
    }

    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
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
        self.body.is_end_stream()
    }

    pub(super) fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
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
        if self.body.is_end_stream() {
            self.rest();
        }
    }
}
