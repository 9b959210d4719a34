//! The Realtime API over a WebSocket, as far as a client can tell: items are kept and told again, `response.create`
//! is answered by what the last user said, and sound that says `[[turn]]` (in base64) is a turn that the server
//! answers by itself. What is said during an answer is heard: `response.cancel` ends it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures::{SinkExt as _, StreamExt as _};
use http::request::Parts;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::exchange::State;
use super::knobs::Knobs;
use super::socket::Socket;
use super::turn::pieces;
use super::usage::Usage;

/// What ends a connection.
struct Left;

/// One connection.
struct Session<'s> {
    socket: Socket,
    state: &'s State,
    connection: u64,
    parts: &'s Parts,
    config: Value,
    items: Vec<Value>,
}

/// Serves a session until the peer leaves.
pub(super) async fn serve(state: &State, connection: u64, parts: &Parts, socket: Socket) {
    let query = parts.uri.query().unwrap_or_default();
    let model = query.strip_prefix("model=").unwrap_or("standin");
    let mut session = Session {
        socket,
        state,
        connection,
        parts,
        config: json!({"type": "realtime", "object": "realtime.session", "id": "sess_standin", "model": model,
                       "output_modalities": ["audio"]}),
        items: Vec::new(),
    };
    let created = json!({"type": "session.created", "session": session.config});
    let _left = match session.say(created).await {
        Ok(()) => session.run().await,
        left => left,
    };
}

