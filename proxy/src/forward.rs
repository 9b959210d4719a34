//! The rest of a governed host: sign-in, telemetry, whatever is none of the gateway's operations.
//! Passed on both ways at once as it comes, so that streams of either direction work; logged by who
//! and where, never by content. What is a conversation is shown to the guards on its way (`guarding`). What
//! asks for a WebSocket goes by `websocket`, and comes here when the host answers it as any other call.

mod guarding;
mod heads;
mod mcp;
mod passing;
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
    call::{Call, Fate},
    endings::record_free,
    gateway::{Gateway, wait_for},
    upstreams::{self, Address, Upstream},
};
use guarding::Asked;
pub(crate) use heads::request_head;
use heads::{reframe, respond};
use passing::{Broken, Passage};
use reading::Reading;

/// Passes a call on.
///
/// # Errors
/// The host cannot be reached, or broke off before it answered; a guard lets nothing pass.
pub(crate) async fn run(
    gateway: &Gateway,
    client: &mut ServerSession,
    target: &str,
    to: &Forwarded,
    call: &mut Call,
) -> Result<Fate, Refusal> {
    let mut reading = Reading::of(client, target, to, &mut call.facts);
    // What an MCP server may not be asked is not sent at all, nor what guards do not let pass.
    let asked = match mcp::screen(gateway, client, to, call).await? {
        Some(body) => Asked::whole(body),
        None => guarding::ask(gateway, client, to, &mut reading, call).await?,
    };
    let name = label(to);
    let upstream = gateway.upstreams.host(&to.host);
    let addresses = call
        .watch
        .wait(gateway.upstreams.addresses(&name, &upstream))
        .await?;
    let (session, address) = connect(&upstream, &addresses, to, call)
        .await
        .ok_or_else(|| Refusal::UpstreamUnreachable(name.clone()))?;
    let mut passage = Passage::new(session, asked.talk, reading);
    let request = (asked.body, asked.unpacked);
    let begun = begin(gateway, client, (target, to), &mut passage, request, call).await;
    drop(asked.held);
    let passed = match begun {
        Ok(head) => passage.answer(client, head, call).await,
        Err(broken) => Err(broken),
    };
    passage.close(&mut call.facts);
    match passed {
        Ok(()) if passage.is_reusable() => {
            record_free(gateway, call);
            upstream.pool.release(passage.into_session(), address).await;
            Ok(Fate::Reuse)
        }
        // The answer was there before all of the request was: it need not be read.
        Ok(()) => {
            record_free(gateway, call);
            passage.shutdown().await;
            Ok(Fate::Close)
        }
        Err(broken) => {
            tracing::debug!(host = %to.host, %broken, "a forwarded call broke off");
            passage.shutdown().await;
            let fate = match (broken, passage.has_begun()) {
                (Broken::Gone, false) => return Ok(abandoned(gateway, call)),
                (Broken::Link(_), false) => return Err(Refusal::UpstreamBroken(name)),
                (Broken::Stopped(refusal), false) => return Err(refusal),
                (Broken::Gone | Broken::Link(_), true) => Fate::Abort,
                (Broken::Stopped(refusal), true) => passage.stop(client, &refusal, call).await,
            };
            record_free(gateway, call);
            Ok(fate)
        }
    }
}

/// Sends the request, or its beginning where it goes on while the host answers, until the answer's header is
/// there.
async fn begin(
    gateway: &Gateway,
    client: &mut ServerSession,
    (target, to): (&str, &Forwarded),
    passage: &mut Passage,
    (body, unpacked): (Option<Bytes>, bool),
    call: &mut Call,
) -> Result<ResponseHeader, Broken> {
    let bodiless = body.is_none() && client.is_body_empty();
    let h2 = passage.is_h2();
    let mut head = request_head(client, target, to, bodiless, h2)?;
    if passage.is_read() {
        // A compressed answer could not be read.
        head.insert_header(header::ACCEPT_ENCODING, "identity")?;
    }
    if !bodiless && (body.is_some() || passage.is_guarded()) {
        reframe(&mut head, body.as_ref(), h2)?;
    }
    if unpacked {
        head.remove_header(&header::CONTENT_ENCODING);
    }
    upstreams::allow(passage.session(), gateway.timeouts.total);
    wait_for(client, None);
    passage.session().write_request_header(head).await?;
    passage.send_whole(body, bodiless, call).await?;
    passage.answer_head(client, call).await
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
    let session = HttpSession::H1(session);
    let head = respond(client, &session, false, call);
    let head = head.map_err(|_| Refusal::UpstreamBroken(label(to)))?;
    let mut passage = Passage::of_answer(session);
    let passed = passage.answer(client, head, call).await;
    record_free(gateway, call);
    passage.shutdown().await;
    Ok(match passed {
        Ok(()) => Fate::Reuse,
        Err(_) => Fate::Abort,
    })
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
