//! One response that was asked for on a governed WebSocket: a call through all the stages, as over HTTP. Only
//! its bytes go another way.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use tidegate_pipeline::{
    Refusal, Snapshot,
    guard::Stop,
    stage::{End, Routed, Streaming},
};
use tidegate_wire::socket::{
    ResponsesMessage, ServerEvent, Unframed, framed, responses_message, server_event,
};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::{
    governed::{Api, Line, Next, Session},
    handshake::call_provider,
    peer::{Gone, Heard},
};
use crate::{
    attempts,
    call::Call,
    endings::{abandon, settle},
    observe,
};

/// Why there is no first event.
enum Unanswered {
    ClientGone,
    Refused(Refusal),
}

/// What comes of waiting for a provider's next event.
enum Awaited {
    Event(Bytes),
    ClientGone,
    Broken,
    Late,
}

/// How a response ended that had begun.
pub(in crate::websocket) enum Cut {
    ClientGone,
    Stopped(Stop),
    UpstreamBroken,
}

impl Session<'_> {
    /// Deals with a message of the client's.
    pub(super) async fn message(&mut self, message: Bytes) -> Next {
        if responses_message(&message) == Ok(ResponsesMessage::Processed) {
            return self.pass_on(message).await;
        }
        let mut call = Call::begin(self.gateway, self.caller.headers());
        let snapshot = self.gateway.newest.load_full();
        let next = match Box::pin(self.respond(&snapshot, message, &mut call)).await {
            Ok(next) => next,
            Err(refusal) => {
                let told =
                    Api::Responses.refuse(self.gateway, &mut self.client, &refusal, &mut call);
                told.await
            }
        };
        observe::finished(self.gateway, call);
        next
    }

    /// Passes on what only says that a response was dealt with; nobody is there to hear it where nobody
    /// answered.
    async fn pass_on(&mut self, message: Bytes) -> Next {
        if let Some(line) = &mut self.line
            && line.peer.say(message).await.is_err()
        {
            return Next::Close(CloseCode::Error, "the provider broke off".into());
        }
        Next::Listen
    }

    async fn respond(
        &mut self,
        snapshot: &Snapshot,
        message: Bytes,
        call: &mut Call,
    ) -> Result<Next, Refusal> {
        let caller = self.caller;
        let identified = caller.identify(snapshot, &mut call.facts)?;
        call.facts.request_bytes = message.len() as u64;
        responses_message(&message).map_err(Refusal::Message)?;
        let held = self.gateway.body_memory.share(message.len())?;
        let now = self.gateway.clock.mono();
        let described = identified
            .describe(caller.headers(), message, now, &mut call.facts)?
            .over_websocket(self.memory.clone(), now, &mut call.facts)?;
        let admitted = described
            .admit(&self.gateway.governor, &mut call.facts)
            .await?;
        let mut routed = admitted.clear(&mut call.facts).await?.route()?;
        routed.use_key(attempts::key_for(self.gateway, snapshot, &routed));
        let body = routed.body();
        let first = self.ask(&routed, body, call).await;
        drop(held);
        let first = match first {
            Ok(first) => first,
            Err(Unanswered::ClientGone) => {
                abandon(self.gateway, routed, true, call);
                return Ok(Next::Gone);
            }
            Err(Unanswered::Refused(refusal)) => {
                // What it still says belongs to nothing.
                self.line = None;
                return Err(refusal);
            }
        };
        let status = match server_event(&first) {
            ServerEvent::Error(status) => status.filter(|&code| code >= 400).unwrap_or(500),
            _ => 200,
        };
        if !routed.is_direct() {
            self.gateway.note_health(routed.provider(), status);
            if status == 401 {
                return Err(Refusal::UpstreamCredential(routed.provider().clone()));
            }
        }
        let mut headers = HeaderMap::with_capacity(1);
        let events = HeaderValue::from_static("text/event-stream");
        headers.insert(header::CONTENT_TYPE, events);
        let streaming = routed.answered(status, &headers, &mut call.facts);
        Ok(self.bring_back(streaming, first, call).await)
    }

    /// Sends the request and waits until something is said to it.
    async fn ask(
        &mut self,
        routed: &Routed<'_>,
        body: Bytes,
        call: &mut Call,
    ) -> Result<Bytes, Unanswered> {
        let name = routed.provider();
        let broken = || Unanswered::Refused(Refusal::UpstreamBroken(name.clone()));
        self.connect(routed, call).await?;
        let Self {
            client,
            line: Some(line),
            ..
        } = self
        else {
            return Err(broken());
        };
        call.measured.sent_at = Some(call.watch.elapsed());
        let said = async {
            tokio::select! {
                biased;
                said = line.peer.say(body) => said.map_err(|Gone| broken()),
                () = client.gone() => Err(Unanswered::ClientGone),
            }
        };
        call.watch.wait(said).await?;
        match self.next(self.gateway.timeouts.first_byte, call).await {
            Awaited::Event(event) => Ok(event),
            Awaited::ClientGone => Err(Unanswered::ClientGone),
            Awaited::Broken => Err(broken()),
            Awaited::Late => {
                let late = Refusal::UpstreamTimeout(name.clone());
                Err(Unanswered::Refused(late))
            }
        }
    }

    /// Sees that there is a connection to the provider that this call goes to.
    async fn connect(&mut self, routed: &Routed<'_>, call: &mut Call) -> Result<(), Unanswered> {
        let gateway = self.gateway;
        let (name, direct) = (routed.provider(), routed.is_direct());
        if let Some(line) = &self.line
            && line.provider == *name
            && line.direct == direct
        {
            return Ok(());
        }
        if let Some(line) = self.line.take() {
            line.peer.close(CloseCode::Normal, "").await;
        }
        let calling = call_provider(gateway, routed, self.caller.headers(), call);
        let peer = tokio::select! {
            biased;
            peer = calling => peer.map_err(Unanswered::Refused)?,
            () = self.client.gone() => return Err(Unanswered::ClientGone),
        };
        self.line = Some(Line {
            provider: name.clone(),
            direct,
            peer,
        });
        Ok(())
    }

    /// The provider's next event. Closing is breaking off: a response has an end of its own.
    async fn next(&mut self, patience: std::time::Duration, call: &mut Call) -> Awaited {
        let left = self
            .gateway
            .timeouts
            .total
            .saturating_sub(call.watch.elapsed());
        let Self {
            client,
            line: Some(line),
            ..
        } = self
        else {
            return Awaited::Broken;
        };
        let heard = async {
            tokio::select! {
                biased;
                heard = line.peer.hear() => match heard {
                    Heard::Text(text) => Awaited::Event(text),
                    Heard::Binary | Heard::Broken(_) | Heard::Closed(_) => Awaited::Broken,
                },
                () = client.gone() => Awaited::ClientGone,
                () = tokio::time::sleep(left.min(patience)) => Awaited::Late,
            }
        };
        call.watch.wait(heard).await
    }

    /// Brings the response back, event by event, and settles it before its last event is seen.
    async fn bring_back(
        &mut self,
        mut streaming: Streaming<'_>,
        first: Bytes,
        call: &mut Call,
    ) -> Next {
        let mut unframed = Unframed::default();
        let mut event = first;
        let cut = loop {
            call.piece();
            let last = matches!(
                server_event(&event),
                ServerEvent::Last | ServerEvent::Error(_)
            );
            let out = match pass(&mut streaming, &mut unframed, event, last, call).await {
                Ok(out) => out,
                Err(cut) => break cut,
            };
            call.facts.response_bytes += out.iter().map(|text| text.len() as u64).sum::<u64>();
            if last {
                self.settle(streaming, End::Completed, call);
                return match self.say_all(out, call).await {
                    Ok(()) => Next::Listen,
                    Err(Gone) => Next::Gone,
                };
            }
            if self.say_all(out, call).await.is_err() {
                break Cut::ClientGone;
            }
            match self.next(self.gateway.timeouts.idle, call).await {
                Awaited::Event(next) => event = next,
                Awaited::ClientGone => break Cut::ClientGone,
                Awaited::Broken | Awaited::Late => break Cut::UpstreamBroken,
            }
        };
        self.cut(streaming, cut, call).await
    }

    async fn say_all(&mut self, out: Vec<Bytes>, call: &mut Call) -> Result<(), Gone> {
        for text in out {
            call.watch.wait(self.client.say(text)).await?;
        }
        Ok(())
    }

    fn settle(&mut self, streaming: Streaming<'_>, end: End, call: &mut Call) {
        self.memory = settle(self.gateway, streaming, end, call).remember();
    }

    /// Ends a response that cannot be completed. Its provider has no other way to learn of it than the end of
    /// its connection.
    async fn cut(&mut self, streaming: Streaming<'_>, cut: Cut, call: &mut Call) -> Next {
        let line = self.line.take();
        let (end, refusal) = match cut {
            Cut::ClientGone => (End::ClientGone, None),
            Cut::Stopped(stop) => (End::Stopped, Some(Refusal::of_answer(stop))),
            Cut::UpstreamBroken => {
                let name = call.facts.provider.clone();
                if let (Some(name), Some(Line { direct: false, .. })) = (&name, &line) {
                    let what = "broke off in the middle of an answer";
                    self.gateway
                        .health
                        .bad(name, self.gateway.clock.now(), what);
                }
                (End::UpstreamBroken, name.map(Refusal::UpstreamBroken))
            }
        };
        drop(line);
        if let Some(Refusal::GuardFailed(what)) = &refusal {
            tracing::error!(what, "a guard failed, and its answer was stopped");
        }
        if end == End::Stopped {
            call.facts.code = refusal.as_ref().map(Refusal::code);
        }
        self.settle(streaming, end, call);
        let Some(refusal) = refusal else {
            return Next::Gone;
        };
        match self
            .client
            .say(Api::Responses.told(&refusal, call.facts.id))
            .await
        {
            Ok(()) => Next::Listen,
            Err(Gone) => Next::Gone,
        }
    }
}

/// Meters an event and shows it to the guards; gives the messages to be sent now.
pub(in crate::websocket) async fn pass(
    streaming: &mut Streaming<'_>,
    unframed: &mut Unframed,
    event: Bytes,
    last: bool,
    call: &mut Call,
) -> Result<Vec<Bytes>, Cut> {
    let changed = streaming.is_changed();
    let mut out = Vec::new();
    if !changed {
        // It passes as it is.
        out.push(event.clone());
    }
    for piece in framed(event) {
        let step = streaming
            .push(piece, &mut call.facts)
            .map_err(|_| Cut::UpstreamBroken)?;
        for said in step.done().await.map_err(Cut::Stopped)? {
            if changed {
                out.extend(unframed.push(&said));
            }
        }
    }
    if last {
        let step = streaming
            .end(&mut call.facts)
            .map_err(|_| Cut::UpstreamBroken)?;
        for said in step.done().await.map_err(Cut::Stopped)? {
            if changed {
                out.extend(unframed.push(&said));
            }
        }
    }
    Ok(out)
}
