//! A session of the Realtime API. It ends here, on both sides, like any governed WebSocket, but both sides speak when
//! they like: what a client says passes on when it was looked at (`client`), and each response that the provider
//! makes, asked for or by itself, is a call of its own (`response`). One response is under way at a time.

mod client;
mod response;

use bytes::Bytes;
use pingora_core::protocols::http::ServerSession;
use tidegate_governance::guardrail::Applied;
use tidegate_pipeline::{Facts, Refusal, Snapshot, guard::Memory, stage::Described};
use tidegate_types::TokenCount;
use tidegate_wire::socket::realtime::{EventKind, server_event};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use self::response::Trigger;
use super::{
    governed::{Api, Caller, Next, begin, broken_words, closed_by_provider},
    handshake::{admit, call_provider, switching},
    peer::{Gone, Heard, Peer},
    sides::{Event, Place, Sides, refused_now},
};
use crate::{
    attempts,
    call::{Call, Fate},
    forward,
    gateway::{Gateway, wait_for},
    upstream,
};

/// An open one.
struct Session<'c> {
    gateway: &'c Gateway,
    caller: &'c Caller<'c>,
    sides: Sides,
    place: Place,
    /// What guards remember: an answer may say what was taken out of an earlier text.
    memory: Memory,
    /// What guards did with texts that ask for nothing: the next response's row tells it.
    noted: Vec<Applied>,
    /// Tokens of the conversation so far, rather too many: the next response's prompt.
    said: TokenCount,
    /// Sound is not passed on, and the client knows why.
    deaf: bool,
}

/// Lets a handshake through when a provider has agreed to the session, and serves it until one of the two has done.
///
/// # Errors
/// Nobody may ask this, or it cannot be paid for; no provider of the model takes it.
pub(super) async fn run(
    gateway: &Gateway,
    client: &mut ServerSession,
    caller: &Caller<'_>,
    call: &mut Call,
) -> Result<Fate, Refusal> {
    let (seat, _) = admit(gateway, caller, &mut call.facts)?;
    let Some((place, provider)) = open(gateway, client, caller, call).await? else {
        return Ok(forward::abandoned(gateway, call));
    };
    let head = switching(caller, None, call)
        .map_err(|_| Refusal::UpstreamBroken(place.provider.clone()))?;
    let Some(app) = begin(gateway, client, head, call).await else {
        return Ok(Fate::Abort);
    };
    let mut session = Session {
        gateway,
        caller,
        sides: Sides::new(gateway, app, provider),
        place,
        memory: Memory::default(),
        noted: Vec::new(),
        said: TokenCount(0),
        deaf: false,
    };
    let next = session.run().await;
    session.sides.close(next).await;
    drop(seat);
    Ok(Fate::Abort)
}

/// Asks the provider before the client is answered, so that a refusal has a status. What a response would cost is
/// reserved and given back: a key that cannot pay for one opens nothing. `None` when the client left meanwhile.
async fn open(
    gateway: &Gateway,
    client: &mut ServerSession,
    caller: &Caller<'_>,
    call: &mut Call,
) -> Result<Option<(Place, Peer)>, Refusal> {
    let snapshot = gateway.newest.load_full();
    let now = gateway.clock.mono();
    let nothing = Bytes::from_static(b"{}");
    let described = caller
        .identify(&snapshot, &mut call.facts)?
        .describe(caller.headers(), nothing, now, &mut call.facts)?
        .over_websocket(Memory::default(), now, &mut call.facts)?;
    let place = Place::of(&described);
    let admitted = described.admit(&gateway.governor, &mut call.facts).await?;
    let mut routed = admitted.clear(&mut call.facts).await?.route()?;
    routed.use_key(attempts::key_for(gateway, &snapshot, &routed));
    wait_for(client, None);
    let called = tokio::select! {
        biased;
        called = call_provider(gateway, &routed, caller.headers(), call) => Some(called),
        () = upstream::gone(client) => None,
    };
    drop(routed.give_up());
    Ok(called.transpose()?.map(|peer| (place, peer)))
}

impl<'c> Session<'c> {
    /// Serves until it ends; says how.
    async fn run(&mut self) -> Next {
        loop {
            let event = match self.sides.held.pop_front() {
                Some(text) => Event::Client(Heard::Text(text)),
                None => self.next(false).await,
            };
            match Box::pin(self.deal_with(event, false)).await {
                Next::Listen => {}
                other => return other,
            }
        }
    }

