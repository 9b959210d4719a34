//! Sends a governed call to its provider and waits for the answer to begin.

mod answer;

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Uri, header, uri::PathAndQuery};
use pingora_core::protocols::http::{ServerSession, client::HttpSession};
use pingora_error::{ErrorType, OrErr};
use pingora_http::RequestHeader;
use tidegate_pipeline::{Refusal, stage::Routed};
use tidegate_telemetry::{Stopwatch, TraceContext};
use tidegate_types::Timestamp;

use crate::{
    call::{TRACEPARENT, TRACESTATE},
    gateway::Gateway,
    patience,
    upstreams::{self, Upstream},
};
pub(crate) use answer::Answer;

/// How many pooled connections may turn out to be closed before a provider counts as broken.
const MOST_RESENDS: u32 = 3;

/// A request as it is sent.
pub(crate) struct Outgoing<'a> {
    pub(crate) method: Method,
    pub(crate) routed: &'a Routed<'a>,
    pub(crate) upstream: &'a Arc<Upstream>,
    pub(crate) body: Bytes,
    pub(crate) trace: &'a TraceContext,
}

/// Who asked for a call.
pub(crate) enum Caller<'a> {
    /// A client, whose headers go with it, and who may leave.
    Client(&'a mut ServerSession),
    /// Nobody waits for this one; the headers are those of the call that it is a copy of.
    Nobody(&'a HeaderMap),
}

impl Caller<'_> {
    fn headers(&self) -> &HeaderMap {
        match self {
            Self::Client(client) => &client.req_header().headers,
            Self::Nobody(headers) => headers,
        }
    }

    /// Resolves when the client has gone away.
    async fn gone(&mut self) {
        match self {
            Self::Client(client) => gone(client).await,
            Self::Nobody(_) => std::future::pending().await,
        }
    }
}

/// Why an attempt failed.
enum Failure {
    /// The client went away.
    ClientGone,
    /// Nothing of an answer was seen; `stale` if a pooled connection may just have been closed.
    NoAnswer {
        stale: bool,
        error: pingora_error::BError,
    },
    /// The provider took longer than `first_byte`.
    Timeout,
}

/// Sends the request and returns when the answer's header has arrived.
///
/// A connection taken from the pool may have been closed by the provider in the same moment; then
/// the request was not processed, and is sent again on another one. Addresses of the provider
/// are tried in turn. Nothing is sent twice once a byte of an answer was seen.
///
/// # Errors
/// No connection, no answer, no answer in time, or the client went away.
pub(crate) async fn send(
    gateway: &Gateway,
    mut caller: Caller<'_>,
    outgoing: &Outgoing<'_>,
    watch: &mut Stopwatch,
) -> Result<Answer, Refusal> {
    let provider = outgoing.routed.provider();
    let unreachable = || Refusal::UpstreamUnreachable(provider.clone());
    let upstream = outgoing.upstream;
    // What befalls a call with its app's own credential says nothing of the gateway's, and a copy is to have no
    // consequences.
    let tells = matches!(caller, Caller::Client(_)) && !outgoing.routed.is_direct();
    let bad = |what| {
        if tells {
            gateway.health.bad(provider, gateway.clock.now(), what);
        }
    };
    let addresses = watch
        .wait(gateway.upstreams.addresses(provider, upstream))
        .await?;
    let mut resends = 0;
    let mut at = 0;
    loop {
        let peer = addresses.get(at).ok_or_else(unreachable)?;
        let connected = watch.wait(upstream.pool.session(peer)).await;
        let (session, reused) = match connected {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%provider, error = %error, "no connection");
                bad("no connection");
                at += 1;
                continue;
            }
        };
        match attempt(gateway, &mut caller, session, reused, outgoing, watch).await {
            Ok(session) if session.response_header().is_none() => {
                return Err(Refusal::UpstreamBroken(provider.clone()));
            }
            Ok(session) => {
                let upstream = Arc::clone(upstream);
                return Ok(Answer::new(session, (addresses, at), upstream));
            }
            Err(Failure::ClientGone) => return Err(Refusal::ClientGone),
            Err(Failure::Timeout) => {
                bad("no answer in time");
                return Err(Refusal::UpstreamTimeout(provider.clone()));
            }
            Err(Failure::NoAnswer { stale: true, .. }) if resends < MOST_RESENDS => resends += 1,
            Err(Failure::NoAnswer { error, .. }) => {
                tracing::warn!(%provider, %error, "no answer");
                bad("broke off before it answered");
                return Err(Refusal::UpstreamBroken(provider.clone()));
            }
        }
    }
}

