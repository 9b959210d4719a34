//! What sessions have in common in which both sides speak when they like (`realtime`, `live`).

use std::{collections::VecDeque, pin::Pin};

use bytes::Bytes;
use tidegate_pipeline::{Facts, Refusal, stage::Described};
use tidegate_types::{ModelName, ProviderName, RequestId};
use tokio::time::{Instant, Interval, MissedTickBehavior, Sleep, interval, sleep, sleep_until};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::{
    RECHECK,
    governed::{Caller, Next},
    peer::{Heard, Peer},
};
use crate::gateway::Gateway;

/// How many of a client's messages wait for an answer to end. What is said beyond them stays with the client.
const HELD: usize = 2;

/// Where a session is open.
pub(super) struct Place {
    pub(super) provider: ProviderName,
    /// As the provider names it.
    pub(super) model: Option<ModelName>,
}

impl Place {
    /// Where this call goes.
    pub(super) fn of(described: &Described<'_, '_>) -> Self {
        let (provider, model) = described.place();
        Self {
            provider: provider.clone(),
            model: model.cloned(),
        }
    }
}

/// What happens in a session.
pub(super) enum Event {
    Client(Heard),
    Provider(Heard),
    Expired,
    Idle,
    Recheck,
    Stopping,
}

/// Both sides of a session.
pub(super) struct Sides {
    pub(super) client: Peer,
    pub(super) provider: Peer,
    /// What the client said and that waits for the answer to end.
    pub(super) held: VecDeque<Bytes>,
    /// When the provider last said something, or was last asked for something.
    pub(super) answered: Instant,
    /// When the client last did.
    spoken: Instant,
    expiry: Pin<Box<Sleep>>,
    recheck: Interval,
}

impl Sides {
    pub(super) fn new(gateway: &Gateway, client: Peer, provider: Peer) -> Self {
        let mut recheck = interval(RECHECK);
        recheck.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            client,
            provider,
            held: VecDeque::new(),
            answered: Instant::now(),
            spoken: Instant::now(),
            expiry: Box::pin(sleep(gateway.timeouts.websocket)),
            recheck,
        }
    }

    /// What happens next; `answering` while an answer is under way, which a session that is too old and a gateway that
    /// stops let end; `owes` while it is the provider's turn to say something.
    pub(super) async fn next(&mut self, gateway: &Gateway, answering: bool, owes: bool) -> Event {
        let timeouts = &gateway.timeouts;
        let idle = if owes {
            self.answered + timeouts.idle
        } else {
            self.answered.max(self.spoken) + timeouts.websocket_idle
        };
        let room = self.held.len() < HELD;
        let event = tokio::select! {
            () = gateway.sockets.said(), if !answering => Event::Stopping,
            () = &mut self.expiry, if !answering => Event::Expired,
            _ = self.recheck.tick() => Event::Recheck,
            heard = self.client.hear(), if room => Event::Client(heard),
            heard = self.provider.hear() => Event::Provider(heard),
            () = sleep_until(idle) => Event::Idle,
        };
        match &event {
            Event::Client(_) => self.spoken = Instant::now(),
            Event::Provider(_) => self.answered = Instant::now(),
            _ => {}
        }
        event
    }

    /// Ends both sides.
    pub(super) async fn close(self, next: Next) {
        tokio::join!(
            self.provider.close(CloseCode::Normal, ""),
            close(self.client, next)
        );
    }
}

/// Ends a client's side.
pub(super) async fn close(client: Peer, next: Next) {
    let (code, reason) = match next {
        Next::Close(code, reason) => (code, reason),
        Next::Gone | Next::Listen => (CloseCode::Normal, String::new()),
    };
    client.close(code, &reason).await;
}

/// Why the caller may not be here any more, if so.
pub(super) fn refused_now(gateway: &Gateway, caller: &Caller<'_>) -> Option<Refusal> {
    let snapshot = gateway.newest.load_full();
    let id = RequestId::from_parts(gateway.clock.now(), fastrand::u128(..));
    let mut facts = Facts::new(id, gateway.clock.now());
    caller.identify(&snapshot, &mut facts).err()
}
