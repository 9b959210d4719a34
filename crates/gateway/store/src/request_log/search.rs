//! Finding calls in a log of millions, in bounded time.
//!
//! The log has few indexes, since each is paid by every call. So a search takes the way that reads least:
//! those that did not go well, the hours in which the hourly sums know of any, or simply the newest.
//! Whichever it is, it looks at [`LOOKED_AT`] rows at most; where those do not fill the page, the cursor says how far it came.

use tidegate_governance::record::Outcome;
use tidegate_types::{ModelName, ProviderName, TeamId, Timestamp, UserId};
use uuid::Uuid;

use super::{COLUMNS, LoggedRequest, RequestFilter, StatusClass, first_id, read};
use crate::{
    Cursor, Page, StoreError,
    sql::{Dialect, Sql, Where, params},
};

/// The most rows that one search looks at.
const LOOKED_AT: usize = 40_000;

/// The most hours that one search reads one by one.
const MOST_HOURS: usize = 200;

const HOUR: i64 = 3_600_000_000;

/// Written as the partial index has it, so that both engines see that it fits.
const FAILED: &str = "(status >= 400 OR outcome <> 0)";

/// The ids that are looked at: from, to (not including).
#[derive(Debug, Clone, Copy)]
struct Range {
    from: Option<Uuid>,
    to: Option<Uuid>,
}

/// What was found, and how far down it was looked.
struct Found {
    items: Vec<LoggedRequest>,
    /// Rows below this one were not looked at; none: everything was.
    down_to: Option<Uuid>,
}

/// A page of calls, newest first.
pub(super) fn page(
    sql: &mut dyn Sql,
    filter: &RequestFilter,
    cursor: Option<Cursor>,
    limit: usize,
) -> Result<Page<LoggedRequest>, StoreError> {
    let to = filter.to.map(first_id);
    let to = match (to, cursor.map(|cursor| cursor.0)) {
        (Some(to), Some(cursor)) => Some(to.min(cursor)),
        (to, cursor) => to.or(cursor),
    };
    let range = Range {
        from: filter.from.map(first_id),
        to,
    };
    let found = if let Some(id) = filter.id {
        let mut inner = range.conditions();
        inner.and("id = {}", id.uuid());
        scan(sql, filter, "requests", &inner, limit, LOOKED_AT)?
    } else if failed_only(filter) {
        failed(sql, filter, range, limit)?
    } else if in_some_hours(filter) {
        let key = key(sql, filter)?;
        by_hours(sql, filter, range, key, limit)?
    } else {
        scan(
            sql,
            filter,
            "requests",
            &range.conditions(),
            limit,
            LOOKED_AT,
        )?
    };
    let Found { items, down_to } = found;
    let full = items.len() > limit;
    let mut page = Page::cut(items, limit, |request: &LoggedRequest| request.id.uuid());
    if !full {
        page.next = down_to.map(Cursor);
    }
    Ok(page)
}

impl Range {
    fn conditions(self) -> Where {
        let mut conditions = Where::default();
        conditions.maybe("id >= {}", self.from);
        conditions.maybe("id < {}", self.to);
        conditions
    }

    /// The part of it within some hours.
    fn within(self, from: i64, to: i64) -> Self {
        let (from, to) = (
            first_id(Timestamp::from_micros(from)),
            first_id(Timestamp::from_micros(to)),
        );
        Self {
            from: Some(self.from.map_or(from, |own| own.max(from))),
            to: Some(self.to.map_or(to, |own| own.min(to))),
        }
    }
}

/// The key whose calls these can only be, where a key or a device is named.
fn key(sql: &mut dyn Sql, filter: &RequestFilter) -> Result<Option<Uuid>, StoreError> {
    if let Some(key) = filter.key {
        return Ok(Some(key.uuid()));
    }
    let Some(device) = filter.device else {
        return Ok(None);
    };
    // A device's key stays its key, also after the device is gone.
    let select = "SELECT id FROM virtual_keys WHERE device_id = $1";
    let rows = sql.query(select, &params![device.uuid()])?;
    rows.first().map(|row| row.uuid(0)).transpose()
}