async fn attempt(
    gateway: &Gateway,
    caller: &mut Caller<'_>,
    mut session: HttpSession,
    reused: bool,
    outgoing: &Outgoing<'_>,
    watch: &mut Stopwatch,
) -> Result<HttpSession, Failure> {
    let broken = |error| Failure::NoAnswer {
        stale: reused,
        error,
    };
    let h2 = matches!(session, HttpSession::H2(_));
    let now = gateway.clock.now();
    let head = head(outgoing, caller.headers(), h2, now).map_err(broken)?;
    session.set_write_timeout(Some(gateway.timeouts.client));
    upstreams::allow(&mut session, outgoing.upstream.first_byte);
    let exchange = async {
        // A provider may answer before it has read everything, and close: then writing fails while
        // its answer waits to be read. So a failed write is judged by what reading says.
        let written = watch
            .wait(write(&mut session, head, outgoing.body.clone()))
            .await;
        match (watch.wait(read_head(&mut session)).await, written) {
            (Ok(()), _) => Ok(()),
            (Err(error), Ok(())) | (Err(_), Err(error)) => Err(error),
        }
    };
    tokio::select! {
        biased;
        done = exchange => match done {
            Ok(()) => Ok(session),
            Err(error) if patience::exhausted(&error) => Err(Failure::Timeout),
            Err(error) => Err(broken(error)),
        },
        () = caller.gone() => Err(Failure::ClientGone),
    }
}

async fn write(
    session: &mut HttpSession,
    head: Box<RequestHeader>,
    body: Bytes,
) -> pingora_error::Result<()> {
    session.write_request_header(head).await?;
    if !body.is_empty() {
        session.write_request_body(body, true).await?;
    }
    session.finish_request_body().await
}

/// Reads up to the final header; informational ones (1xx) are skipped.
async fn read_head(session: &mut HttpSession) -> pingora_error::Result<()> {
    loop {
        session.read_response_header().await?;
        match session.response_header() {
            Some(head) if head.status.is_informational() && head.status.as_u16() != 101 => {}
            _ => return Ok(()),
        }
    }
}

fn head(
    outgoing: &Outgoing<'_>,
    client: &HeaderMap,
    h2: bool,
    now: Timestamp,
) -> pingora_error::Result<Box<RequestHeader>> {
    let mut headers = outgoing.routed.headers(client);
    if !outgoing.routed.is_direct() {
        pass_trace_on(outgoing.trace, &mut headers);
    }
    let (routed, method) = (outgoing.routed, &outgoing.method);
    routed
        .sign(method, &mut headers, &outgoing.body, now)
        .or_err(ErrorType::InternalError, "the call cannot be signed")?;
    assemble(outgoing.method.clone(), outgoing.routed.path(), headers, h2)
}

/// A request's header as it is sent.
pub(crate) fn assemble(
    method: Method,
    target: &str,
    headers: HeaderMap,
    h2: bool,
) -> pingora_error::Result<Box<RequestHeader>> {
    let (mut parts, ()) = http::Request::new(()).into_parts();
    parts.method = method;
    parts.headers = headers;
    let path = PathAndQuery::try_from(target)
        .or_err(ErrorType::InvalidHTTPHeader, "the upstream path is no path")?;
    let mut uri = http::uri::Parts::default();
    uri.path_and_query = Some(path);
    if h2 && let Some(host) = parts.headers.remove(header::HOST) {
        // HTTP/2 names the host in `:authority` (RFC 9113 §8.3.1).
        uri.scheme = Some(http::uri::Scheme::HTTPS);
        uri.authority = http::uri::Authority::try_from(host.as_bytes()).ok();
        parts.version = http::Version::HTTP_2;
    }
    parts.uri = Uri::from_parts(uri).or_err(ErrorType::InvalidHTTPHeader, "no URI")?;
    Ok(Box::new(parts.into()))
}

/// Passes the trace on: the provider's spans are children of the call's, whichever attempt they are of.
fn pass_trace_on(ours: &TraceContext, headers: &mut HeaderMap) {
    if let Ok(value) = HeaderValue::from_str(&ours.to_header()) {
        headers.insert(TRACEPARENT, value);
    }
    if let Some(Ok(value)) = ours.state().map(HeaderValue::from_str) {
        headers.insert(TRACESTATE, value);
    }
}

/// Resolves when the client has gone away.
pub(crate) async fn gone(client: &mut ServerSession) {
    // Whatever ends the wait (a closed or reset connection, or bytes after the body that are not a
    // pipelined request) ends the call: nobody is there to read its answer.
    drop(client.read_body_or_idle(true).await);
}
