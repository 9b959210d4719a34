//! Remote MCP servers of which something is refused: the body is read before anything is sent.

use bytes::Bytes;
use http::Method;
use pingora_core::protocols::http::ServerSession;
use tidegate_pipeline::{Refusal, stage::Forwarded};

use crate::{call::Call, gateway::Gateway, intake};

/// The largest message to such a server, in bytes; what is larger cannot be looked at, and is refused.
const LARGEST: u64 = 4 << 20;

/// Looks at a call; its body where it was read, to be sent on. A call without a body (the stream of a
/// server's messages) calls no tool.
///
/// # Errors
/// The server is denied, or the tool is; the body is too large or did not arrive.
pub(super) async fn screen(
    gateway: &Gateway,
    client: &mut ServerSession,
    to: &Forwarded,
    call: &mut Call,
) -> Result<Option<Bytes>, Refusal> {
    let Some(gate) = &to.mcp else {
        return Ok(None);
    };
    let bodiless =
        client.is_body_empty() || matches!(client.req_header().method, Method::GET | Method::HEAD);
    if bodiless {
        gate.judge(b"")?;
        return Ok(None);
    }
    let (memory, timeouts) = (&gateway.body_memory, &gateway.timeouts);
    let (body, _held) =
        intake::read_body(client, LARGEST, memory, timeouts, &mut call.watch).await?;
    gate.judge(&body)?;
    call.facts.request_bytes += body.len() as u64;
    Ok(Some(body))
}
