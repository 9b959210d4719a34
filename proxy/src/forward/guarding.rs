//! Shows a conversation's request to the guards, before anything of it is sent.

use bytes::Bytes;
use http::header;
use pingora_core::protocols::http::ServerSession;
use tidegate_pipeline::{
    Refusal,
    stage::{Forwarded, Talk},
};
use tidegate_wire::surface::frames;

use super::{Reading, label};
use crate::{
    call::{Call, text},
    gateway::Gateway,
    intake::{self, Held},
};

/// What is asked of a host.
#[derive(Default)]
pub(super) struct Asked {
    /// The request's body, where it was read before anything was sent.
    pub(super) body: Option<Bytes>,
    /// It was compressed, and is not any more.
    pub(super) unpacked: bool,
    /// Its share of the memory.
    pub(super) held: Option<Held>,
    /// Who looks at what passes from now on.
    pub(super) talk: Talk,
}

impl Asked {
    /// A body that was looked at already, and at whose answer nobody looks.
    pub(super) fn whole(body: Bytes) -> Self {
        Self {
            body: Some(body),
            ..Self::default()
        }
    }
}

/// Reads the request of a conversation and shows it to the guards, unless it is a stream: that one is shown
/// as it passes. What is no conversation is neither read nor shown.
///
/// # Errors
/// A guard lets nothing pass; the body is too large, or did not arrive.
pub(super) async fn ask(
    gateway: &Gateway,
    client: &mut ServerSession,
    to: &Forwarded,
    reading: &mut Option<Box<Reading>>,
    call: &mut Call,
) -> Result<Asked, Refusal> {
    let Some(conversation) = &to.conversation else {
        return Ok(Asked::default());
    };
    let headers = &client.req_header().headers;
    let encoding = text(headers.get(header::CONTENT_ENCODING)).to_ascii_lowercase();
    let content_type = text(headers.get(header::CONTENT_TYPE)).to_owned();
    let host = label(to);
    if conversation.is_stream(&content_type) {
        let talk = conversation.open(&host, &content_type, &mut call.facts)?;
        return Ok(Asked {
            talk,
            ..Asked::default()
        });
    }
    let (limit, memory) = (gateway.limits.body_max, &gateway.body_memory);
    let timeouts = &gateway.timeouts;
    let (body, held) = intake::read_body(client, limit, memory, timeouts, &mut call.watch).await?;
    call.facts.request_bytes += body.len() as u64;
    if let Some(reading) = reading {
        reading.sent(&body);
    }
    let plain = unpacked(&encoding, &body, limit);
    let (shown, kind) = match &plain {
        Some(plain) => (plain, content_type.as_str()),
        // Called what it is not, so that nobody takes it for read: the guards' `on_failure` decides.
        None => (&body, "application/json"),
    };
    let (changed, talk) = conversation
        .clear(&host, kind, shown, &mut call.facts)
        .await?;
    Ok(Asked {
        unpacked: changed.is_some(),
        body: Some(changed.unwrap_or(body)),
        held: Some(held),
        talk,
    })
}

/// What a body of this `content-encoding` says; `None` where nobody can read it, or it is larger than it may
/// be.
fn unpacked(encoding: &str, body: &Bytes, limit: u64) -> Option<Bytes> {
    match encoding.trim() {
        "" | "identity" => Some(body.clone()),
        "gzip" | "x-gzip" => {
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            let (plain, all) = frames::unpacked(body, limit)?;
            all.then(|| plain.into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_not_taken_for_read() {
        let body = Bytes::from_static(b"{}");
        for encoding in ["", "identity"] {
            assert_eq!(unpacked(encoding, &body, 10), Some(body.clone()));
        }
        for encoding in ["br", "zstd", "gzip", "gzip, br"] {
            assert_eq!(unpacked(encoding, &body, 10), None, "{encoding}");
        }
    }
}
