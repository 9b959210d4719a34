//! Lists come in pages; a cursor says where the next one starts.

use std::{fmt, str::FromStr};

use uuid::Uuid;

/// Where the next page starts: opaque, 32 hex digits when printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cursor(pub(crate) Uuid);

/// Why a text is not a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a cursor is 32 hex digits, as the page before gave it")]
pub struct CursorError;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0.as_u128())
    }
}

impl FromStr for Cursor {
    type Err = CursorError;
    fn from_str(text: &str) -> Result<Self, CursorError> {
        if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(CursorError);
        }
        u128::from_str_radix(text, 16)
            .map(|value| Self(Uuid::from_u128(value)))
            .map_err(|_| CursorError)
    }
}

/// Where the next page of a sorted list starts: an id, and beside it the value by which it is sorted, if
/// that is not the id itself. Opaque: hex digits when printed, as a [`Cursor`] where there is no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortedCursor {
    pub(crate) id: Uuid,
    pub(crate) key: Option<String>,
}

/// The longest value in a cursor, in bytes.
const LONGEST_KEY: usize = 1_024;

impl fmt::Display for SortedCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Cursor(self.id).fmt(f)?;
        if let Some(key) = &self.key {
            // An empty value is another thing than none.
            f.write_str("00")?;
            key.bytes().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        }
        Ok(())
    }
}

impl FromStr for SortedCursor {
    type Err = CursorError;
    fn from_str(text: &str) -> Result<Self, CursorError> {
        let (id, rest) = text.split_at_checked(32).ok_or(CursorError)?;
        let Cursor(id) = id.parse()?;
        if rest.is_empty() {
            return Ok(Self { id, key: None });
        }
        let digits = rest.strip_prefix("00").ok_or(CursorError)?.as_bytes();
        if digits.len() % 2 != 0 || digits.len() > LONGEST_KEY * 2 {
            return Err(CursorError);
        }
        let byte = |pair: &[u8]| {
            let pair = str::from_utf8(pair).map_err(|_| CursorError)?;
            u8::from_str_radix(pair, 16).map_err(|_| CursorError)
        };
        let bytes = digits.chunks_exact(2).map(byte);
        let bytes = bytes.collect::<Result<Vec<u8>, _>>()?;
        let key = String::from_utf8(bytes).map_err(|_| CursorError)?;
        Ok(Self { id, key: Some(key) })
    }
}

/// Part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// At most as many as were asked for.
    pub items: Vec<T>,
    /// Where the next page starts, if there is one.
    pub next: Option<Cursor>,
}

/// The most items of one page; larger wishes are cut to it.
pub(crate) const MAX_PAGE: usize = 1_000;

impl<T> Page<T> {
    /// A page of `limit` from a list that was read with one item more.
    pub(crate) fn cut(mut items: Vec<T>, limit: usize, cursor: impl Fn(&T) -> Uuid) -> Self {
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more {
            items.last().map(|last| Cursor(cursor(last)))
        } else {
            None
        };
        Self { items, next }
    }
}

/// How many items to read for a page: one more than wanted tells whether there is another.
pub(crate) fn page_size(wanted: usize) -> usize {
    wanted.clamp(1, MAX_PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_of_sorted_lists_come_back_as_they_went() {
        let id = Uuid::from_u128(7);
        for key in [None, Some(String::new()), Some("ä-laptop".to_owned())] {
            let cursor = SortedCursor { id, key };
            assert_eq!(cursor.to_string().parse(), Ok(cursor.clone()));
        }
        let plain = SortedCursor { id, key: None };
        assert_eq!(plain.to_string(), Cursor(id).to_string());
    }

    #[test]
    fn what_no_page_gave_is_no_cursor() {
        let id = "0".repeat(32);
        for text in [
            "",
            "7",
            &format!("{id}0"),
            &format!("{id}01"),
            &format!("{id}00zz"),
        ] {
            assert_eq!(text.parse::<SortedCursor>(), Err(CursorError), "{text}");
        }
        let long = format!("{id}00{}", "61".repeat(LONGEST_KEY + 1));
        assert_eq!(long.parse::<SortedCursor>(), Err(CursorError));
    }
}
