//! The Realtime API of `OpenAI`, in its final and in its beta names: what a client may say, and what a server's
//! event is. Both lists are closed: what comes next may carry prompts or answers that nobody looks at.
//!
//! Source: OpenAI's API reference of Realtime client and server events, as `openai-python` has them.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use super::{LONGEST_POINTER, MessageError};
use crate::{
    body::BodyError,
    json::{Cursor, Members},
};

/// What a client of the Realtime API says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientKind {
    /// Sound, or its end: with turn detection the model may answer it (`input_audio_buffer.append`, `.commit`).
    Audio,
    /// It points at what was said before, and has no texts: `response.cancel`, `conversation.item.delete`,
    /// `.retrieve`, `.truncate`, `input_audio_buffer.clear`, `output_audio_buffer.clear`.
    Control,
    /// It asks for a response (`response.create`).
    Create,
    /// A part of the conversation (`conversation.item.create`).
    Item,
    /// How the session is (`session.update`).
    Session,
}

/// A client's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientMessage {
    /// What it is.
    pub kind: ClientKind,
    /// The model that its `session` or `response` names.
    pub model: Option<String>,
}

/// What a server's event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// A response begins.
    Created,
    /// A response is over; this tells its usage.
    Done,
    /// Something failed. No response need be concerned.
    Error,
    /// A part of the conversation, with its texts, whoever said them.
    Item,
    /// Of the session, without texts of a model's.
    Session,
    /// A part of a response.
    Part,
    /// What the provider says to the account that is asked with, or nobody knows.
    Other,
}

/// A server's event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerEvent {
    /// What it is.
    pub kind: EventKind,
    /// The response that it belongs to, where it says so.
    pub response: Option<String>,
}

/// The longest id of a response that is kept, in bytes.
const LONGEST_ID: usize = 256;

/// Reads what a client of the Realtime API says.
///
/// # Errors
/// It is none of the messages that are known, or not written as one, or it asks for what is not served.
pub fn client_message(message: &[u8]) -> Result<ClientMessage, MessageError> {
    let mut read = Read::default();
    let mut cursor = Cursor::new(message);
    read.top(&mut cursor)?;
    cursor.finish().map_err(BodyError::from)?;
    let Some(name) = read.kind.as_deref() else {
        return Err(MessageError::NoKind);
    };
    let kind = match name {
        "response.create" => ClientKind::Create,
        "session.update" => ClientKind::Session,
        "conversation.item.create" => ClientKind::Item,
        "input_audio_buffer.append" | "input_audio_buffer.commit" => ClientKind::Audio,
        "response.cancel"
        | "conversation.item.delete"
        | "conversation.item.retrieve"
        | "conversation.item.truncate"
        | "input_audio_buffer.clear"
        | "output_audio_buffer.clear"
            if message.len() <= LONGEST_POINTER =>
        {
            ClientKind::Control
        }
        other => return Err(MessageError::of_kind(other)),
    };
    if read.transcribes {
        return Err(MessageError::NotServed(
            "a session that has its input transcribed is not served: another model does that, and is paid for apart; \
             leave `transcription` out",
        ));
    }
    Ok(ClientMessage {
        kind,
        model: read.model.map(Cow::into_owned),
    })
}

/// What is read of a message.
#[derive(Default)]
struct Read<'a> {
    kind: Option<Cow<'a, str>>,
    model: Option<Cow<'a, str>>,
    transcribes: bool,
}

/// Where in a message.
#[derive(Clone, Copy)]
enum Place {
    Audio,
    Input,
    Session,
}

impl<'a> Read<'a> {
    fn top(&mut self, cursor: &mut Cursor<'a>) -> Result<(), MessageError> {
        cursor.open_object().map_err(BodyError::from)?;
        let mut members = Members::First;
        let mut nested = false;
        while let Some(key) = cursor.member(&mut members).map_err(BodyError::from)? {
            let name = key.decode().map_err(BodyError::from)?;
            if name.eq_ignore_ascii_case("type") {
                // A server that compares names without case would read the other one.
                if self.kind.is_some() || name != "type" || cursor.peek() != Some(b'"') {
                    return Err(MessageError::NoKind);
                }
                self.kind = Some(string(cursor)?);
            } else if is_one_of(&name, &["session", "response"])? {
                if std::mem::replace(&mut nested, true) {
                    return Err(MessageError::NotServed(
                        "a message has one `session` or `response`",
                    ));
                }
                self.object(cursor, Place::Session)?;
            } else {
                cursor.skip_value().map_err(BodyError::from)?;
            }
        }
        Ok(())
    }

