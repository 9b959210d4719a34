//! An answer that has begun.

use std::{
    collections::VecDeque,
    sync::{Arc, LazyLock},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, header};
use pingora_core::protocols::http::client::HttpSession;
use pingora_error::{BError, Result};
use tidegate_types::Timestamp;
use tidegate_wire::{
    answer::AnswerKind,
    retry::{self, Opening},
};

use crate::{
    patience,
    upstreams::{self, Address, Upstream},
};

/// How much of an answer that nobody wants is read, and how long each piece is waited for, so that its
/// connection can serve another call.
const DISCARD_BYTES: usize = 64 << 10;
const DISCARD_TIME: Duration = Duration::from_millis(500);
/// How much of an answer is read to see what it is.
const LOOK_BYTES: usize = 16 << 10;

static NO_HEADERS: LazyLock<HeaderMap> = LazyLock::new(HeaderMap::new);

/// An upstream session whose answer has begun.
pub(crate) struct Answer {
    session: HttpSession,
    /// What was read of its body to see what it is.
    ahead: VecDeque<Bytes>,
    /// How that ended, if it could not be read any further.
    broken: Option<BError>,
    addresses: Arc<Vec<Address>>,
    at: usize,
    upstream: Arc<Upstream>,
}

impl Answer {
    /// From one of an upstream's addresses.
    pub(super) fn new(
        session: HttpSession,
        (addresses, at): (Arc<Vec<Address>>, usize),
        upstream: Arc<Upstream>,
    ) -> Self {
        Self {
            session,
            ahead: VecDeque::new(),
            broken: None,
            addresses,
            at,
            upstream,
        }
    }

    /// Where it comes from.
    pub(crate) const fn session(&self) -> &HttpSession {
        &self.session
    }

    /// The next piece of its body; none at its end.
    pub(crate) async fn read(&mut self) -> Result<Option<Bytes>> {
        if let Some(piece) = self.ahead.pop_front() {
            return Ok(Some(piece));
        }
        match self.broken.take() {
            Some(error) => Err(error),
            None => self.session.read_response_body().await,
        }
    }

    /// Whether all of it was read.
    pub(crate) fn is_done(&mut self) -> bool {
        self.ahead.is_empty() && self.session.response_done()
    }

    /// How long each piece is waited for, from now on.
    pub(crate) fn allow(&mut self, time: Duration) {
        upstreams::allow(&mut self.session, time);
    }

    /// Hands a connection whose answer was read to its end back to the pool.
    pub(crate) async fn release(self) {
        let address = &self.addresses[self.at];
        self.upstream.pool.release(self.session, address).await;
    }

    /// Its status and headers.
    pub(crate) fn head(&self) -> (u16, &HeaderMap) {
        // `send` gives no answer without a header.
        match self.session.response_header() {
            Some(head) => (head.status.as_u16(), &head.headers),
            None => (502, &NO_HEADERS),
        }
    }

    /// Whether the provider refuses the gateway's own credential.
    pub(crate) fn refuses_credential(&self) -> bool {
        let (status, headers) = self.head();
        credential_refused(status, headers)
    }

    /// How long the provider asks to be left alone, by its headers or, of an error, its body.
    pub(crate) async fn retry_after(&mut self, now: Timestamp) -> Option<Duration> {
        if let Some(told) = retry::after(self.head().1, now) {
            return Some(told);
        }
        if self.kind() != AnswerKind::Json {
            return None;
        }
        self.allow(DISCARD_TIME);
        while !self.is_done()
            && self
                .read_ahead()
                .await
                .is_some_and(|bytes| bytes < LOOK_BYTES)
        {}
        retry::in_body(&self.looked_at())
    }

    /// Waits for the first event of a stream. Whether it says that there will be no answer, for a reason that is
    /// not the client's, or never comes.
    pub(crate) async fn opens_with_failure(&mut self) -> Option<Opening> {
        if self.head().0 != 200 || self.kind() != AnswerKind::Sse {
            return None;
        }
        loop {
            let Some(bytes) = self.read_ahead().await else {
                // One that broke off counts as read to its end.
                let ends = self.session.response_done() && self.broken.is_none();
                return (self.ahead.is_empty() && !ends).then_some(Opening::Broken);
            };
            match retry::opening(&self.looked_at()) {
                Opening::Unknown if bytes < LOOK_BYTES => {}
                Opening::Unknown | Opening::Well => return None,
                failure => return Some(failure),
            }
        }
    }

    /// Reads one piece more. How many bytes were looked at; nothing at its end, where it breaks off, or where it is
    /// late: it may go on then, and whoever reads on has a patience of their own.
    async fn read_ahead(&mut self) -> Option<usize> {
        match self.session.read_response_body().await {
            Ok(piece) => self.ahead.push_back(piece?),
            Err(error) if patience::exhausted(&error) => return None,
            Err(error) => {
                self.broken = Some(error);
                return None;
            }
        }
        Some(self.ahead.iter().map(Bytes::len).sum())
    }

    fn kind(&self) -> AnswerKind {
        let said = self.head().1.get(header::CONTENT_TYPE);
        AnswerKind::of_answer(said.map(|said| said.to_str().unwrap_or_default()), false)
    }

    fn looked_at(&self) -> Vec<u8> {
        self.ahead.iter().flatten().copied().collect()
    }

    /// Nobody wants the answer: reads a short rest, so that the connection can be used again, or gives it up.
    pub(crate) async fn discard(mut self) {
        self.allow(DISCARD_TIME);
        let mut left = DISCARD_BYTES;
        loop {
            match self.read().await {
                Ok(None) => return self.release().await,
                Ok(Some(bytes)) if bytes.len() <= left => left -= bytes.len(),
                Ok(Some(_)) | Err(_) => return self.cancel().await,
            }
        }
    }

    /// Gives the answer up: closes an HTTP/1.1 connection, resets an HTTP/2 stream.
    pub(crate) async fn cancel(mut self) {
        self.session.shutdown().await;
    }
}

/// 401; AWS says 403 of keys and signatures that it does not take, and names the error in a header. Its
/// `AccessDeniedException` is not among them: a model that an account may not use is refused by that, too.
fn credential_refused(status: u16, headers: &HeaderMap) -> bool {
    let name = headers
        .get("x-amzn-errortype")
        .and_then(|name| name.to_str().ok())
        .and_then(|name| name.split(':').next());
    let of_aws = matches!(
        name,
        Some(
            "ExpiredTokenException"
                | "IncompleteSignatureException"
                | "InvalidSignatureException"
                | "MissingAuthenticationTokenException"
                | "UnrecognizedClientException"
        )
    );
    status == 401 || status == 403 && of_aws
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_says_in_a_header_that_a_credential_is_refused() {
        for (status, name, refused) in [
            (401, "", true),
            (403, "", false),
            (403, "AccessDeniedException", false),
            (403, "UnrecognizedClientException", true),
            (
                403,
                "InvalidSignatureException:http://internal.amazon.com/",
                true,
            ),
            (400, "ExpiredTokenException", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-amzn-errortype", http::HeaderValue::from_static(name));
            assert_eq!(
                credential_refused(status, &headers),
                refused,
                "{status} {name}"
            );
        }
    }
}
