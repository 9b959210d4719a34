//! The story of a call, from top to bottom.
//!
//! A request arrives; its route must be on the list; its key must be known; its body is read; its
//! model, provider and price are found; rate and budget are reserved; the guards look at it; an answer that was
//! kept is given, or it is sent, to the next place if need be (`attempts`); the answer passes back, by the guards again; the bill is settled and recorded. Each step hands
//! the next one what it needs to exist (`tidegate_pipeline::stage`), so none can be left out.

use std::sync::Arc;

use http::Method;
use pingora_core::protocols::http::ServerSession;
use tidegate_pipeline::{
    Refusal, Snapshot,
    stage::{Course, Identified, Received, Relayed},
};
use tidegate_wire::route::{BodyKind, Operation};

use crate::{
    attempts::{self, Answered, Ended},
    call::{Call, Fate, target},
    endings::{abandon, list_models, refuse},
    forward,
    gateway::Gateway,
    intake, observe,
    otlp::logs::CALL,
    relay, reply, websocket,
};

/// Answers one call. Besides what becomes of the connection: whether nobody knows who called.
pub(crate) async fn run(gateway: &Arc<Gateway>, client: &mut ServerSession) -> (Fate, bool) {
    let mut call = Call::begin(gateway, &client.req_header().headers);
    let target = target(client);
    if target == "/healthz" {
        let told = reply::alive(client).await.is_ok();
        return (if told { Fate::Reuse } else { Fate::Abort }, false);
    }
    // What is logged meanwhile belongs to this call.
    let ids = (call.trace.trace, call.trace.span);
    let answered = CALL.scope(ids, async {
        if client.is_upgrade_req() {
            Box::pin(websocket::run(gateway, client, &target, &mut call)).await
        } else {
            let snapshot = gateway.snapshot.load_full();
            govern(gateway, client, &snapshot, &target, &mut call).await
        }
    });
    let answered = answered.await;
    let unknown = answered.as_ref().is_err_and(Refusal::is_of_nobody);
    let fate = match answered {
        Ok(fate) => fate,
        Err(refusal) => Box::pin(refuse(gateway, client, &refusal, &mut call)).await,
    };
    observe::finished(gateway, call);
    (fate, unknown)
}

async fn govern(
    gateway: &Arc<Gateway>,
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
    gateway: &Arc<Gateway>,
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
    if identified.route().operation == Operation::Realtime {
        return Err(Refusal::WebSocket);
    }
    let limit = match identified.route().operation.body() {
        BodyKind::None => 0,
        BodyKind::Json | BodyKind::Multipart => gateway.limits.body_max,
    };
    let (memory, timeouts) = (&gateway.body_memory, &gateway.timeouts);
    let (body, held) = intake::read_body(client, limit, memory, timeouts, &mut call.watch).await?;
    let headers = &client.req_header().headers;
    let now = gateway.clock.mono();
    let described = identified.describe(headers, body, now, &mut call.facts)?;
    let ended = attempts::run(gateway, client, &method, described, call).await;
    drop(held);
    Ok(match ended? {
        Ended::Answered(answered) => {
            let Answered {
                answer,
                streaming,
                extras,
            } = *answered;
            relay::run(gateway, client, answer, streaming, extras, call).await
        }
        Ended::Kept(replay) => Box::pin(relay::replay::run(gateway, client, *replay, call)).await,
        Ended::Left(routed) => abandon(gateway, *routed, true, call),
        Ended::LeftWaiting(routed) => abandon(gateway, *routed, false, call),
    })
}
