//! APIs that are spoken over a WebSocket: what a message is, and how the same machinery reads it that reads
//! streams of events. Frames and handshakes (RFC 6455) are none of this crate's business.
//!
//! A message of a server is the data of one server-sent event without the event around it. So it is put
//! into one ([`framed`]) to be metered and shown to guards, and what these leave of the stream is taken apart
//! again ([`Unframed`]).

pub mod realtime;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use bytes::Bytes;

use crate::{
    body::BodyError,
    json::{Cursor, Members},
};

/// What a client of the Responses API says over a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponsesMessage {
    /// `response.create`: a request, whose body is the message itself.
    Create,
    /// `response.processed`: the client has dealt with a response. Says nothing else.
    Processed,
}

/// Why a client's message is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// It is not the JSON that is accepted.
    #[error("{0}")]
    Body(#[from] BodyError),
    /// It is of no kind that is governed.
    #[error("messages of the type `{0}` are not let through here")]
    Kind(String),
    /// It has no type, or more than one.
    #[error("a message needs one `type`, a string")]
    NoKind,
    /// Something that would be made and paid for, and that nobody here accounts for.
    #[error("{0}")]
    NotServed(&'static str),
    /// A member that would be read as a second request.
    #[error("the member `response` is not accepted: its members belong to the message itself")]
    Nested,
}

/// The longest name of a type that is repeated to its sender, in bytes.
const LONGEST_KIND: usize = 64;
/// Messages that only point at something are no longer than this, in bytes.
const LONGEST_POINTER: usize = 4_096;

/// Reads what a client of the Responses API says. Its members are checked when its body is read.
///
/// # Errors
/// It is none of the messages that are known, or not written as one.
pub fn responses_message(message: &[u8]) -> Result<ResponsesMessage, MessageError> {
    let mut kind: Option<Cow<'_, str>> = None;
    let mut nested = false;
    let mut cursor = Cursor::new(message);
    cursor.open_object().map_err(BodyError::from)?;
    let mut members = Members::First;
    while let Some(key) = cursor.member(&mut members).map_err(BodyError::from)? {
        let name = key.decode().map_err(BodyError::from)?;
        if name.eq_ignore_ascii_case("type") {
            // A server that compares names without case would read the other one.
            if kind.is_some() || name != "type" || cursor.peek() != Some(b'"') {
                return Err(MessageError::NoKind);
            }
            let value = cursor.string("a string").map_err(BodyError::from)?;
            kind = Some(value.decode().map_err(BodyError::from)?);
        } else {
            nested |= name.eq_ignore_ascii_case("response");
            cursor.skip_value().map_err(BodyError::from)?;
        }
    }
    cursor.finish().map_err(BodyError::from)?;
    match kind.as_deref() {
        None => Err(MessageError::NoKind),
        Some("response.create") if nested => Err(MessageError::Nested),
        Some("response.create") => Ok(ResponsesMessage::Create),
        Some("response.processed") if message.len() <= LONGEST_POINTER => {
            Ok(ResponsesMessage::Processed)
        }
        Some(other) => Err(MessageError::of_kind(other)),
    }
}

impl MessageError {
    fn of_kind(kind: &str) -> Self {
        let shown = kind.chars().filter(|c| !c.is_control());
        Self::Kind(shown.take(LONGEST_KIND).collect())
    }
}

/// What kind of event a server's message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerEvent {
    /// A response, or what was asked for, failed before there was anything of it; with the status that it
    /// would have had over HTTP, where it is said (100 to 599).
    Error(Option<u16>),
    /// The last event of a response.
    Last,
    /// A part of a response.
    Part,
    /// Of the connection, not of a response.
    Other,
}

/// Reads which event a server's message is. What cannot be read is a part of a response: it is metered and
/// shown to guards like one.
#[must_use]
pub fn server_event(message: &[u8]) -> ServerEvent {
    read_event(message).unwrap_or(ServerEvent::Part)
}

fn read_event(message: &[u8]) -> Option<ServerEvent> {
    let mut cursor = Cursor::new(message);
    cursor.open_object().ok()?;
    let mut members = Members::First;
    let (mut is_error, mut status) = (false, None);
    while let Some(key) = cursor.member(&mut members).ok()? {
        match key.raw {
            b"type" => {
                let kind = cursor.string("a string").ok()?.decode().ok()?;
                match &*kind {
                    "error" => is_error = true,
                    "response.completed"
                    | "response.done"
                    | "response.failed"
                    | "response.incomplete"
                    | "response.cancelled" => return Some(ServerEvent::Last),
                    other if other.starts_with("response.") => return Some(ServerEvent::Part),
                    _ => return Some(ServerEvent::Other),
                }
            }
            b"status" | b"status_code" => {
                let from = cursor.skip_value().ok()?;
                let number = str::from_utf8(cursor.slice(from)).ok()?.parse().ok();
                status = number.filter(|code| (100..600).contains(code)).or(status);
            }
            _ => {
                cursor.skip_value().ok()?;
            }
        }
    }
    is_error.then_some(ServerEvent::Error(status))
}

/// A message as a server-sent event, in pieces. Line ends, which in JSON stand only between values, become
/// spaces: they would end the line of data.
#[must_use]
pub fn framed(message: Bytes) -> [Bytes; 3] {
    let line = if memchr::memchr2(b'\n', b'\r', &message).is_some() {
        let bytes = message.iter().map(|&byte| match byte {
            b'\n' | b'\r' => b' ',
            other => other,
        });
        bytes.collect::<Vec<u8>>().into()
    } else {
        message
    };
    [
        Bytes::from_static(b"data: "),
        line,
        Bytes::from_static(b"\n\n"),
    ]
}

/// Takes a stream of events apart into the messages that they carry, however it was cut. It holds what is
/// not yet a whole event: never more than was put in.
#[derive(Debug, Default)]
pub struct Unframed {
    pending: Vec<u8>,
    /// How far it was looked at: no event ends before.
    seen: usize,
}

impl Unframed {
    /// Takes a piece; gives the messages that became whole.
    pub fn push(&mut self, piece: &[u8]) -> Vec<Bytes> {
        self.pending.extend_from_slice(piece);
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(at) = memchr::memmem::find(&self.pending[self.seen.max(from)..], b"\n\n") {
            let end = self.seen.max(from) + at;
            found.extend(data(&self.pending[from..end]));
            from = end + 2;
        }
        self.pending.drain(..from);
        self.seen = self.pending.len().saturating_sub(1);
        found
    }

    /// Whether nothing is held.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }
}

/// The data of one event; `None` where it has none (WHATWG HTML §9.2.6).
fn data(event: &[u8]) -> Option<Bytes> {
    let mut lines = event.split(|&byte| byte == b'\n').filter_map(|line| {
        let value = line.strip_prefix(b"data:")?;
        Some(value.strip_prefix(b" ").unwrap_or(value))
    });
    let first = lines.next()?;
    let mut whole = first.to_vec();
    for line in lines {
        whole.push(b'\n');
        whole.extend_from_slice(line);
    }
    Some(whole.into())
}
