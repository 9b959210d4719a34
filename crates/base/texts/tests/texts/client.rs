//! What clients make of a stream: they parse every event and put the text together.

use std::io::Read as _;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use flate2::read::GzDecoder;
use serde_json::Value;

use super::provider::Way;

/// The events of a stream; what is no whole event is left out.
pub(crate) fn events(way: Way, wire: &[u8]) -> Vec<Value> {
    match way {
        Way::ConverseArguments | Way::ConverseText => messages(wire),
        Way::Invoke => messages(wire)
            .iter()
            .map(|event| {
                let bytes = BASE64_STANDARD.decode(event["bytes"].as_str().unwrap());
                serde_json::from_slice(&bytes.unwrap()).unwrap()
            })
            .collect(),
        Way::Cursor => envelopes(wire),
        Way::GeminiArray => {
            let mut text = String::from_utf8(wire.to_vec()).unwrap();
            if !text.trim_end().ends_with(']') {
                text.push(']');
            }
            if text == "]" {
                return Vec::new();
            }
            serde_json::from_str(&text).unwrap()
        }
        _ => {
            let text = str::from_utf8(wire).unwrap();
            let lines = text.lines().filter_map(|line| line.strip_prefix("data: "));
            let data = lines.filter(|data| *data != "[DONE]");
            data.map(|data| serde_json::from_str(data).unwrap())
                .collect()
        }
    }
}

fn messages(mut wire: &[u8]) -> Vec<Value> {
    let mut found = Vec::new();
    while !wire.is_empty() {
        let number = |at: usize| {
            let bytes: [u8; 4] = wire[at..at + 4].try_into().unwrap();
            u32::from_be_bytes(bytes)
        };
        let total = usize::try_from(number(0)).unwrap();
        let headers = usize::try_from(number(4)).unwrap();
        assert_eq!(number(8), crc32fast::hash(&wire[..8]));
        assert_eq!(number(total - 4), crc32fast::hash(&wire[..total - 4]));
        found.push(serde_json::from_slice(&wire[12 + headers..total - 4]).unwrap());
        wire = &wire[total..];
    }
    found
}

/// The texts of Cursor's messages.
fn envelopes(mut wire: &[u8]) -> Vec<Value> {
    let mut found = Vec::new();
    while let Some((head, rest)) = wire.split_first_chunk::<5>() {
        let [flags, length @ ..] = *head;
        let (message, after) = rest.split_at(u32::from_be_bytes(length) as usize);
        wire = after;
        if flags & 2 != 0 {
            assert_eq!(message, b"{}");
            continue;
        }
        let mut bytes = Vec::new();
        if flags & 1 == 0 {
            bytes = message.to_vec();
        } else {
            GzDecoder::new(message).read_to_end(&mut bytes).unwrap();
        }
        let inner = inside(&bytes, 0x12).0;
        let (text, rest) = inside(inner, 0x0a);
        assert_eq!(rest, [0x10, 7], "what stands beside the text");
        found.push(Value::from(str::from_utf8(text).unwrap()));
    }
    found
}

/// What is in the first field, which has this tag, and what follows it.
fn inside(bytes: &[u8], tag: u8) -> (&[u8], &[u8]) {
    assert_eq!(bytes[0], tag);
    let low = usize::from(bytes[1] & 0x7f);
    let (length, from) = if bytes[1] & 0x80 == 0 {
        (low, 2)
    } else {
        (low | (usize::from(bytes[2]) << 7), 3)
    };
    bytes[from..].split_at(length)
}

/// What an event of ChatGPT's page adds to the text.
fn patched(event: &Value) -> String {
    let path = event["p"].as_str();
    let is_text = path.is_none_or(|path| path.contains("/parts/"));
    match &event["v"] {
        Value::String(text) if is_text => text.clone(),
        Value::Array(patches) => patches.iter().map(patched).collect(),
        _ => String::new(),
    }
}

/// The text that the deltas add up to.
pub(crate) fn assembled(way: Way, wire: &[u8]) -> String {
    let events = events(way, wire);
    let piece = |event: &Value| -> String {
        let choice = &event["choices"][0];
        let value = match way {
            Way::ChatText => &choice["delta"]["content"],
            Way::ChatReasoning => &choice["delta"]["reasoning_content"],
            Way::ChatArguments => &choice["delta"]["tool_calls"][0]["function"]["arguments"],
            Way::Completions => &choice["text"],
            Way::ChatgptWeb => return patched(event),
            Way::Cursor => event,
            Way::AnthropicText | Way::Invoke => &event["delta"]["text"],
            Way::AnthropicThinking => &event["delta"]["thinking"],
            Way::AnthropicArguments => &event["delta"]["partial_json"],
            Way::ConverseText => &event["delta"]["text"],
            Way::ConverseArguments => &event["delta"]["toolUse"]["input"],
            Way::GeminiArray | Way::GeminiText => {
                &event["candidates"][0]["content"]["parts"][0]["text"]
            }
            Way::ResponsesArguments | Way::ResponsesText => &event["delta"],
        };
        value.as_str().unwrap_or_default().to_owned()
    };
    events.iter().map(piece).collect()
}

/// Every text that repeats the whole, in the order of the events.
pub(crate) fn repeated(way: Way, wire: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for event in events(way, wire) {
        let places = match way {
            Way::ResponsesText => [
                "/text",
                "/part/text",
                "/item/content/0/text",
                "/response/output/0/content/0/text",
            ],
            _ => [
                "/arguments",
                "/item/arguments",
                "/response/output/0/arguments",
                "/none",
            ],
        };
        let texts = places.iter().filter_map(|place| event.pointer(place));
        found.extend(texts.filter_map(Value::as_str).map(str::to_owned));
    }
    found
}
