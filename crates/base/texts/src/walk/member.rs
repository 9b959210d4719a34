//! One member of an object: what its name makes of its value.

use tidegate_wire::json::{Fault, Members, Text};

use super::{Finish, Key, Live, Place, Walk, keys};
use crate::{
    channel::{Kind, Role},
    codec::Codec,
    protocol::Protocol,
};

impl<'a> Walk<'a, '_> {
    /// Reads a member's value, whose name was taken.
    pub(super) fn member(&mut self, at: Place, key: Key, name: &[u8]) -> Result<(), Fault> {
        let first = self.cursor.peek();
        let is_string = first == Some(b'"');
        let is_object = first == Some(b'{');
        let mut place = Place { top: false, ..at };
        if at.other == Kind::ToolDefinition {
            return self.value(place, key);
        }
        match key {
            Key::Arguments | Key::Metadata if !is_string => return self.structured(place, key),
            Key::Input if is_object && !at.top => return self.structured(place, key),
            Key::Json if !is_string => return self.structured(place, key),
            Key::Response if at.other == Kind::ToolResult && !is_string => {
                return self.structured(place, key);
            }
            Key::FinishReason => {
                if is_string && let Some(live) = at.live {
                    self.visit.finish(Finish::Group(live.group));
                }
                return self.value(
                    Place {
                        live: None,
                        ..place
                    },
                    Key::Structure,
                );
            }
            Key::Definition => place = place.all(Kind::ToolDefinition, Role::System),
            Key::Citation => {
                place = Place {
                    kind: Kind::Citation,
                    other: Kind::Citation,
                    live: None,
                    ..place
                }
            }
            Key::System => place.role = Role::System,
            Key::Result => {
                place = place.all(Kind::ToolResult, Role::Tool);
                place.tool = true;
            }
            Key::Call => place.tool = true,
            Key::Reasoning(field) => {
                place.kind = Kind::Reasoning;
                place.signed |= self.protocol == Protocol::Bedrock;
                if field > 0 {
                    self.field(&mut place, field);
                }
            }
            Key::Thinking => {
                place.kind = Kind::Reasoning;
                place.signed |= self.protocol == Protocol::Anthropic && is_string;
            }
            Key::Refusal => place.kind = Kind::Refusal,
            // What was heard and what is said go on from event to event, each by itself (Gemini's Live API).
            Key::Transcript if is_object => {
                self.field(
                    &mut place,
                    if name == b"inputTranscription" { 5 } else { 6 },
                );
            }
            Key::Media if name == b"audio" => self.field(&mut place, 4),
            // A field that nobody knows may go on from event to event like those that are known.
            Key::Unknown if is_string && self.stream => {
                if let Some(live) = &mut place.live {
                    live.sub ^= hash(name) >> 16;
                    return self.value(place, Key::Delta);
                }
            }
            Key::Structure | Key::Unknown | Key::Source | Key::Echo if !is_string => {
                place.live = None;
                if at.tool && is_object {
                    // What a built-in tool is given (`action`, `operation`).
                    place.other = Kind::ToolArguments;
                }
            }
            _ => {}
        }
        if self.protocol == Protocol::Anthropic && !is_string && !at.top {
            // Its deltas are flat; what lies deeper is whole.
            place.live = None;
        }
        self.value(place, key)
    }

    fn field(&self, place: &mut Place, field: u8) {
        if let Some(live) = &mut place.live {
            live.field = field;
        }
    }

    /// A JSON value that is one text.
    fn structured(&mut self, place: Place, key: Key) -> Result<(), Fault> {
        let kind = match key {
            Key::Arguments | Key::Input => Kind::ToolArguments,
            Key::Json | Key::Response => Kind::ToolResult,
            _ => Kind::Other,
        };
        if matches!(key, Key::Arguments) && self.stream && self.cursor.peek() == Some(b'[') {
            return self.partial_arguments(place);
        }
        match self.cursor.peek() {
            Some(b'{' | b'[') => self.json(place, kind),
            _ => self.cursor.skip_value().map(drop),
        }
    }

    /// Gemini's arguments that come in pieces, each with the path of the value that it goes on.
    fn partial_arguments(&mut self, place: Place) -> Result<(), Fault> {
        self.cursor.open_array()?;
        let mut items = Members::First;
        while self.cursor.item(&mut items)? {
            let mut place = place;
            if let Some(live) = &mut place.live {
                let mut ahead = self.cursor.clone();
                let start = ahead.skip_value()?;
                live.sub = path_of(ahead.slice(start));
            }
            place.kind = Kind::ToolArguments;
            self.value(place, Key::Arguments)?;
        }
        Ok(())
    }

    /// A string, by the name of its member.
    pub(super) fn string(&mut self, place: Place, key: Key, text: Text<'a>) {
        let raw = text.raw;
        let alone = Place {
            live: None,
            ..place
        };
        match key {
            Key::Structure if keys::is_word(raw) => {}
            Key::Sealed if keys::is_base64(raw) => {}
            Key::Data if !place.literal && keys::is_media(raw) => {
                self.visit.unscanned(text.at + 1..text.end() - 1);
            }
            Key::Picture if keys::is_picture(raw) => {
                self.visit.unscanned(text.at + 1..text.end() - 1);
            }
            Key::Media if keys::is_media(raw) => {
                self.visit.unscanned(text.at + 1..text.end() - 1);
            }
            Key::Data => self.say(alone, place.kind, Codec::Json, text),
            _ if keys::is_data_url(raw) => self.visit.unscanned(text.at + 1..text.end() - 1),
            Key::Arguments | Key::PartialJson => self.arguments(place, Codec::Nested, text),
            Key::Input if place.tool && self.protocol == Protocol::Bedrock => {
                self.arguments(place, Codec::Nested, text);
            }
            Key::Input if place.tool => self.arguments(place, Codec::Json, text),
            Key::Output => {
                let (kind, role) = (Kind::ToolResult, Role::Tool);
                self.say(Place { role, ..alone }, kind, Codec::Json, text);
            }
            Key::Name if place.tool => {
                let whole = self.protocol == Protocol::Gemini;
                let place = if whole { alone } else { place };
                self.say(place, Kind::ToolName, Codec::Json, text);
            }
            Key::Text
            | Key::Content
            | Key::Input
            | Key::Delta
            | Key::System
            | Key::Reasoning(_)
            | Key::Thinking
            | Key::Refusal
            | Key::Transcript => self.say(place, place.kind, Codec::Json, text),
            _ => self.say(alone, place.other, Codec::Json, text),
        }
    }

    /// The name of a call is whole when its arguments begin.
    fn arguments(&mut self, place: Place, codec: Codec, text: Text<'a>) {
        if let Some(live) = place.live
            && !text.raw.is_empty()
        {
            self.visit.finish(Finish::Slot(live.slot(Kind::ToolName)));
        }
        self.say(place, Kind::ToolArguments, codec, text);
    }
}

/// A number for the `jsonPath` of a piece of arguments.
fn path_of(piece: &[u8]) -> u64 {
    let mut cursor = tidegate_wire::json::Cursor::new(piece);
    let mut members = Members::First;
    if cursor.open_object().is_err() {
        return 0;
    }
    while let Ok(Some(name)) = cursor.member(&mut members) {
        let Ok(start) = cursor.skip_value() else {
            return 0;
        };
        if name.raw == b"jsonPath" {
            return hash(cursor.slice(start)) >> 16;
        }
    }
    0
}

/// FNV-1a: small, and the same everywhere.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

impl Live {
    pub(super) const fn sub(group: u64, sub: u64) -> Self {
        Self {
            group,
            sub,
            field: 0,
        }
    }
}
