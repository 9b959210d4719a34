//! Where the long strings of a body end, noted when it was read once, so that who reads it again need not look for
//! their ends anew.

use bytes::Bytes;

use super::Text;

/// Shorter strings are read as fast as they are looked up, in bytes.
pub(crate) const LONG: usize = 512;

/// A long string's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct End {
    /// Offset of the opening quote.
    at: usize,
    /// Bytes between the quotes.
    length: usize,
    escaped: bool,
}

impl End {
    pub(crate) const fn of(text: Text<'_>) -> Self {
        Self {
            at: text.at,
            length: text.raw.len(),
            escaped: text.escaped,
        }
    }
}

/// Long strings of one body. They are known of these very bytes and of no others: the body is kept, so that what
/// lies at its place in memory is it.
#[derive(Debug, Clone)]
pub struct Ends {
    body: Bytes,
    list: Vec<End>,
}

impl Ends {
    /// Of a body that is read for the first time.
    #[must_use]
    pub const fn unknown() -> &'static Self {
        static UNKNOWN: Ends = Ends::new(Bytes::new(), Vec::new());
        &UNKNOWN
    }

    /// `list` is in the order of the body, which was found valid.
    pub(crate) const fn new(body: Bytes, list: Vec<End>) -> Self {
        Self { body, list }
    }

    /// What is known of a body: nothing, unless it is this one.
    pub(super) fn known_of(&self, body: &[u8]) -> &[End] {
        let same = self.body.as_ptr() == body.as_ptr() && self.body.len() == body.len();
        if same { &self.list } else { &[] }
    }
}

/// Takes the string that begins at `at`, if it is known; forgets those before.
pub(super) fn take<'a>(list: &mut &[End], bytes: &'a [u8], at: usize) -> Option<Text<'a>> {
    while let [first, rest @ ..] = *list
        && first.at <= at
    {
        *list = rest;
        if first.at == at {
            let raw = bytes.get(at + 1..)?.get(..first.length)?;
            return Some(Text {
                raw,
                at,
                escaped: first.escaped,
            });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{
        Operation,
        body::inspect_once,
        json::{Cursor, Fault, Members},
    };

    /// Every string of an array of objects, those of a look ahead twice.
    fn strings(mut cursor: Cursor<'_>) -> Result<Vec<Text<'_>>, Fault> {
        let mut all = Vec::new();
        cursor.open_object()?;
        let mut members = Members::First;
        while let Some(name) = cursor.member(&mut members)? {
            all.push(name);
            if name.raw != b"messages" {
                cursor.skip_value()?;
                continue;
            }
            cursor.open_array()?;
            let mut items = Members::First;
            while cursor.item(&mut items)? {
                let mut ahead = cursor.clone();
                ahead.skip_value()?;
                cursor.open_object()?;
                let mut members = Members::First;
                while let Some(name) = cursor.member(&mut members)? {
                    all.extend([name, cursor.string("a text")?]);
                }
                assert_eq!(cursor.at(), ahead.at());
            }
        }
        cursor.finish()?;
        Ok(all)
    }

    fn known(body: &Bytes) -> Ends {
        inspect_once(Operation::ChatCompletions, body).unwrap().1
    }

    #[test]
    fn only_the_very_bytes_that_were_read_are_known() {
        let text = "x".repeat(2 * LONG);
        let body = Bytes::from(json!({"model": "m", "prompt": text}).to_string());
        let ends = known(&body);
        assert_eq!(ends.known_of(&body).len(), 1);
        let equal = Bytes::copy_from_slice(&body);
        for other in [&equal[..], &body[..body.len() - 1], &body[1..], b""] {
            assert_eq!(ends.known_of(other), []);
        }
        assert_eq!(Ends::unknown().known_of(b""), []);
    }

    proptest! {
        #[test]
        fn what_is_known_makes_no_difference_but_time(
            texts in prop::collection::vec(("[a-z]{0,8}", "(a|\\\\|\"|é|\n){0,40}", 0_usize..40), 0..6),
            turned in any::<bool>(),
        ) {
            let message = |(name, text, times): &(String, String, usize)| {
                let text = text.repeat(*times);
                if turned {
                    format!("{{\"content\":{},\"{name}\":\"user\"}}", json!(text))
                } else {
                    format!("{{\"{name}\":\"user\",\"content\":{}}}", json!(text))
                }
            };
            let messages: Vec<_> = texts.iter().map(message).collect();
            let body = format!("{{\"model\":\"m\",\"messages\":[{}],\"user\":\"u\"}}", messages.join(", "));
            let body = Bytes::from(body);
            let ends = known(&body);
            let long = strings(Cursor::new(&body)).unwrap();
            prop_assert_eq!(&strings(Cursor::again(&body, &ends)).unwrap(), &long);
            let count = long.iter().filter(|text| text.raw.len() >= LONG).count();
            prop_assert_eq!(ends.known_of(&body).len(), count);
        }
    }
}
