//! Connections to the gateway that are one WebSocket's, from its handshake to its end.

use std::io;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header, uri::PathAndQuery};
use http_body_util::Empty;
use hyper::body::Incoming;
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, timeout},
};

use super::{Gateway, NoWay, Outage, PATIENCE, PAUSE, PROBE};
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
        let outage = self.outage().clone();
        let (patience, pause) = match outage {
            None => (self.timeout, PAUSE),
            Some(outage) if outage.since.elapsed() < outage.pause => return Err(outage.error),
            Some(outage) => (PROBE, (outage.pause * 2).min(PATIENCE)),
        };
        let opened = timeout(patience, self.wire()).await;
        let result = opened
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
            .map_err(|error| NoWay::Unreachable(error.to_string().into()));
        *self.outage() = result.as_ref().err().map(|error| Outage {
            since: Instant::now(),
            pause,
            error: error.clone(),
        });
        Ok(Alone {
            stream: result?,
            place,
        })
    }

    async fn wire(&self) -> io::Result<Wire> {
        let stream = self.dial().await?;
        if !self.url.tls() {
            return Ok(Box::new(stream));
        }
        let stream = self.secure(stream, b"http/1.1").await?;
        match stream.get_ref().1.alpn_protocol() {
            None | Some(b"http/1.1") => Ok(Box::new(stream)),
            Some(_) => Err(io::Error::other("it does not speak HTTP/1.1")),
        }
    }
}

impl Alone {
    /// Sends a handshake that is made out to the gateway already.
    pub(crate) async fn ask(
        self,
        mut request: Request<Empty<Bytes>>,
    ) -> Result<(Response<Incoming>, Seat), hyper::Error> {
        // In HTTP/1.1 the host is a header, and the target a path (RFC 9112 §3.2.1).
        let uri = std::mem::take(request.uri_mut());
        let mut parts = uri.into_parts();
        let host = parts.authority.take();
        if let Some(host) = host.and_then(|host| HeaderValue::from_str(host.as_str()).ok()) {
            request.headers_mut().insert(header::HOST, host);
        }
        let path = parts
            .path_and_query
            .unwrap_or_else(|| PathAndQuery::from_static("/"));
        *request.uri_mut() = path.into();
        let response = upgrade::ask(self.stream, request).await?;
        Ok((response, Seat(self.place)))
    }
}
