//! Text in Protocol Buffers whose schema is not known: the wire format says where each field ends
//! (encoding guide, "Message structure"), and what a length-delimited field holds is told by its
//! bytes. The walk is bounded in depth and in fields, and holds nothing.

use std::ops::Range;

use super::prompt::FieldPath;

/// Messages nest this deep at most; what is deeper is passed over.
const DEEPEST: usize = 24;
/// Fields that are looked at in one message, with all that it holds.
const MOST_FIELDS: u32 = 100_000;
/// Bytes that are looked at in one message, each as often as it is nested.
const MOST_WORK: usize = 64 * 1024 * 1024;
/// Higher numbers are allowed, and no message in use has them.
const HIGHEST_NUMBER: u64 = 65_535;
/// Shorter texts in hexadecimal are taken as they are.
const SHORTEST_HEX: usize = 8;

/// A text that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<'a> {
    /// The fields around it, and its own.
    pub path: &'a FieldPath,
    /// The text.
    pub text: &'a str,
    /// Where in the message it stands, if it stands there as it is.
    pub span: Option<Range<usize>>,
}

/// What is left of the bounds.
#[derive(Debug)]
pub struct Walk {
    fields: u32,
    work: usize,
    /// Bytes that may yet be decoded from hexadecimal.
    spare: usize,
    /// Texts with control characters are shown too.
    all: bool,
    /// What stands there is text, whatever it looks like: the codes of the fields' paths.
    texts: Vec<u64>,
    /// A bound was reached: there may be more texts.
    pub cut: bool,
}

/// A field's value.
#[derive(Debug, Clone, Copy)]
enum Value {
    Bytes(usize, usize),
    Number,
}

impl Walk {
    /// A walk that decodes so many bytes of hexadecimal at most.
    #[must_use]
    pub const fn new(spare: usize) -> Self {
        Self {
            fields: MOST_FIELDS,
            work: MOST_WORK,
            spare,
            all: false,
            texts: Vec::new(),
            cut: false,
        }
    }

    /// Shows texts with control characters too: for those who must miss none.
    #[must_use]
    pub const fn with_all(mut self) -> Self {
        self.all = true;
        self
    }

    /// What stands in these fields ([`FieldPath::code`]) is known to be text: a piece of one can look like a
    /// message by chance.
    #[must_use]
    pub fn with_texts(mut self, codes: Vec<u64>) -> Self {
        self.texts = codes;
        self
    }

