//! Lists come in pages: `{items, next_cursor}`.

use serde::Serialize;
use serde_json::Value;
use tidegate_store::Cursor;
use utoipa::ToSchema;

use crate::read::{Count, Read, Reader};

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
