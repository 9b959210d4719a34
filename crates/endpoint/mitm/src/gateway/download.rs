//! The body of an answer on its way from the gateway. Each piece is passed on as it comes, and the gateway
//! may send more when it was taken.

mod single;
mod stream;

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

pub(super) use self::{single::SingleBody, stream::StreamBody};
use super::Broken;

/// Dropped before its end, it tells the gateway that nobody waits any more.
pub(crate) enum Download {
    /// On a connection of its own.
    Single(SingleBody),
    /// On a connection that others are on, too.
    Stream(StreamBody),
}

impl Body for Download {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        match &mut *self {
            Self::Single(body) => body.poll(cx),
            Self::Stream(body) => body.poll(cx).map_err(Broken::Stream),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Single(body) => body.is_end_stream(),
            Self::Stream(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Single(body) => body.size_hint(),
            Self::Stream(body) => body.size_hint(),
        }
    }
}
