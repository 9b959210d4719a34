//! Messages over WebSockets.

use bytes::Bytes;
use serde_json::Value;

use super::take;
use crate::socket::{
    ResponsesMessage, Unframed, framed,
    realtime::{self, ClientKind, EventKind},
    responses_message, server_event,
};

/// A message of a client that is let through says once, and plainly, what it is; a message of a server comes
/// out of the stream of events as it went in, however that is cut. First byte: length of the pieces.
pub fn socket(data: &[u8]) {
    let Some((step, message)) = take(data) else {
        return;
    };
    if let Ok(known) = responses_message(message) {
        let kind = match known {
            ResponsesMessage::Create => "response.create",
            ResponsesMessage::Processed => "response.processed",
        };
        // A reader that takes the last of two members for the one agrees.
        if let Ok(value) = serde_json::from_slice::<Value>(message) {
            assert_eq!(value["type"], kind);
            assert!(known == ResponsesMessage::Processed || value.get("response").is_none());
        }
    }
    realtime(message);
    let event = server_event(message);
    let pieces = framed(Bytes::copy_from_slice(message));
    let line = pieces[1].clone();
    assert_eq!(line.len(), message.len());
    if serde_json::from_slice::<Value>(message).is_ok() {
        assert_eq!(server_event(&line), event, "line ends made a difference");
    }
    let mut unframed = Unframed::default();
    let mut found = Vec::new();
    for piece in pieces.concat().chunks(step + 1) {
        found.extend(unframed.push(piece));
    }
    assert_eq!(found, [line]);
    assert!(unframed.is_empty());
}

/// The same of the Realtime API: what was read is what a reader of the whole message finds.
fn realtime(message: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(message) else {
        return;
    };
    if let Ok(known) = realtime::client_message(message) {
        let named = match known.kind {
            ClientKind::Create => "response.",
            ClientKind::Session => "session.",
            ClientKind::Item => "conversation.item.",
            ClientKind::Audio => "input_audio_buffer.",
            ClientKind::Control => "",
        };
        assert!(
            value["type"]
                .as_str()
                .is_some_and(|kind| kind.starts_with(named))
        );
        for place in ["session", "response"] {
            let other = value[place]["model"].as_str();
            assert!(other.is_none() || other == known.model.as_deref());
            assert!(value[place]["audio"]["input"]["transcription"].is_null());
        }
    }
    let event = realtime::server_event(message);
    if matches!(event.kind, EventKind::Created | EventKind::Done) {
        let named = value["type"].as_str();
        assert!(named.is_some_and(|kind| kind.starts_with("response.")));
    }
}
