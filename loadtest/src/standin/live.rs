//! Gemini's Live API over a WebSocket, as far as a client can tell: all that it says is JSON in bytes, the first message
//! has to be a `setup`, a turn is answered by what the last user said, in sound and its transcript, and sound that says
//! `[[turn]]` (in base64) is a turn that the server answers by itself. A prompt that says `[[tool]]` is answered by a
//! call of a function; what that gave back is answered like a prompt. `[[late]]` has the report come by itself after
//! the turn.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures::{SinkExt as _, StreamExt as _};
use http::request::Parts;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, frame::coding::CloseCode};

use super::exchange::State;
use super::knobs::Knobs;
use super::socket::Socket;
use super::turn::pieces;
use super::usage::Usage;

/// What the path ends in.
pub(super) const METHOD: &str = "GenerativeService.BidiGenerateContent";

/// What ends a connection.
struct Left;

/// One connection.
struct Session<'s> {
    socket: Socket,
    state: &'s State,
    connection: u64,
    parts: &'s Parts,
}

/// Serves a session until the peer leaves.
pub(super) async fn serve(state: &State, connection: u64, parts: &Parts, socket: Socket) {
    let mut session = Session {
        socket,
        state,
        connection,
        parts,
    };
    let _left = session.run().await;
}

impl Session<'_> {
    async fn run(&mut self) -> Result<(), Left> {
        let first = self.hear().await?;
        let model = first.pointer("/setup/model").and_then(Value::as_str);
        if !model.is_some_and(|model| model.starts_with("models/")) {
            return self.close("setup must be the first message").await;
        }
        self.say(&json!({"setupComplete": {}})).await?;
        loop {
            let said = self.hear().await?;
            self.deal_with(&said).await?;
        }
    }

    async fn hear(&mut self) -> Result<Value, Left> {
        loop {
            let text = match self.socket.next().await {
                Some(Ok(Message::Text(text))) => text,
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => return Err(Left),
            };
            let mut watch = self.state.journal.open(self.connection, self.parts);
            watch.body(&text.clone().into());
            watch.status(200);
            watch.finished();
            return Ok(serde_json::from_str(&text).unwrap_or_default());
        }
    }

    async fn say(&mut self, message: &Value) -> Result<(), Left> {
        let bytes = message.to_string().into_bytes();
        let said = self.socket.send(Message::binary(bytes)).await;
        said.map_err(|_| Left)
    }

    async fn close(&mut self, reason: &str) -> Result<(), Left> {
        let frame = CloseFrame {
            code: CloseCode::Invalid,
            reason: reason.into(),
        };
        let _sent = self.socket.close(Some(frame)).await;
        Err(Left)
    }

    async fn deal_with(&mut self, said: &Value) -> Result<(), Left> {
        let member = |one: &str, other: &str| said.get(one).or_else(|| said.get(other)).cloned();
        if let Some(content) = member("clientContent", "client_content") {
            let complete = content.get("turnComplete").or(content.get("turn_complete"));
            let turns = content["turns"].as_array().into_iter().flatten();
            let parts = turns.last().and_then(|turn| turn["parts"].as_array());
            let parts = parts.into_iter().flatten();
            let prompt: String = parts.filter_map(|part| part["text"].as_str()).collect();
            return match complete {
                Some(Value::Bool(true)) => self.answer(&prompt).await,
                _ => Ok(()),
            };
        }
        if let Some(input) = member("realtimeInput", "realtime_input") {
            if let Some(text) = input["text"].as_str() {
                return self.answer(text).await;
            }
            let sound = input["audio"]["data"].as_str().unwrap_or_default();
            let sound = BASE64_STANDARD.decode(sound).unwrap_or_default();
            let sound = String::from_utf8(sound).unwrap_or_default();
            if sound.contains("[[turn]]") {
                let heard = json!({"inputTranscription": {"text": sound}});
                self.say(&json!({"serverContent": heard})).await?;
                return self.answer(&sound).await;
            }
            return Ok(());
        }
        if let Some(results) = member("toolResponse", "tool_response") {
            return self.answer(&results.to_string()).await;
        }
        self.close("no such message").await
    }

    async fn answer(&mut self, prompt: &str) -> Result<(), Left> {
        let mut knobs = Knobs::default();
        knobs.text(prompt);
        if prompt.contains("[[tool]]") {
            let call = json!({"id": "call_1", "name": "look", "args": {"what": prompt}});
            return self
                .say(&json!({"toolCall": {"functionCalls": [call]}}))
                .await;
        }
        let text = format!("echo: {prompt}");
        let tokens = prompt.len() as u64 / 4 + 1;
        let usage = Usage::new(tokens, text.len(), &knobs.usage).gemini_live();
        for (index, piece) in pieces(&text).enumerate() {
            if index == 1 && knobs.cut {
                return Err(Left);
            }
            if index == 1 && knobs.hang {
                loop {
                    let _said = self.hear().await?;
                }
            }
            if let Some(pause) = knobs.pause {
                tokio::time::sleep(pause).await;
            }
            let sound = BASE64_STANDARD.encode(vec![0; 480]);
            let sound = json!({"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": sound}});
            for content in [
                json!({"modelTurn": {"role": "model", "parts": [sound]}}),
                json!({"outputTranscription": {"text": piece}}),
            ] {
                self.say(&json!({"serverContent": content})).await?;
            }
        }
        self.say(&json!({"serverContent": {"generationComplete": true}}))
            .await?;
        let over = json!({"turnComplete": true});
        if prompt.contains("[[late]]") {
            self.say(&json!({"serverContent": over})).await?;
            return self.say(&json!({"usageMetadata": usage})).await;
        }
        self.say(&json!({"serverContent": over, "usageMetadata": usage}))
            .await
    }
}