/// Whether only calls that did not go well can be meant.
fn failed_only(filter: &RequestFilter) -> bool {
    let outcome = filter.outcome.is_some_and(|how| how != Outcome::Completed);
    let status = filter
        .status
        .is_some_and(|class| class != StatusClass::Success);
    outcome || status || filter.code.is_some()
}

/// Whether the hourly sums know when such calls were.
fn in_some_hours(filter: &RequestFilter) -> bool {
    filter.key.is_some()
        || filter.device.is_some()
        || filter.user.is_some()
        || filter.team.is_some()
        || filter.provider.is_some()
        || filter.model.is_some()
        || filter.operation.is_some()
        || filter.app.is_some()
}

/// The newest hours in which there were such calls, newest first, and how many calls each had in all.
fn hours(
    sql: &mut dyn Sql,
    filter: &RequestFilter,
    range: Range,
    key: Option<Uuid>,
) -> Result<Vec<(i64, u64)>, StoreError> {
    let hour_of = |id: Uuid| {
        let micros = i64::try_from((id.as_u128() >> 80) * 1_000).unwrap_or(i64::MAX);
        micros - micros.rem_euclid(HOUR)
    };
    let mut conditions = Where::default();
    let by_team = filter.provider.is_some() || filter.model.is_some() || filter.operation.is_some();
    let own = key.is_some() || filter.user.is_some();
    let (table, start) = if filter.app.is_some() && !by_team && !own {
        conditions.fixed("facet = 'app'");
        conditions.maybe("name = {}", filter.app.as_deref());
        ("usage_facets", "start_at")
    } else {
        conditions.maybe(
            "provider = {}",
            filter.provider.as_ref().map(ProviderName::as_str),
        );
        conditions.maybe("model = {}", filter.model.as_ref().map(ModelName::as_str));
        conditions.maybe("operation = {}", filter.operation.as_deref());
        if own {
            conditions.maybe("key_id = {}", key);
            conditions.maybe("user_id = {}", filter.user.map(UserId::uuid));
            ("usage_hours", "hour_at")
        } else {
            ("usage_team_hours", "hour_at")
        }
    };
    conditions.maybe("team_id = {}", filter.team.map(TeamId::uuid));
    if let Some(from) = range.from {
        let from = conditions.param(hour_of(from));
        conditions.fixed(&format!("{start} >= {from}"));
    }
    if let Some(to) = range.to {
        let to = conditions.param(hour_of(to));
        conditions.fixed(&format!("{start} <= {to}"));
    }
    let most = conditions.param(MOST_HOURS);
    let select = format!(
        "SELECT h.start, (SELECT CAST(COALESCE(SUM(t.requests), 0) AS BIGINT) \
         FROM usage_hour_sums t WHERE t.hour_at = h.start) FROM (SELECT DISTINCT {start} AS start \
         FROM {table}{} ORDER BY {start} DESC LIMIT {most}) h ORDER BY h.start DESC",
        conditions.clause()
    );
    let rows = sql.query(&select, &conditions.params)?;
    rows.iter()
        .map(|row| Ok((row.int(0)?, row.count(1)?)))
        .collect()
}

/// The calls of the hours in which there were such, until the page is full.
fn by_hours(
    sql: &mut dyn Sql,
    filter: &RequestFilter,
    range: Range,
    key: Option<Uuid>,
    limit: usize,
) -> Result<Found, StoreError> {
    let hours = hours(sql, filter, range, key)?;
    let (mut items, mut looked_at): (Vec<LoggedRequest>, u64) = (Vec::new(), 0);
    for (index, (hour, calls)) in hours.iter().enumerate() {
        let wanted = limit.saturating_sub(items.len());
        let within = range.within(*hour, hour + HOUR);
        // As many rows as that are no reason to find out where they end.
        let inner = within.conditions();
        let found = if *calls < LOOKED_AT as u64 {
            Found {
                items: matching(sql, filter, "requests", &inner, wanted)?,
                down_to: None,
            }
        } else {
            scan(sql, filter, "requests", &inner, wanted, LOOKED_AT)?
        };
        items.extend(found.items);
        if items.len() > limit {
            return Ok(Found {
                items,
                down_to: None,
            });
        }
        if let Some(down_to) = found.down_to {
            return Ok(Found {
                items,
                down_to: Some(down_to),
            });
        }
        looked_at = looked_at.saturating_add(*calls);
        let last = index + 1 == hours.len();
        if looked_at >= LOOKED_AT as u64 || (last && hours.len() == MOST_HOURS) {
            return Ok(Found {
                items,
                down_to: within.from,
            });
        }
    }
    Ok(Found {
        items,
        down_to: None,
    })
}

