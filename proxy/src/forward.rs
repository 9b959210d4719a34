//! The rest of a governed host: sign-in, telemetry, whatever is none of the gateway's operations.
//! Passed on both ways at once as it comes, so that streams of either direction work; logged by who
//! and where, never by content. What asks for a WebSocket goes by `websocket`, and comes here when the
//! host answers it as any other call.

mod heads;
mod mcp;
mod reading;

use bytes::Bytes;
use http::header;
use pingora_core::protocols::http::{
    ServerSession, client::HttpSession, v1::client::HttpSession as H1Session,
};
use pingora_http::ResponseHeader;
use tidegate_governance::record::Outcome;
use tidegate_pipeline::{Refusal, stage::Forwarded};
use tidegate_types::ProviderName;

use crate::{
    call::{Call, Fate, text},
    endings::record_free,
    gateway::{Gateway, wait_for},
    upstreams::{self, Address, Upstream},
};
pub(crate) use heads::request_head;
use heads::respond;
use reading::Reading;

/// Which sides have said all they had to say.
#[derive(Debug, Default, Clone, Copy)]
struct Ended {
    request: bool,
    answer: bool,
}

/// Passes a call on.
///
/// # Errors
/// The host cannot be reached, or broke off before it answered.
pub(crate) async fn run(
    gateway: &Gateway,
    client: &mut ServerSession,
    target: &str,
    to: &Forwarded,
    call: &mut Call,
) -> Result<Fate, Refusal> {
    // What an MCP server may not be asked is not sent at all.
    let asked = mcp::screen(gateway, client, to, call).await?;
    let name = label(to);
    let upstream = gateway.upstreams.host(&to.host);
    let addresses = call
        .watch
        .wait(gateway.upstreams.addresses(&name, &upstream))
        .await?;
    let (mut session, address) = connect(&upstream, &addresses, to, call)
        .await
        .ok_or_else(|| Refusal::UpstreamUnreachable(name.clone()))?;
    let broken = |error: pingora_error::BError| {
        tracing::debug!(host = %to.host, %error, "the host broke off");
        Refusal::UpstreamBroken(name.clone())
    };
    let bodiless = asked.is_none() && client.is_body_empty();
    let mut reading = Reading::of(client, target, to, &mut call.facts);
    let h2 = matches!(session, HttpSession::H2(_));
    let mut head = request_head(client, target, to, bodiless, h2).map_err(broken)?;
    if reading.is_some() {
        // A compressed answer could not be read.
        head.insert_header(header::ACCEPT_ENCODING, "identity")
            .map_err(broken)?;
    }
    upstreams::allow(&mut session, gateway.timeouts.total);
    wait_for(client, None);
    session.write_request_header(head).await.map_err(broken)?;
    let mut ended = Ended {
        request: bodiless,
        answer: false,
    };
    if let Some(body) = asked {
        ended.request = true;
        send_all(&mut session, body, call).await.map_err(broken)?;
    } else if bodiless {
        session.finish_request_body().await.map_err(broken)?;
    }
    let mut read = reading.as_deref_mut();
    let head = answer_head(client, &mut session, &mut ended, &mut read, call).await;
    let head = match head {
        Ok(Some(head)) => head,
        Ok(None) => return Ok(abandoned(gateway, call)),
        Err(error) => return Err(broken(error)),
    };
    let passed = answer(client, &mut session, head, &mut ended, &mut read, call).await;
    if let Some(reading) = reading {
        reading.end(&mut call.facts);
    }
    record_free(gateway, call);
    match passed {
        Ok(()) if ended.request => {
            upstream.pool.release(session, address).await;
            Ok(Fate::Reuse)
        }
        // The answer was there before all of the request was: it need not be read.
        Ok(()) => {
            session.shutdown().await;
            Ok(Fate::Close)
        }
        Err(error) => {
            tracing::debug!(host = %to.host, %error, "a forwarded call broke off");
            session.shutdown().await;
            Ok(Fate::Abort)
        }
    }
}

/// Passes on what a host said that did not want a WebSocket. Its connection ends with it.
///
/// # Errors
/// The answer cannot be passed on.
pub(crate) async fn without_socket(
    gateway: &Gateway,
    client: &mut ServerSession,
    session: H1Session,
    to: &Forwarded,
    call: &mut Call,
) -> Result<Fate, Refusal> {
    let mut session = HttpSession::H1(session);
    let head = respond(client, &session, call).map_err(|_| Refusal::UpstreamBroken(label(to)))?;
    let mut ended = Ended {
        request: true,
        answer: false,
    };
    let passed = answer(client, &mut session, head, &mut ended, &mut None, call).await;
    record_free(gateway, call);
    session.shutdown().await;
    Ok(match passed {
        Ok(()) => Fate::Reuse,
        Err(_) => Fate::Abort,
    })
}

/// Passes the answer on, its header first.
async fn answer(
    client: &mut ServerSession,
    session: &mut HttpSession,
    head: ResponseHeader,
    ended: &mut Ended,
    reading: &mut Option<&mut Reading>,
    call: &mut Call,
) -> pingora_error::Result<()> {
    call.facts.status = head.status.as_u16();
    if let Some(reading) = reading.as_deref_mut() {
        reading.answered(text(head.headers.get(header::CONTENT_TYPE)));
    }
    call.facts.outcome = Outcome::ClientGone;
    call.watch
        .wait(client.write_response_header(Box::new(head)))
        .await?;
    pass(client, session, ended, reading, call).await?;
    call.facts.outcome = Outcome::Completed;
    Ok(())
}