    /// What happens next; `answering` while a response is under way, which a session that is too old and a gateway
    /// that stops let end.
    async fn next(&mut self, answering: bool) -> Event {
        self.sides.next(self.gateway, answering, answering).await
    }

    async fn deal_with(&mut self, event: Event, answering: bool) -> Next {
        match event {
            Event::Client(Heard::Text(text)) => self.heard(text, answering).await,
            Event::Client(Heard::Binary(_)) => Next::Close(
                CloseCode::Unsupported,
                "messages are text here, each a JSON object".into(),
            ),
            Event::Client(Heard::Closed(_) | Heard::Broken(CloseCode::Abnormal)) => Next::Gone,
            Event::Client(Heard::Broken(code)) => Next::Close(code, broken_words(code).into()),
            Event::Provider(Heard::Text(text)) => self.between(text).await,
            Event::Provider(Heard::Binary(_)) => Next::Listen,
            Event::Provider(Heard::Closed(frame)) => closed_by_provider(frame),
            Event::Provider(Heard::Broken(_)) => {
                Next::Close(CloseCode::Error, "the provider broke off".into())
            }
            Event::Expired => {
                let last = Api::Realtime.last_word(
                    self.gateway,
                    &mut self.sides.client,
                    &Refusal::WebSocketExpired,
                );
                last.await;
                Next::Close(CloseCode::Normal, "open for too long".into())
            }
            Event::Recheck => self.look_again().await,
            Event::Idle => Next::Close(CloseCode::Normal, "nothing was said for too long".into()),
            Event::Stopping => Next::Close(CloseCode::Away, "the gateway stops".into()),
        }
    }

    /// Whether the caller may still be here.
    async fn look_again(&mut self) -> Next {
        match refused_now(self.gateway, self.caller) {
            None => Next::Listen,
            Some(refusal) => {
                let last = Api::Realtime.last_word(self.gateway, &mut self.sides.client, &refusal);
                last.await;
                Next::Close(CloseCode::Policy, refusal.code().into())
            }
        }
    }

    /// A call in this session, by the picture of its moment. Its model and place are the session's.
    fn describe<'s>(
        &self,
        snapshot: &'s Snapshot,
        body: Bytes,
        facts: &mut Facts,
    ) -> Result<Described<'s, 's>, Refusal>
    where
        'c: 's,
    {
        let caller: &'s Caller<'s> = self.caller;
        let now = self.gateway.clock.mono();
        let Place {
            provider, model, ..
        } = &self.place;
        caller
            .identify(snapshot, facts)?
            .describe(caller.headers(), body, now, facts)?
            .over_websocket(self.memory.clone(), now, facts)?
            .in_session(provider, model.as_ref(), self.said, facts)
    }

    /// What a provider says while no response is under way.
    async fn between(&mut self, text: Bytes) -> Next {
        match server_event(&text).kind {
            EventKind::Created => return self.respond(Trigger::Begun(text)).await,
            EventKind::Error | EventKind::Session => {}
            EventKind::Item => return self.item(text).await,
            // Parts of responses that nobody pays for do not pass, nor does what it says to the gateway's account.
            EventKind::Done | EventKind::Part | EventKind::Other => {
                tracing::debug!("a message that belongs to no response is left out");
                return Next::Listen;
            }
        }
        self.tell(text).await
    }

    /// A part of the conversation that the provider tells outside of a response. It may be one that a guard stopped
    /// when it was made.
    async fn item(&mut self, text: Bytes) -> Next {
        let snapshot = self.gateway.newest.load_full();
        if snapshot.guards.is_empty() {
            return self.tell(text).await;
        }
        let mut call = Call::begin(self.gateway, self.caller.headers());
        let nothing = Bytes::from_static(b"{}");
        let seen = match self.describe(&snapshot, nothing, &mut call.facts) {
            Ok(described) => described.overhear(text, &mut call.facts).await,
            Err(refusal) => Err(refusal),
        };
        match seen {
            Ok(text) => {
                self.noted.append(&mut call.facts.guardrails);
                self.tell(text).await
            }
            Err(refusal) => self.refuse(&refusal, call).await,
        }
    }

    async fn tell(&mut self, text: Bytes) -> Next {
        match self.sides.client.say(text).await {
            Ok(()) => Next::Listen,
            Err(Gone) => Next::Gone,
        }
    }

    async fn refuse(&mut self, refusal: &Refusal, mut call: Call) -> Next {
        let told = Api::Realtime.refuse(self.gateway, &mut self.sides.client, refusal, &mut call);
        let next = told.await;
        crate::observe::finished(self.gateway, call);
        next
    }
}
