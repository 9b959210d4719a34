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