/// A session with the first of the addresses that takes one.
async fn connect<'a>(
    upstream: &Upstream,
    addresses: &'a [Address],
    to: &Forwarded,
    call: &mut Call,
) -> Option<(HttpSession, &'a Address)> {
    for address in addresses {
        match call.watch.wait(upstream.pool.session(address)).await {
            Ok((session, _)) => return Some((session, address)),
            Err(error) => tracing::debug!(host = %to.host, %error, "no connection"),
        }
    }
    None
}

/// The host's name where a provider's is asked for: only shown.
pub(crate) fn label(to: &Forwarded) -> ProviderName {
    let name = to.host.as_str().replace('.', "-");
    let short: String = name.chars().take(64).collect();
    short
        .parse()
        .or_else(|_| "edge".parse())
        .unwrap_or_else(|_| unreachable!("`edge` is a name"))
}

/// The client left before there was an answer.
pub(crate) fn abandoned(gateway: &Gateway, call: &mut Call) -> Fate {
    call.facts.status = Refusal::ClientGone.status();
    call.facts.code = Some(Refusal::ClientGone.code());
    call.facts.outcome = Outcome::ClientGone;
    record_free(gateway, call);
    Fate::Abort
}

/// Passes the request's body on until the answer's header is there; `None` when the client left.
async fn answer_head(
    client: &mut ServerSession,
    session: &mut HttpSession,
    ended: &mut Ended,
    reading: &mut Option<&mut Reading>,
    call: &mut Call,
) -> pingora_error::Result<Option<ResponseHeader>> {
    loop {
        let step = call.watch.wait(async {
            tokio::select! {
                head = session.read_response_header() => head.map(Step::Upstream),
                body = client.read_body_or_idle(ended.request) => Ok(Step::Request(body.ok())),
            }
        });
        match step.await? {
            Step::Upstream(()) => {
                let Some(from) = session.response_header() else {
                    continue;
                };
                if from.status.is_informational() {
                    continue;
                }
                return respond(client, session, call).map(Some);
            }
            Step::Request(None) => return Ok(None),
            Step::Request(Some(piece)) => {
                if let (Some(reading), Some(piece)) = (reading.as_deref_mut(), &piece) {
                    reading.sent(piece);
                }
                send(client, session, piece, ended, call).await?;
            }
        }
    }
}

/// What one look at both sides gave.
enum Step<T> {
    Upstream(T),
    /// A piece of the request; nothing more of it when the inner is empty; the client left when there
    /// is none.
    Request(Option<Option<Bytes>>),
}

/// Sends a piece of the request on. Pingora says nothing more once all of a body was read, so whether
/// that is so is asked after each piece.
async fn send(
    client: &mut ServerSession,
    session: &mut HttpSession,
    piece: Option<Bytes>,
    ended: &mut Ended,
    call: &mut Call,
) -> pingora_error::Result<()> {
    ended.request = piece.is_none() || client.is_body_done();
    if let Some(bytes) = piece {
        call.facts.request_bytes += bytes.len() as u64;
        call.watch
            .wait(session.write_request_body(bytes, false))
            .await?;
    }
    if ended.request {
        call.watch.wait(session.finish_request_body()).await?;
    }
    Ok(())
}

/// Sends a request's body that was read already.
async fn send_all(
    session: &mut HttpSession,
    body: Bytes,
    call: &mut Call,
) -> pingora_error::Result<()> {
    call.facts.request_bytes += body.len() as u64;
    if !body.is_empty() {
        let sent = session.write_request_body(body, false);
        call.watch.wait(sent).await?;
    }
    call.watch.wait(session.finish_request_body()).await
}

/// Passes on what both sides say until the answer is over.
async fn pass(
    client: &mut ServerSession,
    session: &mut HttpSession,
    ended: &mut Ended,
    reading: &mut Option<&mut Reading>,
    call: &mut Call,
) -> pingora_error::Result<()> {
    while !ended.answer {
        let step = call.watch.wait(async {
            tokio::select! {
                biased;
                piece = session.read_response_body() => piece.map(Step::Upstream),
                body = client.read_body_or_idle(ended.request) => Ok(Step::Request(body.ok())),
            }
        });
        match step.await? {
            Step::Upstream(Some(bytes)) => {
                call.piece();
                call.facts.response_bytes += bytes.len() as u64;
                if let Some(reading) = reading.as_deref_mut() {
                    reading.piece(&bytes);
                }
                let last = session.response_done();
                call.watch
                    .wait(client.write_response_body(bytes, false))
                    .await?;
                ended.answer = last;
            }
            Step::Upstream(None) => ended.answer = true,
            Step::Request(Some(piece)) => {
                if let (Some(reading), Some(piece)) = (reading.as_deref_mut(), &piece) {
                    reading.sent(piece);
                }
                send(client, session, piece, ended, call).await?;
            }
            Step::Request(None) => {
                return pingora_error::Error::e_explain(
                    pingora_error::ErrorType::ConnectionClosed,
                    "the client left",
                );
            }
        }
    }
    if let HttpSession::H2(stream) = session
        && let Some(trailers) = stream.read_trailers().await?
        && client.is_http2()
    {
        return client.write_response_trailers(trailers).await;
    }
    call.watch
        .wait(client.write_response_body(Bytes::new(), true))
        .await
}
