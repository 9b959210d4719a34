//! Counting what is on devices. Devices that are alike share an inventory, so what is in each is read once and
//! its devices are added up here: joined by the databases, the same takes many times as long.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    str::FromStr,
};

use tidegate_policy::{AppId, McpIdentity};
use tidegate_types::Timestamp;

use super::{AppVersion, Launches};
use crate::{
    StoreError,
    sql::{Row, Sql, Value, params},
};

/// The devices that have one inventory.
#[derive(Debug, Clone, Copy, Default)]
struct Sharing {
    devices: u64,
    /// When one of them was last seen.
    seen: Option<Timestamp>,
}

/// By the inventory's hash.
type Shared = HashMap<[u8; 32], Sharing>;

/// An item, over all devices.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Found {
    /// How many devices have it now.
    pub(super) devices: u64,
    pub(super) first_seen_at: Option<Timestamp>,
    /// When a device that has it was last seen, or until when one had it.
    pub(super) last_seen_at: Option<Timestamp>,
}

/// Where items of a kind stand.
pub(super) struct Kind {
    /// Each item with each inventory that it is in.
    places: &'static str,
    /// Items that somebody decided about.
    decided: Option<&'static str>,
    /// In `catalogue_items`.
    name: &'static str,
}

pub(super) const SERVERS: Kind = Kind {
    places: "SELECT DISTINCT identity, inventory FROM inventory_servers",
    decided: Some("SELECT DISTINCT identity FROM edge_mcp_rules"),
    name: "mcp_server",
};

pub(super) const APPS: Kind = Kind {
    places: "SELECT DISTINCT app, inventory FROM inventory_apps",
    decided: None,
    name: "app",
};

fn shared(sql: &mut dyn Sql) -> Result<Shared, StoreError> {
    let mut shared = Shared::new();
    for row in sql.query("SELECT inventory, last_seen_at FROM devices", &[])? {
        if let Some(inventory) = row.opt(0, Row::bytes)? {
            let sharing = shared.entry(inventory).or_default();
            sharing.devices += 1;
            sharing.seen = sharing.seen.max(row.opt(1, Row::time)?);
        }
    }
    Ok(shared)
}

/// What is on devices, was on them, or was decided about; in order.
pub(super) fn items<T: Ord + FromStr>(
    sql: &mut dyn Sql,
    kind: &Kind,
) -> Result<BTreeMap<T, Found>, StoreError> {
    let shared = shared(sql)?;
    let mut found: BTreeMap<T, (Sharing, Found)> = BTreeMap::new();
    for row in sql.query(kind.places, &[])? {
        let (sum, _) = found.entry(row.parsed(0)?).or_default();
        if let Some(sharing) = shared.get(&row.bytes(1)?) {
            sum.devices += sharing.devices;
            sum.seen = sum.seen.max(sharing.seen);
        }
    }
    if let Some(decided) = kind.decided {
        for row in sql.query(decided, &[])? {
            found.entry(row.parsed(0)?).or_default();
        }
    }
    let select = "SELECT item, first_seen_at, last_seen_at FROM catalogue_items WHERE kind = $1";
    for row in sql.query(select, &params![kind.name])? {
        let (_, item) = found.entry(row.parsed(0)?).or_default();
        (item.first_seen_at, item.last_seen_at) = (row.opt(1, Row::time)?, row.opt(2, Row::time)?);
    }
    let merge = |(item, (sum, found)): (T, (Sharing, Found))| {
        let found = Found {
            devices: sum.devices,
            last_seen_at: sum.seen.or(found.last_seen_at),
            ..found
        };
        (item, found)
    };
    Ok(found.into_iter().map(merge).collect())
}

/// In which ways each of these servers is used, those that most devices have first.
pub(super) fn launches(
    sql: &mut dyn Sql,
    identities: &[McpIdentity],
    most: usize,
) -> Result<Vec<Vec<Launches>>, StoreError> {
    let shared = shared(sql)?;
    let select = "SELECT DISTINCT inventory, name, client, version, transport, arguments, launch \
         FROM inventory_servers WHERE identity = $1";
    let rows: Vec<Vec<Value>> = identities
        .iter()
        .map(|identity| params![identity.as_str()].into())
        .collect();
    let answers = sql.query_all(select, &rows)?;
    answers
        .iter()
        .map(|rows| ways(rows, &shared, most))
        .collect()
}

fn ways(rows: &[Row], shared: &Shared, most: usize) -> Result<Vec<Launches>, StoreError> {
    // By what is in the row, which is cheaper to compare than what it means.
    let mut ways: BTreeMap<[Option<&str>; 6], (&Row, u64)> = BTreeMap::new();
    for row in rows {
        // An inventory may be there a moment before a device has it.
        let Some(sharing) = shared.get(&row.bytes(0)?) else {
            continue;
        };
        let mut key = [None; 6];
        for (place, column) in key.iter_mut().zip(1..) {
            *place = (!row.is_null(column))
                .then(|| row.text(column))
                .transpose()?;
        }
        ways.entry(key).or_insert((row, 0)).1 += sharing.devices;
    }
    let mut ways = ways
        .into_values()
        .map(|(row, devices)| way(row, devices))
        .collect::<Result<Vec<Launches>, _>>()?;
    ways.sort_by(|a, b| {
        let order = |way: &Launches| (Reverse(way.devices), way.launch.to_string());
        let others = || (a.client.as_str(), &a.name).cmp(&(b.client.as_str(), &b.name));
        order(a).cmp(&order(b)).then_with(others)
    });
    ways.truncate(most);
    Ok(ways)
}

fn way(row: &Row, devices: u64) -> Result<Launches, StoreError> {
    Ok(Launches {
        name: row.text_owned(1)?,
        client: row.parsed(2)?,
        version: row.opt(3, Row::text_owned)?,
        transport: row.text_owned(4)?,
        arguments: row.parsed(5)?,
        launch: row.parsed(6)?,
        devices,
    })
}

/// The versions of installed apps and where they are from.
pub(super) fn versions(sql: &mut dyn Sql) -> Result<Vec<AppVersion>, StoreError> {
    let shared = shared(sql)?;
    let select = "SELECT DISTINCT app, version, source, inventory FROM inventory_apps";
    let mut versions: BTreeMap<(AppId, Option<String>, String), u64> = BTreeMap::new();
    for row in sql.query(select, &[])? {
        let Some(sharing) = shared.get(&row.bytes(3)?) else {
            continue;
        };
        let version = row.opt(1, Row::text_owned)?;
        let key = (row.parsed(0)?, version, row.text_owned(2)?);
        *versions.entry(key).or_default() += sharing.devices;
    }
    let version = |((app, version, source), devices)| AppVersion {
        app,
        version,
        source,
        devices,
    };
    let mut versions: Vec<AppVersion> = versions.into_iter().map(version).collect();
    // Those that are alike stay in the order of their versions.
    versions.sort_by(|a, b| {
        let order = |one: &AppVersion| Reverse(one.devices);
        a.app.cmp(&b.app).then_with(|| order(a).cmp(&order(b)))
    });
    Ok(versions)
}
