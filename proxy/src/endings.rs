//! The ways in which a call ends without an answer of a provider's.

use http::header;
use pingora_core::protocols::http::ServerSession;
use tidegate_governance::record::{Outcome, Record};
use tidegate_pipeline::{
    Refusal,
    stage::{End, Identified, Routed, Streaming, Way},
};
use tidegate_types::ProviderName;

use crate::{
    call::{Call, Fate, text},
    gateway::{Gateway, wait_for},
    intake, models, reply,
    upstream::Answer,
};

/// The client left before the answer began: what it caused is charged all the same.
pub(crate) fn abandon(gateway: &Gateway, routed: Routed<'_>, asked: bool, call: &mut Call) -> Fate {
    call.facts.status = Refusal::ClientGone.status();
    call.facts.code = Some(Refusal::ClientGone.code());
    let settled = routed.abandon(asked, &mut call.facts);
    let timing = call.timing();
    settled.record(&gateway.recorder, &mut call.facts, timing);
    Fate::Abort
}

/// An answer is over, or as much of it as there will be: its bill is final, and on its way to the store. Gives the
/// rest of its way.
pub(crate) fn settle(
    gateway: &Gateway,
    streaming: Streaming<'_>,
    end: End,
    call: &mut Call,
) -> Way {
    let (settled, way) = streaming.settle(end, &mut call.facts);
    let timing = call.timing();
    settled.record(&gateway.recorder, &mut call.facts, timing);
    way
}

/// The provider refused the gateway's own credential: that is nothing the client can mend.
pub(crate) async fn credential_refused(
    gateway: &Gateway,
    provider: ProviderName,
    answer: Answer,
) -> Refusal {
    let now = gateway.clock.now();
    let what = "refused the gateway's credential";
    gateway.health.bad(&provider, now, what);
    answer.cancel().await;
    Refusal::UpstreamCredential(provider)
}

/// Answers from the gateway's own list of models.
///
/// # Errors
/// The path names a model that this key cannot use.
pub(crate) async fn list_models(
    gateway: &Gateway,
    client: &mut ServerSession,
    identified: &Identified<'_, '_>,
    call: &mut Call,
) -> Result<Fate, Refusal> {
    let body = models::answer(identified, call.facts.dialect)?;
    call.facts.outcome = Outcome::Completed;
    let answered = reply::json(client, body, &mut call.facts).await;
    record_free(gateway, call);
    Ok(match answered {
        Ok(()) => Fate::Reuse,
        Err(_) => Fate::Abort,
    })
}

/// Logs a call that no provider worked for.
pub(crate) fn record_free(gateway: &Gateway, call: &mut Call) {
    let row = call.facts.row(call.timing());
    gateway.recorder.record(Record {
        row,
        charges: Default::default(),
    });
}

/// Answers with a refusal.
pub(crate) async fn refuse(
    gateway: &Gateway,
    client: &mut ServerSession,
    refusal: &Refusal,
    call: &mut Call,
) -> Fate {
    call.facts.outcome = Outcome::Refused;
    call.measured.refused(refusal);
    if let Refusal::GuardFailed(what) = refusal {
        tracing::error!(what, "a guard failed, and its call was refused");
    }
    if matches!(refusal, Refusal::ClientGone) {
        call.facts.status = refusal.status();
        call.facts.code = Some(refusal.code());
        return Fate::Abort;
    }
    wait_for(client, Some(gateway.timeouts.client));
    let kind = text(client.req_header().headers.get(header::CONTENT_TYPE)).to_owned();
    let answered = match reply::refusal(gateway, refusal, &kind, &mut call.facts) {
        Ok(written) => written.send(client).await,
        Err(error) => Err(error),
    };
    if call.facts.key.is_some() {
        // Calls that nobody can be named for are counted, not logged: else anyone could fill the
        // log.
        record_free(gateway, call);
    }
    match answered {
        Ok(()) if intake::discard_rest(client, gateway.timeouts.client).await => Fate::Reuse,
        Ok(()) => Fate::Close,
        Err(_) => Fate::Abort,
    }
}