impl Session<'_> {
    async fn run(&mut self) -> Result<(), Left> {
        loop {
            let said = self.hear().await?;
            self.deal_with(said).await?;
        }
    }

    async fn hear(&mut self) -> Result<Value, Left> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    let mut watch = self.state.journal.open(self.connection, self.parts);
                    watch.body(&text.clone().into());
                    watch.status(200);
                    watch.finished();
                    return Ok(serde_json::from_str(&text).unwrap_or_default());
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(Left),
            }
        }
    }

    async fn say(&mut self, mut event: Value) -> Result<(), Left> {
        event["event_id"] = format!("event_{}", self.state.next()).into();
        let said = self.socket.send(Message::text(event.to_string())).await;
        said.map_err(|_| Left)
    }

    async fn deal_with(&mut self, said: Value) -> Result<(), Left> {
        match said["type"].as_str().unwrap_or_default() {
            "session.update" => {
                if let Some(update) = said["session"].as_object() {
                    for (name, value) in update {
                        self.config[name] = value.clone();
                    }
                }
                let updated = json!({"type": "session.updated", "session": self.config});
                self.say(updated).await
            }
            "conversation.item.create" => {
                let mut item = said["item"].clone();
                if item["id"].is_null() {
                    item["id"] = format!("item_{}", self.state.next()).into();
                }
                self.add(item).await
            }
            "conversation.item.retrieve" => {
                let item = self.items.iter().find(|item| item["id"] == said["item_id"]);
                let item = item.cloned().unwrap_or_default();
                self.say(json!({"type": "conversation.item.retrieved", "item": item}))
                    .await
            }
            "input_audio_buffer.append" => {
                let sound = BASE64_STANDARD.decode(said["audio"].as_str().unwrap_or_default());
                let sound = String::from_utf8(sound.unwrap_or_default()).unwrap_or_default();
                if sound.contains("[[turn]]") {
                    self.turn(sound).await
                } else {
                    Ok(())
                }
            }
            "input_audio_buffer.commit" => {
                self.say(json!({"type": "input_audio_buffer.committed", "item_id": "item_sound"}))
                    .await
            }
            "response.create" => {
                let prompt = self.prompt(&said);
                self.respond(&prompt).await
            }
            "response.cancel" => Ok(()),
            other => {
                let message = format!("no such message: {other}");
                let error =
                    json!({"type": "invalid_request_error", "code": null, "message": message});
                self.say(json!({"type": "error", "error": error})).await
            }
        }
    }

    /// The user has spoken, and stopped.
    async fn turn(&mut self, sound: String) -> Result<(), Left> {
        for kind in ["speech_started", "speech_stopped", "committed"] {
            let kind = format!("input_audio_buffer.{kind}");
            self.say(json!({"type": kind, "item_id": "item_sound"}))
                .await?;
        }
        self.respond(&sound).await
    }

    async fn add(&mut self, item: Value) -> Result<(), Left> {
        for kind in ["added", "done"] {
            let kind = format!("conversation.item.{kind}");
            self.say(json!({"type": kind, "item": item})).await?;
        }
        self.items.push(item);
        Ok(())
    }

    /// What the last item or the request itself says.
    fn prompt(&self, asked: &Value) -> String {
        let input = asked.pointer("/response/input").and_then(Value::as_array);
        let mut said = self.items.iter().rev();
        let last = input
            .and_then(|input| input.last())
            .or_else(|| said.find(|item| item["role"] != "assistant"));
        let Some(item) = last else {
            return String::new();
        };
        if let Some(output) = item["output"].as_str() {
            return output.to_owned();
        }
        let content = item["content"].as_array().into_iter().flatten();
        content.filter_map(|part| part["text"].as_str()).collect()
    }

    async fn respond(&mut self, prompt: &str) -> Result<(), Left> {
        let mut knobs = Knobs::default();
        knobs.text(prompt);
        if let Some(fault) = &knobs.fault {
            let error = json!({"type": "server_error", "code": fault.code.to_string(), "message": "failed as asked"});
            return self.say(json!({"type": "error", "error": error})).await;
        }
        let serial = self.state.next();
        let id = format!("resp_{serial}");
        let text = format!("echo: {prompt}");
        let tokens = prompt.len() as u64 / 4 + 1;
        let usage = Usage::new(tokens, text.len(), &knobs.usage).openai_realtime();
        let item = json!({"id": format!("item_{serial}"), "type": "message", "role": "assistant", "content": []});
        let response =
            json!({"id": id, "object": "realtime.response", "status": "in_progress", "output": []});
        self.say(json!({"type": "response.created", "response": response}))
            .await?;
        let opened = json!({"type": "response.output_item.added", "response_id": id, "output_index": 0, "item": item});
        self.say(opened).await?;
        let mut status = "completed";
        for (index, piece) in pieces(&text).enumerate() {
            if index == 1 && knobs.cut {
                return Err(Left);
            }
            if let Some(pause) = knobs.pause
                && self.cancelled(pause).await?
            {
                status = "cancelled";
                break;
            }
            if index == 1 && knobs.hang {
                while !self
                    .cancelled(std::time::Duration::from_secs(3_600))
                    .await?
                {}
                status = "cancelled";
                break;
            }
            for (kind, delta) in [
                ("output_audio_transcript", piece.to_owned()),
                ("output_audio", BASE64_STANDARD.encode(vec![0; 480])),
            ] {
                let part = json!({
                    "type": format!("response.{kind}.delta"), "response_id": id, "item_id": item["id"],
                    "output_index": 0, "content_index": 0, "delta": delta,
                });
                self.say(part).await?;
            }
        }
        self.close(&id, &item, &text, status, usage).await
    }

    /// Ends a response.
    async fn close(
        &mut self,
        id: &str,
        item: &Value,
        text: &str,
        status: &str,
        usage: Value,
    ) -> Result<(), Left> {
        let mut whole = item.clone();
        whole["content"] = json!([{"type": "output_audio", "transcript": text}]);
        if status == "completed" {
            let place = json!({"response_id": id, "item_id": item["id"], "output_index": 0, "content_index": 0});
            for (kind, more) in [
                ("output_audio_transcript.done", json!({"transcript": text})),
                ("output_audio.done", json!({})),
            ] {
                let mut event = place.clone();
                event["type"] = format!("response.{kind}").into();
                for (name, value) in more.as_object().into_iter().flatten() {
                    event[name] = value.clone();
                }
                self.say(event).await?;
            }
            let done = json!({"type": "response.output_item.done", "response_id": id, "output_index": 0, "item": whole});
            self.say(done).await?;
        }
        self.items.push(whole.clone());
        let response = json!({
            "id": id, "object": "realtime.response", "status": status, "output": [whole], "usage": usage,
        });
        self.say(json!({"type": "rate_limits.updated", "rate_limits": []}))
            .await?;
        self.say(json!({"type": "response.done", "response": response}))
            .await
    }

    /// Whether the response was cancelled within this time. What else is said meanwhile is answered at once, but for
    /// another response.
    async fn cancelled(&mut self, within: std::time::Duration) -> Result<bool, Left> {
        let until = tokio::time::Instant::now() + within;
        loop {
            let Ok(said) = tokio::time::timeout_at(until, self.hear()).await else {
                return Ok(false);
            };
            let said = said?;
            match said["type"].as_str() {
                Some("response.cancel") => return Ok(true),
                Some("response.create") => {
                    let error = json!({"type": "invalid_request_error", "code": "conversation_already_has_active_response",
                                       "message": "one at a time"});
                    self.say(json!({"type": "error", "error": error})).await?;
                }
                Some("conversation.item.create") => self.add(said["item"].clone()).await?,
                _ => {}
            }
        }
    }
}
