//! The body of an answer: somebody else's, streamed frame by frame, or a short one of ours.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use crate::gateway::{Broken, Download};

/// An answer's body.
pub(crate) enum Answer {
    /// The gateway's.
    Relayed(Download),
    /// That of a host, or of a handshake that came to nothing.
    Direct(Incoming),
    /// Ours.
    Fixed(Option<Bytes>),
}

/// An answer broke off. The app's connection finds the reason of a reset among the sources.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Cut {
    #[error("the gateway broke off an answer")]
    Gateway(#[source] Broken),
    #[error("a host broke off an answer")]
    Host(#[source] hyper::Error),
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        match &mut *self {
            Self::Relayed(body) => Pin::new(body).poll_frame(cx).map_err(Cut::Gateway),
            Self::Direct(body) => Pin::new(body).poll_frame(cx).map_err(Cut::Host),
            Self::Fixed(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Relayed(body) => body.is_end_stream(),
            Self::Direct(body) => body.is_end_stream(),
            Self::Fixed(bytes) => bytes.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Relayed(body) => body.size_hint(),
            Self::Direct(body) => body.size_hint(),
            Self::Fixed(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
        }
    }
}
