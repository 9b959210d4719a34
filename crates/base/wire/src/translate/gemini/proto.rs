//! JSON as Protocol Buffers write it: members go by their name in camel case or in snake case, whole numbers
//! may stand in strings, and one element may stand for a list of one.

use std::borrow::Cow;

use serde_json::Number;

use super::super::{
    Json, Refused,
    fields::{Fields, elements, wrong},
};
use crate::translate::Path;

/// A message: an object whose members are known by their name in camel case, however they were written.
///
/// # Errors
/// It is no object, or has a member in both spellings.
pub(super) fn message<'a>(path: Path, json: Json<'a>) -> Result<Fields<'a>, Refused> {
    let Json::Object(mut members) = json else {
        return Fields::new(path, json);
    };
    // Names in snake case are few; that they are looked for in all the others costs little for a message.
    let snakes = members
        .iter()
        .filter(|(name, _)| name.contains('_'))
        .count();
    if snakes > 64 {
        return Err(Refused::invalid(path, "has too many members"));
    }
    for at in 0..members.len() {
        let Some((name, _)) = members.get(at) else {
            continue;
        };
        let Some(camel) = camel(name) else { continue };
        if members.iter().any(|(known, _)| *known == camel) {
            let path = path.member(camel);
            return Err(Refused::invalid(path, "stands twice"));
        }
        if let Some((name, _)) = members.get_mut(at) {
            *name = Cow::Owned(camel);
        }
    }
    Fields::new(path, Json::Object(members))
}

/// The name in camel case, where it is in snake case.
pub(super) fn camel(name: &str) -> Option<String> {
    if !name.contains('_') || name.starts_with('_') {
        return None;
    }
    let mut camel = String::with_capacity(name.len());
    let mut after = false;
    for letter in name.chars() {
        if letter == '_' {
            after = true;
        } else if std::mem::take(&mut after) {
            camel.push(letter.to_ascii_uppercase());
        } else {
            camel.push(letter);
        }
    }
    Some(camel)
}

/// Takes a message.
///
/// # Errors
/// It is something else.
pub(super) fn take_message<'a>(
    fields: &mut Fields<'a>,
    name: &'static str,
) -> Result<Option<Fields<'a>>, Refused> {
    let path = fields.at(name);
    fields
        .take(name)
        .map(|value| message(path, value))
        .transpose()
}

/// Takes a list of messages, or the one that stands for it.
///
/// # Errors
/// It is something else.
pub(super) fn take_messages<'a>(
    fields: &mut Fields<'a>,
    name: &'static str,
) -> Result<Vec<Fields<'a>>, Refused> {
    let path = fields.at(name);
    let list = match fields.take(name) {
        None => Vec::new(),
        Some(Json::Array(list)) => elements(&path, list),
        Some(one @ Json::Object(_)) => vec![(path, one)],
        Some(other) => return Err(wrong(&path, "an array", &other)),
    };
    list.into_iter()
        .map(|(path, value)| message(path, value))
        .collect()
}

/// Takes a number, also one that stands in a string.
///
/// # Errors
/// It is something else.
pub(super) fn take_number(
    fields: &mut Fields<'_>,
    name: &'static str,
) -> Result<Option<Number>, Refused> {
    let path = fields.at(name);
    match fields.take(name) {
        None => Ok(None),
        Some(value) => number(&value)
            .map(Some)
            .ok_or_else(|| wrong(&path, "a number", &value)),
    }
}

/// The number that a value is.
pub(super) fn number(value: &Json<'_>) -> Option<Number> {
    match value {
        Json::Number(number) => Some(number.clone()),
        Json::String(text) => serde_json::from_str(text).ok(),
        _ => None,
    }
}

/// Takes a whole number from 0 on; `64.0` is one too.
///
/// # Errors
/// It is something else.
pub(super) fn take_count(
    fields: &mut Fields<'_>,
    name: &'static str,
) -> Result<Option<u64>, Refused> {
    match take_number(fields, name)? {
        None => Ok(None),
        Some(number) => whole(&number)
            .map(Some)
            .ok_or_else(|| Refused::invalid(fields.at(name), "must be a whole number from 0 on")),
    }
}

/// The whole number from 0 on that a number is.
fn whole(number: &Number) -> Option<u64> {
    number.as_u64().or_else(|| {
        let text = number.to_string();
        text.strip_suffix(".0")?.parse().ok()
    })
}

/// Takes a word of a closed list, in capitals; one that says nothing (`…_UNSPECIFIED`) is none.
///
/// # Errors
/// It is no string.
pub(super) fn take_word(
    fields: &mut Fields<'_>,
    name: &'static str,
) -> Result<Option<String>, Refused> {
    let word = fields.string(name)?.map(|word| word.to_ascii_uppercase());
    Ok(word.filter(|word| !word.ends_with("_UNSPECIFIED")))
}

/// Takes a list of strings.
///
/// # Errors
/// It is something else.
pub(super) fn take_strings<'a>(
    fields: &mut Fields<'a>,
    name: &'static str,
) -> Result<Vec<Cow<'a, str>>, Refused> {
    let list = fields.list(name)?;
    list.into_iter()
        .map(|(path, value)| match value {
            Json::String(text) => Ok(text),
            other => Err(wrong(&path, "a string", &other)),
        })
        .collect()
}
