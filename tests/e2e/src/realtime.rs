//! The Realtime API: each response of a session is a call of its own, governed, billed and logged, whether the client
//! asks for it or the provider makes it by itself.

mod governed;
mod guarded;

use serde_json::{Value, json};
use tidegate_harness::{Key, Rig, RigOptions};

use crate::responses_socket::Client;

const PATH: &str = "/openai/v1/realtime?model=gpt-voice";
/// Micro-dollars a token: 4 and 16 for text, 32 and 64 for sound, 0.4 from the cache.
const PRICES: &str = r#"
[[row]]
family = "openai"
model = "gpt-voice"
input = "4.00"
cached = "0.40"
input_audio = "32.00"
output = "16.00"
output_audio = "64.00"
max_output = 100
"#;

async fn rig(config: &str) -> anyhow::Result<Rig> {
    Rig::with(RigOptions {
        config: format!("[prices]\nfile = \"prices.toml\"\n{config}"),
        files: vec![("prices.toml", PRICES)],
        websocket: true,
        ..RigOptions::default()
    })
    .await
}

/// An open session, whose beginning was told.
async fn open(rig: &Rig, key: &Key) -> anyhow::Result<Client> {
    let bearer = format!("Bearer {}", key.secret);
    let mut client = Client::open_with(rig, PATH, &[("authorization", &bearer)]).await?;
    let created = client.event().await?;
    anyhow::ensure!(created["type"] == "session.created", "{created}");
    Ok(client)
}

fn item(text: &str) -> Value {
    json!({"type": "conversation.item.create", "item": {
        "type": "message", "role": "user", "content": [{"type": "input_text", "text": text}],
    }})
}

fn sound(text: &str) -> Value {
    json!({"type": "input_audio_buffer.append", "audio": base64(text)})
}

/// RFC 4648 §4.
fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
        let bits = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at)) as usize & 63];
            out.push(if at > chunk.len() { '=' } else { letter.into() });
        }
    }
    out
}

/// The events up to the one that ends a response, or is an error.
async fn events(client: &mut Client) -> anyhow::Result<Vec<Value>> {
    let mut events = Vec::new();
    loop {
        let event = client.event().await?;
        let kind = event["type"].as_str().unwrap_or_default().to_owned();
        events.push(event);
        if kind == "error" || kind == "response.done" {
            return Ok(events);
        }
    }
}

/// Says a text and asks for a response to it.
async fn turn(client: &mut Client, text: &str) -> anyhow::Result<Vec<Value>> {
    client.say(&item(text)).await?;
    client.say(&json!({"type": "response.create"})).await?;
    events(client).await
}

fn transcript(events: &[Value]) -> String {
    let deltas = events
        .iter()
        .filter(|event| event["type"] == "response.output_audio_transcript.delta");
    deltas.filter_map(|event| event["delta"].as_str()).collect()
}

/// All that the provider was told.
fn sent(rig: &Rig) -> String {
    let bodies = rig.standin.requests().into_iter();
    let bodies = bodies.filter_map(|seen| seen.body());
    bodies
        .map(|body| String::from_utf8_lossy(&body).into_owned())
        .collect()
}
