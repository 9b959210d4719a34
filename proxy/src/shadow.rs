//! Sends copies of calls to shadow targets (ADR 0030): beside the call, in a task of its own, within bounds in number,
//! memory, bytes and time. Nothing that happens here is seen by the call, by its provider's health, or by the breakers and
//! cooldowns that other calls are routed by.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method};
use tidegate_governance::record::{Outcome, Record};
use tidegate_pipeline::{
    Facts, Refusal, Snapshot,
    stage::{Copied, End, Routed, Streaming},
};
use tidegate_telemetry::{ShadowFate, Stopwatch, TraceContext};
use tidegate_wire::headers;

use crate::{
    call::{Call, timing},
    gateway::{Gateway, InFlightGuard},
    intake::Held,
    upstream::{self, Answer, Caller, Outgoing},
};

/// The most that is read of an answer, in bytes.
const LONGEST: usize = 16 << 20;

/// What a copy holds for as long as it is under way.
struct Room {
    _place: tokio::sync::OwnedSemaphorePermit,
    _memory: Held,
    /// A stop waits for it as for a call, so that what it cost is known.
    _in_flight: InFlightGuard,
}

/// A copy that is under way.
struct Underway {
    method: Method,
    headers: HeaderMap,
    trace: TraceContext,
    watch: Stopwatch,
    timeout: Duration,
}

/// Sends a copy on its way, where there is room for it; the call goes on at once.
pub(crate) fn start(
    gateway: &Arc<Gateway>,
    method: Method,
    client: &HeaderMap,
    copied: Copied,
    call: &Call,
) {
    let place = Arc::clone(&gateway.shadows).try_acquire_owned();
    // What is translated is another copy of it.
    let memory = gateway.body_memory.share(copied.len().saturating_mul(2));
    let (Ok(place), Ok(memory)) = (place, memory) else {
        gateway
            .metrics
            .shadow(copied.provider(), ShadowFate::Dropped);
        return;
    };
    let room = Room {
        _place: place,
        _memory: memory,
        _in_flight: gateway.in_flight.enter(),
    };
    let headers = client
        .iter()
        .filter(|(name, _)| !headers::is_credential(name));
    let underway = Underway {
        method,
        headers: headers
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
        trace: call.trace.clone(),
        watch: Stopwatch::start(),
        timeout: copied.timeout(),
    };
    let gateway = Arc::clone(gateway);
    tokio::spawn(async move {
        let provider = copied.provider().clone();
        let fate = underway.run(&gateway, copied).await;
        gateway.metrics.shadow(&provider, fate);
        drop(room);
    });
}

impl Underway {
    async fn run(mut self, gateway: &Gateway, copied: Copied) -> ShadowFate {
        let snapshot = gateway.snapshot.load_full();
        let now = gateway.clock.mono();
        let (routed, mut facts) = copied.route(&snapshot, &gateway.governor, now).await;
        let mut routed = match routed {
            Ok(routed) => routed,
            Err(refusal) => {
                self.log_refused(gateway, &refusal, &mut facts);
                return ShadowFate::Refused;
            }
        };
        if !may_be_asked(gateway, &snapshot, &mut routed) {
            drop(routed.give_up());
            return ShadowFate::Resting;
        }
        let provider = routed.provider().clone();
        match self.send(gateway, &routed).await {
            Ok(answer) => {
                let fate = self.read(gateway, routed, answer, &mut facts).await;
                let (took, ttft) = (self.watch.elapsed(), self.watch.first_byte());
                gateway
                    .metrics
                    .shadow_answer(&provider, took, ttft, facts.cost);
                fate
            }
            Err(refusal) => {
                drop(routed.give_up());
                self.log_refused(gateway, &refusal, &mut facts);
                ShadowFate::Failed
            }
        }
    }

    /// Sends it, once.
    async fn send(&mut self, gateway: &Gateway, routed: &Routed<'_>) -> Result<Answer, Refusal> {
        let upstream = gateway.upstreams.of(routed)?;
        let outgoing = Outgoing {
            method: self.method.clone(),
            routed,
            upstream: &upstream,
            body: routed.body(),
            trace: &self.trace,
        };
        let left = self.left();
        let caller = Caller::Nobody(&self.headers);
        let sent = upstream::send(gateway, caller, &outgoing, &mut self.watch);
        let late = |_| Refusal::UpstreamTimeout(routed.provider().clone());
        tokio::time::timeout(left, sent).await.map_err(late)?
    }

    /// Reads the answer to its end, by the same stages as any other, and makes the bill.
    async fn read(
        &mut self,
        gateway: &Gateway,
        routed: Routed<'_>,
        mut answer: Answer,
        facts: &mut Facts,
    ) -> ShadowFate {
        let (status, headers) = answer.head();
        let mut streaming = routed.answered(status, headers, facts);
        let end = loop {
            match self.next(gateway, &mut answer, &mut streaming, facts).await {
                None => {}
                Some(end) => break end,
            }
        };
        if end == End::Completed {
            answer.release().await;
        } else {
            answer.cancel().await;
        }
        let (settled, _) = streaming.settle(end, facts);
        settled.record(&gateway.recorder, facts, timing(&self.watch));
        match end {
            End::Completed if status < 400 => ShadowFate::Answered,
            End::Stopped => ShadowFate::Refused,
            _ => ShadowFate::Failed,
        }
    }

    /// Reads one piece; how it ended, if it did.
    async fn next(
        &mut self,
        gateway: &Gateway,
        answer: &mut Answer,
        streaming: &mut Streaming<'_>,
        facts: &mut Facts,
    ) -> Option<End> {
        let left = self.left();
        if left.is_zero() || facts.response_bytes > LONGEST as u64 {
            return Some(End::UpstreamBroken);
        }
        answer.allow(left.min(gateway.timeouts.idle));
        let piece = self.watch.wait(answer.read()).await;
        let last = !matches!(piece, Ok(Some(_)));
        let passed = match piece {
            Ok(Some(piece)) => {
                self.watch.mark_first_byte();
                facts.response_bytes += Bytes::len(&piece) as u64;
                streaming.push(piece, facts)
            }
            Ok(None) => streaming.end(facts),
            Err(_) => return Some(End::UpstreamBroken),
        };
        let Ok(step) = passed else {
            return Some(End::UpstreamBroken);
        };
        match step.done().await {
            Err(_) => Some(End::Stopped),
            Ok(_) => last.then_some(End::Completed),
        }
    }

    fn left(&self) -> Duration {
        self.timeout.saturating_sub(self.watch.elapsed())
    }

    /// A copy that was not answered has a row, too: whoever compares wants to know why.
    fn log_refused(&self, gateway: &Gateway, refusal: &Refusal, facts: &mut Facts) {
        facts.outcome = Outcome::Refused;
        facts.status = refusal.status();
        facts.code = Some(refusal.code());
        gateway.recorder.record(Record {
            row: facts.row(timing(&self.watch)),
            charges: Default::default(),
        });
    }
}

/// Gives it a key, if its provider and that key are well: what rests is not asked for nobody.
fn may_be_asked(gateway: &Gateway, snapshot: &Snapshot, routed: &mut Routed<'_>) -> bool {
    let Some(place) = snapshot.routing.place(routed.provider()) else {
        return false;
    };
    let (now, model) = (gateway.clock.mono(), routed.model());
    if !place.is_well(now) || !place.is_ready(routed.at(), model, now) {
        return false;
    }
    let key = place.pick(routed.at(), model, routed.affinity(), &[], now);
    routed.use_key(key);
    true
}
