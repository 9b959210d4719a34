//! Gemini's Live API: what a client may say, and what a server's message is. Both lists are closed: what comes next may
//! carry prompts or answers that nobody looks at. Names are taken in both spellings of Protocol Buffers' JSON
//! (`clientContent`, `client_content`), as Google's servers take them.
//!
//! Source: Google's reference of the Live API (`BidiGenerateContentClientMessage`, `…ServerMessage`), and the types of
//! `google-genai`.

#[cfg(test)]
mod tests;

use std::{borrow::Cow, ops::Range};

use bytes::Bytes;

use super::MessageError;
use crate::{
    body::BodyError,
    json::{Cursor, Members, Text, push_string},
};

/// What comes before a model's name.
const MODELS: &str = "models/";

/// What a client of the Live API says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientKind {
    /// Parts of the conversation (`clientContent`).
    Content,
    /// Sound, pictures, and where speech begins and ends (`realtimeInput` without a text): the model may answer it.
    Media,
    /// The session: model, instructions, tools (`setup`). It is the first message, and only that.
    Setup,
    /// A text in `realtimeInput`.
    Text,
    /// What functions gave back (`toolResponse`).
    ToolResponse,
}

/// A client's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientMessage {
    /// What it is.
    pub kind: ClientKind,
    /// The model that a `setup` names, without `models/`, and where its string stands in the message.
    pub model: Option<(String, Range<usize>)>,
}

/// What a server's message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// A part of an answer.
    Content,
    /// What a user was heard to say (`inputTranscription`) and nothing else.
    Heard,
    /// Of the session or of a turn, without texts: `setupComplete`, `goAway`, `sessionResumptionUpdate`,
    /// `toolCallCancellation`, signals of speech, an interruption.
    Session,
    /// The model wants functions called.
    ToolCall,
    /// The turn is over.
    TurnComplete,
    /// Nothing but a report of usage.
    Usage,
    /// Nobody knows.
    Other,
}

/// A server's message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerMessage {
    /// What it is.
    pub kind: EventKind,
    /// It tells what was used since the report before.
    pub usage: bool,
}

/// Reads what a client of the Live API says.
///
/// # Errors
/// It is none of the messages that are known, or not written as one, or more than one.
pub fn client_message(message: &[u8]) -> Result<ClientMessage, MessageError> {
    let mut cursor = Cursor::new(message);
    cursor.open_object().map_err(BodyError::from)?;
    let mut members = Members::First;
    let mut found = None;
    while let Some(key) = cursor.member(&mut members).map_err(BodyError::from)? {
        let name = key.decode().map_err(BodyError::from)?;
        let read = match &*name {
            "setup" => setup(&mut cursor)?,
            "clientContent" | "client_content" => plain(&mut cursor, ClientKind::Content)?,
            "toolResponse" | "tool_response" => plain(&mut cursor, ClientKind::ToolResponse)?,
            "realtimeInput" | "realtime_input" => realtime(&mut cursor)?,
            other => return Err(MessageError::of_kind(other)),
        };
        if found.replace(read).is_some() {
            return Err(MessageError::NotServed(
                "a message is one of `setup`, `clientContent`, `realtimeInput` and `toolResponse`",
            ));
        }
    }
    cursor.finish().map_err(BodyError::from)?;
    found.ok_or(MessageError::NotServed(
        "a message needs one member, which says what it is",
    ))
}

fn plain(cursor: &mut Cursor<'_>, kind: ClientKind) -> Result<ClientMessage, MessageError> {
    cursor.skip_value().map_err(BodyError::from)?;
    Ok(ClientMessage { kind, model: None })
}

fn setup(cursor: &mut Cursor<'_>) -> Result<ClientMessage, MessageError> {
    let mut model = None;
    cursor.open_object().map_err(BodyError::from)?;
    let mut members = Members::First;
    while let Some(key) = cursor.member(&mut members).map_err(BodyError::from)? {
        let name = key.decode().map_err(BodyError::from)?;
        if name != "model" {
            cursor.skip_value().map_err(BodyError::from)?;
            continue;
        }
        let value = cursor.string("a string").map_err(BodyError::from)?;
        let named = without_prefix(value)?;
        if model.replace((named, value.at..value.end())).is_some() {
            return Err(MessageError::NotServed("a `setup` has one `model`"));
        }
    }
    Ok(ClientMessage {
        kind: ClientKind::Setup,
        model,
    })
}

