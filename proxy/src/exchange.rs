//! The story of a call, from top to bottom.
//!
//! A request arrives; its route must be on the list; its key must be known; its body is read; its
//! model, provider and price are found; rate and budget are reserved; it is sent; the answer passes
//! back; the bill is settled and recorded. Each step hands the next one what it needs to exist
//! (`tidegate_pipeline::stage`), so none can be left out.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use pingora_core::protocols::http::ServerSession;
use tidegate_governance::record::{Outcome, Record};
use tidegate_pipeline::{
    Facts, Refusal, Snapshot, Timing,
    stage::{Identified, Received, Routed},
};
use tidegate_telemetry::{Stopwatch, TraceContext};
use tidegate_types::{ProviderName, RequestId};
use tidegate_wire::route::{BodyKind, Operation};

use crate::{
    gateway::Gateway,
    intake, models,
    observe::{self, Measured},
    relay::{self, Extras},
    reply,
    upstream::{self, Outgoing},
};

/// W3C Trace Context.
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
/// Names the provider of a call whose route names no model.
const PROVIDER: HeaderName = HeaderName::from_static("x-tidegate-provider");

/// What becomes of the client's connection after a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The answer is incomplete and must look so: the connection breaks.
    Abort,
    /// The answer is complete, but the connection cannot serve another call.
    Close,
    /// The connection can serve the next call.
    Reuse,
}

/// What is known of the call in hand.
pub(crate) struct Call {
    pub(crate) facts: Facts,
    pub(crate) watch: Stopwatch,
    pub(crate) trace: TraceContext,
    pub(crate) measured: Measured,
}

/// Answers one call.
pub(crate) async fn run(gateway: &Gateway, client: &mut ServerSession) -> Fate {
    let mut call = Call::begin(gateway, client);
    let target = target(client);
    if target == "/healthz" {
        return if reply::alive(client).await.is_ok() {
            Fate::Reuse
        } else {
            Fate::Abort
        };
    }
    let snapshot = gateway.snapshot.load_full();
    let fate = match govern(gateway, client, &snapshot, &target, &mut call).await {
        Ok(fate) => fate,
        Err(refusal) => refuse(gateway, client, &refusal, &mut call).await,
    };
    observe::observe(&gateway.metrics, &call.facts, &call.watch, &call.measured);
    fate
}

async fn govern(
    gateway: &Gateway,
    client: &mut ServerSession,
    snapshot: &Snapshot,
    target: &str,
    call: &mut Call,
) -> Result<Fate, Refusal> {
    if client.is_upgrade_req() {
        // Codex tries this first, on every turn: the answer must cost it nothing.
        return Err(Refusal::WebSocket);
    }
    let head = client.req_header();
    let method = head.method.clone();
    let received = Received::parse(method.as_str(), target, &head.headers, &mut call.facts)?;
    let headers = &client.req_header().headers;
    let identified = received.identify(headers, snapshot, &mut call.facts)?;
    if matches!(
        identified.route().operation,
        Operation::UnifiedModelsGet | Operation::UnifiedModelsList
    ) {
        return list_models(client, &identified, call).await;
    }
    let limit = match identified.route().operation.body() {
        BodyKind::None => 0,
        BodyKind::Json | BodyKind::Multipart => gateway.limits.body_max,
    };
    let (body, held) =
        intake::read_body(client, limit, &gateway.body_memory, &mut call.watch).await?;
    let headers = &client.req_header().headers;
    let content_type = text(headers.get(header::CONTENT_TYPE));
    let pinned = text(headers.get(&PROVIDER)).parse::<ProviderName>().ok();
    let described = identified.describe(content_type, body, pinned.as_ref(), &mut call.facts)?;
    let admitted = described.admit(&gateway.governor, &mut call.facts).await?;
    let mut routed = admitted.route(&client.req_header().headers);
    let (path, mut headers, body) = routed.take_request();
    call.trace_headers(&mut headers);
    let outgoing = Outgoing {
        method,
        path,
        headers,
        body,
    };
    let provider = routed.provider();
    call.measured.sent_at = Some(call.watch.elapsed());
    let sent = upstream::send(gateway, client, provider, &outgoing, &mut call.watch).await;
    drop((outgoing, held));
    let answer = match sent {
        Ok(answer) => answer,
        Err(Refusal::ClientGone) => return Ok(abandon(gateway, routed, call)),
        Err(refusal) => return Err(refusal),
    };
    let Some(began) = answer.session.response_header() else {
        return Err(Refusal::UpstreamBroken(provider.clone()));
    };
    let status = began.status.as_u16();
    if status == 401 {
        gateway.health.bad(
            provider,
            gateway.clock.now(),
            "refused the gateway's credential",
        );
        let refusal = Refusal::UpstreamCredential(provider.clone());
        answer.cancel().await;
        return Err(refusal);
    }
    gateway.note_health(provider, status);
    let content_type = began
        .headers
        .get(header::CONTENT_TYPE)
        .map(|value| text(Some(value)));
    let (requests, tokens) = routed.allowances();
    let extras = Extras {
        requests,
        tokens,
        relength: routed.changes_length(),
    };
    let streaming = routed.answered(status, content_type, &mut call.facts);
    Ok(relay::run(gateway, client, answer, streaming, extras, call).await)
}

