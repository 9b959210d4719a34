//! One answer in a session: a call through all the stages, from the first part that the provider makes to its report of
//! what was used. A turn has one such report as a rule; where it has several, each is a call.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use tidegate_pipeline::{
    Refusal, Snapshot,
    stage::{End, Streaming},
};
use tidegate_types::UsageSource;
use tidegate_wire::socket::{
    Unframed,
    live::{ClientKind, EventKind, client_message, server_message},
};
use tokio::time::timeout;

use super::{Said, Session, broken_off, closing, refuse};
use crate::{
    call::Call,
    endings::settle,
    observe,
    websocket::{
        governed::Next,
        peer::Heard,
        sides::Event,
        turn::{Cut, finish, pass},
    },
};

/// How long a report of usage is waited for that does not come with a turn's last message.
const LATE_REPORT: Duration = Duration::from_secs(1);

/// Why an answer is at its end before its report.
enum Over {
    Cut(Cut),
    Left(Next),
}

impl Session<'_> {
    /// Goes along with an answer that the provider began.
    pub(super) async fn answer(&mut self, first: Said) -> Next {
        let mut call = Call::begin(self.gateway, self.caller.headers());
        let snapshot = self.gateway.newest.load_full();
        match Box::pin(self.accompany(&snapshot, first, &mut call)).await {
            Ok(next) => {
                observe::finished(self.gateway, call);
                next
            }
            // There is no other way to have the provider stop than to end the session.
            Err(refusal) => refuse(self.gateway, &refusal, call),
        }
    }

    async fn accompany(
        &mut self,
        snapshot: &Snapshot,
        first: Said,
        call: &mut Call,
    ) -> Result<Next, Refusal> {
        let nothing = Bytes::from_static(b"{}");
        let described = self.describe(snapshot, nothing, &mut call.facts)?;
        let admitted = described
            .admit(&self.gateway.governor, &mut call.facts)
            .await?;
        call.facts.guardrails.append(&mut self.noted);
        let routed = admitted.clear(&mut call.facts).await?.route()?;
        let mut headers = HeaderMap::with_capacity(1);
        let events = HeaderValue::from_static("text/event-stream");
        headers.insert(header::CONTENT_TYPE, events);
        let streaming = routed.answered(200, &headers, &mut call.facts);
        Ok(self.bring_back(streaming, first, call).await)
    }

    /// Brings the answer back, message by message, and settles it before its last one is seen.
    async fn bring_back(
        &mut self,
        mut streaming: Streaming<'_>,
        first: Said,
        call: &mut Call,
    ) -> Next {
        let mut unframed = Unframed::default();
        let mut said = first;
        self.calling = false;
        let over = loop {
            call.piece();
            let known = server_message(&said.json);
            self.calling |= known.kind == EventKind::ToolCall;
            let in_bytes = said.in_bytes;
            let out = pass(&mut streaming, &mut unframed, said.json, known.usage, call).await;
            let mut out = match out {
                Ok(out) => out,
                Err(cut) => break Over::Cut(cut),
            };
            if known.kind == EventKind::TurnComplete && !known.usage {
                let more = match self.late_report().await {
                    Some(report) => pass(&mut streaming, &mut unframed, report, true, call).await,
                    None => finish(&mut streaming, &mut unframed, call).await,
                };
                match more {
                    Ok(more) => out.extend(more),
                    Err(cut) => break Over::Cut(cut),
                }
            }
            let last = known.usage || known.kind == EventKind::TurnComplete;
            call.facts.response_bytes += out.iter().map(|json| json.len() as u64).sum::<u64>();
            if last {
                self.settle(streaming, End::Completed, call);
                return self.tell_all(out, in_bytes, call).await;
            }
            match self.tell_all(out, in_bytes, call).await {
                Next::Listen => {}
                next => break Over::Left(next),
            }
            match self.part(call).await {
                Ok(Some(next)) => said = next,
                Ok(None) => match finish(&mut streaming, &mut unframed, call).await {
                    Ok(out) => {
                        self.settle(streaming, End::Completed, call);
                        return self.tell_all(out, in_bytes, call).await;
                    }
                    Err(cut) => break Over::Cut(cut),
                },
                Err(over) => break over,
            }
        };
        self.end_early(streaming, over, call)
    }

    async fn tell_all(&mut self, out: Vec<Bytes>, in_bytes: bool, call: &mut Call) -> Next {
        for json in out {
            let told = self.tell(Said { json, in_bytes });
            match call.watch.wait(told).await {
                Next::Listen => {}
                next => return next,
            }
        }
        Next::Listen
    }

    /// The report of a turn whose last message came without one. What else is said instead is heard next.
    async fn late_report(&mut self) -> Option<Bytes> {
        let heard = timeout(LATE_REPORT, self.sides.provider.hear())
            .await
            .ok()?;
        if let Heard::Text(json) | Heard::Binary(json) = &heard
            && server_message(json).kind == EventKind::Usage
        {
            return Some(json.clone());
        }
        self.ahead = Some(heard);
        None
    }

    /// The next part of the answer; `None` where the client goes on after a call of functions: what is said to that is
    /// another answer. What belongs to the session passes beside it.
    async fn part(&mut self, call: &mut Call) -> Result<Option<Said>, Over> {
        loop {
            let left = self
                .gateway
                .timeouts
                .total
                .saturating_sub(call.watch.elapsed());
            let waited = call.watch.wait(timeout(left, self.next(true))).await;
            let said = match waited {
                Err(_) | Ok(Event::Idle) => return Err(Over::Cut(Cut::UpstreamBroken)),
                Ok(Event::Provider(Heard::Text(json))) => Said {
                    json,
                    in_bytes: false,
                },
                Ok(Event::Provider(Heard::Binary(json))) => Said {
                    json,
                    in_bytes: true,
                },
                Ok(Event::Provider(_)) => return Err(Over::Cut(Cut::UpstreamBroken)),
                // However it left, and whether or not that was by the protocol.
                Ok(Event::Client(Heard::Closed(_) | Heard::Broken(_))) => {
                    return Err(Over::Left(Next::Gone));
                }
                Ok(Event::Client(Heard::Text(json) | Heard::Binary(json)))
                    if self.calling && !is_media(&json) =>
                {
                    self.sides.held.push_back(json);
                    return Ok(None);
                }
                Ok(event) => match Box::pin(self.deal_with(event, true)).await {
                    Next::Listen => continue,
                    next => return Err(Over::Left(next)),
                },
            };
            let known = server_message(&said.json);
            match known.kind {
                _ if known.usage => return Ok(Some(said)),
                // It ends no text of the answer: whoever makes one could hide what is cut in two by it.
                EventKind::Session => match self.tell(said).await {
                    Next::Listen => {}
                    next => return Err(Over::Left(next)),
                },
                EventKind::Other => {}
                _ => return Ok(Some(said)),
            }
        }
    }

    fn settle(&mut self, streaming: Streaming<'_>, end: End, call: &mut Call) {
        self.memory = settle(self.gateway, streaming, end, call).remember();
        // The next prompt is all that was said before.
        if call.facts.usage.source == UsageSource::Reported && call.facts.usage.total().0 > 0 {
            self.said = call.facts.usage.total();
        }
    }

    /// Ends an answer that cannot be completed, and with it the session.
    fn end_early(&mut self, streaming: Streaming<'_>, over: Over, call: &mut Call) -> Next {
        match over {
            Over::Left(next) => {
                let end = match next {
                    Next::Gone => End::ClientGone,
                    Next::Close(..) | Next::Listen => End::Stopped,
                };
                self.settle(streaming, end, call);
                next
            }
            Over::Cut(Cut::ClientGone) => {
                self.settle(streaming, End::ClientGone, call);
                Next::Gone
            }
            Over::Cut(Cut::UpstreamBroken) => {
                let (health, now) = (&self.gateway.health, self.gateway.clock.now());
                let what = "broke off in the middle of an answer";
                health.bad(&self.place.provider, now, what);
                self.settle(streaming, End::UpstreamBroken, call);
                broken_off()
            }
            Over::Cut(Cut::Stopped(stop)) => {
                let refusal = Refusal::of_answer(stop);
                if let Refusal::GuardFailed(what) = &refusal {
                    tracing::error!(what, "a guard failed, and its answer was stopped");
                }
                call.facts.code = Some(refusal.code());
                self.settle(streaming, End::Stopped, call);
                closing(&refusal)
            }
        }
    }
}

/// Whether a client's message is sound or pictures.
fn is_media(json: &[u8]) -> bool {
    client_message(json).is_ok_and(|known| known.kind == ClientKind::Media)
}
