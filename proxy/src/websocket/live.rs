//! A session of Gemini's Live API. It ends here, on both sides, and both sides speak when they like. What a client says
//! passes on when it was looked at (`client`), and each answer, to the provider's report of what it used, is a call of
//! its own (`answer`). The protocol has neither errors nor a way to cancel: what is refused ends the session, and the
//! frame that closes it says why.

mod answer;
mod client;
mod opening;

use bytes::Bytes;
use http::HeaderValue;
use pingora_core::protocols::http::ServerSession;
use pingora_http::RequestHeader;
use tidegate_governance::guardrail::Applied;
use tidegate_pipeline::{Facts, Refusal, Snapshot, guard::Memory, stage::Described};
use tidegate_types::TokenCount;
use tidegate_wire::{
    headers,
    route::{self, Operation},
    socket::live::{EventKind, server_message},
};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::{
    governed::{Caller, Next, begin, broken_words, closed_by_provider, note},
    handshake::{admit, switching},
    peer::{Gone, Heard, Peer},
    sides::{Event, Place, Sides, close, refused_now},
};
use crate::{
    call::{Call, Fate},
    endings::record_free,
    gateway::Gateway,
    observe,
};

/// The method of a handshake.
pub(super) const METHOD: &str = "GET";
/// What somebody said, in either kind of message: Google's own servers say JSON in bytes.
struct Said {
    json: Bytes,
    in_bytes: bool,
}

/// An open one.
struct Session<'c> {
    gateway: &'c Gateway,
    caller: &'c Caller<'c>,
    sides: Sides,
    place: Place,
    /// What guards remember: an answer may say what was taken out of an earlier text.
    memory: Memory,
    /// What guards did with texts that ask for nothing: the next answer's row tells it.
    noted: Vec<Applied>,
    /// What the provider said while a report of usage was waited for.
    ahead: Option<Heard>,
    /// Tokens of the conversation so far, rather too many: the next answer's prompt.
    said: TokenCount,
    /// The model waits for what functions give back.
    calling: bool,
}

/// Whether this is the path of the Live API.
pub(super) fn is_asked(target: &str) -> bool {
    route::resolve(METHOD, target).is_ok_and(|route| route.operation == Operation::Live)
}

/// The handshake's head, with the key that its query has where no header has one: a browser's WebSocket can set no
/// header, and Google's clients put it there.
pub(super) fn with_key_of_query(target: &str, mut head: RequestHeader) -> RequestHeader {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let key = query.split('&').find_map(|pair| pair.strip_prefix("key="));
    if let Some(key) = key
        && headers::credential(&head.headers).is_err()
        && let Ok(value) = HeaderValue::from_str(key)
    {
        // What cannot be set is missing, and refused as that.
        drop(head.insert_header("x-goog-api-key", value));
    }
    head
}

/// Lets a handshake through, hears which model is asked for, and serves the session until one of the two has done.
///
/// # Errors
/// Nobody may ask this, or not here.
pub(super) async fn run(
    gateway: &Gateway,
    client: &mut ServerSession,
    caller: &Caller<'_>,
    call: &mut Call,
) -> Result<Fate, Refusal> {
    let (seat, _) = admit(gateway, caller, &mut call.facts)?;
    let head = switching(caller, None, call).map_err(|_| Refusal::WebSocket)?;
    let Some(mut app) = begin(gateway, client, head, call).await else {
        return Ok(Fate::Abort);
    };
    let first = match opening::first(gateway, &mut app).await {
        Ok(first) => first,
        Err(next) => {
            close(app, next).await;
            return Ok(Fate::Abort);
        }
    };
    let mut asked = Call::begin(gateway, caller.headers());
    asked.facts.request_bytes = first.len() as u64;
    match opening::named(caller, gateway, &first, &mut asked) {
        Err(refusal) => {
            let next = refuse(gateway, &refusal, asked);
            close(app, next).await;
        }
        Ok(target) => {
            let named = Caller::new(METHOD, &target, None, caller.head().clone());
            serve(gateway, &named, app, first, asked).await;
        }
    }
    drop(seat);
    Ok(Fate::Abort)
}

/// Opens the session at its provider, and serves it.
async fn serve(
    gateway: &Gateway,
    caller: &Caller<'_>,
    mut app: Peer,
    first: Bytes,
    mut call: Call,
) {
    let opened = opening::open(gateway, caller, &mut app, first, &mut call);
    let opened = match Box::pin(opened).await {
        Ok(Some(opened)) => opened,
        Ok(None) => {
            observe::finished(gateway, call);
            return;
        }
        Err(refusal) => {
            let next = refuse(gateway, &refusal, call);
            close(app, next).await;
            return;
        }
    };
    let noted = std::mem::take(&mut call.facts.guardrails);
    let mut session = Session {
        gateway,
        caller,
        sides: Sides::new(gateway, app, opened.peer),
        place: opened.place,
        memory: opened.memory,
        noted,
        ahead: None,
        said: opened.said,
        calling: false,
    };
    let next = session.run().await;
    session.sides.close(next).await;
}

