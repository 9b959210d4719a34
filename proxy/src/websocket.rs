//! WebSockets (RFC 6455), of two kinds.
//!
//! Those of the Responses API (`governed`), the Realtime API (`realtime`) and Gemini's Live API (`live`) are governed:
//! they end here, and each response that is made on one is a call that goes through all the stages.
//!
//! Others of apps to governed hosts are carried. The handshake is a call like any other that is forwarded, to
//! the host's own address and under its own certificate; after it both ends speak as they like, and what they
//! say is counted, not read. So nothing may pass here that the stages would govern: what else takes prompts is
//! refused, at once, and apps fall back to HTTP. Nobody but a device is carried at all.

mod closing;
mod dial;
mod governed;
mod handshake;
mod live;
mod peer;
mod realtime;
mod seats;
mod sides;
mod tunnel;
mod turn;

use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use http::{HeaderValue, Method, StatusCode, header};
use pingora_core::protocols::{
    Stream,
    http::{ServerSession, v1::client::HttpSession},
};
use pingora_http::{RequestHeader, ResponseHeader};
use tidegate_governance::record::Outcome;
use tidegate_pipeline::{
    Facts, Refusal,
    stage::{Course, Forwarded, Relayed},
};
use tidegate_policy::{Catalogue, HostName, Surface};
use tidegate_types::RequestId;
use tidegate_wire::{headers, relayed};

pub(crate) use self::{closing::Closing, seats::Seats};
use self::{
    governed::{Api, Caller},
    tunnel::{End, Moved, Side},
};
use crate::{
    call::{Call, Fate},
    endings::record_free,
    forward,
    gateway::{Gateway, wait_for},
    reply, upstream,
};

/// How often it is seen whether an open one may still be.
const RECHECK: Duration = Duration::from_secs(2);

/// Answers a call that asks for another protocol.
///
/// # Errors
/// It is none of a device's, or none of a host's that may be carried; the host cannot be reached, or broke
/// off before it answered.
pub(crate) async fn run(
    gateway: &Gateway,
    client: &mut ServerSession,
    target: &str,
    call: &mut Call,
) -> Result<Fate, Refusal> {
    let head = client.req_header();
    let relayed = Relayed::parse(target, &head.headers, &mut call.facts)?;
    let api = Api::of(target, relayed.as_ref()).filter(|_| is_handshake(head));
    if relayed.is_none() && live::is_asked(target) && is_handshake(head) {
        let head = live::with_key_of_query(target, head.clone());
        let caller = Caller::new(live::METHOD, target, None, head);
        return live::run(gateway, client, &caller, call).await;
    }
    if let Some(api) = api {
        let caller = Caller::new(api.method(), target, relayed, head.clone());
        return match api {
            Api::Realtime => realtime::run(gateway, client, &caller, call).await,
            Api::Responses => governed::run(gateway, client, &caller, call).await,
        };
    }
    let Some(relayed) = relayed else {
        return Err(Refusal::WebSocket);
    };
    let to = admit(gateway, &relayed, head, &mut call.facts)?;
    match open(gateway, client, relayed.target(), &to, call).await? {
        None => Ok(forward::abandoned(gateway, call)),
        Some(host) if host.was_upgraded() => {
            // What said who asks says it again while the socket is open.
            let head = client.req_header().clone();
            let revoked = revoked(gateway, &relayed, &head, call.facts.id);
            carry(gateway, client, host, &to, revoked, call).await
        }
        Some(host) => forward::without_socket(gateway, client, host, &to, call).await,
    }
}

/// Whether it may be carried now, and where to. The picture this is decided by is let go again: a WebSocket
/// may outlive many.
fn admit(
    gateway: &Gateway,
    relayed: &Relayed<'_>,
    head: &RequestHeader,
    facts: &mut Facts,
) -> Result<Forwarded, Refusal> {
    let snapshot = gateway.newest.load_full();
    let method = head.method.as_str();
    match relayed.identify(method, &head.headers, &snapshot, facts)? {
        Course::Forwarded(to)
            if is_handshake(head)
                && !takes_prompts(&to.host, relayed.target())
                // What is said over a WebSocket is not looked at.
                && to.mcp.is_none() =>
        {
            Ok(to)
        }
        // Codex tries this first, on every turn: the answer must cost it nothing.
        Course::Forwarded(_) | Course::Governed(_) => Err(Refusal::WebSocket),
    }
}

/// Resolves when it may no longer be carried: the device's key was revoked, its app denied, the host given
/// up.
async fn revoked(
    gateway: &Gateway,
    relayed: &Relayed<'_>,
    head: &RequestHeader,
    id: RequestId,
) -> End {
    loop {
        tokio::time::sleep(RECHECK).await;
        let mut facts = Facts::new(id, gateway.clock.now());
        if let Err(refusal) = admit(gateway, relayed, head, &mut facts) {
            return End::Revoked(refusal.code());
        }
    }
}

