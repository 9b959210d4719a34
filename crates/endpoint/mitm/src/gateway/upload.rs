//! The body of a call on its way to the gateway, as fast as the gateway takes it.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use h2::{Reason, SendStream};
use http_body::Body;

use crate::relay::Begun;

/// Done when the body was sent, or cannot be sent any more: then the answer says why, or its absence does.
pub(super) struct Upload {
    body: Begun,
    stream: SendStream<Bytes>,
    /// Read, and waiting for room; whether it is the last.
    piece: Option<(Bytes, bool)>,
}

/// The gateway takes no more of it.
struct Unwanted;

impl Upload {
    pub(super) const fn new(body: Begun, stream: SendStream<Bytes>) -> Self {
        Self {
            body,
            stream,
            piece: None,
        }
    }

    fn poll_all(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Unwanted>> {
        loop {
            if self.piece.is_some() {
                ready!(self.poll_room(cx))?;
                if let Some((piece, last)) = self.piece.take() {
                    self.send(piece, last)?;
                    if last {
                        return Poll::Ready(Ok(()));
                    }
                }
            }
            let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else {
                // Asked only now: who asks is woken when the stream opens, too.
                let reset = self.stream.poll_reset(cx);
                return reset.map(|_| Err(Unwanted));
            };
            let Some(frame) = frame else {
                return Poll::Ready(self.send(Bytes::new(), true));
            };
            let Ok(frame) = frame else {
                // The app broke off: what came of the body is not all of it.
                self.stream.send_reset(Reason::CANCEL);
                return Poll::Ready(Err(Unwanted));
            };
            match frame.into_data() {
                // Room is asked for when there is something to send: what is reserved is kept from other calls.
                Ok(piece) => {
                    self.stream.reserve_capacity(piece.len().min(1));
                    self.piece = Some((piece, self.body.is_end_stream()));
                }
                Err(frame) => {
                    if let Ok(trailers) = frame.into_trailers() {
                        self.stream.reserve_capacity(0);
                        let sent = self.stream.send_trailers(trailers);
                        return Poll::Ready(sent.map_err(|_| Unwanted));
                    }
                }
            }
        }
    }

    /// Waits until some of the piece may be sent; `h2` keeps the rest until it may.
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Unwanted>> {
        let empty = |(piece, _): &(Bytes, bool)| piece.is_empty();
        while self.stream.capacity() == 0 && !self.piece.as_ref().is_none_or(empty) {
            match ready!(self.stream.poll_capacity(cx)) {
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Poll::Ready(Err(Unwanted)),
            }
        }
        Poll::Ready(Ok(()))
    }

    fn send(&mut self, piece: Bytes, last: bool) -> Result<(), Unwanted> {
        self.stream.send_data(piece, last).map_err(|_| Unwanted)
    }
}

impl Future for Upload {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_all(cx).map(|_| ())
    }
}
