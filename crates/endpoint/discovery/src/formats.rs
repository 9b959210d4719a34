//! From bytes to a [`Tree`](crate::tree::Tree): JSON with comments, TOML, YAML; in UTF-8 or UTF-16.

mod json;
mod toml;
mod yaml;

use serde_json::Value;

use crate::{
    Format,
    tree::{Fault, Parsed, Tree},
};

/// What a file says.
pub(crate) fn parse(format: Format, bytes: &[u8]) -> Parsed {
    let (text, clean) = decode(bytes);
    let mut parsed = if text.trim().is_empty() {
        // Clients take an empty file for one without settings.
        Parsed::whole(Tree::Null)
    } else {
        match format {
            Format::Jsonc => json::parse(&text),
            Format::Toml => toml::parse(&text),
            Format::Yaml => yaml::parse(&text),
        }
    };
    if !clean {
        parsed.fault.get_or_insert(Fault::NoText);
    }
    parsed
}

/// What a YAML document says, as it is read here; none where it is not whole and sound.
#[must_use]
pub fn yaml_value(text: &str) -> Option<Value> {
    let parsed = yaml::parse(text);
    (parsed.fault.is_none() && parsed.cut.is_none()).then(|| value(parsed.tree))
}

fn value(tree: Tree) -> Value {
    match tree {
        Tree::Null => Value::Null,
        Tree::Bool(value) => value.into(),
        Tree::Number(number) => number.into(),
        Tree::Text(text) => text.into(),
        Tree::List(list) => list.into_iter().map(value).collect(),
        Tree::Map(map) => {
            let pairs = map.into_iter().map(|(key, tree)| (key, value(tree)));
            Value::Object(pairs.collect())
        }
    }
}

/// The text, and whether all bytes were one. Editors on Windows write UTF-16 with a byte order mark.
fn decode(bytes: &[u8]) -> (String, bool) {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
        let clean = rest.is_empty() && char::decode_utf16(units.iter().copied()).all(|c| c.is_ok());
        (String::from_utf16_lossy(&units), clean)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => match str::from_utf8(rest) {
            Ok(text) => (text.to_owned(), true),
            Err(_) => (String::from_utf8_lossy(rest).into_owned(), false),
        },
    }
}

#[cfg(test)]
mod tests;

/// What `serde_json` read, as a tree: the parsers are held against it.
pub(crate) fn same(value: Value) -> Tree {
    match value {
        Value::Null => Tree::Null,
        Value::Bool(value) => Tree::Bool(value),
        Value::Number(number) => Tree::Number(number.as_f64().unwrap_or_default()),
        Value::String(text) => Tree::Text(text),
        Value::Array(list) => Tree::List(list.into_iter().map(same).collect()),
        Value::Object(map) => {
            let pairs = map.into_iter().map(|(key, value)| (key, same(value)));
            Tree::Map(pairs.collect())
        }
    }
}
