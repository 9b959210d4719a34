//! The Responses API over a WebSocket: each response on a connection is a call of its own, governed, billed and
//! logged like one over HTTP, whatever becomes of the connection.

mod frames;
pub(crate) mod governed;
mod guarded;
mod relayed;

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use http::{HeaderMap, Request};
use serde_json::{Value, json};
use tidegate_harness::{Key, Rig, RigOptions};
use tidegate_store::LoggedRequest;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, protocol::CloseFrame},
};

const PATH: &str = "/openai/v1/responses";
const MODEL: &str = "gpt-4o-mini";

type Socket = WebSocketStream<TcpStream>;

/// An open connection.
pub(crate) struct Client {
    socket: Socket,
    pub(crate) headers: HeaderMap,
}

async fn rig(config: &str) -> anyhow::Result<Rig> {
    Rig::with(RigOptions {
        config: config.to_owned(),
        websocket: true,
        ..RigOptions::default()
    })
    .await
}

impl Client {
    pub(crate) async fn open(rig: &Rig, key: &Key) -> anyhow::Result<Self> {
        let bearer = format!("Bearer {}", key.secret);
        Self::open_with(rig, PATH, &[("authorization", &bearer)]).await
    }

    pub(crate) async fn open_with(
        rig: &Rig,
        path: &str,
        headers: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        let address = rig.gateway.data;
        let mut request = Request::get(format!("ws://{address}{path}"))
            .header("host", address.to_string())
            .header("connection", "Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header("sec-websocket-extensions", "permessage-deflate")
            .header("openai-beta", "responses_websockets=2026-02-06");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let stream = TcpStream::connect(address).await?;
        let (socket, response) = client_async(request.body(())?, stream).await?;
        Ok(Self {
            socket,
            headers: response.headers().clone(),
        })
    }

    pub(crate) async fn say(&mut self, message: &Value) -> anyhow::Result<()> {
        Ok(self.socket.send(Message::text(message.to_string())).await?)
    }

    /// Asks for a response.
    async fn ask(&mut self, prompt: &str) -> anyhow::Result<()> {
        self.say(&asked(prompt)).await
    }

    /// The next event.
    pub(crate) async fn event(&mut self) -> anyhow::Result<Value> {
        match self.next().await? {
            Message::Text(text) => Ok(serde_json::from_str(&text)?),
            other => anyhow::bail!("no event: {other:?}"),
        }
    }

    pub(crate) async fn next(&mut self) -> anyhow::Result<Message> {
        let next = tokio::time::timeout(Duration::from_secs(20), self.socket.next()).await?;
        next.ok_or_else(|| anyhow::anyhow!("it is closed"))?
            .map_err(Into::into)
    }

    /// The events up to the one that ends a response.
    async fn events(&mut self) -> anyhow::Result<Vec<Value>> {
        let mut events = Vec::new();
        loop {
            let event = self.event().await?;
            let kind = event["type"].as_str().unwrap_or_default().to_owned();
            events.push(event);
            if kind == "error" || kind == "response.completed" {
                return Ok(events);
            }
        }
    }

    /// Asks, and gives what is said in the answer.
    async fn turn(&mut self, prompt: &str) -> anyhow::Result<Vec<Value>> {
        self.ask(prompt).await?;
        self.events().await
    }

    /// The code of the error that answers a prompt.
    async fn refused(&mut self, prompt: &str) -> anyhow::Result<Value> {
        let mut events = self.turn(prompt).await?;
        anyhow::ensure!(events.len() == 1, "{events:?}");
        Ok(events.remove(0))
    }

    /// How it is closed, after whatever is said before.
    pub(crate) async fn closed(&mut self) -> anyhow::Result<CloseFrame> {
        loop {
            if let Message::Close(frame) = self.next().await? {
                return frame.ok_or_else(|| anyhow::anyhow!("closed without a code"));
            }
        }
    }
}

fn asked(prompt: &str) -> Value {
    json!({
        "type": "response.create", "model": MODEL, "store": false, "max_output_tokens": 64,
        "input": [{"type": "message", "role": "user",
                   "content": [{"type": "input_text", "text": prompt}]}],
    })
}

/// The text of an answer, by its deltas.
fn text(events: &[Value]) -> String {
    let deltas = events
        .iter()
        .filter(|event| event["type"] == "response.output_text.delta");
    deltas.filter_map(|event| event["delta"].as_str()).collect()
}

/// The rows of a key, oldest first, once there are so many.
pub(crate) async fn rows(rig: &Rig, key: &Key, count: usize) -> anyhow::Result<Vec<LoggedRequest>> {
    let mut tick = tokio::time::interval(Duration::from_millis(5));
    let found = async {
        loop {
            tick.tick().await;
            let mut rows = rig.rows(key).await?;
            if rows.len() >= count {
                rows.reverse();
                return anyhow::Ok(rows);
            }
        }
    };
    let rows = tokio::time::timeout(Duration::from_secs(20), found).await??;
    assert_eq!(rows.len(), count, "{rows:?}");
    Ok(rows)
}
