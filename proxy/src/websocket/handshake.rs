//! The handshake of a governed WebSocket: whether it may be open, where it goes, and what is answered.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use pingora_core::protocols::http::{ServerSession, v1::client::HttpSession};
use pingora_http::ResponseHeader;
use tidegate_pipeline::{Facts, Refusal, stage::Routed};
use tidegate_policy::HostName;
use tidegate_types::ProviderName;
use tidegate_wire::headers;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::{
    dial::{agreed, dial, own_handshake},
    governed::{Caller, answering},
    peer::Peer,
    seats::Seat,
};
use crate::{
    call::Call,
    gateway::{Gateway, wait_for},
    reply, upstream,
    upstreams::Upstream,
};

/// Where a WebSocket goes that brings its own credential.
pub(super) struct Direct {
    pub(super) host: HostName,
    pub(super) name: ProviderName,
    target: String,
}

/// Whether it may be open, and where it goes at once. The picture this is decided by is let go again: a
/// WebSocket may outlive many.
pub(super) fn admit(
    gateway: &Gateway,
    caller: &Caller<'_>,
    facts: &mut Facts,
) -> Result<(Seat, Option<Direct>), Refusal> {
    let snapshot = gateway.snapshot.load_full();
    let identified = caller.identify(&snapshot, facts)?;
    if !identified.has_websocket() || !is_complete(caller.headers()) {
        return Err(Refusal::WebSocket);
    }
    let limit = gateway.limits.websockets_per_key;
    let seat = gateway.seats.take(identified.permit().key_id(), limit)?;
    let direct = match identified.direct_to() {
        None => None,
        Some((provider, target)) => Some(Direct {
            host: provider
                .endpoint
                .host()
                .parse()
                .map_err(|_| Refusal::UpstreamUnreachable(provider.name.clone()))?,
            name: provider.name.clone(),
            target: target.to_owned(),
        }),
    };
    Ok((seat, direct))
}

/// Whether a handshake says all that is answered to (RFC 6455 §4.2.1): the version, and a key of sixteen bytes.
fn is_complete(headers: &HeaderMap) -> bool {
    let only = |name: HeaderName| {
        let mut values = headers.get_all(name).iter();
        values.next().filter(|_| values.next().is_none())
    };
    let version = only(header::SEC_WEBSOCKET_VERSION);
    let key = only(header::SEC_WEBSOCKET_KEY).map(HeaderValue::as_bytes);
    let is_key = |key: &[u8]| {
        let digits = key.strip_suffix(b"==");
        digits.is_some_and(|digits| {
            let known = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
            digits.len() == 22 && digits.iter().all(known)
        })
    };
    version.is_some_and(|version| version == "13") && key.is_some_and(is_key)
}

/// Asks the app's own host, before the app is answered: what the host says to the handshake is the app's to
/// know. `None` when the app left meanwhile.
pub(super) async fn call_host(
    gateway: &Gateway,
    client: &mut ServerSession,
    direct: &Direct,
    to: &Arc<Upstream>,
    caller: &Caller<'_>,
    call: &mut Call,
) -> Result<Option<(HttpSession, String)>, Refusal> {
    let broken = |_| Refusal::UpstreamBroken(direct.name.clone());
    let mut out = HeaderMap::with_capacity(caller.headers().len() + 2);
    let nominated = headers::nominated(caller.headers());
    for (name, value) in caller.headers() {
        if headers::pass_through(name) && !nominated.contains(name) {
            out.append(name.clone(), value.clone());
        }
    }
    if let Ok(host) = HeaderValue::from_str(direct.host.as_str()) {
        out.insert(header::HOST, host);
    }
    let mut head =
        upstream::assemble(http::Method::GET, &direct.target, out, false).map_err(broken)?;
    let accept = own_handshake(&mut head).map_err(broken)?;
    wait_for(client, None);
    let dialled = call.watch.wait(dial(gateway, &direct.name, to, head));
    tokio::select! {
        biased;
        dialled = dialled => dialled.map(|session| Some((session, accept))),
        () = upstream::gone(client) => Ok(None),
    }
}

