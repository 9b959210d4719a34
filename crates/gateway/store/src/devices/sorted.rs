//! Devices in the order that a person asked for. The cursor holds the value that the page ended with, so
//! that a device that checks in meanwhile neither comes twice nor takes another's place.

use tidegate_types::Timestamp;

use super::{
    Device, DeviceFilter,
    row::{COLUMNS, TABLES, read},
};
use crate::{
    SortedCursor, Store, StoreError,
    page::page_size,
    sql::{Row, Where},
};

/// What devices are sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DeviceSort {
    /// When they were enrolled.
    #[default]
    Enrolled,
    /// Their machines' names, in any case.
    Hostname,
    /// When they were last seen; those that never were count as the oldest.
    LastSeen,
}

/// On how many devices something holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceFacet {
    /// The operating system.
    pub os: String,
    /// Its version.
    pub os_version: String,
    /// The agent's version.
    pub agent_version: String,
    /// Seen since the first time given.
    pub online: bool,
    /// Not that, but seen since the second.
    pub late: bool,
    /// Whether they govern; none where they never checked in.
    pub effective: Option<bool>,
    /// Whether somebody may have copied them.
    pub quarantined: bool,
    /// How many there are.
    pub devices: u64,
}

/// The most groups of devices that are told apart.
const MOST_FACETS: usize = 5_000;

impl DeviceSort {
    /// What is compared beside the id, if anything is.
    const fn expression(self) -> Option<&'static str> {
        match self {
            Self::Enrolled => None,
            Self::Hostname => Some("LOWER(d.hostname)"),
            Self::LastSeen => Some("COALESCE(d.last_seen_at, 0)"),
        }
    }
}

impl Store {
    /// Devices in an order, `down`wards or upwards; and where the next page starts.
    ///
    /// # Errors
    /// `Invalid` where the cursor is of another order; the store is unavailable.
    pub async fn devices_sorted(
        &self,
        filter: DeviceFilter,
        (sort, down): (DeviceSort, bool),
        cursor: Option<SortedCursor>,
        limit: usize,
    ) -> Result<(Vec<Device>, Option<SortedCursor>), StoreError> {
        let limit = page_size(limit);
        self.read(move |sql| {
            let mut conditions = filter.conditions(None);
            let (than, order) = if down { ("<", "DESC") } else { (">", "ASC") };
            let order = match sort.expression() {
                Some(by) => format!("{by} {order}, d.id {order}"),
                None => format!("d.id {order}"),
            };
            if let Some(cursor) = cursor {
                after(&mut conditions, sort, than, cursor)?;
            }
            let count = conditions.param(limit + 1);
            let key = sort.expression().unwrap_or("0");
            let select = format!(
                "SELECT {COLUMNS}, {key} FROM {TABLES}{} ORDER BY {order} LIMIT {count}",
                conditions.clause()
            );
            let rows = sql.query(&select, &conditions.params)?;
            let next = if rows.len() > limit {
                rows.get(limit - 1)
                    .map(|row| cursor_of(row, sort))
                    .transpose()?
            } else {
                None
            };
            let devices = rows.iter().take(limit).map(read);
            Ok((devices.collect::<Result<_, _>>()?, next))
        })
        .await
    }

    /// How many devices there are of each sort, of those that the filter lets through. A device that was
    /// seen since `late` is online; since `missing`, late.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn device_facets(
        &self,
        filter: DeviceFilter,
        late: Timestamp,
        missing: Timestamp,
    ) -> Result<Vec<DeviceFacet>, StoreError> {
        self.read(move |sql| {
            let tables = filter.tables();
            let mut conditions = filter.conditions(None);
            let (late, missing) = (conditions.param(late), conditions.param(missing));
            let most = conditions.param(MOST_FACETS);
            let select = format!(
                "SELECT d.os, d.os_version, d.agent_version, CASE WHEN d.last_seen_at >= {late} THEN 2 \
                 WHEN d.last_seen_at >= {missing} THEN 1 ELSE 0 END, d.effective, \
                 CASE WHEN d.quarantined_at IS NULL THEN 0 ELSE 1 END, COUNT(*) \
                 FROM {tables}{} GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 7 DESC LIMIT {most}",
                conditions.clause()
            );
            let rows = sql.query(&select, &conditions.params)?;
            rows.iter().map(facet).collect()
        })
        .await
    }
}

/// What comes after the cursor.
fn after(
    conditions: &mut Where,
    sort: DeviceSort,
    than: &str,
    cursor: SortedCursor,
) -> Result<(), StoreError> {
    let other = || StoreError::invalid("cursor", "it is of a list in another order");
    let id = conditions.param(cursor.id);
    match (sort.expression(), cursor.key) {
        (None, None) => conditions.fixed(&format!("d.id {than} {id}")),
        (Some(by), Some(key)) => {
            let key = if sort == DeviceSort::LastSeen {
                let micros: i64 = key.parse().map_err(|_| other())?;
                conditions.param(micros)
            } else {
                conditions.param(key)
            };
            conditions.fixed(&format!("({by}, d.id) {than} ({key}, {id})"));
        }
        _ => return Err(other()),
    }
    Ok(())
}

/// Where a page ends that ends with this row.
fn cursor_of(row: &Row, sort: DeviceSort) -> Result<SortedCursor, StoreError> {
    let key = super::row::WIDTH;
    Ok(SortedCursor {
        id: row.uuid(0)?,
        key: match sort {
            DeviceSort::Enrolled => None,
            DeviceSort::Hostname => Some(row.text_owned(key)?),
            DeviceSort::LastSeen => Some(row.int(key)?.to_string()),
        },
    })
}

fn facet(row: &Row) -> Result<DeviceFacet, StoreError> {
    let presence = row.int(3)?;
    Ok(DeviceFacet {
        os: row.text_owned(0)?,
        os_version: row.text_owned(1)?,
        agent_version: row.text_owned(2)?,
        online: presence == 2,
        late: presence == 1,
        effective: row.opt(4, Row::bool)?,
        quarantined: row.bool(5)?,
        devices: row.count(6)?,
    })
}
