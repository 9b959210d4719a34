//! Reads JSON: one pass, and nothing is copied that has no escapes.

use std::{borrow::Cow, collections::HashSet};

use serde_json::Number;

use super::{Json, Unread};
use crate::json::{Cursor, Members};

/// Up to so many members each name is compared with all others; beyond, names are kept in a set.
const FEW: usize = 16;

impl<'a> Json<'a> {
    /// Reads a text.
    ///
    /// # Errors
    /// It is no JSON, has a name twice in one object, or is too deep.
    pub(crate) fn read(text: &'a [u8]) -> Result<Self, Unread> {
        let mut cursor = Cursor::new(text);
        let value = value(&mut cursor)?;
        cursor.finish()?;
        Ok(value)
    }
}

/// One value. The cursor bounds how deep it goes.
fn value<'a>(cursor: &mut Cursor<'a>) -> Result<Json<'a>, Unread> {
    Ok(match cursor.peek() {
        Some(b'"') => Json::String(cursor.string("a string")?.decode()?),
        Some(b'{') => Json::Object(object(cursor)?),
        Some(b'[') => Json::Array(array(cursor)?),
        first => {
            let start = cursor.skip_value()?;
            match first {
                Some(b't') => Json::Bool(true),
                Some(b'f') => Json::Bool(false),
                Some(b'n') => Json::Null,
                _ => {
                    let number = number(cursor.slice(start));
                    Json::Number(number.ok_or(Unread::Number { at: start })?)
                }
            }
        }
    })
}

fn array<'a>(cursor: &mut Cursor<'a>) -> Result<Vec<Json<'a>>, Unread> {
    cursor.open_array()?;
    let mut list = Vec::new();
    let mut items = Members::First;
    while cursor.item(&mut items)? {
        list.push(value(cursor)?);
    }
    Ok(list)
}

fn object<'a>(cursor: &mut Cursor<'a>) -> Result<Vec<(Cow<'a, str>, Json<'a>)>, Unread> {
    cursor.open_object()?;
    let mut members: Vec<(Cow<'a, str>, Json<'a>)> = Vec::new();
    let mut seen: Option<HashSet<Cow<'a, str>>> = None;
    let mut state = Members::First;
    while let Some(name) = cursor.member(&mut state)? {
        let name = name.decode()?;
        let twice = if members.len() < FEW {
            members.iter().any(|(known, _)| *known == name)
        } else {
            let seen = seen
                .get_or_insert_with(|| members.iter().map(|(known, _)| known.clone()).collect());
            !seen.insert(name.clone())
        };
        if twice {
            return Err(Unread::Twice(name.into_owned()));
        }
        members.push((name, value(cursor)?));
    }
    Ok(members)
}

/// A number that was found to be one.
fn number(text: &[u8]) -> Option<Number> {
    // Nearly all are short and whole, and fit a word.
    if text.len() <= 18 && text.iter().all(u8::is_ascii_digit) {
        let add = |sum: u64, digit: &u8| sum * 10 + u64::from(digit - b'0');
        return Some(text.iter().fold(0, add).into());
    }
    serde_json::from_slice(text).ok()
}