/// Opens a WebSocket to the provider that a call goes to, with the credential that it has there.
///
/// # Errors
/// There is no connection, or the provider does not take it.
pub(super) async fn call_provider(
    gateway: &Gateway,
    routed: &Routed<'_>,
    client: &HeaderMap,
    call: &mut Call,
) -> Result<Peer, Refusal> {
    let (name, direct) = (routed.provider(), routed.is_direct());
    let broken = |_| Refusal::UpstreamBroken(name.clone());
    let to = gateway.upstreams.of(routed)?;
    let headers = routed.headers(client);
    let mut head =
        upstream::assemble(http::Method::GET, routed.path(), headers, false).map_err(broken)?;
    let accept = own_handshake(&mut head).map_err(broken)?;
    let dialled = call.watch.wait(dial(gateway, name, &to, head)).await;
    let bad = |what| {
        if !direct {
            gateway.health.bad(name, gateway.clock.now(), what);
        }
    };
    let session = dialled.inspect_err(|_| bad("no WebSocket"))?;
    if agreed(&session, &accept) {
        return Ok(answering(session, gateway.timeouts.client).await);
    }
    let status = session.resp_header().map_or(0, |head| head.status.as_u16());
    tracing::warn!(provider = %name, status, "refused a WebSocket");
    Err(match status {
        401 if !direct => {
            bad("refused the gateway's credential");
            Refusal::UpstreamCredential(name.clone())
        }
        404 | 405 | 426 => Refusal::WebSocket,
        _ => Refusal::UpstreamBroken(name.clone()),
    })
}

/// `101 Switching Protocols`, with what the app's own host said besides, if it was asked.
pub(super) fn switching(
    caller: &Caller<'_>,
    host: Option<&HttpSession>,
    call: &Call,
) -> pingora_error::Result<ResponseHeader> {
    let mut head = ResponseHeader::build_no_case(StatusCode::SWITCHING_PROTOCOLS, Some(8))?;
    if let Some(from) = host.and_then(HttpSession::resp_header) {
        let nominated = headers::nominated(&from.headers);
        let of_the_frames = |name: &HeaderName| {
            name.as_str().starts_with("sec-websocket-") || *name == header::CONTENT_LENGTH
        };
        for (name, value) in &from.headers {
            if headers::pass_through(name) && !nominated.contains(name) && !of_the_frames(name) {
                head.append_header(name.clone(), value.clone())?;
            }
        }
    }
    head.insert_header(header::CONNECTION, HeaderValue::from_static("Upgrade"))?;
    head.insert_header(header::UPGRADE, HeaderValue::from_static("websocket"))?;
    if let Some(key) = caller.headers().get(header::SEC_WEBSOCKET_KEY) {
        let accept = derive_accept_key(key.as_bytes());
        head.insert_header(header::SEC_WEBSOCKET_ACCEPT, accept)?;
    }
    if let Some(protocol) = protocol(caller.headers()) {
        head.insert_header(header::SEC_WEBSOCKET_PROTOCOL, protocol)?;
    }
    head.insert_header(reply::REQUEST_ID, call.facts.id.to_string())?;
    Ok(head)
}

/// The protocol that is agreed on: the first that the client names and that is no credential. A browser takes
/// an answer without one for a refusal.
fn protocol(headers: &HeaderMap) -> Option<&str> {
    let named = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    named
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .find(|name| !name.is_empty() && !name.contains('.'))
}

pub(super) fn label(direct: Option<&Direct>) -> ProviderName {
    let name = direct.map(|direct| direct.name.clone());
    name.or_else(|| "gateway".parse().ok())
        .unwrap_or_else(|| unreachable!("`gateway` is a name"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handshake_says_its_version_and_a_key_once() {
        let said = |fields: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in fields {
                headers.append(*name, HeaderValue::from_static(value));
            }
            is_complete(&headers)
        };
        let version = ("sec-websocket-version", "13");
        let key = ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        assert!(said(&[version, key]));
        for fields in [
            &[version][..],
            &[key],
            &[("sec-websocket-version", "0"), key],
            &[version, ("sec-websocket-key", "dGhlIHNhbXBsZQ==")],
            &[version, ("sec-websocket-key", "dGhlIHNhbXBsZSBub25j ===")],
            &[version, key, key],
            &[version, version, key],
        ] {
            assert!(!said(fields), "{fields:?}");
        }
    }

    #[test]
    fn a_credential_is_no_protocol() {
        let agreed = |value| {
            let mut headers = HeaderMap::new();
            headers.insert(
                header::SEC_WEBSOCKET_PROTOCOL,
                HeaderValue::from_static(value),
            );
            protocol(&headers).map(str::to_owned)
        };
        let credential = "openai-insecure-api-key.sk-tg-x, realtime";
        assert_eq!(agreed(credential).as_deref(), Some("realtime"));
        assert_eq!(agreed("openai-insecure-api-key.sk-tg-x"), None);
    }
}
