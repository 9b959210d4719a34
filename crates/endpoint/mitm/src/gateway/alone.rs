//! Connections to the gateway that are one WebSocket's, from its handshake to its end.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use hyper::body::Incoming;
use tokio::sync::OwnedSemaphorePermit;

use super::{Gateway, NoWay, url::to_origin_form};
use crate::upgrade::{self, Wire};

/// At once, for all apps together.
pub(super) const MOST: usize = 1024;

/// A connection of its own.
pub(crate) struct Alone {
    stream: Wire,
    place: OwnedSemaphorePermit,
}

/// Keeps a WebSocket's place among those that may be open at once.
#[derive(Debug)]
pub(crate) struct Seat(#[expect(dead_code, reason = "held, never read")] OwnedSemaphorePermit);

impl Gateway {
    /// A connection of its own, in HTTP/1.1. While the gateway is known to be gone, callers are told at
    /// once, as for other calls.
    pub(crate) async fn alone(&self) -> Result<Alone, NoWay> {
        let seats = self.sockets.clone();
        let place = seats.try_acquire_owned().map_err(|_| NoWay::Busy)?;
        Ok(Alone {
            // A WebSocket's ends may leave what was said unread.
            stream: self.attempt(self.wire(None)).await?,
            place,
        })
    }
}

impl Alone {
    /// Sends a handshake that is made out to the gateway already.
    pub(crate) async fn ask(
        self,
        mut request: Request<Empty<Bytes>>,
    ) -> Result<(Response<Incoming>, Seat), hyper::Error> {
        to_origin_form(&mut request);
        let response = upgrade::ask(self.stream, request).await?;
        Ok((response, Seat(self.place)))
    }
}