    /// Shows every text of a message, in order. Returns whether it was a message to its end; of
    /// one that was cut off, or goes wrong, the fields before are shown.
    pub fn message(&mut self, bytes: &[u8], each: &mut dyn FnMut(Found<'_>)) -> bool {
        let mut path = FieldPath::default();
        self.level(bytes, Some(0), &mut path, each)
    }

    /// `offset` is where `bytes` stands in the outermost message.
    fn level(
        &mut self,
        bytes: &[u8],
        offset: Option<usize>,
        path: &mut FieldPath,
        each: &mut dyn FnMut(Found<'_>),
    ) -> bool {
        let mut at = 0;
        while at < bytes.len() {
            if self.fields == 0 {
                self.cut = true;
                return false;
            }
            self.fields -= 1;
            let Some((number, value, next)) = field(bytes, at) else {
                return false;
            };
            if let Value::Bytes(from, to) = value
                && let Some(inner) = bytes.get(from..to)
            {
                path.push(number);
                self.value(inner, offset.map(|offset| offset + from), path, each);
                path.pop();
            }
            at = next;
        }
        true
    }

    fn value(
        &mut self,
        bytes: &[u8],
        offset: Option<usize>,
        path: &mut FieldPath,
        each: &mut dyn FnMut(Found<'_>),
    ) {
        let Some(left) = self.work.checked_sub(bytes.len()) else {
            self.cut = true;
            return;
        };
        self.work = left;
        let text = printable(bytes);
        let shape = match text {
            Some(_) if self.texts.contains(&path.code()) => Shape::None,
            _ => shape(bytes),
        };
        match (text, shape) {
            // A nested message can look like a text: a line end, a length that is a letter. That a
            // text looks like a message to its very end, with another text in it, is rare.
            (Some(_), Shape::Holding) | (None, Shape::Holding | Shape::Plain) => {
                if path.numbers().len() < DEEPEST {
                    self.level(bytes, offset, path, each);
                } else {
                    self.cut = true;
                }
            }
            (Some(text), Shape::None | Shape::Plain) => {
                if !self.hexadecimal(text, path, each) {
                    let span = offset.map(|offset| offset..offset + bytes.len());
                    each(Found { path, text, span });
                }
            }
            (None, Shape::None) if self.all => {
                if let Ok(text) = str::from_utf8(bytes)
                    && !text.is_empty()
                {
                    let span = offset.map(|offset| offset..offset + bytes.len());
                    each(Found { path, text, span });
                }
            }
            (None, Shape::None) => {}
        }
    }

    /// A message that is written in hexadecimal, to go through where only text may: its paths
    /// begin anew. Returns whether it was one.
    fn hexadecimal(
        &mut self,
        text: &str,
        path: &FieldPath,
        each: &mut dyn FnMut(Found<'_>),
    ) -> bool {
        let length = text.len() / 2;
        // The field of a message at the top: a call's payload, not an id somewhere inside.
        if path.numbers().len() != 1 || text.len() < SHORTEST_HEX || text.len() % 2 == 1 {
            return false;
        }
        if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return false;
        }
        if length > self.spare {
            self.cut = true;
            return false;
        }
        let decoded: Vec<u8> = text.as_bytes().chunks_exact(2).map(byte_of_hex).collect();
        if shape(&decoded) != Shape::Holding {
            return false;
        }
        self.spare -= length;
        self.level(&decoded, None, &mut FieldPath::default(), each);
        true
    }
}

fn byte_of_hex(pair: &[u8]) -> u8 {
    pair.iter().fold(0, |byte, &digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            _ => (digit | 0x20).wrapping_sub(b'a').wrapping_add(10),
        };
        (byte << 4) | (value & 0x0f)
    })
}

/// What bytes are when they are read as a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A message that holds texts or messages.
    Holding,
    /// No message.
    None,
    /// A message of numbers only.
    Plain,
}

fn shape(bytes: &[u8]) -> Shape {
    let mut found = Shape::Plain;
    let mut at = 0;
    while at < bytes.len() {
        let Some((_, value, next)) = field(bytes, at) else {
            return Shape::None;
        };
        if let Value::Bytes(from, to) = value
            && to > from
        {
            found = Shape::Holding;
        }
        at = next;
    }
    found
}

/// The field at `at`: its number, its value, and where the next begins. `None` where none is, or
/// not all of it.
fn field(bytes: &[u8], at: usize) -> Option<(u32, Value, usize)> {
    let (tag, at) = varint(bytes, at)?;
    let number = tag >> 3;
    if number == 0 || number > HIGHEST_NUMBER {
        return None;
    }
    let number = u32::try_from(number).ok()?;
    let (value, next) = match tag & 7 {
        0 => (Value::Number, varint(bytes, at)?.1),
        1 => (Value::Number, at + 8),
        2 => {
            let (length, from) = varint(bytes, at)?;
            let to = from.checked_add(usize::try_from(length).ok()?)?;
            (Value::Bytes(from, to), to)
        }
        5 => (Value::Number, at + 4),
        // Groups (3, 4) are not in use; 6 and 7 are nothing.
        _ => return None,
    };
    (next <= bytes.len()).then_some((number, value, next))
}

fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for (index, &byte) in bytes.get(at..)?.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            return Some((value, at + index + 1));
        }
    }
    None
}

/// The bytes as a text that a person could have written.
fn printable(bytes: &[u8]) -> Option<&str> {
    let text = str::from_utf8(bytes).ok()?;
    let plain = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    (!text.is_empty() && text.chars().all(plain)).then_some(text)
}

#[cfg(test)]
mod tests;