/// Records a refusal. It ends the session.
fn refuse(gateway: &Gateway, refusal: &Refusal, mut call: Call) -> Next {
    note(refusal, &mut call);
    if call.facts.key.is_some() {
        record_free(gateway, &mut call);
    }
    observe::finished(gateway, call);
    closing(refusal)
}

/// How a session ends that is refused. The code is Google's for it: 1007 for what was said wrongly, 1008 for what may
/// not be, 1011 for what failed.
fn closing(refusal: &Refusal) -> Next {
    let code = match refusal.status() {
        400 | 413 | 415 | 422 => CloseCode::Invalid,
        401..=499 => CloseCode::Policy,
        _ => CloseCode::Error,
    };
    Next::Close(code, format!("{}: {}", refusal.code(), refusal.message()))
}

fn broken_off() -> Next {
    Next::Close(
        CloseCode::Error,
        "upstream_broken: the provider broke off".into(),
    )
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

    /// What happens next; `answering` while an answer is under way, which a session that is too old and a gateway that
    /// stops let end.
    async fn next(&mut self, answering: bool) -> Event {
        if let Some(heard) = self.ahead.take() {
            return Event::Provider(heard);
        }
        self.sides
            .next(self.gateway, answering, answering && !self.calling)
            .await
    }

    async fn deal_with(&mut self, event: Event, answering: bool) -> Next {
        match event {
            Event::Client(Heard::Text(json) | Heard::Binary(json)) => {
                self.heard(json, answering).await
            }
            Event::Client(Heard::Closed(_) | Heard::Broken(CloseCode::Abnormal)) => Next::Gone,
            Event::Client(Heard::Broken(code)) => Next::Close(code, broken_words(code).into()),
            Event::Provider(Heard::Text(json)) => {
                let in_bytes = false;
                self.between(Said { json, in_bytes }).await
            }
            Event::Provider(Heard::Binary(json)) => {
                let in_bytes = true;
                self.between(Said { json, in_bytes }).await
            }
            Event::Provider(Heard::Closed(frame)) => closed_by_provider(frame),
            Event::Provider(Heard::Broken(_)) => broken_off(),
            Event::Expired => self.go_away(CloseCode::Normal, "open for too long").await,
            Event::Recheck => self.look_again(),
            Event::Idle => Next::Close(CloseCode::Normal, "nothing was said for too long".into()),
            Event::Stopping => self.go_away(CloseCode::Away, "the gateway stops").await,
        }
    }

    /// Says that the session is at its end, in the protocol's own way.
    async fn go_away(&mut self, code: CloseCode, why: &str) -> Next {
        let message = Bytes::from_static(br#"{"goAway":{"timeLeft":"0s"}}"#);
        // Whether it is still heard is the client's affair.
        drop(self.sides.client.say(message).await);
        Next::Close(code, why.into())
    }

    /// Whether the caller may still be here.
    fn look_again(&self) -> Next {
        match refused_now(self.gateway, self.caller) {
            None => Next::Listen,
            Some(refusal) => Next::Close(
                CloseCode::Policy,
                format!("{}: {}", refusal.code(), refusal.message()),
            ),
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
        let Place { provider, model } = &self.place;
        caller
            .identify(snapshot, facts)?
            .describe(caller.headers(), body, now, facts)?
            .over_websocket(self.memory.clone(), now, facts)?
            .in_session(provider, model.as_ref(), self.said, facts)
    }

    /// What a provider says while no answer is under way.
    async fn between(&mut self, said: Said) -> Next {
        let known = server_message(&said.json);
        match known.kind {
            EventKind::Content | EventKind::ToolCall | EventKind::Usage => {}
            _ if known.usage => {}
            EventKind::Session | EventKind::TurnComplete => return self.tell(said).await,
            EventKind::Heard => return self.overhear(said).await,
            EventKind::Other => {
                tracing::debug!("a message that nobody knows is left out");
                return Next::Listen;
            }
        }
        self.answer(said).await
    }

    /// What a user was heard to say, told outside of an answer.
    async fn overhear(&mut self, said: Said) -> Next {
        let snapshot = self.gateway.newest.load_full();
        if snapshot.guards.is_empty() {
            return self.tell(said).await;
        }
        let mut call = Call::begin(self.gateway, self.caller.headers());
        let nothing = Bytes::from_static(b"{}");
        let seen = match self.describe(&snapshot, nothing, &mut call.facts) {
            Ok(described) => described.overhear(said.json, &mut call.facts).await,
            Err(refusal) => Err(refusal),
        };
        match seen {
            Ok(json) => {
                self.noted.append(&mut call.facts.guardrails);
                self.tell(Said { json, ..said }).await
            }
            Err(refusal) => refuse(self.gateway, &refusal, call),
        }
    }

    async fn tell(&mut self, said: Said) -> Next {
        let told = if said.in_bytes {
            self.sides.client.say_bytes(said.json).await
        } else {
            self.sides.client.say(said.json).await
        };
        match told {
            Ok(()) => Next::Listen,
            Err(Gone) => Next::Gone,
        }
    }
}
