//! One response in a session: a call through all the stages, whether the client asked for it or the provider began it
//! by itself when it had heard enough.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use serde_json::json;
use tidegate_pipeline::{
    Refusal, Snapshot,
    stage::{End, Routed, Streaming},
};
use tidegate_types::UsageSource;
use tidegate_wire::socket::{
    MessageError, Unframed, framed,
    realtime::{EventKind, client_message, server_event},
};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::Session;
use crate::{
    call::Call,
    endings::{abandon, settle},
    observe,
    websocket::{
        governed::{Api, Next},
        peer::{Gone, Heard},
        sides::Event,
        turn::{Cut, pass},
    },
};

/// How long a provider that was told to stop is waited for: what the response used stands in its last event.
const LAST_EVENT: Duration = Duration::from_secs(5);

/// Why there is a response.
pub(super) enum Trigger {
    /// The client asks for it.
    Asked(Bytes),
    /// The provider began it, with this event.
    Begun(Bytes),
}

/// Why a response is not brought back to its end.
enum Over {
    Cut(Cut),
    Left(Next),
}

impl Session<'_> {
    /// Has a response made, or goes along with one that was begun.
    pub(super) async fn respond(&mut self, trigger: Trigger) -> Next {
        let mut call = Call::begin(self.gateway, self.caller.headers());
        let snapshot = self.gateway.newest.load_full();
        let begun = match &trigger {
            Trigger::Asked(_) => None,
            Trigger::Begun(event) => Some(server_event(event).response),
        };
        match Box::pin(self.serve(&snapshot, trigger, &mut call)).await {
            Ok(next) => {
                observe::finished(self.gateway, call);
                next
            }
            Err(refusal) => {
                if let Some(id) = begun
                    && self.cancel(id.as_deref()).await.is_err()
                {
                    return Next::Gone;
                }
                self.refuse(&refusal, call).await
            }
        }
    }

    async fn serve(
        &mut self,
        snapshot: &Snapshot,
        trigger: Trigger,
        call: &mut Call,
    ) -> Result<Next, Refusal> {
        let (body, begun) = match trigger {
            Trigger::Asked(message) => (message, None),
            Trigger::Begun(event) => (Bytes::from_static(b"{}"), Some(event)),
        };
        self.caller.identify(snapshot, &mut call.facts)?;
        if begun.is_none() {
            let known = client_message(&body).map_err(Refusal::Message)?;
            self.is_of_the_session(&known)?;
        }
        let held = self.gateway.body_memory.share(body.len())?;
        let described = self.describe(snapshot, body, &mut call.facts)?;
        let admitted = described
            .admit(&self.gateway.governor, &mut call.facts)
            .await?;
        call.facts.guardrails.append(&mut self.noted);
        let routed = admitted.clear(&mut call.facts).await?.route()?;
        let first = match begun {
            Some(event) => Ok(event),
            None => self.ask(&routed, call).await,
        };
        drop(held);
        let first = match first {
            Ok(first) => first,
            Err(Over::Left(next)) => {
                abandon(self.gateway, routed, true, call);
                return Ok(next);
            }
            Err(Over::Cut(_)) => return Err(Refusal::UpstreamTimeout(routed.provider().clone())),
        };
        // An error in place of the response is the provider's refusal: it costs nothing.
        let status = match server_event(&first).kind {
            EventKind::Error => 400,
            _ => 200,
        };
        let mut headers = HeaderMap::with_capacity(1);
        let events = HeaderValue::from_static("text/event-stream");
        headers.insert(header::CONTENT_TYPE, events);
        let streaming = routed.answered(status, &headers, &mut call.facts);
        if status != 200 {
            self.settle(streaming, End::Completed, call);
            return Ok(self.tell(first).await);
        }
        Ok(self.bring_back(streaming, first, call).await)
    }

    /// Asks for the response, and waits until it begins or is refused.
    async fn ask(&mut self, routed: &Routed<'_>, call: &mut Call) -> Result<Bytes, Over> {
        self.sides.answered = Instant::now();
        call.measured.sent_at = Some(call.watch.elapsed());
        let said = call.watch.wait(self.sides.provider.say(routed.body()));
        if said.await.is_err() {
            let broken = Next::Close(CloseCode::Error, "the provider broke off".into());
            return Err(Over::Left(broken));
        }
        let waited = timeout(self.gateway.timeouts.first_byte, self.begun());
        let waited = call.watch.wait(waited).await;
        waited.unwrap_or(Err(Over::Cut(Cut::UpstreamBroken)))
    }

    /// The event that begins a response, or the error in its place.
    async fn begun(&mut self) -> Result<Bytes, Over> {
        loop {
            let event = self.next(true).await;
            if let Event::Provider(Heard::Text(text)) = &event
                && matches!(
                    server_event(text).kind,
                    EventKind::Created | EventKind::Error
                )
            {
                return Ok(text.clone());
            }
            match Box::pin(self.deal_with(event, true)).await {
                Next::Listen => {}
                next => return Err(Over::Left(next)),
            }
        }
    }

    /// Brings the response back, event by event, and settles it before its last event is seen.
    async fn bring_back(
        &mut self,
        mut streaming: Streaming<'_>,
        first: Bytes,
        call: &mut Call,
    ) -> Next {
        let id = server_event(&first).response;
        let mut unframed = Unframed::default();
        let mut event = first;
        let over = loop {
            call.piece();
            let last = server_event(&event).kind == EventKind::Done;
            let out = match pass(&mut streaming, &mut unframed, event, last, call).await {
                Ok(out) => out,
                Err(cut) => break Over::Cut(cut),
            };
            call.facts.response_bytes += out.iter().map(|text| text.len() as u64).sum::<u64>();
            if last {
                self.settle(streaming, End::Completed, call);
                return self.tell_all(out, call).await;
            }
            match self.tell_all(out, call).await {
                Next::Listen => {}
                next => break Over::Left(next),
            }
            match self.part(id.as_deref(), call).await {
                Ok(next) => event = next,
                Err(over) => break over,
            }
        };
        match over {
            Over::Left(next) => {
                let end = match next {
                    Next::Gone => End::ClientGone,
                    Next::Close(..) | Next::Listen => End::Stopped,
                };
                self.settle(streaming, end, call);
                next
            }
            Over::Cut(cut) => self.cut(streaming, cut, id.as_deref(), call).await,
        }
    }

    async fn tell_all(&mut self, out: Vec<Bytes>, call: &mut Call) -> Next {
        for text in out {
            if call.watch.wait(self.sides.client.say(text)).await.is_err() {
                return Next::Gone;
            }
        }
        Next::Listen
    }

    /// The next event of the response. What belongs to the session passes beside it.
    async fn part(&mut self, id: Option<&str>, call: &mut Call) -> Result<Bytes, Over> {
        loop {
            let left = self
                .gateway
                .timeouts
                .total
                .saturating_sub(call.watch.elapsed());
            let waited = call.watch.wait(timeout(left, self.next(true))).await;
            let text = match waited {
                Err(_) | Ok(Event::Idle) => return Err(Over::Cut(Cut::UpstreamBroken)),
                Ok(Event::Provider(Heard::Text(text))) => text,
                Ok(Event::Provider(_)) => return Err(Over::Cut(Cut::UpstreamBroken)),
                // However it left, and whether or not that was by the protocol.
                Ok(Event::Client(Heard::Closed(_) | Heard::Broken(_))) => {
                    return Err(Over::Left(Next::Gone));
                }
                Ok(event) => match Box::pin(self.deal_with(event, true)).await {
                    Next::Listen => continue,
                    next => return Err(Over::Left(next)),
                },
            };
            let event = server_event(&text);
            match event.kind {
                EventKind::Created => self.second(event.response.as_deref(), call).await?,
                EventKind::Done | EventKind::Part if event.response.as_deref() != id => {}
                EventKind::Done | EventKind::Item | EventKind::Part => return Ok(text),
                // An error ends no text of the response: whoever makes one could hide what is cut in two by it.
                EventKind::Error | EventKind::Session => match self.tell(text).await {
                    Next::Listen => {}
                    next => return Err(Over::Left(next)),
                },
                EventKind::Other => {}
            }
        }
    }

    /// A response begins beside the one that is under way: nothing was reserved for it.
    async fn second(&mut self, id: Option<&str>, call: &Call) -> Result<(), Over> {
        if self.cancel(id).await.is_err() {
            return Err(Over::Cut(Cut::UpstreamBroken));
        }
        let refusal = Refusal::Message(MessageError::NotServed(
            "one response is made at a time: the one that began beside it was cancelled",
        ));
        match self.tell(Api::Realtime.told(&refusal, call.facts.id)).await {
            Next::Listen => Ok(()),
            next => Err(Over::Left(next)),
        }
    }

    /// Tells the provider to stop a response.
    async fn cancel(&mut self, id: Option<&str>) -> Result<(), Gone> {
        let message = match id {
            Some(id) => json!({"type": "response.cancel", "response_id": id}),
            None => json!({"type": "response.cancel"}),
        };
        self.sides.provider.say(message.to_string().into()).await
    }

    fn settle(&mut self, streaming: Streaming<'_>, end: End, call: &mut Call) {
        self.memory = settle(self.gateway, streaming, end, call).remember();
        // The next prompt is all that was said before.
        if call.facts.usage.source == UsageSource::Reported && call.facts.usage.total().0 > 0 {
            self.said = call.facts.usage.total();
        }
    }

    /// Ends a response that cannot be completed.
    async fn cut(
        &mut self,
        mut streaming: Streaming<'_>,
        cut: Cut,
        id: Option<&str>,
        call: &mut Call,
    ) -> Next {
        match cut {
            Cut::ClientGone => {
                self.settle(streaming, End::ClientGone, call);
                Next::Gone
            }
            Cut::UpstreamBroken => {
                let name = self.place.provider.clone();
                let (health, now) = (&self.gateway.health, self.gateway.clock.now());
                health.bad(&name, now, "broke off in the middle of an answer");
                self.settle(streaming, End::UpstreamBroken, call);
                let refusal = Refusal::UpstreamBroken(name);
                match self.tell(Api::Realtime.told(&refusal, call.facts.id)).await {
                    // The conversation was in the provider's connection.
                    Next::Listen => Next::Close(CloseCode::Error, "the provider broke off".into()),
                    next => next,
                }
            }
            Cut::Stopped(stop) => {
                let refusal = Refusal::of_answer(stop);
                if let Refusal::GuardFailed(what) = &refusal {
                    tracing::error!(what, "a guard failed, and its answer was stopped");
                }
                call.facts.code = Some(refusal.code());
                let told = Api::Realtime.told(&refusal, call.facts.id);
                let told = self.tell(told).await;
                let stopped = timeout(LAST_EVENT, self.silence(&mut streaming, id, call)).await;
                self.settle(streaming, End::Stopped, call);
                match (told, stopped) {
                    (Next::Listen, Ok(Ok(()))) => Next::Listen,
                    (Next::Listen, _) => Next::Close(CloseCode::Policy, refusal.code().into()),
                    (next, _) => next,
                }
            }
        }
    }

    /// Has the provider stop, and reads to the response's last event, of which the client sees nothing.
    async fn silence(
        &mut self,
        streaming: &mut Streaming<'_>,
        id: Option<&str>,
        call: &mut Call,
    ) -> Result<(), Gone> {
        self.cancel(id).await?;
        loop {
            let Heard::Text(text) = self.sides.provider.hear().await else {
                return Err(Gone);
            };
            let event = server_event(&text);
            match event.kind {
                EventKind::Done | EventKind::Part if event.response.as_deref() == id => {
                    for piece in framed(text) {
                        // The meter has read it; nobody else does.
                        drop(streaming.push(piece, &mut call.facts));
                    }
                    if event.kind == EventKind::Done {
                        return Ok(());
                    }
                }
                EventKind::Session => self.sides.client.say(text).await?,
                _ => {}
            }
        }
    }
}
