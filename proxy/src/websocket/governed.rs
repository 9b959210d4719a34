//! A governed WebSocket: the Responses API, as Codex speaks it. It ends here, on both sides: what a client
//! says is read message by message, and each response it asks for is a call of its own (`turn`). The connection
//! itself is no call. It is let through once, and looked at again while it lives.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, header};
use pingora_core::protocols::http::{ServerSession, v1::client::HttpSession};
use pingora_http::{RequestHeader, ResponseHeader};
use tidegate_governance::record::Outcome;
use tidegate_pipeline::{
    Facts, Refusal, Snapshot,
    guard::Memory,
    stage::{Course, Forwarded, Identified, Received, Relayed},
};
use tidegate_types::{ProviderName, RequestId};
use tidegate_wire::{
    error,
    route::{self, Operation},
    socket::{ServerEvent, server_event},
};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, frame::coding::CloseCode};

use super::{
    RECHECK,
    dial::agreed,
    handshake::{admit, call_host, label, switching},
    peer::{Heard, Peer},
    take, waiting,
};
use crate::{
    call::{Call, Fate},
    endings::record_free,
    forward,
    gateway::{Gateway, wait_for},
};

/// The largest message of a provider, in bytes: a whole response, with what it drew.
pub(super) const LARGEST_ANSWER: u64 = 64 << 20;

/// The API that is governed over WebSockets too, if that is what is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Api {
    /// A session whose both sides speak when they like.
    Realtime,
    /// One response after the other.
    Responses,
}

impl Api {
    pub(super) fn of(target: &str, relayed: Option<&Relayed<'_>>) -> Option<Self> {
        let at = |method| match relayed {
            Some(relayed) => relayed.operation(method),
            None => route::resolve(method, target)
                .ok()
                .map(|route| route.operation),
        };
        match (at("POST"), relayed) {
            (Some(Operation::Responses), _) => Some(Self::Responses),
            // An app's own session is not let through: it would bring a credential that is none of the gateway's.
            (None, None) if at("GET") == Some(Operation::Realtime) => Some(Self::Realtime),
            _ => None,
        }
    }

    /// A refusal as a message, in the shape of the API.
    pub(super) fn told(self, refusal: &Refusal, id: RequestId) -> Bytes {
        let (message, id) = (refusal.message(), id.to_string());
        let view = refusal.view(&message, &id);
        match self {
            Self::Realtime => error::render_realtime_message(&view),
            Self::Responses => error::render_message(&view),
        }
        .into()
    }

    /// Tells of a refusal and records it. The connection lives on, unless it is the caller who is refused.
    pub(super) async fn refuse(
        self,
        gateway: &Gateway,
        client: &mut Peer,
        refusal: &Refusal,
        call: &mut Call,
    ) -> Next {
        call.facts.outcome = Outcome::Refused;
        call.facts.status = refusal.status();
        call.facts.code = Some(refusal.code());
        call.measured.refused(refusal);
        if let Refusal::GuardFailed(what) = refusal {
            tracing::error!(what, "a guard failed, and its call was refused");
        }
        let message = self.told(refusal, call.facts.id);
        call.facts.response_bytes = message.len() as u64;
        if call.facts.key.is_some() {
            record_free(gateway, call);
        }
        if client.say(message).await.is_err() {
            return Next::Gone;
        }
        match refusal {
            Refusal::AppDenied(_)
            | Refusal::Auth(_)
            | Refusal::Credential(_)
            | Refusal::HostNotGoverned(_)
            | Refusal::RouteDenied(_)
            | Refusal::SessionMoved => Next::Close(CloseCode::Policy, refusal.code().into()),
            _ => Next::Listen,
        }
    }

    /// Tells the client why its session ends.
    pub(super) async fn last_word(self, gateway: &Gateway, client: &mut Peer, refusal: &Refusal) {
        let id = RequestId::from_parts(gateway.clock.now(), fastrand::u128(..));
        // Whether it is still heard is the client's affair.
        drop(client.say(self.told(refusal, id)).await);
    }

    /// The method of the operation that a handshake stands for: a message of the Responses API asks for what a
    /// POST would.
    const fn method(self) -> &'static str {
        match self {
            Self::Realtime => "GET",
            Self::Responses => "POST",
        }
    }
}

/// Who asks, and where, as the handshake says.
pub(super) struct Caller<'a> {
    method: &'static str,
    target: &'a str,
    relayed: Option<Relayed<'a>>,
    head: RequestHeader,
}

