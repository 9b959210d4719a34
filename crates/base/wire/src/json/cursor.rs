//! Walks a JSON text once. Values that nobody reads are skipped, validated, without recursion.

use super::{
    Ends, Text,
    ends::{self, End},
    text,
};

/// The deepest nesting that is accepted, the outermost object included.
pub const MAX_DEPTH: u32 = 128;

/// Why a text is not the JSON we accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nested deeper than [`MAX_DEPTH`].
    Depth {
        /// Offset.
        at: usize,
    },
    /// Half of a surrogate pair in a string that is decoded.
    Surrogate {
        /// Offset.
        at: usize,
    },
    /// Not JSON.
    Syntax {
        /// Offset.
        at: usize,
        /// What should be there.
        expected: &'static str,
    },
    /// Not UTF-8 (RFC 8259 §8.1).
    Utf8 {
        /// Offset.
        at: usize,
    },
}

/// Sees long strings of skipped values: images and documents are told from text by them.
pub(crate) trait Watch {
    /// Strings of at least this many bytes are shown.
    const LONG: usize = usize::MAX;
    /// `key` is the last member name before the string, undecoded.
    fn long_string(&mut self, key: &[u8], text: Text<'_>);
}

impl Watch for () {
    fn long_string(&mut self, _: &[u8], _: Text<'_>) {}
}

/// A place in a JSON text.
#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: u32,
    /// Long strings that are still to come, as far as they are known.
    ends: &'a [End],
}

/// State of a walk over an object's members or an array's items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Members {
    /// None was read yet.
    First,
    /// One was.
    Later,
}

