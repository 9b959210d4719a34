//! A reader of length-prefixed fields that cannot run past its end.

/// A field that is not there, or is not as long as it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bad;

/// What is left of a slice.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn left(&self) -> usize {
        self.0.len()
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.0
    }

    pub(super) fn peek_u8(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// Fails unless everything was read.
    pub(super) fn end(&self) -> Result<(), Bad> {
        if self.0.is_empty() { Ok(()) } else { Err(Bad) }
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Bad> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Bad)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn u8(&mut self) -> Result<u8, Bad> {
        let (byte, rest) = self.0.split_first().ok_or(Bad)?;
        self.0 = rest;
        Ok(*byte)
    }

    pub(super) fn u16(&mut self) -> Result<u16, Bad> {
        let (bytes, rest) = self.0.split_first_chunk::<2>().ok_or(Bad)?;
        self.0 = rest;
        Ok(u16::from_be_bytes(*bytes))
    }

    /// A field with its length in one byte before it.
    pub(super) fn vector8(&mut self) -> Result<Self, Bad> {
        let length = self.u8()?;
        self.take(usize::from(length)).map(Self)
    }

    /// A field with its length in two bytes before it.
    pub(super) fn vector16(&mut self) -> Result<Self, Bad> {
        let length = self.u16()?;
        self.take(usize::from(length)).map(Self)
    }
}