    fn object(&mut self, cursor: &mut Cursor<'a>, place: Place) -> Result<(), MessageError> {
        if cursor.peek() != Some(b'{') {
            cursor.skip_value().map_err(BodyError::from)?;
            return Ok(());
        }
        cursor.open_object().map_err(BodyError::from)?;
        let mut members = Members::First;
        let mut seen: Vec<String> = Vec::new();
        while let Some(key) = cursor.member(&mut members).map_err(BodyError::from)? {
            let name = key.decode().map_err(BodyError::from)?;
            let governed: &[&str] = match place {
                Place::Session => &["audio", "input_audio_transcription", "model", "type"],
                Place::Audio => &["input"],
                Place::Input => &["transcription"],
            };
            if !is_one_of(&name, governed)? {
                cursor.skip_value().map_err(BodyError::from)?;
                continue;
            }
            if seen.iter().any(|one| *one == name) {
                return Err(MessageError::NotServed(
                    "a member stands twice in one object",
                ));
            }
            seen.push(name.to_string());
            match &*name {
                "audio" => self.object(cursor, Place::Audio)?,
                "input" => self.object(cursor, Place::Input)?,
                "model" if cursor.peek() == Some(b'"') => self.model = Some(string(cursor)?),
                "type" if cursor.peek() == Some(b'"') => {
                    self.transcribes |= string(cursor)? != "realtime";
                }
                _ => {
                    self.transcribes |=
                        cursor.peek() != Some(b'n') && name != "model" && name != "type";
                    cursor.skip_value().map_err(BodyError::from)?;
                }
            }
        }
        Ok(())
    }
}

/// Whether a name is one of those; one that differs in case only is refused, since some server may read it.
fn is_one_of(name: &str, names: &[&str]) -> Result<bool, MessageError> {
    match names.iter().find(|one| name.eq_ignore_ascii_case(one)) {
        None => Ok(false),
        Some(one) if *one == name => Ok(true),
        Some(_) => Err(MessageError::NotServed(
            "names of members are written in small letters",
        )),
    }
}

fn string<'a>(cursor: &mut Cursor<'a>) -> Result<Cow<'a, str>, MessageError> {
    let text = cursor.string("a string").map_err(BodyError::from)?;
    Ok(text.decode().map_err(BodyError::from)?)
}

/// Reads which event a server's message is. What cannot be read is none that is known.
#[must_use]
pub fn server_event(message: &[u8]) -> ServerEvent {
    read_event(message).unwrap_or(ServerEvent {
        kind: EventKind::Other,
        response: None,
    })
}

fn read_event(message: &[u8]) -> Option<ServerEvent> {
    let mut cursor = Cursor::new(message);
    cursor.open_object().ok()?;
    let mut members = Members::First;
    let (mut kind, mut response) = (None, None);
    while let Some(key) = cursor.member(&mut members).ok()? {
        match &*key.decode().ok()? {
            "type" if kind.is_none() => {
                kind = Some(kind_of(&cursor.string("a string").ok()?.decode().ok()?));
            }
            // Two types: nobody knows which one its reader takes.
            "type" => return None,
            "response_id" if cursor.peek() == Some(b'"') => {
                response = id(cursor.string("a string").ok()?.decode().ok()?).or(response);
            }
            "response" if cursor.peek() == Some(b'{') => {
                response = id_of(&mut cursor)?.or(response);
            }
            _ => {
                cursor.skip_value().ok()?;
            }
        }
    }
    cursor.finish().ok()?;
    Some(ServerEvent {
        kind: kind?,
        response,
    })
}

fn id(id: Cow<'_, str>) -> Option<String> {
    (id.len() <= LONGEST_ID).then(|| id.into_owned())
}

/// The id of a response that is there whole.
fn id_of(cursor: &mut Cursor<'_>) -> Option<Option<String>> {
    cursor.open_object().ok()?;
    let mut members = Members::First;
    let mut found = None;
    while let Some(key) = cursor.member(&mut members).ok()? {
        if key.raw == b"id" && cursor.peek() == Some(b'"') {
            found = id(cursor.string("a string").ok()?.decode().ok()?);
        } else {
            cursor.skip_value().ok()?;
        }
    }
    Some(found)
}

fn kind_of(name: &str) -> EventKind {
    match name {
        "response.created" => EventKind::Created,
        "response.done" => EventKind::Done,
        "error" => EventKind::Error,
        "session.created"
        | "session.updated"
        | "conversation.created"
        | "conversation.item.deleted"
        | "conversation.item.truncated"
        | "input_audio_buffer.cleared"
        | "input_audio_buffer.committed"
        | "input_audio_buffer.dtmf_event_received"
        | "input_audio_buffer.speech_started"
        | "input_audio_buffer.speech_stopped"
        | "input_audio_buffer.timeout_triggered"
        | "mcp_list_tools.completed"
        | "mcp_list_tools.failed"
        | "mcp_list_tools.in_progress"
        | "output_audio_buffer.cleared"
        | "output_audio_buffer.started"
        | "output_audio_buffer.stopped" => EventKind::Session,
        other if other.starts_with("response.") => EventKind::Part,
        other if other.starts_with("conversation.item.") => EventKind::Item,
        _ => EventKind::Other,
    }
}
