//! What a client of the Live API says. Its texts are shown to the guards before they pass, and nothing passes that the
//! model may answer while an answer cannot be paid for. Sound and pictures are not read.

use bytes::Bytes;
use tidegate_pipeline::Refusal;
use tidegate_types::TokenCount;
use tidegate_wire::{
    body::estimate_input,
    socket::{
        MessageError,
        live::{ClientKind, ClientMessage, client_message},
    },
};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::{Session, broken_off, refuse};
use crate::{
    call::Call,
    websocket::{governed::Next, peer::Gone},
};

/// Bytes of sound in base64 per token, rather too few: a second is 32 tokens, and 21,333 bytes at the lowest rate that
/// is spoken (8 kHz, 16 bits).
const SOUND_PER_TOKEN: u64 = 600;

impl Session<'_> {
    /// Deals with a message; `answering` while an answer is under way.
    pub(super) async fn heard(&mut self, json: Bytes, answering: bool) -> Next {
        if str::from_utf8(&json).is_err() {
            return Next::Close(
                CloseCode::Invalid,
                "messages are JSON, and that is UTF-8".into(),
            );
        }
        let known = client_message(&json);
        if answering && self.waits(known.as_ref()) {
            self.sides.held.push_back(json);
            return Next::Listen;
        }
        let mut call = Call::begin(self.gateway, self.caller.headers());
        match Box::pin(self.pass_on(known, json, answering, &mut call)).await {
            Ok(next) => next,
            Err(refusal) => refuse(self.gateway, &refusal, call),
        }
    }

    /// Whether a message waits for the answer to end. Texts do where guards look at the one that is under way: what they
    /// remember of them belongs to the next. What came later waits behind them.
    fn waits(&self, known: Result<&ClientMessage, &MessageError>) -> bool {
        match known.map(|known| known.kind) {
            Ok(ClientKind::Media) | Err(_) => !self.sides.held.is_empty(),
            Ok(_) => !self.sides.held.is_empty() || !self.gateway.newest.load().guards.is_empty(),
        }
    }

    async fn pass_on(
        &mut self,
        known: Result<ClientMessage, MessageError>,
        json: Bytes,
        answering: bool,
        call: &mut Call,
    ) -> Result<Next, Refusal> {
        let snapshot = self.gateway.newest.load_full();
        // Who asks comes before what is asked.
        self.caller.identify(&snapshot, &mut call.facts)?;
        call.facts.request_bytes = json.len() as u64;
        let known = known.map_err(Refusal::Message)?;
        if known.kind == ClientKind::Setup {
            return Err(Refusal::Message(MessageError::NotServed(
                "a session has one `setup`, which is its first message",
            )));
        }
        let held = self.gateway.body_memory.share(json.len())?;
        let described = self.describe(&snapshot, json.clone(), &mut call.facts)?;
        // An answer that is under way has paid for itself, and one at a time is made.
        if !answering {
            let asked = described.clone();
            let admitted = asked.admit(&self.gateway.governor, &mut call.facts);
            admitted.await?.undo();
        }
        let json = if known.kind == ClientKind::Media {
            self.count(TokenCount(json.len() as u64 / SOUND_PER_TOKEN));
            json
        } else {
            let (json, memory) = described.show(&mut call.facts).await?;
            self.memory = memory;
            self.noted.append(&mut call.facts.guardrails);
            self.count(estimate_input(&json));
            json
        };
        drop(held);
        Ok(match self.sides.provider.say(json).await {
            Ok(()) => Next::Listen,
            Err(Gone) => broken_off(),
        })
    }

    fn count(&mut self, tokens: TokenCount) {
        self.said.0 = self.said.0.saturating_add(tokens.0);
    }
}
