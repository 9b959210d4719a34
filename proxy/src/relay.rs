//! Brings the answer back, piece by piece as it comes, metered on its way.

use bytes::Bytes;
use http::{HeaderName, header};
use pingora_core::protocols::http::{ServerSession, client::HttpSession};
use pingora_http::ResponseHeader;
use tidegate_pipeline::stage::{End, Streaming};
use tidegate_wire::{
    answer::Forward,
    error::{self, ErrorKind, ErrorView},
    headers,
    ratelimit::{self, Allowance},
};

use crate::{
    call::{Call, Fate},
    gateway::Gateway,
    reply,
    upstream::{Answer, gone},
    upstreams,
};

/// What the client is told besides the answer itself.
pub(crate) struct Extras {
    pub(crate) requests: Option<Allowance>,
    pub(crate) tokens: Option<Allowance>,
    /// The answer's length changes on the way.
    pub(crate) relength: bool,
    /// The call brought its own credential: the answer's headers are its app's affair.
    pub(crate) direct: bool,
}

/// How far the answer has come.
enum Passed {
    All,
    More,
}

/// What one read of the upstream gave.
enum Piece {
    Bytes(Bytes),
    ClientGone,
    End,
    UpstreamBroken,
}

/// Passes the answer on to its end, and settles the call. The bill is final, and safe on disk,
/// before the client sees the answer's last byte.
pub(crate) async fn run(
    gateway: &Gateway,
    client: &mut ServerSession,
    mut answer: Answer,
    streaming: Streaming<'_>,
    extras: Extras,
    call: &mut Call,
) -> Fate {
    let mut open = Some(streaming);
    let head = match response_head(client, &answer.session, &extras, call) {
        Ok(head) => head,
        Err(error) => {
            tracing::warn!(%error, "an answer's header cannot be passed on");
            return Box::pin(end_badly(
                gateway,
                client,
                answer,
                open,
                End::UpstreamBroken,
                call,
            ))
            .await;
        }
    };
    if call
        .watch
        .wait(client.write_response_header(Box::new(head)))
        .await
        .is_err()
    {
        return Box::pin(end_badly(
            gateway,
            client,
            answer,
            open,
            End::ClientGone,
            call,
        ))
        .await;
    }
    loop {
        match pass(gateway, client, &mut answer.session, &mut open, call).await {
            Ok(Passed::More) => {}
            Ok(Passed::All) => break,
            Err(end) => {
                return Box::pin(end_badly(gateway, client, answer, open, end, call)).await;
            }
        }
    }
    settle(gateway, &mut open, End::Completed, call);
    let ended = call
        .watch
        .wait(client.write_response_body(Bytes::new(), true))
        .await;
    call.watch.wait(answer.release()).await;
    if ended.is_ok() {
        Fate::Reuse
    } else {
        Fate::Abort
    }
}

/// Passes one piece on.
///
/// # Errors
/// The answer cannot be completed.
async fn pass(
    gateway: &Gateway,
    client: &mut ServerSession,
    upstream: &mut HttpSession,
    open: &mut Option<Streaming<'_>>,
    call: &mut Call,
) -> Result<Passed, End> {
    let (forward, last) = match next(gateway, client, upstream, call).await {
        Piece::Bytes(chunk) => {
            call.piece();
            let last = upstream.response_done();
            let mut forward = match open.as_mut() {
                Some(streaming) => streaming.push(chunk, &mut call.facts),
                None => std::iter::once(chunk).collect(),
            };
            if let Some(streaming) = open.as_mut().filter(|_| last) {
                forward.extend(streaming.end(&mut call.facts));
            }
            (forward, last)
        }
        Piece::End => match open.as_mut() {
            Some(streaming) => (streaming.end(&mut call.facts), true),
            None => return Ok(Passed::All),
        },
        Piece::ClientGone => return Err(End::ClientGone),
        Piece::UpstreamBroken => return Err(End::UpstreamBroken),
    };
    call.facts.response_bytes += forward.iter().map(|bytes| bytes.len() as u64).sum::<u64>();
    if last || open.as_ref().is_some_and(Streaming::finished) {
        settle(gateway, open, End::Completed, call);
    }
    if !write(client, forward, call).await {
        return Err(End::ClientGone);
    }
    Ok(if last { Passed::All } else { Passed::More })
}

