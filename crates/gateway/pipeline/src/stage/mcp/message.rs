//! What matters of JSON-RPC messages: their ids, and which tools they call. A key that is there twice, in
//! any case, could be read in two ways, so such a message is unclear.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// A message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// Its id as it was written; `null` where it has none.
    pub(super) id: String,
    pub(super) tool: Tool,
}

/// Which tool a message calls.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Tool {
    /// It calls none.
    None,
    /// This one.
    Named(String),
    /// It may call one: what it says can be read in two ways.
    Unclear,
}

/// The longest id that is given back, in bytes.
const LONGEST_ID: usize = 256;

/// The messages of a body: one, or a batch. None: it is no JSON-RPC.
pub(super) fn read(body: &[u8]) -> Option<Vec<Message>> {
    let start = body.iter().find(|byte| !byte.is_ascii_whitespace())?;
    if *start == b'[' {
        let batch: Vec<&RawValue> = serde_json::from_slice(body).ok()?;
        return batch.into_iter().map(|one| message(one.get())).collect();
    }
    let one: &RawValue = serde_json::from_slice(body).ok()?;
    message(one.get()).map(|one| vec![one])
}

fn message(text: &str) -> Option<Message> {
    let Pairs(pairs) = serde_json::from_str(text).ok()?;
    let id = match field(&pairs, "id") {
        Field::Is(id) if id.get().len() <= LONGEST_ID && !id.get().starts_with(['{', '[']) => {
            id.get().to_owned()
        }
        _ => "null".to_owned(),
    };
    let tool = match field(&pairs, "method") {
        // An answer to the server, or nothing that it would take for a request.
        Field::Absent => Tool::None,
        Field::Is(method) => match serde_json::from_str::<String>(method.get()) {
            Ok(method) if method == "tools/call" => called(field(&pairs, "params")),
            Ok(_) => Tool::None,
            Err(_) => Tool::Unclear,
        },
        Field::Unclear => Tool::Unclear,
    };
    Some(Message { id, tool })
}

fn called(params: Field<'_>) -> Tool {
    let Field::Is(params) = params else {
        return Tool::Unclear;
    };
    let Ok(Pairs(pairs)) = serde_json::from_str(params.get()) else {
        return Tool::Unclear;
    };
    match field(&pairs, "name") {
        Field::Is(name) => serde_json::from_str(name.get()).map_or(Tool::Unclear, Tool::Named),
        Field::Absent | Field::Unclear => Tool::Unclear,
    }
}

/// A field of an object.
enum Field<'a> {
    Absent,
    Is(&'a RawValue),
    /// It is there twice, or in another case: some servers would take it for this one.
    Unclear,
}

fn field<'a>(pairs: &[(String, &'a RawValue)], name: &str) -> Field<'a> {
    let mut found = pairs
        .iter()
        .filter(|(key, _)| key.eq_ignore_ascii_case(name));
    match (found.next(), found.next()) {
        (None, _) => Field::Absent,
        (Some((key, value)), None) if key == name => Field::Is(value),
        _ => Field::Unclear,
    }
}

/// An object's fields in order, those that are there twice too.
struct Pairs<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(pairs)
            }
        }
        deserializer.deserialize_map(Fields).map(Self)
    }
}
