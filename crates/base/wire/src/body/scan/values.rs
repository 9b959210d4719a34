//! Values of governed members, each with its own idea of what may stand there.

use tidegate_types::ServiceTier;

use super::Scan;
use crate::{
    Dialect,
    body::{BodyError, fields::Known},
};

impl Scan<'_> {
    /// `true` or `false`; null and absence are `false`.
    pub(super) fn boolean(&mut self, known: Known) -> Result<bool, BodyError> {
        let start = self.cursor.skip(b"", &mut self.media)?;
        match self.cursor.slice(start) {
            b"true" => Ok(true),
            b"false" | b"null" => Ok(false),
            _ => Err(BodyError::Type {
                key: known.name(),
                at: start,
                expected: "true or false",
            }),
        }
    }

    /// A number of things, rounded up; null is none. Gemini also takes numbers in quotes.
    pub(in crate::body) fn count(&mut self, known: Known) -> Result<Option<u64>, BodyError> {
        let start = self.cursor.skip(b"", &mut self.media)?;
        let mut digits = self.cursor.slice(start);
        if digits == b"null" {
            return Ok(None);
        }
        if self.operation.dialect() == Dialect::Gemini {
            digits = digits.strip_prefix(b"\"").unwrap_or(digits);
            digits = digits.strip_suffix(b"\"").unwrap_or(digits);
        }
        let text = str::from_utf8(digits).unwrap_or_default();
        let number = text.parse::<u64>().ok().or_else(|| whole(text));
        let expected = "a number that is not negative";
        number.map(Some).ok_or(BodyError::Type {
            key: known.name(),
            at: start,
            expected,
        })
    }

    /// A client's id of the conversation. It only helps to find a way again: one that is no text is passed over, and
    /// the provider says what it makes of it.
    pub(super) fn conversation(&mut self) -> Result<(), BodyError> {
        if self.cursor.peek() != Some(b'"') {
            self.cursor.skip(b"", &mut self.media)?;
            return Ok(());
        }
        let text = self.cursor.string("a text")?;
        if !text.raw.is_empty() {
            self.found.conversation = Some(text.at + 1..text.at + 1 + text.raw.len());
        }
        Ok(())
    }

    /// A short text; anything else, null included, is none.
    pub(super) fn word(&mut self, known: Known) -> Result<Option<Box<str>>, BodyError> {
        const LONGEST: usize = 64;
        match self.cursor.peek() {
            Some(b'"') => {
                let text = self.cursor.string("a text")?;
                if text.raw.len() > LONGEST {
                    let (at, expected) = (text.at, "a short text");
                    return Err(BodyError::Type {
                        key: known.name(),
                        at,
                        expected,
                    });
                }
                Ok(Some(text.decode()?.into()))
            }
            Some(b'n') => {
                self.cursor.skip(b"", &mut ())?;
                Ok(None)
            }
            _ => {
                let at = self.cursor.at();
                Err(BodyError::Type {
                    key: known.name(),
                    at,
                    expected: "a text",
                })
            }
        }
    }
}

/// A float of a whole or broken number, rounded up. JSON's floats have no infinities.
fn whole(text: &str) -> Option<u64> {
    let number = text
        .parse::<f64>()
        .ok()
        .filter(|n| *n >= 0.0 && *n < 9.0e15)?;
    format!("{:.0}", number.ceil()).parse().ok()
}

/// A tier that was asked for; `None` where the provider chooses.
pub(super) fn tier(word: &str) -> Option<ServiceTier> {
    match word.to_ascii_lowercase().as_str() {
        "default" | "standard" | "standard_only" => Some(ServiceTier::Standard),
        "flex" => Some(ServiceTier::Flex),
        "priority" => Some(ServiceTier::Priority),
        _ => None,
    }
}
