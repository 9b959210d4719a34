//! Ends an answer that cannot be completed: the upstream is cancelled, what was used is charged, and a
//! client that is still there learns of it, in its dialect where the answer allows it.

use pingora_core::protocols::http::ServerSession;
use tidegate_pipeline::{Refusal, guard::Stop, stage::End};
use tidegate_wire::{
    answer::AnswerKind,
    error::{self, ErrorKind, ErrorView},
    eventstream::Place,
};

use super::{Passing, settle};
use crate::{
    call::{Call, Fate},
    gateway::Gateway,
    reply,
    upstream::Answer,
};

/// Why an answer cannot be completed.
pub(super) enum Cut {
    ClientGone,
    /// By a guard.
    Stopped(Stop),
    UpstreamBroken,
}

/// Ends it.
pub(super) async fn end(
    gateway: &Gateway,
    client: &mut ServerSession,
    answer: Answer,
    mut passing: Passing<'_>,
    cut: Cut,
    call: &mut Call,
) -> Fate {
    answer.cancel().await;
    let (end, refusal) = match cut {
        Cut::ClientGone => {
            settle(gateway, &mut passing, End::ClientGone, call);
            return Fate::Abort;
        }
        Cut::Stopped(stop) => (End::Stopped, Some(Refusal::of_answer(stop))),
        Cut::UpstreamBroken => (End::UpstreamBroken, None),
    };
    if let Some(Refusal::GuardFailed(what)) = &refusal {
        tracing::error!(what, "a guard failed, and its answer was stopped");
    }
    if passing.head.is_some() {
        let broken = || call.facts.provider.clone().map(Refusal::UpstreamBroken);
        if let Some(refusal) = refusal.or_else(broken) {
            let settle = |call: &mut Call| settle(gateway, &mut passing, end, call);
            return refuse(gateway, client, &refusal, settle, call).await;
        }
        settle(gateway, &mut passing, end, call);
        return Fate::Abort;
    }
    call.facts.code = refusal.as_ref().map(Refusal::code);
    let told = passing.open.as_ref().and(passing.events.take());
    settle(gateway, &mut passing, end, call);
    if passing.outbox.send(client).await.is_err() {
        return Fate::Abort;
    }
    let Some(events) = told else {
        // An answer in one piece that is cut short must look cut short: the connection breaks.
        return Fate::Abort;
    };
    if let (End::UpstreamBroken, Some(provider)) = (end, &call.facts.provider) {
        gateway.health.bad(
            provider,
            gateway.clock.now(),
            "broke off in the middle of an answer",
        );
    }
    let Some(event) = event(refusal.as_ref(), call) else {
        return Fate::Abort;
    };
    // After half an event an empty line first, or else the error would be read as its rest. After half a message
    // of AWS' nothing can be said.
    let event = match events {
        Events::Messages(messages) if !messages.is_between() => return Fate::Abort,
        Events::Between | Events::Messages(_) => event,
        Events::Within => [b"\n\n", &event[..]].concat(),
    };
    match client.write_response_body(event.into(), true).await {
        Ok(()) => Fate::Close,
        Err(_) => Fate::Abort,
    }
}

/// Where in a stream of events the client is.
#[derive(Debug)]
pub(super) enum Events {
    /// After a whole event, or before the first.
    Between,
    /// Somewhere in AWS' messages.
    Messages(Place),
    Within,
}

impl Events {
    /// At the beginning of a stream that is written like this.
    pub(super) fn of(kind: AnswerKind) -> Self {
        if kind == AnswerKind::EventStream {
            Self::Messages(Place::default())
        } else {
            Self::Between
        }
    }

    /// After these bytes. Where they begin within an event's last line end, it is not seen that they
    /// end it: that costs an empty line more, which says nothing.
    pub(super) fn after(&mut self, bytes: &[u8]) {
        if let Self::Messages(place) = self {
            place.pass(bytes);
            return;
        }
        let whole = [&b"\n\n"[..], b"\r\n\r\n", b"\r\r"];
        *self = if whole.iter().any(|end| bytes.ends_with(end)) {
            Self::Between
        } else {
            Self::Within
        };
    }
}

/// Nothing of the answer was sent: a refusal takes its place. The bill is final and recorded before.
pub(super) async fn refuse(
    gateway: &Gateway,
    client: &mut ServerSession,
    refusal: &Refusal,
    settle: impl FnOnce(&mut Call),
    call: &mut Call,
) -> Fate {
    call.measured.refused(refusal);
    let written = reply::refusal(gateway, refusal, "", &mut call.facts);
    settle(call);
    let sent = match written {
        Ok(written) => written.send(client).await,
        Err(error) => Err(error),
    };
    match sent {
        Ok(()) => Fate::Reuse,
        Err(_) => Fate::Abort,
    }
}

/// The error event that ends a stream.
fn event(refusal: Option<&Refusal>, call: &Call) -> Option<Vec<u8>> {
    let id = call.facts.id.to_string();
    let message = refusal.map(Refusal::message);
    let broken = "The provider broke off in the middle of its answer.";
    let view = ErrorView {
        status: refusal.map_or(502, Refusal::status),
        kind: refusal.map_or(ErrorKind::Upstream, Refusal::kind),
        code: refusal.map_or("upstream_broken", Refusal::code),
        message: message.as_deref().unwrap_or(broken),
        param: None,
        request_id: &id,
    };
    Some(error::render_event_for(call.facts.operation?, &view))
}