/// RFC 6455 §4.1, as far as a gateway has to care.
fn is_handshake(head: &RequestHeader) -> bool {
    let is = |name: &header::HeaderName, token: &str| {
        let values = head.headers.get_all(name).iter();
        values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|part| part.trim().eq_ignore_ascii_case(token))
    };
    head.method == Method::GET
        && is(&header::UPGRADE, "websocket")
        && is(&header::CONNECTION, "upgrade")
        && head.headers.contains_key(header::SEC_WEBSOCKET_KEY)
        // One framing only: a body before the first frame would be read differently by two servers.
        && !head.headers.contains_key(header::TRANSFER_ENCODING)
        && !head.headers.contains_key(header::CONTENT_LENGTH)
}

/// Whether what is said on it would be prompts that no stage sees. The public APIs have WebSockets for
/// nothing else.
fn takes_prompts(host: &HostName, target: &str) -> bool {
    let api = matches!(
        Catalogue::builtin().surface(host),
        Surface::OpenaiApi | Surface::GeminiApi | Surface::BedrockApi
    );
    api || relayed::socket_takes_prompts(host.as_str(), target)
}

/// Asks the host; `None` when the client left meanwhile.
async fn open(
    gateway: &Gateway,
    client: &mut ServerSession,
    target: &str,
    to: &Forwarded,
    call: &mut Call,
) -> Result<Option<HttpSession>, Refusal> {
    let name = forward::label(to);
    let upstream = gateway.upstreams.host(&to.host);
    let head = forward::request_head(client, target, to, true, false)
        .map_err(|_| Refusal::UpstreamBroken(name.clone()))?;
    // From now on a silent client is a client that listens.
    wait_for(client, None);
    let dialled = call.watch.wait(dial::dial(gateway, &name, &upstream, head));
    tokio::select! {
        biased;
        dialled = dialled => dialled.map(Some),
        () = upstream::gone(client) => Ok(None),
    }
}

/// Tells the client that the host agreed, and carries what both say until one has done.
async fn carry(
    gateway: &Gateway,
    client: &mut ServerSession,
    mut host: HttpSession,
    to: &Forwarded,
    revoked: impl Future<Output = End>,
    call: &mut Call,
) -> Result<Fate, Refusal> {
    let head = switching(&host, call).map_err(|_| Refusal::UpstreamBroken(forward::label(to)))?;
    call.facts.status = head.status.as_u16();
    call.facts.outcome = Outcome::ClientGone;
    let told = call
        .watch
        .wait(client.write_response_header(Box::new(head)))
        .await;
    // What came in one packet with the headers.
    let host_said = waiting(host.read_body_bytes());
    let client_said = waiting(client.read_request_body());
    if let (Ok(()), Some(stream)) = (told, take(client)) {
        let app = Side {
            stream,
            said: client_said,
        };
        let host = Side {
            stream: host.into_inner(),
            said: host_said,
        };
        let moved = Moved::default();
        let end = call.watch.wait(async {
            tokio::select! {
                end = tunnel::run(app, host, &moved) => end,
                () = gateway.sockets.stopping(&moved, gateway.timeouts.drain) => End::Stopped,
                end = revoked => end,
            }
        });
        let end = end.await;
        tracing::debug!(host = %to.host, ?end, "a WebSocket ended");
        (call.facts.request_bytes, call.facts.response_bytes) = moved.bytes();
        call.facts.outcome = match end {
            End::Closed | End::Silent | End::Stopped => Outcome::Completed,
            End::AppBroke => Outcome::ClientGone,
            End::HostBroke => Outcome::UpstreamBroken,
            End::Revoked(code) => {
                call.facts.code = Some(code);
                Outcome::Refused
            }
        };
    }
    record_free(gateway, call);
    Ok(Fate::Abort)
}

/// The host's `101 Switching Protocols` as the client gets it: what the two agreed on is theirs.
fn switching(host: &HttpSession, call: &Call) -> pingora_error::Result<ResponseHeader> {
    let mut head = ResponseHeader::build_no_case(StatusCode::SWITCHING_PROTOCOLS, Some(8))?;
    if let Some(from) = host.resp_header() {
        let nominated = headers::nominated(&from.headers);
        for (name, value) in &from.headers {
            let framing = *name == header::CONTENT_LENGTH;
            if headers::pass_through(name) && !nominated.contains(name) && !framing {
                head.append_header(name.clone(), value.clone())?;
            }
        }
    }
    head.insert_header(header::CONNECTION, HeaderValue::from_static("Upgrade"))?;
    head.insert_header(header::UPGRADE, HeaderValue::from_static("websocket"))?;
    head.insert_header(reply::REQUEST_ID, call.facts.id.to_string())?;
    Ok(head)
}

/// What a session has read already and not given out, without waiting for more.
fn waiting(read: impl Future<Output = pingora_error::Result<Option<Bytes>>>) -> Bytes {
    // A failure is met again by whoever reads next.
    match read.now_or_never() {
        Some(Ok(Some(bytes))) => bytes,
        Some(Ok(None) | Err(_)) | None => Bytes::new(),
    }
}

/// Takes the connection out of Pingora's session, which cannot read and write at once. A closed one is
/// left in its place, so that the caller ends it as any other.
fn take(client: &mut ServerSession) -> Option<Stream> {
    let (closed, _) = tokio::io::duplex(1);
    let left = ServerSession::new_http1(Box::new(closed));
    match std::mem::replace(client, left) {
        ServerSession::H1(session) => Some(session.into_inner()),
        _ => None,
    }
}