impl<'a> Cursor<'a> {
    /// Before the first byte.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            depth: 0,
            ends: &[],
        }
    }

    /// The same, of a body that was read before.
    #[must_use]
    pub fn again(bytes: &'a [u8], ends: &'a Ends) -> Self {
        Self {
            ends: ends.known_of(bytes),
            ..Self::new(bytes)
        }
    }

    /// Offset of the next byte.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }

    /// What lies between an offset that was passed and the next byte.
    #[must_use]
    pub fn slice(&self, from: usize) -> &'a [u8] {
        &self.bytes[from..self.at]
    }

    /// The next byte that is not white space, not taken.
    pub fn peek(&mut self) -> Option<u8> {
        loop {
            match self.bytes.get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                other => return other.copied(),
            }
        }
    }

    fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), Fault> {
        if self.peek() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        Err(self.fault(expected))
    }

    /// The fault that something else was expected here.
    #[must_use]
    pub const fn fault(&self, expected: &'static str) -> Fault {
        Fault::Syntax {
            at: self.at,
            expected,
        }
    }

    fn enter(&mut self) -> Result<(), Fault> {
        if self.depth == MAX_DEPTH {
            return Err(Fault::Depth { at: self.at });
        }
        self.depth += 1;
        Ok(())
    }

    /// Takes `{`; returns the offset after it.
    ///
    /// # Errors
    /// There is no such thing here, or it is not the JSON that is accepted.
    pub fn open_object(&mut self) -> Result<usize, Fault> {
        self.expect(b'{', "an object")?;
        self.enter()?;
        Ok(self.at)
    }

    /// Takes `[`.
    ///
    /// # Errors
    /// There is no such thing here, or it is not the JSON that is accepted.
    pub fn open_array(&mut self) -> Result<(), Fault> {
        self.expect(b'[', "an array")?;
        self.enter()
    }

    /// The next member's name, its colon taken; `None` after the closing brace was taken.
    ///
    /// # Errors
    /// There is no such thing here, or it is not the JSON that is accepted.
    pub fn member(&mut self, members: &mut Members) -> Result<Option<Text<'a>>, Fault> {
        if !self.more(members, b'}', "`,` or `}`")? {
            return Ok(None);
        }
        let key = self.string("a member name in quotes")?;
        self.expect(b':', "`:`")?;
        Ok(Some(key))
    }

    /// Whether another item follows; if not, the closing bracket was taken.
    ///
    /// # Errors
    /// There is no such thing here, or it is not the JSON that is accepted.
    pub fn item(&mut self, members: &mut Members) -> Result<bool, Fault> {
        self.more(members, b']', "`,` or `]`")
    }

    fn more(
        &mut self,
        members: &mut Members,
        close: u8,
        expected: &'static str,
    ) -> Result<bool, Fault> {
        let next = self.peek();
        if next == Some(close) {
            self.at += 1;
            self.depth -= 1;
            return Ok(false);
        }
        if *members == Members::First {
            *members = Members::Later;
            return Ok(true);
        }
        if next != Some(b',') {
            return Err(self.fault(expected));
        }
        self.at += 1;
        // A comma promises another: `peek` after it must not see the closing bracket.
        if self.peek() == Some(close) {
            Err(self.fault("a value after `,`"))
        } else {
            Ok(true)
        }
    }

    /// Takes a string.
    ///
    /// # Errors
    /// There is no such thing here, or it is not the JSON that is accepted.
    pub fn string(&mut self, expected: &'static str) -> Result<Text<'a>, Fault> {
        if self.peek() != Some(b'"') {
            return Err(self.fault(expected));
        }
        self.text()
    }

    /// The string whose opening quote comes next.
    fn text(&mut self) -> Result<Text<'a>, Fault> {
        let text = match ends::take(&mut self.ends, self.bytes, self.at) {
            Some(text) => text,
            None => text::read(self.bytes, self.at)?,
        };
        self.at = text.end();
        Ok(text)
    }

    /// Only white space may follow.
    ///
    /// # Errors
    /// There is no such thing here, or it is not the JSON that is accepted.
    pub fn finish(&mut self) -> Result<(), Fault> {
        if self.peek().is_none() {
            Ok(())
        } else {
            Err(self.fault("the end of the body"))
        }
    }

    /// Skips one value of any kind; returns where it starts.
    ///
    /// # Errors
    /// There is no such thing here, or it is not the JSON that is accepted.
    pub fn skip_value(&mut self) -> Result<usize, Fault> {
        self.skip(b"", &mut ())
    }

    /// As [`Cursor::skip_value`]; shows long strings.
    pub(crate) fn skip<W: Watch>(&mut self, key: &'a [u8], watch: &mut W) -> Result<usize, Fault> {
        let first = self.peek();
        let start = self.at;
        match first {
            Some(b'{' | b'[') => self.skip_nested(key, watch)?,
            _ => self.skip_scalar(first, key, watch)?,
        }
        Ok(start)
    }

    fn skip_scalar<W: Watch>(
        &mut self,
        first: Option<u8>,
        key: &[u8],
        watch: &mut W,
    ) -> Result<(), Fault> {
        match first {
            Some(b'"') => {
                let text = self.text()?;
                if text.raw.len() >= W::LONG {
                    watch.long_string(key, text);
                }
                Ok(())
            }
            Some(b't') => self.literal(b"true"),
            Some(b'f') => self.literal(b"false"),
            Some(b'n') => self.literal(b"null"),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.fault("a value")),
        }
    }

    /// An object or array, to its end. One bit per open bracket says which kind it is.
    fn skip_nested<W: Watch>(&mut self, key: &'a [u8], watch: &mut W) -> Result<(), Fault> {
        let outside = self.depth;
        let mut objects: u128 = 0;
        let mut key = key;
        loop {
            let first = self.peek();
            if let Some(open @ (b'{' | b'[')) = first {
                self.enter()?;
                self.at += 1;
                objects = (objects << 1) | u128::from(open == b'{');
                if self.peek() == Some(open + 2) {
                    self.at += 1;
                    self.depth -= 1;
                    objects >>= 1;
                } else {
                    if open == b'{' {
                        key = self.key()?;
                    }
                    continue;
                }
            } else {
                self.skip_scalar(first, key, watch)?;
            }
            loop {
                if self.depth == outside {
                    return Ok(());
                }
                let in_object = objects & 1 == 1;
                match self.peek() {
                    Some(b',') => {
                        self.at += 1;
                        if in_object {
                            key = self.key()?;
                        }
                        break;
                    }
                    Some(b'}') if in_object => {}
                    Some(b']') if !in_object => {}
                    _ => return Err(self.fault("`,` or a closing bracket")),
                }
                self.at += 1;
                self.depth -= 1;
                objects >>= 1;
            }
        }
    }

    fn key(&mut self) -> Result<&'a [u8], Fault> {
        let key = self.string("a member name in quotes")?;
        self.expect(b':', "`:`")?;
        Ok(key.raw)
    }

    fn literal(&mut self, word: &'static [u8]) -> Result<(), Fault> {
        if self.bytes[self.at..].starts_with(word) {
            self.at += word.len();
            return Ok(());
        }
        Err(self.fault("a value"))
    }

    /// RFC 8259 §6.
    fn number(&mut self) -> Result<(), Fault> {
        if self.bytes.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        if self.bytes.get(self.at) == Some(&b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.bytes.get(self.at) {
            self.at += 1;
            if let Some(b'+' | b'-') = self.bytes.get(self.at) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        if self.at == start {
            Err(self.fault("a digit"))
        } else {
            Ok(())
        }
    }
}
