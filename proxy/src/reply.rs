//! Writes the gateway's own answers: refusals in the caller's dialect, and small documents.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use pingora_core::protocols::http::ServerSession;
use pingora_http::ResponseHeader;
use tidegate_governance::govern::Denial;
use tidegate_pipeline::{Facts, Refusal};
use tidegate_types::Timestamp;
use tidegate_wire::{Dialect, error};

use crate::gateway::Gateway;

/// Names the call, for log and support.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-tidegate-request-id");

/// An answer of the gateway's own, written but not sent.
pub(crate) struct Written {
    head: ResponseHeader,
    body: Bytes,
}

impl Written {
    /// Sends it.
    pub(crate) async fn send(mut self, session: &mut ServerSession) -> pingora_error::Result<()> {
        // What to speak instead has to be said (RFC 9110 §15.5.22), in HTTP/2 by the body alone: it knows no
        // such header (RFC 9113 §8.2.2). That `connection` does not name it is Pingora's, which writes that.
        if self.head.status == StatusCode::UPGRADE_REQUIRED && !session.is_http2() {
            self.head.insert_header(header::UPGRADE, "HTTP/1.1")?;
        }
        send(session, self.head, self.body).await
    }
}

/// Writes a refusal of a request of this `content-type`, and notes it in the facts.
pub(crate) fn refusal(
    gateway: &Gateway,
    refusal: &Refusal,
    content_type: &str,
    facts: &mut Facts,
) -> pingora_error::Result<Written> {
    let now = gateway.clock.now();
    facts.status = refusal.status();
    facts.code = Some(refusal.code());
    let id = facts.id.to_string();
    let message = refusal.message();
    let view = refusal.view(&message, &id);
    let (mut status, mut kind) = (refusal.status(), "application/json");
    let body = match (refusal.rpc_body(), facts.surface) {
        (Some(body), _) => body.into_bytes(),
        (None, None) => error::render(facts.dialect, &view),
        (None, Some(surface)) => {
            let refused = surface.refusal(content_type, &view);
            (status, kind) = (refused.status, refused.content_type);
            facts.status = status;
            refused.body
        }
    };
    facts.response_bytes = body.len() as u64;
    let mut head = head(status, kind, body.len(), &id)?;
    if let Some(wait) = refusal.retry_after(now) {
        head.insert_header(header::RETRY_AFTER, seconds_up(wait).to_string())?;
    }
    let retry = if refusal.should_retry(now) {
        "true"
    } else {
        "false"
    };
    head.insert_header("x-should-retry", retry)?;
    if let Refusal::Denied(denial) = refusal {
        unified_limit(&mut head, facts.dialect, denial, now)?;
    }
    let body = body.into();
    Ok(Written { head, body })
}

/// The headers by which Claude Code tells its user that a budget is used up, and until when.
fn unified_limit(
    head: &mut ResponseHeader,
    dialect: Dialect,
    denial: &Denial,
    now: Timestamp,
) -> pingora_error::Result<()> {
    let Denial::Budget {
        window, resets_at, ..
    } = denial
    else {
        return Ok(());
    };
    if dialect != Dialect::Anthropic {
        return Ok(());
    }
    let period = match window {
        tidegate_governance::entity::Window::Week => "weekly",
        tidegate_governance::entity::Window::Month => "monthly",
        _ => "daily",
    };
    // The client shows whole seconds; a reset is never named before it happens.
    let reset = now
        .plus(Duration::from_secs(seconds_up(now.until(*resets_at))))
        .seconds();
    for (name, value) in [
        ("anthropic-ratelimit-unified-status", "rejected"),
        ("anthropic-ratelimit-unified-overage-status", "rejected"),
        (
            "anthropic-ratelimit-unified-overage-disabled-reason",
            "org_spend_cap_reached",
        ),
        ("anthropic-ratelimit-unified-overage-period", period),
    ] {
        head.insert_header(name, value)?;
    }
    head.insert_header("anthropic-ratelimit-unified-reset", reset.to_string())?;
    head.insert_header(
        "anthropic-ratelimit-unified-overage-reset",
        reset.to_string(),
    )
}

fn seconds_up(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// Answers with a JSON document of the gateway's own.
pub(crate) async fn json(
    session: &mut ServerSession,
    body: Vec<u8>,
    facts: &mut Facts,
) -> pingora_error::Result<()> {
    facts.status = 200;
    facts.response_bytes = body.len() as u64;
    let head = head(200, "application/json", body.len(), &facts.id.to_string())?;
    send(session, head, body.into()).await
}

/// `GET /healthz` on the data plane: the process is alive and reads requests.
pub(crate) async fn alive(session: &mut ServerSession) -> pingora_error::Result<()> {
    let mut head = ResponseHeader::build(StatusCode::OK, Some(3))?;
    head.insert_header(header::CONTENT_TYPE, "text/plain")?;
    head.insert_header(header::CONTENT_LENGTH, "3")?;
    send(session, head, Bytes::from_static(b"ok\n")).await
}

/// Answers what is not HTTP that we read. Nothing is known of the caller, so nothing is said.
pub(crate) async fn unreadable(session: &mut ServerSession, error: &pingora_error::Error) {
    use pingora_error::ErrorType as T;
    if matches!(
        error.etype(),
        T::ConnectionClosed | T::ReadError | T::ReadTimedout
    ) {
        return;
    }
    tracing::debug!(%error, "unreadable request");
    malformed(session).await;
}

/// Answers what is read and is no request.
pub(crate) async fn malformed(session: &mut ServerSession) {
    session.set_keepalive(None);
    // The client may be gone already; then there is nobody to tell.
    drop(session.respond_error(400).await);
}

/// Answers a call of an address that failed too often to say who it is: nothing is read of it, and the connection ends.
pub(crate) async fn barred(session: &mut ServerSession, wait: Duration) {
    const BODY: &[u8] = br#"{"error":{"type":"rate_limit_error","code":"address_barred","message":"Too many calls from this address had no key, or one that nobody knows."}}"#;
    session.set_keepalive(None);
    let told = async {
        let mut head = ResponseHeader::build_no_case(StatusCode::TOO_MANY_REQUESTS, Some(4))?;
        head.insert_header(header::CONTENT_TYPE, "application/json")?;
        head.insert_header(header::CONTENT_LENGTH, HeaderValue::from(BODY.len()))?;
        let seconds = wait.as_secs().saturating_add(1);
        head.insert_header(header::RETRY_AFTER, HeaderValue::from(seconds.min(60)))?;
        send(session, head, Bytes::from_static(BODY)).await
    };
    // The client may be gone already; then there is nobody to tell.
    drop(told.await);
}

fn head(
    status: u16,
    content_type: &'static str,
    length: usize,
    id: &str,
) -> pingora_error::Result<ResponseHeader> {
    let mut head = ResponseHeader::build_no_case(status, Some(8))?;
    head.insert_header(header::CONTENT_TYPE, HeaderValue::from_static(content_type))?;
    head.insert_header(header::CONTENT_LENGTH, HeaderValue::from(length))?;
    head.insert_header(REQUEST_ID, id)?;
    Ok(head)
}

async fn send(
    session: &mut ServerSession,
    head: ResponseHeader,
    body: Bytes,
) -> pingora_error::Result<()> {
    session.write_response_header(Box::new(head)).await?;
    session.write_response_body(body, true).await
}
