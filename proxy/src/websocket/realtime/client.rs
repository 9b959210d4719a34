//! What a client of the Realtime API says. Its texts are shown to the guards before they pass, and sound passes only
//! while what it may cause can be paid for. Sound itself is not read.

use bytes::Bytes;
use tidegate_pipeline::Refusal;
use tidegate_types::TokenCount;
use tidegate_wire::{
    body::estimate_input,
    socket::{
        MessageError,
        realtime::{ClientKind, ClientMessage, client_message},
    },
};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::{Session, response::Trigger};
use crate::{call::Call, websocket::governed::Next};

/// Bytes of sound in base64 per token, rather too few: a token is 100 ms, which are 1,067 at the lowest rate that is
/// spoken (8 kHz, 8 bits).
const SOUND_PER_TOKEN: u64 = 1_000;

impl Session<'_> {
    /// Deals with a message; `answering` while a response is under way.
    pub(super) async fn heard(&mut self, text: Bytes, answering: bool) -> Next {
        let known = client_message(&text);
        if answering && self.waits(known.as_ref()) {
            self.sides.held.push_back(text);
            return Next::Listen;
        }
        if matches!(&known, Ok(known) if known.kind == ClientKind::Create) {
            return Box::pin(self.respond(Trigger::Asked(text))).await;
        }
        let mut call = Call::begin(self.gateway, self.caller.headers());
        match Box::pin(self.pass_on(known, text, answering, &mut call)).await {
            Ok(next) => next,
            Err(refusal) => self.refuse(&refusal, call).await,
        }
    }

    /// Whether a message waits for the response to end. The next response does, and so do texts where guards look at
    /// the one that is under way: what they remember of them belongs to the next. What came later waits behind them,
    /// but for what only points at something: it may be what ends the response.
    fn waits(&self, known: Result<&ClientMessage, &MessageError>) -> bool {
        match known.map(|known| known.kind) {
            Ok(ClientKind::Control) => false,
            Ok(ClientKind::Create) => true,
            Ok(ClientKind::Item | ClientKind::Session) => {
                !self.sides.held.is_empty() || !self.gateway.newest.load().guards.is_empty()
            }
            Ok(ClientKind::Audio) | Err(_) => !self.sides.held.is_empty(),
        }
    }

    async fn pass_on(
        &mut self,
        known: Result<ClientMessage, MessageError>,
        text: Bytes,
        answering: bool,
        call: &mut Call,
    ) -> Result<Next, Refusal> {
        let snapshot = self.gateway.newest.load_full();
        // Who asks comes before what is asked.
        self.caller.identify(&snapshot, &mut call.facts)?;
        call.facts.request_bytes = text.len() as u64;
        let known = known.map_err(Refusal::Message)?;
        self.is_of_the_session(&known)?;
        let held = self.gateway.body_memory.share(text.len())?;
        let described = self.describe(&snapshot, text.clone(), &mut call.facts)?;
        let text = match known.kind {
            ClientKind::Audio => {
                // A response that is under way has paid for itself, and one at a time is made.
                if !answering {
                    let admitted = described.admit(&self.gateway.governor, &mut call.facts);
                    match admitted.await {
                        Ok(admitted) => admitted.undo(),
                        // It is told once, not for each piece of the sound.
                        Err(_) if self.deaf => return Ok(Next::Listen),
                        Err(refusal) => {
                            self.deaf = true;
                            return Err(refusal);
                        }
                    }
                    self.deaf = false;
                }
                self.count(TokenCount(text.len() as u64 / SOUND_PER_TOKEN));
                text
            }
            ClientKind::Item | ClientKind::Session | ClientKind::Create => {
                let (text, memory) = described.show(&mut call.facts).await?;
                self.memory = memory;
                self.noted.append(&mut call.facts.guardrails);
                self.count(estimate_input(&text));
                text
            }
            ClientKind::Control => text,
        };
        drop(held);
        Ok(match self.sides.provider.say(text).await {
            Ok(()) => Next::Listen,
            Err(_) => Next::Close(CloseCode::Error, "the provider broke off".into()),
        })
    }

    /// A session keeps its model: another one was neither allowed nor priced.
    pub(super) fn is_of_the_session(&self, known: &ClientMessage) -> Result<(), Refusal> {
        let Some(model) = known.model.as_deref() else {
            return Ok(());
        };
        // Only the provider's name of it would be understood there.
        let own = self.place.model.as_ref();
        if own.is_some_and(|own| own.as_str() == model) {
            return Ok(());
        }
        Err(Refusal::ModelContradicted(model.to_owned()))
    }

    fn count(&mut self, tokens: TokenCount) {
        self.said.0 = self.said.0.saturating_add(tokens.0);
    }
}
