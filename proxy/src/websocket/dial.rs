//! Asks a host or a provider for a WebSocket.

use std::sync::Arc;

use http::{HeaderValue, header};
use pingora_core::protocols::http::v1::client::HttpSession;
use pingora_http::RequestHeader;
use tidegate_pipeline::Refusal;
use tidegate_types::ProviderName;
use tokio_tungstenite::tungstenite::handshake::{client::generate_key, derive_accept_key};

use crate::{gateway::Gateway, upstreams::Upstream};

/// Asks on a connection of its own; gives the session with the answer's header read, whatever it says.
///
/// # Errors
/// There is no connection, or it broke before there was an answer.
pub(super) async fn dial(
    gateway: &Gateway,
    name: &ProviderName,
    upstream: &Arc<Upstream>,
    mut head: Box<RequestHeader>,
) -> Result<HttpSession, Refusal> {
    let addresses = gateway.upstreams.addresses(name, upstream).await?;
    let mut opened = None;
    for address in addresses.iter() {
        match upstream.pool.alone(address).await {
            Ok(session) => {
                opened = Some(session);
                break;
            }
            Err(error) => tracing::debug!(%name, %error, "no connection"),
        }
    }
    let mut session = opened.ok_or_else(|| Refusal::UpstreamUnreachable(name.clone()))?;
    let asked: pingora_error::Result<()> = async {
        for (name, value) in [
            (header::CONNECTION, "Upgrade"),
            (header::UPGRADE, "websocket"),
        ] {
            head.insert_header(name, value)?;
        }
        session.read_timeout = Some(gateway.timeouts.first_byte);
        session.write_timeout = Some(gateway.timeouts.client);
        session.write_request_header(head).await?;
        loop {
            session.read_response().await?;
            let interim = session
                .get_status()
                .is_some_and(|status| status.is_informational());
            if !interim || session.was_upgraded() {
                return Ok(());
            }
        }
    }
    .await;
    if let Err(error) = asked {
        tracing::debug!(%name, %error, "broke off");
        return Err(Refusal::UpstreamBroken(name.clone()));
    }
    Ok(session)
}

/// Makes a handshake of the gateway's own of a request's header: with a key of its own and nothing that would
/// change how frames are written (RFC 6455 §9.1). Gives what the answer has to say.
pub(super) fn own_handshake(head: &mut RequestHeader) -> pingora_error::Result<String> {
    for name in [
        header::ACCEPT_ENCODING,
        header::CONTENT_LENGTH,
        header::CONTENT_TYPE,
        header::TRANSFER_ENCODING,
        header::SEC_WEBSOCKET_EXTENSIONS,
        header::SEC_WEBSOCKET_PROTOCOL,
    ] {
        head.remove_header(&name);
    }
    let key = generate_key();
    let accept = derive_accept_key(key.as_bytes());
    head.insert_header(header::SEC_WEBSOCKET_KEY, key)?;
    let version = HeaderValue::from_static("13");
    head.insert_header(header::SEC_WEBSOCKET_VERSION, version)?;
    Ok(accept)
}

/// Whether the other side agreed to a handshake of the gateway's own, as it was asked.
pub(super) fn agreed(session: &HttpSession, accept: &str) -> bool {
    session.was_upgraded()
        && session.resp_header().is_some_and(|head| {
            let accepts = head.headers.get(header::SEC_WEBSOCKET_ACCEPT);
            accepts.is_some_and(|value| value.as_bytes() == accept.as_bytes())
                && !head.headers.contains_key(header::SEC_WEBSOCKET_EXTENSIONS)
        })
}
