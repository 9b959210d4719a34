//! JSON-RPC messages, read as far as the shim needs them and as no server reads them more freely: some
//! take keys in any case, and of a key that stands twice some take the first and some the last.

use std::{fmt, ops::Range};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// The keys that matter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Id,
    Method,
    Params,
    Result,
    Error,
    Name,
    Cursor,
    Other,
}

const KEYS: [(&str, Key); 7] = [
    ("id", Key::Id),
    ("method", Key::Method),
    ("params", Key::Params),
    ("result", Key::Result),
    ("error", Key::Error),
    ("name", Key::Name),
    ("cursor", Key::Cursor),
];

impl Key {
    /// In any case, as Go's `encoding/json` has it: two letters outside ASCII are equal to ones inside.
    fn of(text: &str) -> Self {
        let folded = |c: char| match c {
            '\u{17f}' => 's',
            '\u{212a}' => 'k',
            c => c.to_ascii_lowercase(),
        };
        let is = |name: &str| text.chars().map(folded).eq(name.chars());
        let known = KEYS.iter().find(|(name, _)| is(name));
        known.map_or(Self::Other, |(_, key)| *key)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_str<E>(self, text: &str) -> Result<Key, E> {
                Ok(Key::of(text))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// A message. Of a key that stands twice, the last.
#[derive(Default)]
pub(crate) struct Message<'a> {
    /// What an answer refers to. Notifications have none.
    pub(crate) id: Option<&'a RawValue>,
    /// What is asked for, each time that it is said.
    pub(crate) methods: Vec<String>,
    pub(crate) params: Option<&'a RawValue>,
    pub(crate) result: Option<&'a RawValue>,
    /// It is an answer.
    pub(crate) answers: bool,
    /// A key that matters stands there twice.
    pub(crate) doubled: bool,
}

impl<'de: 'a, 'a> Deserialize<'de> for Message<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Message<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a message")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut message = Message::default();
                while let Some(key) = map.next_key()? {
                    match key {
                        Key::Id => {
                            message.doubled |= message.id.replace(map.next_value()?).is_some();
                        }
                        Key::Method => {
                            let raw: &RawValue = map.next_value()?;
                            message.doubled |= !message.methods.is_empty();
                            let text = serde_json::from_str(raw.get()).unwrap_or_default();
                            message.methods.push(text);
                        }
                        Key::Params => {
                            message.doubled |= message.params.replace(map.next_value()?).is_some();
                        }
                        Key::Result => {
                            message.result = Some(map.next_value()?);
                            message.answers = true;
                        }
                        Key::Error => {
                            map.next_value::<IgnoredAny>()?;
                            message.answers = true;
                        }
                        Key::Name | Key::Cursor | Key::Other => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(message)
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

impl Message<'_> {
    pub(crate) fn is(&self, method: &str) -> bool {
        self.methods.iter().any(|said| said == method)
    }
}

/// The parameters of a request, as far as they matter.
#[derive(Default)]
pub(crate) struct Params {
    /// The tool, each time that one is said.
    pub(crate) names: Vec<String>,
    /// It asks for a later page.
    pub(crate) cursor: bool,
}

impl<'de> Deserialize<'de> for Params {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Params;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("parameters by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Params, A::Error> {
                let mut params = Params::default();
                while let Some(key) = map.next_key()? {
                    match key {
                        Key::Name => params.names.push(map.next_value()?),
                        Key::Cursor => {
                            params.cursor = map.next_value::<Option<IgnoredAny>>()?.is_some();
                        }
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(params)
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// What a line holds: one message, or several at once (JSON-RPC 2.0 §6).
pub(crate) enum Content<'a> {
    /// It is not read yet, and may be none.
    One(&'a str),
    Batch(Vec<&'a RawValue>),
    /// It begins like several, and is no JSON.
    Unreadable,
}

/// Tells apart what a line holds.
pub(crate) fn content(line: &str) -> Content<'_> {
    if !line.trim_start().starts_with('[') {
        return Content::One(line);
    }
    serde_json::from_str(line).map_or(Content::Unreadable, Content::Batch)
}

/// Where a part of a text lies in it.
pub(crate) fn place(of: &str, within: &str) -> Option<Range<usize>> {
    let start = (of.as_ptr() as usize).checked_sub(within.as_ptr() as usize)?;
    let range = start..start.checked_add(of.len())?;
    (within.get(range.clone()) == Some(of)).then_some(range)
}
