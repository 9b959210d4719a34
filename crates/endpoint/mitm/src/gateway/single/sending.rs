//! What is left of a call to send: its head, and its body piece by piece, no more than one of them ahead of what
//! the connection takes.

use std::{
    error::Error,
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use http::{header, request::Parts};
use http_body::Body;
use tokio::io::AsyncWrite;

use super::{fault::Fault, head};
use crate::upgrade::Wire;

/// Kept for the next call up to this size: some apps have large cookies, once.
const KEPT: usize = 16 * 1024;

/// A call on its way; nothing of one between calls.
pub(super) struct Sending<B> {
    head: Vec<u8>,
    /// How much of the head was taken.
    taken: usize,
    piece: Bytes,
    body: Option<B>,
    /// What the body owes beyond the piece.
    left: u64,
    unflushed: bool,
}

impl<B> Sending<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    pub(super) const fn nothing() -> Self {
        Self {
            head: Vec::new(),
            taken: 0,
            piece: Bytes::new(),
            body: None,
            left: 0,
            unflushed: false,
        }
    }

    /// Takes a call whose body is so long.
    pub(super) fn begin(&mut self, call: &Parts, body: B, length: u64) {
        let bare = body.is_end_stream();
        let says = !bare || call.headers.contains_key(header::CONTENT_LENGTH);
        self.head.clear();
        head::write(&mut self.head, call, says.then_some(length));
        self.taken = 0;
        self.left = length;
        // One that is over and was to be longer is asked, and found out.
        self.body = (!bare || length > 0).then_some(body);
    }

    /// Whether all of it was sent.
    pub(super) fn is_done(&self) -> bool {
        self.body.is_none() && !self.has_bytes() && !self.unflushed
    }

    /// Forgets what is left: the gateway takes no more.
    pub(super) fn give_up(&mut self) {
        let head = std::mem::take(&mut self.head);
        *self = Self {
            head,
            ..Self::nothing()
        };
        self.head.clear();
    }

    /// Gives back what the next call will not need as a rule.
    pub(super) fn rest(&mut self) {
        // What is not sent yet keeps the connection from being used again.
        if self.is_done() && self.head.capacity() > KEPT {
            self.head = Vec::new();
            self.taken = 0;
        }
    }

    /// Sends what can be sent. Ready when all of it was.
    ///
    /// # Errors
    /// The gateway takes no more (`Fault::Write`), or there is no more of what was announced.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        wire: &mut Wire,
    ) -> Poll<Result<(), Fault>> {
        loop {
            // So that the first piece leaves with the head.
            let waits = self.piece.is_empty() && self.poll_piece(cx)?.is_pending();
            if self.has_bytes() {
                ready!(self.poll_write(cx, wire)).map_err(Fault::Write)?;
                continue;
            }
            if self.unflushed {
                ready!(Pin::new(&mut *wire).poll_flush(cx)).map_err(Fault::Write)?;
                self.unflushed = false;
            }
            return if waits {
                Poll::Pending
            } else {
                Poll::Ready(Ok(()))
            };
        }
    }

    fn has_bytes(&self) -> bool {
        self.taken < self.head.len() || !self.piece.is_empty()
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, wire: &mut Wire) -> Poll<io::Result<()>> {
        let mut wire = Pin::new(wire);
        let head = self.head.get(self.taken..).unwrap_or_default();
        let (head_left, piece) = (head.len(), &*self.piece);
        let wrote = match (head.is_empty(), piece.is_empty()) {
            (true, _) => wire.as_mut().poll_write(cx, piece),
            (_, true) => wire.as_mut().poll_write(cx, head),
            (false, false) => {
                let both = [IoSlice::new(head), IoSlice::new(piece)];
                wire.as_mut().poll_write_vectored(cx, &both)
            }
        };
        let wrote = ready!(wrote)?;
        if wrote == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        let of_head = wrote.min(head_left);
        self.taken += of_head;
        let of_piece = (wrote - of_head).min(self.piece.len());
        self.piece.advance(of_piece);
        self.unflushed = true;
        Poll::Ready(Ok(()))
    }

    /// Takes the body's next piece; none is left when there is none after this. A piece beyond what was announced
    /// is found out before the announced ones have left, if it is there by then.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        while let Some(body) = &mut self.body {
            let owed = self.left > 0;
            if !owed && body.is_end_stream() {
                self.body = None;
                break;
            }
            let frame = match Pin::new(body).poll_frame(cx) {
                Poll::Pending if owed => return Poll::Pending,
                // All that was announced is there. Whether the app says so once more need not be waited for.
                Poll::Pending => None,
                Poll::Ready(frame) => frame
                    .transpose()
                    .map_err(|error| Fault::App(error.into()))?,
            };
            let Some(frame) = frame else {
                self.body = None;
                if owed {
                    return Poll::Ready(Err(Fault::Short));
                }
                break;
            };
            // The gateway takes no trailers of a call that says how long it is.
            let piece = frame.into_data().unwrap_or_default();
            if piece.is_empty() {
                continue;
            }
            let length = piece.len() as u64;
            self.left = self.left.checked_sub(length).ok_or(Fault::Long)?;
            self.piece = piece;
            if self.left > 0 {
                break;
            }
        }
        Poll::Ready(Ok(()))
    }
}
