//! The body of an answer on its way from the gateway. Each piece is passed on as it comes, and the gateway
//! may send more when it was taken.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use h2::{Reason, RecvStream};
use http::{HeaderMap, header};
use http_body::{Body, Frame, SizeHint};

use super::Place;

/// Dropped before its end, it tells the gateway that nobody waits any more.
pub(crate) struct Download {
    stream: RecvStream,
    /// On the connection, until the answer has ended.
    place: Option<Place>,
    /// What is left, where the answer says how long it is.
    left: Option<u64>,
    /// All data are there; trailers may follow.
    data_done: bool,
}

impl Download {
    pub(super) fn new(headers: &HeaderMap, stream: RecvStream, place: Place) -> Self {
        let mut lengths = headers.get_all(header::CONTENT_LENGTH).iter();
        let length = lengths
            .next()
            .and_then(|value| value.to_str().ok()?.parse().ok());
        let none = stream.is_end_stream().then_some(0);
        Self {
            left: length.or(none),
            stream,
            place: Some(place),
            data_done: false,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, h2::Error>>> {
        if !self.data_done {
            match ready!(self.stream.poll_data(cx)) {
                Some(Ok(bytes)) => {
                    let taken = self.stream.flow_control().release_capacity(bytes.len());
                    if let Err(error) = taken {
                        return Poll::Ready(Some(Err(error)));
                    }
                    self.left = self.left.map(|l| l.saturating_sub(bytes.len() as u64));
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
                Some(Err(error)) => return Poll::Ready(ended(error)),
                None => self.data_done = true,
            }
        }
        Poll::Ready(match ready!(self.stream.poll_trailers(cx)) {
            Ok(trailers) => trailers.map(|trailers| Ok(Frame::trailers(trailers))),
            Err(error) => ended(error),
        })
    }
}

/// A reset without an error follows an answer that was complete before the call was (RFC 9113 §8.1).
fn ended<T>(error: h2::Error) -> Option<Result<T, h2::Error>> {
    (error.reason() != Some(Reason::NO_ERROR)).then_some(Err(error))
}

impl Body for Download {
    type Data = Bytes;
    type Error = h2::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, h2::Error>>> {
        let frame = self.poll(cx);
        if matches!(frame, Poll::Ready(None)) {
            self.place = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.stream.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.left
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