/// The client left before the answer began: what it caused is charged all the same.
fn abandon(gateway: &Gateway, routed: Routed<'_>, call: &mut Call) -> Fate {
    call.facts.status = Refusal::ClientGone.status();
    call.facts.code = Some(Refusal::ClientGone.code());
    let settled = routed.abandon(&mut call.facts);
    let timing = call.timing();
    settled.record(&gateway.recorder, &mut call.facts, timing);
    Fate::Abort
}

async fn list_models(
    client: &mut ServerSession,
    identified: &Identified<'_, '_>,
    call: &mut Call,
) -> Result<Fate, Refusal> {
    let body = models::answer(identified, call.facts.dialect)?;
    call.facts.outcome = Outcome::Completed;
    Ok(match reply::json(client, body, &mut call.facts).await {
        Ok(()) => Fate::Reuse,
        Err(_) => Fate::Abort,
    })
}

async fn refuse(
    gateway: &Gateway,
    client: &mut ServerSession,
    refusal: &Refusal,
    call: &mut Call,
) -> Fate {
    call.facts.outcome = Outcome::Refused;
    call.measured.refused(refusal);
    if matches!(refusal, Refusal::ClientGone) {
        call.facts.status = refusal.status();
        call.facts.code = Some(refusal.code());
        return Fate::Abort;
    }
    let answered = reply::refuse(gateway, client, refusal, &mut call.facts).await;
    if call.facts.key.is_some() {
        // Calls that nobody can be named for are counted, not logged: else anyone could fill the
        // log.
        let row = call.facts.row(call.timing());
        gateway.recorder.record(Record {
            row,
            charges: Default::default(),
        });
    }
    match answered {
        Ok(()) if intake::discard_rest(client).await => Fate::Reuse,
        Ok(()) => Fate::Close,
        Err(_) => Fate::Abort,
    }
}

fn target(client: &ServerSession) -> String {
    let uri = &client.req_header().uri;
    let whole = uri.path_and_query().map(http::uri::PathAndQuery::as_str);
    whole.unwrap_or_else(|| uri.path()).to_owned()
}

fn text(value: Option<&HeaderValue>) -> &str {
    value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

impl Call {
    fn begin(gateway: &Gateway, client: &ServerSession) -> Self {
        let arrived = gateway.clock.now();
        let headers = &client.req_header().headers;
        let trace = TraceContext::parse(text(headers.get(&TRACEPARENT)))
            .map(|parent| parent.with_state(text(headers.get(&TRACESTATE))))
            .unwrap_or_else(TraceContext::new_root);
        let id = RequestId::from_parts(arrived, fastrand::u128(..));
        let mut facts = Facts::new(id, arrived);
        facts.trace_id = Some(trace.trace.to_bytes());
        Self {
            facts,
            watch: Stopwatch::start(),
            trace,
            measured: Measured::default(),
        }
    }

    /// Passes the trace on, with a span of ours.
    fn trace_headers(&self, headers: &mut HeaderMap) {
        let ours = self.trace.child();
        if let Ok(value) = HeaderValue::from_str(&ours.to_header()) {
            headers.insert(TRACEPARENT, value);
        }
        if let Some(Ok(value)) = ours.state().map(HeaderValue::from_str) {
            headers.insert(TRACESTATE, value);
        }
    }

    /// Notes that a piece of the answer came.
    pub(crate) fn piece(&mut self) {
        self.watch.mark_first_byte();
        if self.facts.streamed {
            self.measured.piece(self.watch.elapsed());
        }
    }

    /// The durations so far.
    pub(crate) fn timing(&self) -> Timing {
        let micros =
            |duration: std::time::Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        Timing {
            duration_us: micros(self.watch.elapsed()),
            overhead_us: micros(self.watch.overhead()),
            ttft_us: self.watch.first_byte().map(micros),
        }
    }
}
