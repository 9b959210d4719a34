//! The body of an answer: somebody else's, streamed frame by frame, or a short one of ours.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use crate::gateway::Place;

/// An answer's body.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Somebody else's.
    Streamed(Incoming, Held),
    /// Ours.
    Fixed(Option<Bytes>),
}

/// Keeps the place on the gateway's connection until the answer has ended; nothing where the gateway
/// does not answer.
#[derive(Debug)]
pub(crate) struct Held(pub(crate) Option<Place>);

impl Body for Answer {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut *self {
            Self::Streamed(body, held) => {
                let frame = Pin::new(body).poll_frame(cx);
                if matches!(frame, Poll::Ready(None)) {
                    held.0 = None;
                }
                frame
            }
            Self::Fixed(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Streamed(body, _) => body.is_end_stream(),
            Self::Fixed(bytes) => bytes.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Streamed(body, _) => body.size_hint(),
            Self::Fixed(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
        }
    }
}
