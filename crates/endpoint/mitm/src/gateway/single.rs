//! A connection to the gateway that carries one call at a time, in HTTP/1.1. It has no task of its own: who
//! waits for an answer drives it, so that nobody has to be woken between the gateway and the app.
//!
//! A call's head and the piece of its body that is there leave in one write. What is read lies in one buffer, and
//! an answer's body is cut out of it, not copied.

mod answer;
mod decoder;
mod fault;
mod fields;
mod head;
mod sending;
#[cfg(test)]
mod tests;

use std::{
    error::Error,
    future::poll_fn,
    pin::{Pin, pin},
    task::{Context, Poll, Waker, ready},
};

use bytes::{Bytes, BytesMut};
use http::{Method, Request, Response, header};
use http_body::{Body, Frame};
use tokio::{
    io::{AsyncRead, AsyncReadExt, ReadBuf},
    sync::OwnedSemaphorePermit,
};

use self::sending::Sending;
pub(crate) use self::{
    answer::{Answer, Awaited},
    decoder::{Decoded, Decoder},
    fault::Fault,
};
use super::Broken;
use crate::{relay::Begun, upgrade::Wire};

/// What is read at once, at first, and where much comes.
const READ: usize = 8 * 1024;
const READ_MOST: usize = 64 * 1024;
/// Less room than this is not worth a read while the rest of the buffer is in use.
const READ_LEAST: usize = 2 * 1024;

/// A connection.
pub(crate) struct Single<B = Begun>(Box<Connection<B>>);

/// Large, and handed on with each call.
struct Connection<B> {
    wire: Wire,
    sending: Sending<B>,
    /// Read, and nobody's yet.
    read: BytesMut,
    /// What is read at once now.
    next: usize,
    /// An answer is awaited or under way.
    owed: bool,
    /// It takes no more calls.
    spent: bool,
    /// Among those that may be open at once.
    #[expect(dead_code, reason = "held, never read")]
    room: OwnedSemaphorePermit,
}

/// Why a call was not answered.
pub(super) enum Failed<B = Begun> {
    /// Nothing of it was sent: here it is back, as it came.
    Unsent(Box<Request<B>>),
    /// It was sent, in part at least.
    Broken(Broken),
}

/// Whether a call may go on such a connection. It has to say how long it is: where a chunked body ends is a
/// matter of opinion (RFC 9112 §11.2), and the gateway closes a connection behind one. Trailers need HTTP/2,
/// since the gateway passes none on in HTTP/1.1.
pub(super) fn carries(request: &Request<Begun>) -> bool {
    let headers = request.headers();
    !headers.contains_key(header::TE)
        && !headers.contains_key(header::TRAILER)
        && request.body().size_hint().exact().is_some()
}

