//! Lists come in pages: `{items, next_cursor}`.

use serde::Serialize;
use serde_json::Value;
use tidegate_store::{Cursor, SortedCursor};
use utoipa::ToSchema;

use crate::read::{Count, Read, Reader, words};

/// Part of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T: ToSchema> {
    /// The items, in the list's order.
    items: Vec<T>,
    /// Pass it as `cursor` to read on; null at the end of the list.
    #[schema(example = "0193a7c2b1d4e5f60718293a4b5c6d7e")]
    next_cursor: Option<String>,
}

impl<T: ToSchema> Page<T> {
    pub(crate) fn of<S>(page: tidegate_store::Page<S>, view: impl Fn(S) -> T) -> Self {
        Self {
            items: page.items.into_iter().map(view).collect(),
            next_cursor: page.next.map(|cursor| cursor.to_string()),
        }
    }

    /// Of a list that is whole in memory: the part that a page shows, and where the next one starts.
    pub(crate) fn part<S>(
        all: Vec<S>,
        cursor: Option<Cursor>,
        limit: PageSize,
    ) -> (Vec<S>, Option<String>) {
        // The cursor of such a list is a number of items.
        let from = cursor.and_then(|cursor| u128::from_str_radix(&cursor.to_string(), 16).ok());
        let from = from.map_or(0, |from| usize::try_from(from).unwrap_or(usize::MAX));
        let upto = from.saturating_add(limit.0);
        let next = (upto < all.len()).then(|| format!("{upto:032x}"));
        (all.into_iter().skip(from).take(limit.0).collect(), next)
    }

    /// A page that was cut already.
    pub(crate) const fn with(items: Vec<T>, next_cursor: Option<String>) -> Self {
        Self { items, next_cursor }
    }

    /// A list that is short enough to be one page.
    pub(crate) const fn whole(items: Vec<T>) -> Self {
        Self {
            items,
            next_cursor: None,
        }
    }
}

impl Read for Cursor {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value.as_str().and_then(|text| text.parse().ok()) {
            Some(cursor) => Some(cursor),
            None => at.refuse("must be the `next_cursor` of the page before"),
        }
    }
}

impl Read for SortedCursor {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value.as_str().and_then(|text| text.parse().ok()) {
            Some(cursor) => Some(cursor),
            None => at.refuse("must be the `next_cursor` of the page before"),
        }
    }
}

/// In which direction a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Ascending,
    Descending,
}

words!(Order, "asc" => Self::Ascending, "desc" => Self::Descending);

/// In which direction a list is sorted.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[allow(dead_code, reason = "the schema of `Order`")]
pub(crate) enum OrderName {
    Asc,
    Desc,
}

/// How many items a page has at most: 1 to 200, 50 when not said.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PageSize(pub(crate) usize);

impl Read for PageSize {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        let Count(size) = Count::read(value, at)?;
        match usize::try_from(size) {
            Ok(size) if size <= 200 => Some(Self(size)),
            _ => at.refuse("must be from 1 to 200"),
        }
    }

    fn absent(_: &mut Reader) -> Option<Self> {
        Some(Self(50))
    }
}
