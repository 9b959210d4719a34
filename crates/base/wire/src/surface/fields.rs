//! Reading the few members of a request that matter, whatever kind of value they have: what is not
//! as expected is skipped, never refused.

use std::borrow::Cow;

use super::prompt::{Channel, Piece};
use crate::json::{Cursor, Fault, Members, Text};

/// Calls `each` for every member of the object that is next; skips any other value. `each` must
/// take the member's value.
pub(super) fn object<'a>(
    cursor: &mut Cursor<'a>,
    mut each: impl FnMut(&str, &mut Cursor<'a>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    if cursor.peek() != Some(b'{') {
        return skip(cursor);
    }
    cursor.open_object()?;
    let mut members = Members::First;
    while let Some(key) = cursor.member(&mut members)? {
        each(&decoded(key), cursor)?;
    }
    Ok(())
}

/// Calls `each` for every item of the array that is next; skips any other value. `each` must take
/// the item.
pub(super) fn array<'a>(
    cursor: &mut Cursor<'a>,
    mut each: impl FnMut(&mut Cursor<'a>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    if cursor.peek() != Some(b'[') {
        return skip(cursor);
    }
    cursor.open_array()?;
    let mut members = Members::First;
    while cursor.item(&mut members)? {
        each(cursor)?;
    }
    Ok(())
}

/// The string that is next; any other value is skipped.
pub(super) fn string<'a>(cursor: &mut Cursor<'a>) -> Result<Option<Text<'a>>, Fault> {
    if cursor.peek() == Some(b'"') {
        cursor.string("a string").map(Some)
    } else {
        skip(cursor).map(|()| None)
    }
}

pub(super) fn skip(cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    cursor.skip(b"", &mut ()).map(|_| ())
}

/// The text that is meant. Pages may send half a surrogate pair, escaped, which no text has; such a
/// string is taken with its escapes.
pub(super) fn decoded(text: Text<'_>) -> Cow<'_, str> {
    text.decode()
        .unwrap_or_else(|_| String::from_utf8_lossy(text.raw))
}

/// A string of the body as a piece.
pub(super) fn piece(channel: Channel, text: Text<'_>) -> Piece<'_> {
    Piece {
        channel,
        text: decoded(text),
        span: Some(text.at..text.end()),
        counted: true,
    }
}