/// Calls that did not go well. Their index has all that most searches narrow by, so that the log itself is
/// read for the rows of the page alone.
fn failed(
    sql: &mut dyn Sql,
    filter: &RequestFilter,
    range: Range,
    limit: usize,
) -> Result<Found, StoreError> {
    let mut inner = range.conditions();
    inner.fixed(FAILED);
    let table = match sql.dialect() {
        // It has no figures by which it could know how few these are.
        Dialect::Sqlite => "requests INDEXED BY requests_failed",
        Dialect::Postgres => "requests",
    };
    if !filter.is_in_index_of_failed() {
        return scan(sql, filter, table, &inner, limit, LOOKED_AT);
    }
    let down_to = end_of(sql, table, &inner, LOOKED_AT)?;
    inner.maybe("id >= {}", down_to);
    filter.narrow(&mut inner);
    let count = inner.param(limit + 1);
    // The word CROSS keeps SQLite from going through the log in search of what was found already.
    let select = format!(
        "SELECT {COLUMNS} FROM (SELECT id AS found FROM {table}{} ORDER BY id DESC LIMIT {count}) failed \
         CROSS JOIN requests WHERE id = found ORDER BY id DESC",
        inner.clause()
    );
    let rows = sql.query(&select, &inner.params)?;
    let items = rows.iter().map(read).collect::<Result<_, _>>()?;
    Ok(Found { items, down_to })
}

/// How many rows are looked at first: mostly they suffice.
const FIRST: usize = 1_000;

/// Reads the newest rows that `inner` finds, `most` of them at most, and keeps those that are meant.
fn scan(
    sql: &mut dyn Sql,
    filter: &RequestFilter,
    table: &str,
    inner: &Where,
    limit: usize,
    most: usize,
) -> Result<Found, StoreError> {
    let first = look(sql, filter, table, inner, limit, FIRST.min(most))?;
    if first.items.len() > limit || first.down_to.is_none() || most <= FIRST {
        return Ok(first);
    }
    look(sql, filter, table, inner, limit, most)
}

fn look(
    sql: &mut dyn Sql,
    filter: &RequestFilter,
    table: &str,
    inner: &Where,
    limit: usize,
    most: usize,
) -> Result<Found, StoreError> {
    let down_to = end_of(sql, table, inner, most)?;
    let mut within = inner.clone();
    within.maybe("id >= {}", down_to);
    let items = matching(sql, filter, table, &within, limit)?;
    Ok(Found { items, down_to })
}

/// Where the rows that are looked at end, if there are more.
fn end_of(
    sql: &mut dyn Sql,
    table: &str,
    inner: &Where,
    most: usize,
) -> Result<Option<Uuid>, StoreError> {
    let end = format!(
        "SELECT id FROM {table}{} ORDER BY id DESC LIMIT 1 OFFSET {}",
        inner.clause(),
        most.saturating_sub(1)
    );
    let end = sql.query(&end, &inner.params)?;
    end.first().map(|row| row.uuid(0)).transpose()
}

/// The newest rows within some bounds that are meant: one more than wanted, where there are.
fn matching(
    sql: &mut dyn Sql,
    filter: &RequestFilter,
    table: &str,
    within: &Where,
    limit: usize,
) -> Result<Vec<LoggedRequest>, StoreError> {
    let mut conditions = within.clone();
    filter.narrow(&mut conditions);
    let count = conditions.param(limit + 1);
    let select = format!(
        "SELECT {COLUMNS} FROM {table}{} ORDER BY id DESC LIMIT {count}",
        conditions.clause()
    );
    let rows = sql.query(&select, &conditions.params)?;
    rows.iter().map(read).collect()
}