impl<'a> Caller<'a> {
    pub(super) fn new(
        api: Api,
        target: &'a str,
        relayed: Option<Relayed<'a>>,
        mut head: RequestHeader,
    ) -> Self {
        // A handshake has no body. What it says of one is not said of the messages: guards would look at them as
        // what they are not.
        for name in [header::CONTENT_TYPE, header::CONTENT_ENCODING] {
            head.remove_header(&name);
        }
        Self {
            method: api.method(),
            target,
            relayed,
            head,
        }
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// Whether the caller may ask now.
    pub(super) fn identify<'s>(
        &'s self,
        snapshot: &'s Snapshot,
        facts: &mut Facts,
    ) -> Result<Identified<'s, 's>, Refusal> {
        let headers = self.headers();
        match &self.relayed {
            None => Received::parse(self.method, self.target, headers, facts)?
                .identify(headers, snapshot, facts),
            Some(relayed) => match relayed.identify(self.method, headers, snapshot, facts)? {
                Course::Governed(identified) => Ok(*identified),
                Course::Forwarded(_) => Err(Refusal::WebSocket),
            },
        }
    }
}

/// The connection to a provider.
pub(super) struct Line {
    pub(super) provider: ProviderName,
    /// It was made with the app's own credential.
    pub(super) direct: bool,
    pub(super) peer: Peer,
}

/// What happens to the connection next.
#[derive(Debug)]
pub(super) enum Next {
    /// It goes on.
    Listen,
    /// The client is there no more.
    Gone,
    /// It is closed.
    Close(CloseCode, String),
}

/// An open one.
pub(super) struct Session<'c> {
    pub(super) gateway: &'c Gateway,
    pub(super) caller: &'c Caller<'c>,
    pub(super) client: Peer,
    pub(super) line: Option<Line>,
    /// What guards remember: a later answer may say what was taken out of an earlier prompt.
    pub(super) memory: Memory,
}

/// Lets a handshake through, and serves what is asked until one of the two has done.
///
/// # Errors
/// Nobody may ask this, or not this way; the host that it goes to does not take it.
pub(super) async fn run(
    gateway: &Gateway,
    client: &mut ServerSession,
    caller: &Caller<'_>,
    call: &mut Call,
) -> Result<Fate, Refusal> {
    let (seat, direct) = admit(gateway, caller, &mut call.facts)?;
    let mut host = None;
    if let Some(direct) = &direct {
        let to = gateway.upstreams.host(&direct.host);
        let opened = call_host(gateway, client, direct, &to, caller, call).await?;
        let Some((session, accept)) = opened else {
            return Ok(forward::abandoned(gateway, call));
        };
        if !session.was_upgraded() {
            let to = Forwarded {
                host: direct.host.clone(),
                mcp: None,
                conversation: None,
            };
            return forward::without_socket(gateway, client, session, &to, call).await;
        }
        if !agreed(&session, &accept) {
            return Err(Refusal::UpstreamBroken(direct.name.clone()));
        }
        host = Some(session);
    }
    let broken = |_| Refusal::UpstreamBroken(label(direct.as_ref()));
    let head = switching(caller, host.as_ref(), call).map_err(broken)?;
    let Some(app) = begin(gateway, client, head, call).await else {
        return Ok(Fate::Abort);
    };
    let patience = gateway.timeouts.client;
    let line = match (direct, host) {
        (Some(direct), Some(session)) => Some(Line {
            provider: direct.name,
            direct: true,
            peer: answering(session, patience).await,
        }),
        _ => None,
    };
    let mut session = Session {
        gateway,
        caller,
        client: app,
        line,
        memory: Memory::default(),
    };
    let next = session.run(call.facts.id).await;
    session.end(next).await;
    drop(seat);
    Ok(Fate::Abort)
}

/// Agrees with the client, and takes its end. `None` where it has left.
pub(super) async fn begin(
    gateway: &Gateway,
    client: &mut ServerSession,
    head: ResponseHeader,
    call: &mut Call,
) -> Option<Peer> {
    wait_for(client, None);
    let told = client.write_response_header(Box::new(head)).await;
    let said = waiting(client.read_request_body());
    call.carries = true;
    call.facts.outcome = Outcome::Completed;
    let (Ok(()), Some(stream)) = (told, take(client)) else {
        return None;
    };
    let (largest, patience) = (gateway.limits.body_max, gateway.timeouts.client);
    Some(Peer::begin(stream, said, Role::Server, largest, patience).await)
}

/// The provider's end of a session that was upgraded.
pub(super) async fn answering(mut session: HttpSession, patience: Duration) -> Peer {
    let said = waiting(session.read_body_bytes());
    let stream = session.into_inner();
    Peer::begin(stream, said, Role::Client, LARGEST_ANSWER, patience).await
}

/// What happened between two responses.
enum Event {
    Client(Heard),
    Provider(Heard),
    Expired,
    Idle,
    Refused(Refusal),
    Stopping,
}

