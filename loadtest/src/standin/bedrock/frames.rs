//! Messages of `application/vnd.amazon.eventstream`, written apart from the gateway's own code.

use base64::Engine as _;
use bytes::Bytes;
use serde_json::{Value, json};

/// The media type of streams.
pub(in crate::standin) const fn stream_kind() -> &'static str {
    "application/vnd.amazon.eventstream"
}

/// One event.
pub(super) fn message(name: &str, body: &Value) -> Bytes {
    let mut headers = Vec::new();
    let named = [
        (":event-type", name),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ];
    for (key, value) in named {
        headers.push(key.len() as u8);
        headers.extend(key.bytes());
        // Type 7 is a text.
        headers.push(7);
        headers.extend((value.len() as u16).to_be_bytes());
        headers.extend(value.bytes());
    }
    let payload = body.to_string();
    let total = 16 + headers.len() + payload.len();
    let mut out = Vec::with_capacity(total);
    out.extend((total as u32).to_be_bytes());
    out.extend((headers.len() as u32).to_be_bytes());
    out.extend(crc32fast::hash(&out).to_be_bytes());
    out.extend(headers);
    out.extend(payload.bytes());
    out.extend(crc32fast::hash(&out).to_be_bytes());
    Bytes::from(out)
}

/// Events of Messages as the chunks of `InvokeModelWithResponseStream`.
pub(in crate::standin) fn invoked(events: &[Bytes]) -> Vec<Bytes> {
    let chunk = |event: &Bytes| {
        let at = memchr::memmem::find(event, b"data: ")? + 6;
        let data = event.get(at..)?.trim_ascii();
        // AWS sends no pings.
        let named = !event.starts_with(b"event: ping");
        let bytes = base64::prelude::BASE64_STANDARD.encode(data);
        named.then(|| message("chunk", &json!({"bytes": bytes, "p": "abcdefg"})))
    };
    events.iter().filter_map(chunk).collect()
}
