//! Reads a request's body: bounded for each call, and bounded for all calls together.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http::header;
use pingora_core::protocols::http::ServerSession;
use pingora_error::{Error, ErrorType};
use tidegate_pipeline::Refusal;
use tidegate_telemetry::Stopwatch;

use crate::{config::Timeouts, patience};

/// The memory that request bodies may take, all together.
#[derive(Debug, Clone)]
pub(crate) struct BodyMemory {
    used: Arc<AtomicU64>,
    limit: u64,
}

impl BodyMemory {
    pub(crate) fn new(limit: u64) -> Self {
        Self {
            used: Arc::default(),
            limit,
        }
    }

    /// The same memory under another limit.
    pub(crate) fn limited(&self, limit: u64) -> Self {
        let used = Arc::clone(&self.used);
        Self { used, limit }
    }

    /// Bytes held now.
    pub(crate) fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    fn hold(&self) -> Held {
        Held {
            memory: self.clone(),
            bytes: 0,
        }
    }

    /// A share for what has come already.
    ///
    /// # Errors
    /// There is no memory for it.
    pub(crate) fn share(&self, bytes: usize) -> Result<Held, Refusal> {
        let mut held = self.hold();
        held.grow(bytes as u64)?;
        Ok(held)
    }
}

/// A body's share of the memory, handed back when dropped.
#[derive(Debug)]
pub(crate) struct Held {
    memory: BodyMemory,
    bytes: u64,
}

impl Held {
    fn grow(&mut self, by: u64) -> Result<(), Refusal> {
        let before = self.memory.used.fetch_add(by, Ordering::Relaxed);
        self.bytes += by;
        if before.saturating_add(by) > self.memory.limit {
            Err(Refusal::Busy)
        } else {
            Ok(())
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.memory.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Reads the whole body. The memory is held until the guard is dropped.
///
/// # Errors
/// The body is larger than `limit`, did not arrive in time, or there is no memory for it.
pub(crate) async fn read_body(
    session: &mut ServerSession,
    limit: u64,
    memory: &BodyMemory,
    timeouts: &Timeouts,
    watch: &mut Stopwatch,
) -> Result<(Bytes, Held), Refusal> {
    let announced = content_length(session);
    if announced.is_some_and(|length| length > limit) {
        return Err(Refusal::BodyTooLarge(limit));
    }
    let mut held = memory.hold();
    held.grow(announced.unwrap_or(0))?;
    if expects_continue(session) {
        watch
            .wait(session.write_continue_response())
            .await
            .map_err(|_| Refusal::ClientGone)?;
    }
    let Some(first) = next(session, timeouts, watch).await? else {
        return Ok((Bytes::new(), held));
    };
    let Some(second) = next(session, timeouts, watch).await? else {
        return Ok((first, held));
    };
    // More than one piece: gather them, sized by what the client announced.
    let capacity = announced.unwrap_or(0).min(limit);
    let mut body = BytesMut::with_capacity(usize::try_from(capacity).unwrap_or(0));
    let mut counted = announced.unwrap_or(0);
    let mut piece = Some(first);
    let mut queued = Some(second);
    while let Some(bytes) = piece {
        let length = (body.len() + bytes.len()) as u64;
        if length > limit {
            return Err(Refusal::BodyTooLarge(limit));
        }
        if length > counted {
            held.grow(length - counted)?;
            counted = length;
        }
        body.extend_from_slice(&bytes);
        piece = match queued.take() {
            Some(bytes) => Some(bytes),
            None => next(session, timeouts, watch).await?,
        };
    }
    Ok((body.freeze(), held))
}

async fn next(
    session: &mut ServerSession,
    timeouts: &Timeouts,
    watch: &mut Stopwatch,
) -> Result<Option<Bytes>, Refusal> {
    // A body that comes byte by byte never keeps one wait too long, and has to end all the same.
    if watch.elapsed() > timeouts.total {
        return Err(Refusal::BodyIncomplete);
    }
    watch
        .wait(piece(session, timeouts.client))
        .await
        .map_err(|error| {
            if patience::exhausted(&error) {
                Refusal::BodyIncomplete
            } else {
                Refusal::ClientGone
            }
        })
}

/// The next piece of a body. Over HTTP/1.1 the connection's patience bounds the wait; a stream of HTTP/2 shares
/// its connection with others, and neither it nor Pingora has a timer for what one of them does not send.
async fn piece(
    session: &mut ServerSession,
    time: Duration,
) -> pingora_error::Result<Option<Bytes>> {
    if !session.is_http2() {
        return session.read_request_body().await;
    }
    match Box::pin(tokio::time::timeout(time, session.read_request_body())).await {
        Ok(read) => read,
        Err(_) => Error::e_explain(ErrorType::ReadTimedout, "the body's next piece"),
    }
}

fn content_length(session: &ServerSession) -> Option<u64> {
    session
        .get_header(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()
}

fn expects_continue(session: &ServerSession) -> bool {
    session
        .get_header(header::EXPECT)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// Reads and drops what is left of a refused call's body, so that the client can read the answer
/// and use the connection again; `false` when it is too much to wait for, or takes longer than `time`.
pub(crate) async fn discard_rest(session: &mut ServerSession, time: Duration) -> bool {
    let all = tokio::time::timeout(time, discard(session));
    all.await.unwrap_or(false)
}

async fn discard(session: &mut ServerSession) -> bool {
    const WORTH_READING: u64 = 1 << 20;
    if content_length(session).is_some_and(|length| length > WORTH_READING)
        || expects_continue(session)
    {
        return false;
    }
    let mut read = 0;
    loop {
        match session.read_request_body().await {
            Ok(None) => return true,
            Ok(Some(bytes)) => read += bytes.len() as u64,
            Err(_) => return false,
        }
        if read > WORTH_READING {
            return false;
        }
    }
}