impl<B> Single<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    /// Speaks HTTP/1.1 on a fresh connection. Nothing is sent yet.
    pub(super) fn open(wire: Wire, room: OwnedSemaphorePermit) -> Self {
        Self(Box::new(Connection {
            wire,
            sending: Sending::nothing(),
            read: BytesMut::new(),
            next: READ,
            owed: false,
            spent: false,
            room,
        }))
    }

    /// Whether it can take a call: it is open, the one before is over both ways, and nothing came behind that
    /// one's answer.
    pub(super) fn is_idle(&mut self) -> bool {
        let connection = &mut *self.0;
        if connection.spent
            || connection.owed
            || !connection.read.is_empty()
            || !connection.sending.is_done()
        {
            return false;
        }
        // No task is to be woken by what lies idle.
        let mut cx = Context::from_waker(Waker::noop());
        let mut byte = [0];
        let mut byte = ReadBuf::new(&mut byte);
        Pin::new(&mut connection.wire)
            .poll_read(&mut cx, &mut byte)
            .is_pending()
    }

    /// Sends a call, and waits for its answer, which comes with the connection.
    pub(super) async fn call(
        mut self,
        request: Request<B>,
    ) -> Result<(Response<Decoder>, Self), Failed<B>> {
        let length = request.body().size_hint().exact();
        // It is sent again only if nothing of it was written, and that is known for sure only here.
        let Some(length) = length.filter(|_| self.is_idle()) else {
            return Err(Failed::Unsent(Box::new(request)));
        };
        let connection = &mut *self.0;
        let (call, body) = request.into_parts();
        connection.sending.begin(&call, body, length);
        connection.owed = true;
        let mut awaited = Awaited::new(call.method == Method::HEAD);
        drop(call);
        let answer = poll_fn(|cx| connection.poll_answer(cx, &mut awaited)).await;
        match answer {
            Ok(answer) => Ok((answer, self)),
            Err(fault) => Err(Failed::Broken(Broken::Single(fault))),
        }
    }

    /// What comes next of an answer's body. What is left of the call is sent by the way.
    pub(super) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
        decoder: &mut Decoder,
    ) -> Poll<Result<Option<Frame<Bytes>>, Fault>> {
        self.0.poll_frame(cx, decoder)
    }

    /// How much was read and is not decoded.
    pub(super) fn ahead(&self) -> usize {
        self.0.read.len()
    }

    /// The answer was read to its end.
    pub(super) fn rest(&mut self) {
        let connection = &mut *self.0;
        connection.owed = false;
        connection.sending.rest();
        if connection.next > READ && connection.read.is_empty() {
            connection.next = READ;
            connection.read = BytesMut::new();
        }
    }
}

impl<B> Connection<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    fn poll_answer(
        &mut self,
        cx: &mut Context<'_>,
        awaited: &mut Awaited,
    ) -> Poll<Result<Response<Decoder>, Fault>> {
        let unsent = self.poll_send(cx)?;
        loop {
            if let Some(answer) = awaited.take(&mut self.read)? {
                self.spent |= answer.last;
                return Poll::Ready(Ok(answer.response));
            }
            match self.poll_read(cx)? {
                Poll::Ready(1..) => {}
                Poll::Ready(0) => return Poll::Ready(Err(unsent.unwrap_or(Fault::Unanswered))),
                Poll::Pending => return unsent.map_or(Poll::Pending, |f| Poll::Ready(Err(f))),
            }
        }
    }

    fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
        decoder: &mut Decoder,
    ) -> Poll<Result<Option<Frame<Bytes>>, Fault>> {
        self.poll_send(cx)?;
        loop {
            match decoder.decode(&mut self.read)? {
                Decoded::Data(piece) => return Poll::Ready(Ok(Some(Frame::data(piece)))),
                Decoded::Trailers(fields) => return Poll::Ready(Ok(Some(Frame::trailers(fields)))),
                Decoded::End => return Poll::Ready(Ok(None)),
                Decoded::More => {}
            }
            if ready!(self.poll_read(cx))? == 0 {
                decoder.end()?;
            }
        }
    }

    /// Sends what can be sent of the call. A gateway that takes no more of it may have answered already: that is
    /// no error yet, and returned.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Result<Option<Fault>, Fault> {
        if self.sending.is_done() {
            return Ok(None);
        }
        match self.sending.poll(cx, &mut self.wire) {
            Poll::Ready(Err(fault @ Fault::Write(_))) => {
                self.sending.give_up();
                self.spent = true;
                Ok(Some(fault))
            }
            Poll::Ready(Err(fault)) => Err(fault),
            Poll::Ready(Ok(())) | Poll::Pending => Ok(None),
        }
    }

    /// Reads some more; nothing where the connection has ended.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize, Fault>> {
        let room = |read: &BytesMut| read.capacity() - read.len();
        // What the app has taken is free again; new room is made only where there is hardly any.
        if !self.read.try_reclaim(self.next) && room(&self.read) < READ_LEAST {
            self.read.reserve(self.next);
        }
        let room = room(&self.read);
        let some = pin!(self.wire.read_buf(&mut self.read)).poll(cx);
        let some = ready!(some).map_err(Fault::Read)?;
        if some == room && room >= self.next {
            self.next = (self.next * 2).min(READ_MOST);
        }
        Poll::Ready(Ok(some))
    }
}
