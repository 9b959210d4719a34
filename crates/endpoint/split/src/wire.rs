//! Frames as bytes: a byte says the kind, numbers are little-endian, texts and lists say their length
//! first. Reading never goes past the end, never allocates more than is there, and leaves nothing over.

use crate::LONGEST;

/// Why a frame cannot be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// It ends too early.
    #[error("a frame is cut off")]
    Short,
    /// There is more than it should hold.
    #[error("a frame holds more than it should")]
    Long,
    /// No frame is of that kind.
    #[error("there is no frame of kind {0}")]
    Kind(u8),
    /// A value is none that there is.
    #[error("a frame's {0} is none")]
    Value(&'static str),
    /// It came with other files than such a frame has.
    #[error("a frame came with {0} files")]
    Files(usize),
}

/// Puts a frame together.
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn new(kind: u8) -> Self {
        Self(vec![kind])
    }

    pub(crate) fn u8(mut self, value: u8) -> Self {
        self.0.push(value);
        self
    }

    pub(crate) fn u16(mut self, value: u16) -> Self {
        self.0.extend(value.to_le_bytes());
        self
    }

    pub(crate) fn u32(mut self, value: u32) -> Self {
        self.0.extend(value.to_le_bytes());
        self
    }

    pub(crate) fn u64(mut self, value: u64) -> Self {
        self.0.extend(value.to_le_bytes());
        self
    }

    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    /// Bytes with their length.
    pub(crate) fn bytes(self, bytes: &[u8]) -> Self {
        self.u32(u32::try_from(bytes.len()).unwrap_or(u32::MAX))
            .raw(bytes)
    }

    /// A text for people, cut where it is longer than `most` bytes.
    pub(crate) fn text(self, text: &str, most: usize) -> Self {
        let end = text.floor_char_boundary(most);
        self.bytes(&text.as_bytes()[..end])
    }

    pub(crate) fn optional(self, text: Option<&str>, most: usize) -> Self {
        match text {
            None => self.u8(0),
            Some(text) => self.u8(1).text(text, most),
        }
    }

    pub(crate) fn list<T>(self, items: &[T], one: impl Fn(Self, &T) -> Self) -> Self {
        let start = self.u32(u32::try_from(items.len()).unwrap_or(u32::MAX));
        items.iter().fold(start, one)
    }

    /// The frame.
    ///
    /// # Errors
    /// It is longer than frames may be.
    pub(crate) fn end(self) -> Result<Vec<u8>, Malformed> {
        if self.0.len() > LONGEST {
            return Err(Malformed::Long);
        }
        Ok(self.0)
    }
}

/// Takes a frame apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) const fn new(frame: &'a [u8]) -> Self {
        Self(frame)
    }

    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Malformed::Short)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Malformed::Short)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Malformed> {
        self.array::<1>().map(|[value]| value)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, Malformed> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Malformed> {
        self.array().map(u64::from_le_bytes)
    }

    pub(crate) fn flag(&mut self, what: &'static str) -> Result<bool, Malformed> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed::Value(what)),
        }
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let count = self.u32()?;
        self.take(usize::try_from(count).map_err(|_| Malformed::Long)?)
    }

    /// A text of `most` bytes at the most.
    pub(crate) fn text(&mut self, what: &'static str, most: usize) -> Result<&'a str, Malformed> {
        let bytes = self.bytes()?;
        if bytes.len() > most {
            return Err(Malformed::Value(what));
        }
        str::from_utf8(bytes).map_err(|_| Malformed::Value(what))
    }

    pub(crate) fn optional(
        &mut self,
        what: &'static str,
        most: usize,
    ) -> Result<Option<&'a str>, Malformed> {
        Ok(match self.flag(what)? {
            true => Some(self.text(what, most)?),
            false => None,
        })
    }

    /// A list of `most` items at the most.
    pub(crate) fn list<T>(
        &mut self,
        what: &'static str,
        most: u32,
        one: impl Fn(&mut Self) -> Result<T, Malformed>,
    ) -> Result<Vec<T>, Malformed> {
        let count = self.u32()?;
        if count > most {
            return Err(Malformed::Value(what));
        }
        // Grows with what is really there.
        (0..count).map(|_| one(self)).collect()
    }

    /// Nothing may be left.
    pub(crate) fn end<T>(self, value: T) -> Result<T, Malformed> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(Malformed::Long)
        }
    }
}