impl Session<'_> {
    /// Serves until it ends; says how.
    async fn run(&mut self, id: RequestId) -> Next {
        let gateway = self.gateway;
        let mut expiry = Box::pin(tokio::time::sleep(gateway.timeouts.websocket));
        loop {
            let Self {
                client,
                line,
                caller,
                ..
            } = self;
            let event = tokio::select! {
                biased;
                () = gateway.sockets.said() => Event::Stopping,
                () = &mut expiry => Event::Expired,
                heard = client.hear() => Event::Client(heard),
                heard = provider_says(line) => Event::Provider(heard),
                refusal = refused(gateway, caller, id) => Event::Refused(refusal),
                () = tokio::time::sleep(gateway.timeouts.websocket_idle) => Event::Idle,
            };
            match self.deal_with(event).await {
                Next::Listen => {}
                other => return other,
            }
        }
    }

    async fn deal_with(&mut self, event: Event) -> Next {
        match event {
            Event::Client(Heard::Text(text)) => self.message(text).await,
            Event::Client(Heard::Binary) => Next::Close(
                CloseCode::Unsupported,
                "messages are text here, each a JSON object".into(),
            ),
            Event::Client(Heard::Closed(_)) => Next::Gone,
            Event::Client(Heard::Broken(CloseCode::Abnormal)) => Next::Gone,
            Event::Client(Heard::Broken(code)) => Next::Close(code, broken_words(code).into()),
            Event::Provider(Heard::Text(text)) => self.between(text).await,
            Event::Provider(Heard::Binary) => Next::Listen,
            Event::Provider(Heard::Closed(frame)) => closed_by_provider(frame),
            Event::Provider(Heard::Broken(_)) => {
                Next::Close(CloseCode::Error, "the provider broke off".into())
            }
            Event::Expired => {
                let last = Api::Responses.last_word(
                    self.gateway,
                    &mut self.client,
                    &Refusal::WebSocketExpired,
                );
                last.await;
                Next::Close(CloseCode::Normal, "open for too long".into())
            }
            Event::Refused(refusal) => {
                let last = Api::Responses.last_word(self.gateway, &mut self.client, &refusal);
                last.await;
                Next::Close(CloseCode::Policy, refusal.code().into())
            }
            Event::Idle => Next::Close(CloseCode::Normal, "nothing was said for too long".into()),
            Event::Stopping => Next::Close(CloseCode::Away, "the gateway stops".into()),
        }
    }

    /// What a provider says while no response is under way. Parts of responses that nobody pays for do not
    /// pass, nor does what it says to the gateway's own account.
    async fn between(&mut self, text: Bytes) -> Next {
        let direct = self.line.as_ref().is_some_and(|line| line.direct);
        match server_event(&text) {
            ServerEvent::Error(_) => {}
            ServerEvent::Other if direct => {}
            event => {
                tracing::debug!(?event, "a message that belongs to no response is left out");
                return Next::Listen;
            }
        }
        match self.client.say(text).await {
            Ok(()) => Next::Listen,
            Err(_) => Next::Gone,
        }
    }

    /// Ends both sides.
    async fn end(self, next: Next) {
        let (code, reason) = match next {
            Next::Close(code, reason) => (code, reason),
            Next::Gone | Next::Listen => (CloseCode::Normal, String::new()),
        };
        let line = async {
            if let Some(line) = self.line {
                line.peer.close(CloseCode::Normal, "").await;
            }
        };
        tokio::join!(line, self.client.close(code, &reason));
    }
}

async fn provider_says(line: &mut Option<Line>) -> Heard {
    match line {
        Some(line) => line.peer.hear().await,
        None => std::future::pending().await,
    }
}

/// What a closing provider says is the client's to know: some of its codes are of the API. Those that never
/// stand in a frame are not passed on (RFC 6455 §7.4.1).
pub(super) fn closed_by_provider(frame: Option<CloseFrame>) -> Next {
    match frame {
        Some(frame) if frame.code.is_allowed() => {
            Next::Close(frame.code, frame.reason.as_str().to_owned())
        }
        _ => Next::Close(CloseCode::Away, "the provider closed the connection".into()),
    }
}

pub(super) const fn broken_words(code: CloseCode) -> &'static str {
    match code {
        CloseCode::Size => "the message is larger than the gateway takes",
        CloseCode::Invalid => "a message of text is not UTF-8",
        _ => "this is no WebSocket frame that may be here",
    }
}

/// Resolves when the caller may be here no longer: the key was revoked, the app denied.
async fn refused(gateway: &Gateway, caller: &Caller<'_>, id: RequestId) -> Refusal {
    loop {
        tokio::time::sleep(RECHECK).await;
        let snapshot = gateway.newest.load_full();
        let mut facts = Facts::new(id, gateway.clock.now());
        if let Err(refusal) = caller.identify(&snapshot, &mut facts) {
            return refusal;
        }
    }
}