fn without_prefix(value: Text<'_>) -> Result<String, MessageError> {
    let named: Cow<'_, str> = value.decode().map_err(BodyError::from)?;
    Ok(named.strip_prefix(MODELS).unwrap_or(&named).to_owned())
}

fn realtime(cursor: &mut Cursor<'_>) -> Result<ClientMessage, MessageError> {
    let mut kind = ClientKind::Media;
    cursor.open_object().map_err(BodyError::from)?;
    let mut members = Members::First;
    while let Some(key) = cursor.member(&mut members).map_err(BodyError::from)? {
        let name = key.decode().map_err(BodyError::from)?;
        match &*name {
            "text" => kind = ClientKind::Text,
            "audio" | "video" | "mediaChunks" | "media_chunks" | "audioStreamEnd"
            | "audio_stream_end" | "activityStart" | "activity_start" | "activityEnd"
            | "activity_end" => {}
            other => return Err(MessageError::of_kind(other)),
        }
        cursor.skip_value().map_err(BodyError::from)?;
    }
    Ok(ClientMessage { kind, model: None })
}

/// A `setup` with another model, as its provider names it. `at` is where the old one stands.
#[must_use]
pub fn with_model(message: &[u8], at: Range<usize>, model: &str) -> Bytes {
    let mut out = Vec::with_capacity(message.len() + model.len());
    out.extend_from_slice(&message[..at.start]);
    push_string(&mut out, &format!("{MODELS}{model}"));
    out.extend_from_slice(&message[at.end..]);
    out.into()
}

/// Reads what a server's message is. What cannot be read is none that is known.
#[must_use]
pub fn server_message(message: &[u8]) -> ServerMessage {
    read(message).unwrap_or(ServerMessage {
        kind: EventKind::Other,
        usage: false,
    })
}

fn read(message: &[u8]) -> Option<ServerMessage> {
    let mut cursor = Cursor::new(message);
    cursor.open_object().ok()?;
    let mut members = Members::First;
    let (mut kind, mut usage) = (None, false);
    while let Some(key) = cursor.member(&mut members).ok()? {
        let found = match &*key.decode().ok()? {
            "usageMetadata" => {
                let start = cursor.skip_value().ok()?;
                usage |= cursor.slice(start).starts_with(b"{");
                continue;
            }
            "serverContent" if cursor.peek() == Some(b'{') => content(&mut cursor)?,
            "toolCall" => skipped(&mut cursor, EventKind::ToolCall)?,
            "goAway"
            | "sessionResumptionUpdate"
            | "setupComplete"
            | "toolCallCancellation"
            | "voiceActivity"
            | "voiceActivityDetectionSignal" => skipped(&mut cursor, EventKind::Session)?,
            _ => return None,
        };
        // Of two, the one that is more: nothing of an answer passes as less than that.
        kind = match kind {
            None => Some(found),
            Some(EventKind::Session) => Some(found),
            Some(other) => Some(other),
        };
    }
    cursor.finish().ok()?;
    let kind = kind.or(usage.then_some(EventKind::Usage))?;
    Some(ServerMessage { kind, usage })
}

fn skipped(cursor: &mut Cursor<'_>, kind: EventKind) -> Option<EventKind> {
    cursor.skip_value().ok()?;
    Some(kind)
}

fn content(cursor: &mut Cursor<'_>) -> Option<EventKind> {
    cursor.open_object().ok()?;
    let mut members = Members::First;
    let (mut made, mut heard, mut over) = (false, false, false);
    while let Some(key) = cursor.member(&mut members).ok()? {
        let name = key.decode().ok()?;
        let start = cursor.skip_value().ok()?;
        let value = cursor.slice(start);
        match &*name {
            "turnComplete" => over |= value == b"true",
            "generationComplete" | "interrupted" | "waitingForInput" | "turnCompleteReason" => {}
            "inputTranscription" | "interimInputTranscription" => heard = true,
            _ => made = true,
        }
    }
    Some(if over {
        EventKind::TurnComplete
    } else if made {
        EventKind::Content
    } else if heard {
        EventKind::Heard
    } else {
        EventKind::Session
    })
}