fn settle(gateway: &Gateway, open: &mut Option<Streaming<'_>>, end: End, call: &mut Call) {
    if let Some(streaming) = open.take() {
        let settled = streaming.settle(end, &mut call.facts);
        let timing = call.timing();
        settled.record(&gateway.recorder, &mut call.facts, timing);
    }
}

async fn write(client: &mut ServerSession, forward: Forward, call: &mut Call) -> bool {
    for bytes in forward {
        if call
            .watch
            .wait(client.write_response_body(bytes, false))
            .await
            .is_err()
        {
            return false;
        }
    }
    true
}

async fn next(
    gateway: &Gateway,
    client: &mut ServerSession,
    upstream: &mut HttpSession,
    call: &mut Call,
) -> Piece {
    let left = gateway.timeouts.total.saturating_sub(call.watch.elapsed());
    if left.is_zero() {
        return Piece::UpstreamBroken;
    }
    upstreams::allow(upstream, left.min(gateway.timeouts.idle));
    tokio::select! {
        biased;
        read = call.watch.wait(upstream.read_response_body()) => match read {
            Ok(Some(bytes)) => Piece::Bytes(bytes),
            Ok(None) => Piece::End,
            Err(error) => {
                tracing::debug!(%error, "the upstream broke off");
                Piece::UpstreamBroken
            }
        },
        () = gone(client) => Piece::ClientGone,
    }
}

/// Ends an answer that cannot be completed: the upstream is cancelled, what was used is charged,
/// and a client that is still there learns of it in its dialect where the stream allows it.
async fn end_badly(
    gateway: &Gateway,
    client: &mut ServerSession,
    answer: Answer,
    mut open: Option<Streaming<'_>>,
    end: End,
    call: &mut Call,
) -> Fate {
    let events = open.as_ref().is_some_and(Streaming::is_event_stream);
    answer.cancel().await;
    settle(gateway, &mut open, end, call);
    if end == End::ClientGone || !events {
        // An answer in one piece that is cut short must look cut short: the connection breaks.
        return Fate::Abort;
    }
    if let Some(provider) = &call.facts.provider {
        gateway.health.bad(
            provider,
            gateway.clock.now(),
            "broke off in the middle of an answer",
        );
    }
    let id = call.facts.id.to_string();
    let Some(operation) = call.facts.operation else {
        return Fate::Abort;
    };
    let event = error::render_event_for(
        operation,
        &ErrorView {
            status: 502,
            kind: ErrorKind::Upstream,
            code: "upstream_broken",
            message: "The provider broke off in the middle of its answer.",
            param: None,
            request_id: &id,
        },
    );
    match client.write_response_body(event.into(), true).await {
        Ok(()) => Fate::Close,
        Err(_) => Fate::Abort,
    }
}

fn response_head(
    client: &ServerSession,
    upstream: &HttpSession,
    extras: &Extras,
    call: &Call,
) -> pingora_error::Result<ResponseHeader> {
    let Some(from) = upstream.response_header() else {
        return pingora_error::Error::e_explain(
            pingora_error::ErrorType::InternalError,
            "an answer without a header",
        );
    };
    let mut head = ResponseHeader::build_no_case(from.status, Some(from.headers.len() + 8))?;
    let nominated = headers::nominated(&from.headers);
    let passes = if extras.direct {
        headers::pass_through
    } else {
        headers::forward_to_client
    };
    for (name, value) in &from.headers {
        if passes(name) && *name != header::CONTENT_LENGTH && !nominated.contains(name) {
            head.append_header(name.clone(), value.clone())?;
        }
    }
    let bodiless = matches!(from.status.as_u16(), 204 | 304);
    match from
        .headers
        .get(header::CONTENT_LENGTH)
        .filter(|_| !extras.relength)
    {
        Some(length) => head.insert_header(header::CONTENT_LENGTH, length.clone())?,
        None if bodiless || client.is_http2() => {}
        None => head.insert_header(header::TRANSFER_ENCODING, "chunked")?,
    }
    head.insert_header(reply::REQUEST_ID, call.facts.id.to_string())?;
    let now = call.facts.arrived;
    let mut put = |name: &'static str, value: String| {
        // Names and values are ours, and valid.
        drop(head.insert_header(HeaderName::from_static(name), value));
    };
    ratelimit::headers(
        call.facts.dialect,
        extras.requests,
        extras.tokens,
        now,
        &mut put,
    );
    Ok(head)
}
