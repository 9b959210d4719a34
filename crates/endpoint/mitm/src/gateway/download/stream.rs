//! An answer on a connection that others are on, too.

use std::task::{Context, Poll, ready};

use bytes::Bytes;
use h2::{Reason, RecvStream};
use http::{HeaderMap, header};
use http_body::{Frame, SizeHint};

use super::super::Place;

/// The body.
pub(crate) struct StreamBody {
    stream: RecvStream,
    /// On the connection, until the answer has ended.
    place: Option<Place>,
    /// What is left, where the answer says how long it is.
    left: Option<u64>,
    /// All data are there; trailers may follow.
    data_done: bool,
}

impl StreamBody {
    pub(crate) fn new(headers: &HeaderMap, stream: RecvStream, place: Place) -> Self {
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

    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, h2::Error>>> {
        let frame = self.poll_stream(cx);
        if matches!(frame, Poll::Ready(None)) {
            self.place = None;
        }
        frame
    }

    fn poll_stream(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, h2::Error>>> {
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
    pub(super) fn is_end_stream(&self) -> bool {
        self.stream.is_end_stream()
    }

    pub(super) fn size_hint(&self) -> SizeHint {
        self.left
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// A reset without an error follows an answer that was complete before the call was (RFC 9113 §8.1).
fn ended<T>(error: h2::Error) -> Option<Result<T, h2::Error>> {
    (error.reason() != Some(Reason::NO_ERROR)).then_some(Err(error))
}
