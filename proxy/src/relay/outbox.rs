//! What is ready to go to the client. It leaves when the next piece of the answer has to be waited for, so what
//! is there at the same time (header and first event, last event and end) leaves in one packet, and nothing is
//! kept from the client while the gateway waits.

use bytes::{Bytes, BytesMut};
use pingora_core::protocols::http::ServerSession;
use pingora_error::Result;
use pingora_http::ResponseHeader;
use tidegate_wire::answer::Forward;

use crate::buffered::Buffered;

/// That many bytes leave without waiting for more.
const FULL: usize = 4_096;

/// A header and pieces, in their order.
#[derive(Default)]
pub(super) struct Outbox {
    head: Option<Box<ResponseHeader>>,
    pieces: Forward,
    bytes: usize,
}

impl Outbox {
    pub(super) fn begin(&mut self, head: Box<ResponseHeader>) {
        self.head = Some(head);
    }

    pub(super) fn put(&mut self, pieces: Forward) {
        self.bytes += pieces.iter().map(Bytes::len).sum::<usize>();
        self.pieces.extend(pieces);
    }

    pub(super) fn is_full(&self) -> bool {
        self.bytes >= FULL
    }

    /// Sends all there is.
    pub(super) async fn send(&mut self, client: &mut ServerSession) -> Result<()> {
        self.pieces = joined(std::mem::take(&mut self.pieces));
        let last = self.pieces.pop();
        self.write(client, last.is_some()).await?;
        hold(client, false);
        match last {
            Some(last) => client.write_response_body(last, false).await,
            None => Ok(()),
        }
    }

    /// Sends all there is, and the answer's end.
    pub(super) async fn finish(mut self, client: &mut ServerSession) -> Result<()> {
        self.pieces = joined(std::mem::take(&mut self.pieces));
        self.write(client, true).await?;
        hold(client, false);
        client.write_response_body(Bytes::new(), true).await
    }

    /// Writes all there is; `more` will be written right after it.
    async fn write(&mut self, client: &mut ServerSession, more: bool) -> Result<()> {
        self.bytes = 0;
        hold(client, more);
        if let Some(head) = self.head.take() {
            client.write_response_header(head).await?;
        }
        for piece in std::mem::take(&mut self.pieces) {
            client.write_response_body(piece, false).await?;
        }
        Ok(())
    }
}

/// Short pieces as one: whoever reads them reads each chunk's header, or a frame of HTTP/2 for each.
fn joined(pieces: Forward) -> Forward {
    if pieces.len() < 2 || pieces.iter().any(|piece| piece.len() >= FULL) {
        return pieces;
    }
    let mut all = BytesMut::with_capacity(pieces.iter().map(Bytes::len).sum());
    for piece in pieces {
        all.extend_from_slice(&piece);
    }
    std::iter::once(all.freeze()).collect()
}

/// Over HTTP/1.1, Pingora flushes after each piece. Over HTTP/2 the connection's task gathers what it sends.
fn hold(client: &ServerSession, more: bool) {
    if let Some(stream) = client.stream() {
        Buffered::hold(stream, more);
    }
}
