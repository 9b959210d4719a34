//! A connection to the gateway that carries one call at a time, in HTTP/1.1. It has no task of its own: who
//! waits for an answer drives it, so that nobody has to be woken between the gateway and the app.

use std::{
    future::poll_fn,
    io,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use http::{HeaderMap, Request, Response, StatusCode, Version, header};
use http_body::Body;
use hyper::{
    body::Incoming,
    client::conn::http1::{Builder, Connection, SendRequest},
};
use hyper_util::rt::TokioIo;
use tokio::sync::OwnedSemaphorePermit;

use super::{Broken, HEADERS, url::to_origin_form};
use crate::{direct::join_cookies, relay::Begun, upgrade::Wire};

/// A connection.
pub(crate) struct Single {
    sender: SendRequest<Begun>,
    /// Large, and handed on with each call.
    driver: Box<Connection<TokioIo<Wire>, Begun>>,
    /// Among those that may be open at once.
    #[expect(dead_code, reason = "held, never read")]
    room: OwnedSemaphorePermit,
}

/// Why a call was not answered.
pub(super) enum Failed {
    /// Nothing of it was sent: here it is back, as it came.
    Unsent(Box<Request<Begun>>),
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

impl Single {
    /// Speaks HTTP/1.1 on a fresh connection. Nothing is sent yet.
    pub(super) async fn open(stream: Wire, room: OwnedSemaphorePermit) -> io::Result<Self> {
        let (sender, driver) = Builder::new()
            .max_header_size(HEADERS as usize)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(io::Error::other)?;
        Ok(Self {
            sender,
            driver: Box::new(driver),
            room,
        })
    }

    /// Whether it can take a call: it is open, the one before is over both ways, and nothing came behind that
    /// one's answer.
    pub(super) fn is_idle(&mut self) -> bool {
        // No task is to be woken by what lies idle.
        let mut cx = Context::from_waker(Waker::noop());
        self.poll(&mut cx).is_pending() && self.sender.is_ready()
    }

    /// Reads and writes what there is. Ready when the connection has ended; it must not be asked again then.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut *self.driver).poll(cx).map(|result| {
            if let Err(error) = result {
                tracing::debug!(%error, "a connection to the gateway ended");
            }
        })
    }

    /// Sends a call, and waits for its answer, which comes with the connection unless that has ended.
    pub(super) async fn call(
        mut self,
        mut request: Request<Begun>,
    ) -> Result<(Response<Incoming>, Option<Self>), Failed> {
        let (absolute, version) = (request.uri().clone(), request.version());
        to_origin_form(&mut request);
        *request.version_mut() = Version::HTTP_11;
        let length = request.body().size_hint().exact();
        frame(request.headers_mut(), length);
        let mut answer = pin!(self.sender.try_send_request(request));
        let mut connection = Some(self);
        let answer = poll_fn(|cx| {
            if let Some(driven) = &mut connection
                && driven.poll(cx).is_ready()
            {
                connection = None;
            }
            match answer.as_mut().poll(cx) {
                Poll::Ready(answer) => Poll::Ready(Some(answer)),
                Poll::Pending if connection.is_none() => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            }
        });
        match answer.await {
            Some(Ok(answer)) if answer.status() == StatusCode::SWITCHING_PROTOCOLS => {
                Err(Failed::Broken(Broken::Nonsense))
            }
            Some(Ok(answer)) => Ok((answer, connection)),
            Some(Err(mut error)) => Err(match error.take_message() {
                Some(mut request) => {
                    *request.uri_mut() = absolute;
                    *request.version_mut() = version;
                    request.headers_mut().remove(header::HOST);
                    Failed::Unsent(Box::new(request))
                }
                None => Failed::Broken(Broken::Single(error.into_error())),
            }),
            None => Err(Failed::Broken(Broken::Nonsense)),
        }
    }
}

/// Says in one way how long the body is, whatever the app wrote, and puts cookies together.
fn frame(headers: &mut HeaderMap, length: Option<u64>) {
    if let Some(length) = length
        && headers.contains_key(header::CONTENT_LENGTH)
    {
        headers.insert(header::CONTENT_LENGTH, length.into());
    }
    join_cookies(headers);
}
