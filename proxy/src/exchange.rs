//! The story of a call, from top to bottom.
//!
//! A request arrives; its route must be on the list; its key must be known; its body is read; its
//! model, provider and price are found; rate and budget are reserved; the guards look at it; it is
//! sent; the answer passes back, by the guards again; the bill is settled and recorded. Each step hands
//! the next one what it needs to exist (`tidegate_pipeline::stage`), so none can be left out.

use http::{HeaderName, Method, header};
use pingora_core::protocols::http::ServerSession;
use tidegate_pipeline::{
    Refusal, Snapshot,
    stage::{Course, Identified, Received, Relayed},
};
use tidegate_types::ProviderName;
use tidegate_wire::route::{BodyKind, Operation};

use crate::{
    call::{Call, Fate, target, text},
    endings::{abandon, credential_refused, list_models, refuse},
    forward,
    gateway::{Gateway, wait_for},
    intake, observe,
    relay::{self, Extras},
    reply,
    upstream::{self, Outgoing},
    websocket,
};

/// Names the provider of a call whose route names no model.
pub(crate) const PROVIDER: HeaderName = HeaderName::from_static("x-tidegate-provider");

/// Answers one call.
pub(crate) async fn run(gateway: &Gateway, client: &mut ServerSession) -> Fate {
    let mut call = Call::begin(gateway, &client.req_header().headers);
    let target = target(client);
    if target == "/healthz" {
        return if reply::alive(client).await.is_ok() {
            Fate::Reuse
        } else {
            Fate::Abort
        };
    }
    let answered = if client.is_upgrade_req() {
        Box::pin(websocket::run(gateway, client, &target, &mut call)).await
    } else {
        let snapshot = gateway.snapshot.load_full();
        govern(gateway, client, &snapshot, &target, &mut call).await
    };
    let fate = match answered {
        Ok(fate) => fate,
        Err(refusal) => Box::pin(refuse(gateway, client, &refusal, &mut call)).await,
    };
    observe::finished(gateway, call);
    fate
}

async fn govern(
    gateway: &Gateway,
    client: &mut ServerSession,
    snapshot: &Snapshot,
    target: &str,
    call: &mut Call,
) -> Result<Fate, Refusal> {
    let head = client.req_header();
    let method = head.method.clone();
    let (headers, facts) = (&head.headers, &mut call.facts);
    let relayed = Relayed::parse(target, headers, facts)?;
    let identified = match &relayed {
        None => Received::parse(method.as_str(), target, headers, facts)?
            .identify(headers, snapshot, facts)?,
        Some(relayed) => match relayed.identify(method.as_str(), headers, snapshot, facts)? {
            Course::Governed(identified) => *identified,
            Course::Forwarded(to) => {
                let target = relayed.target();
                return Box::pin(forward::run(gateway, client, target, &to, call)).await;
            }
        },
    };
    serve(gateway, client, method, identified, call).await
}

/// From here on it is known who asks, and whether they may.
async fn serve(
    gateway: &Gateway,
    client: &mut ServerSession,
    method: Method,
    identified: Identified<'_, '_>,
    call: &mut Call,
) -> Result<Fate, Refusal> {
    if matches!(
        identified.route().operation,
        Operation::UnifiedModelsGet | Operation::UnifiedModelsList
    ) {
        return Box::pin(list_models(gateway, client, &identified, call)).await;
    }
    let limit = match identified.route().operation.body() {
        BodyKind::None => 0,
        BodyKind::Json | BodyKind::Multipart => gateway.limits.body_max,
    };
    let (memory, timeouts) = (&gateway.body_memory, &gateway.timeouts);
    let (body, held) = intake::read_body(client, limit, memory, timeouts, &mut call.watch).await?;
    let headers = &client.req_header().headers;
    let content_type = text(headers.get(header::CONTENT_TYPE));
    let pinned = text(headers.get(&PROVIDER)).parse::<ProviderName>().ok();
    let described = identified.describe(content_type, body, pinned.as_ref(), &mut call.facts)?;
    let admitted = described.admit(&gateway.governor, &mut call.facts).await?;
    let mut routed = admitted.clear(&mut call.facts).await?.route()?;
    let body = routed.take_body();
    call.measured.sent_at = Some(call.watch.elapsed());
    // From now on a silent client is a client that listens.
    wait_for(client, None);
    let upstream = gateway.upstreams.of(&routed)?;
    let outgoing = Outgoing {
        method,
        routed: &routed,
        upstream: &upstream,
        body,
        trace: &call.trace,
    };
    let sent = upstream::send(gateway, client, &outgoing, &mut call.watch).await;
    drop((outgoing, held));
    let provider = routed.provider();
    let answer = match sent {
        Ok(answer) => answer,
        Err(Refusal::ClientGone) => return Ok(abandon(gateway, routed, call)),
        Err(refusal) => return Err(refusal),
    };
    let Some(began) = answer.session.response_header() else {
        return Err(Refusal::UpstreamBroken(provider.clone()));
    };
    let status = began.status.as_u16();
    if status == 401 && !routed.is_direct() {
        return Err(credential_refused(gateway, provider.clone(), answer).await);
    }
    if !routed.is_direct() {
        gateway.note_health(provider, status);
    }
    let (requests, tokens) = routed.allowances();
    let extras = Extras {
        requests,
        tokens,
        direct: routed.is_direct(),
    };
    let streaming = routed.answered(status, &began.headers, &mut call.facts);
    Ok(relay::run(gateway, client, answer, streaming, extras, call).await)
}
