//! The last thing that a user says.

use std::ops::Range;

use tidegate_wire::{
    Operation,
    json::{Cursor, Fault, Members, Text},
};

use super::body::Member;

/// Longer texts are not compared by what they mean, in bytes: embedding models read no more, and of a long text
/// a small part can be what matters.
const LONGEST: usize = 8 << 10;

/// The last message's text, and where it stands in the body, quotes included: where the user says it, and it
/// is all that the message has in it.
pub(super) fn last_of_user(
    operation: Operation,
    members: &[Member<'_>],
) -> Option<(String, Range<usize>)> {
    use Operation as Op;
    let (list, parts): (&[u8], &str) = match operation {
        Op::ChatCompletions | Op::Messages => (b"messages", "content"),
        Op::Responses => (b"input", "content"),
        Op::GenerateContent | Op::StreamGenerateContent => (b"contents", "parts"),
        _ => return None,
    };
    let Member { value, at, .. } = members.iter().find(|member| &*member.name == list)?;
    let text = match value.first()? {
        b'"' => Cursor::new(value).string("a text").ok()?,
        _ => last(value, parts).ok()??,
    };
    let place = at + text.at..at + text.end();
    let said = text.decode().ok()?;
    let short = (1..=LONGEST).contains(&said.trim().len());
    short.then(|| (said.into_owned(), place))
}

fn last<'a>(list: &'a [u8], parts: &str) -> Result<Option<Text<'a>>, Fault> {
    let mut cursor = Cursor::new(list);
    cursor.open_array()?;
    let mut items = Members::First;
    let mut place = None;
    while cursor.item(&mut items)? {
        let mut item = cursor.clone();
        cursor.skip_value()?;
        // The cursor stands before white space.
        item.peek();
        place = Some(item);
    }
    let Some(mut cursor) = place else {
        return Ok(None);
    };
    cursor.open_object()?;
    let (mut of_user, mut said) = (false, None);
    let mut members = Members::First;
    while let Some(name) = cursor.member(&mut members)? {
        let name = name.decode()?;
        if name == "role" {
            let start = cursor.skip_value()?;
            of_user = cursor.slice(start) == b"\"user\"";
        } else if name == parts {
            let mut value = cursor.clone();
            cursor.skip_value()?;
            said = only_text(&mut value)?;
        } else {
            cursor.skip_value()?;
        }
    }
    Ok(said.filter(|_| of_user))
}

/// A text, or a list of one part that is a text.
fn only_text<'a>(cursor: &mut Cursor<'a>) -> Result<Option<Text<'a>>, Fault> {
    if cursor.peek() == Some(b'"') {
        return cursor.string("a text").map(Some);
    }
    cursor.open_array()?;
    let (mut items, mut found) = (Members::First, None);
    let mut many = 0;
    while cursor.item(&mut items)? {
        many += 1;
        cursor.open_object()?;
        let mut members = Members::First;
        while let Some(name) = cursor.member(&mut members)? {
            let is_text = name.decode()? == "text" && cursor.peek() == Some(b'"');
            if is_text {
                found = Some(cursor.string("a text")?);
            } else {
                cursor.skip_value()?;
            }
        }
    }
    Ok(found.filter(|_| many == 1))
}
