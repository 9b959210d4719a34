//! The top of a stream's events: which text a piece goes on with, and which texts end.

use tidegate_wire::json::{Cursor, Fault, Members};

use super::{Finish, Key, Live, Place, Walk, member::hash};
use crate::{
    channel::{Kind, Role},
    codec::Codec,
    protocol::Protocol,
};

/// What an event says of itself.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Named<'a> {
    /// Its `type`; where the format keeps it outside of the JSON, that.
    kind: &'a [u8],
    /// `index`, `output_index` or `contentBlockIndex`.
    group: u64,
    /// `content_index` or `summary_index`.
    sub: u64,
    item: u64,
}

impl<'a> Named<'a> {
    /// Reads what an event says of itself, and that it is whole JSON. `kind` is its type where the
    /// JSON has none.
    pub(crate) fn read(body: &'a [u8], kind: &'a [u8]) -> Result<Self, Fault> {
        let mut cursor = Cursor::new(body);
        let mut named = Self {
            kind,
            ..Self::default()
        };
        if cursor.peek() != Some(b'{') {
            cursor.skip_value()?;
            cursor.finish()?;
            return Ok(named);
        }
        cursor.open_object()?;
        let mut members = Members::First;
        while let Some(name) = cursor.member(&mut members)? {
            let start = cursor.skip_value()?;
            let value = cursor.slice(start);
            let number = || {
                let text = str::from_utf8(value).unwrap_or_default();
                text.parse::<u64>().unwrap_or_default()
            };
            match name.raw {
                b"type" => named.kind = value.get(1..value.len() - 1).unwrap_or_default(),
                b"index" | b"output_index" | b"contentBlockIndex" => named.group = number(),
                b"content_index" | b"summary_index" => named.sub = number() + 1,
                b"item_id" => named.item = hash(value) >> 32,
                _ => {}
            }
        }
        cursor.finish()?;
        Ok(named)
    }

    /// The text that `delta` or `text` goes on with.
    fn live(&self) -> Live {
        let base = self.kind.strip_suffix(b".delta").unwrap_or(self.kind);
        let base = base.strip_suffix(b".done").unwrap_or(base);
        let sub = (hash(base) >> 40) ^ (self.item << 8) ^ self.sub.rotate_right(24);
        Live::sub(self.group, sub & ((1 << 48) - 1))
    }

    fn has(&self, word: &[u8]) -> bool {
        memchr::memmem::find(self.kind, word).is_some()
    }
}

impl<'a> Walk<'a, '_> {
    /// An event of a stream.
    pub(crate) fn event(mut self, named: Named<'a>) -> Result<(), Fault> {
        self.stream = true;
        if self.cursor.peek() != Some(b'{') {
            let place = Place {
                role: Role::Assistant,
                ..Place::TOP
            };
            self.value(place, Key::Unknown)?;
            return self.cursor.finish();
        }
        self.cursor.open_object()?;
        let mut members = Members::First;
        while let Some(name) = self.cursor.member(&mut members)? {
            let key = Key::of(name);
            let place = Place {
                role: Role::Assistant,
                ..Place::TOP
            };
            match self.protocol {
                Protocol::Responses => self.response_member(place, &named, key, name.raw)?,
                Protocol::Anthropic | Protocol::Bedrock
                    if matches!(key, Key::Delta)
                        || (key == Key::Messages && name.raw == b"content_block") =>
                {
                    let live = Some(Live::of(named.group));
                    self.member(Place { live, ..place }, key, name.raw)?;
                }
                // The older shapes of one piece of text an event.
                Protocol::Anthropic if key == Key::Text => {
                    let live = Some(Live::of(u64::MAX));
                    self.member(Place { live, ..place }, key, name.raw)?;
                }
                // One object a line, and no choices (Ollama).
                Protocol::Chat if matches!(name.raw, b"message" | b"response") => {
                    let key = if key == Key::Response { Key::Text } else { key };
                    let live = Some(Live::of(u64::MAX));
                    self.member(Place { live, ..place }, key, name.raw)?;
                }
                _ => self.member(place, key, name.raw)?,
            }
        }
        self.ended(&named);
        self.cursor.finish()
    }

    fn response_member(
        &mut self,
        place: Place,
        named: &Named<'_>,
        key: Key,
        name: &[u8],
    ) -> Result<(), Fault> {
        let is_string = self.cursor.peek() == Some(b'"');
        let kind = if named.has(b"reasoning") {
            Kind::Reasoning
        } else if named.has(b"refusal") {
            Kind::Refusal
        } else {
            Kind::Text
        };
        let mut place = Place { kind, ..place };
        // What a call is given comes in events of its own, without the call around it.
        place.tool = named.has(b"_call");
        if !(is_string && key == Key::Delta) {
            if key == Key::Text && place.tool {
                // The code of an interpreter.
                place.kind = Kind::ToolArguments;
            }
            return self.member(place, key, name);
        }
        let text = self.cursor.string("a string")?;
        place.live = Some(named.live());
        if named.has(b"audio.delta") {
            place.live = None;
            self.string(place, Key::Media, text);
        } else if named.has(b"arguments") {
            self.say(place, Kind::ToolArguments, Codec::Nested, text);
        } else if place.tool {
            self.say(place, Kind::ToolArguments, Codec::Json, text);
        } else {
            self.say(place, kind, Codec::Json, text);
        }
        Ok(())
    }

    /// Ends the texts that the event says are whole.
    fn ended(&mut self, named: &Named<'_>) {
        let group = Finish::Group(named.group);
        let finish = match named.kind {
            b"content_block_stop" | b"contentBlockStop" | b"response.output_item.done" => group,
            b"message_delta"
            | b"message_stop"
            | b"messageStop"
            | b"response.completed"
            | b"response.incomplete"
            | b"response.failed"
            | b"response.done"
            | b"error"
            | b"transcript.text.done" => Finish::All,
            kind if kind.ends_with(b".done") => {
                let live = named.live();
                for kind in [
                    Kind::Text,
                    Kind::Reasoning,
                    Kind::Refusal,
                    Kind::ToolArguments,
                ] {
                    self.visit.finish(Finish::Slot(live.slot(kind)));
                }
                return;
            }
            _ => return,
        };
        self.visit.finish(finish);
    }
}
