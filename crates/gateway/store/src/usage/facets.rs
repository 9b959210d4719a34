//! The sums that the console reads whole: by team without key and user, by the hour, by the day and by the
//! hour without what was called; and by app, refusal and user. They are added to with each committed batch,
//! as the hourly sums are.

use std::collections::BTreeMap;

use tidegate_governance::record::Outcome;
use tidegate_types::{MicroUsd, UserId};
use uuid::Uuid;

use super::rollup::{HOUR, LARGEST, Sums, counts};
use crate::{
    StoreError,
    recorder::frame::Entry,
    sql::{Sql, Value, params},
};

/// A user has too many hours: days are enough.
pub(crate) const DAY: i64 = 24 * HOUR;

/// Calls that the cache could have answered, by what it did, and as their cost what it saved.
pub(crate) const CACHE_HOURS: &str = "cache";
/// The same by the day.
pub(crate) const CACHE_DAYS: &str = "cache_day";

/// A row's key in `usage_team_hours`, and in `usage_team_days`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Group<'a> {
    start: i64,
    team: Uuid,
    provider: &'a str,
    model: &'a str,
    operation: &'a str,
}

/// A row's key in `usage_facets`.
type Facet = (&'static str, i64, Uuid, String);

/// What is summed up, in the order of [`Sums`], and calls that were refused.
const COUNTED: [&str; 11] = [
    "requests",
    "errors",
    "input",
    "cached",
    "cache_write",
    "output",
    "reasoning",
    "audio",
    "image",
    "cost",
    "denied",
];

/// Sums of calls, and how many of them were refused.
type Counts = (Sums, i64);

/// Adds a row to a table whose key has these columns.
fn upsert(table: &str, key: &[&str]) -> String {
    let columns = || key.iter().chain(&COUNTED);
    let places: Vec<String> = (1..=columns().count())
        .map(|place| format!("${place}"))
        .collect();
    let sums: Vec<String> = COUNTED
        .iter()
        .zip(places.iter().skip(key.len()))
        .map(|(name, place)| format!("{name} = {table}.{name} + {place}"))
        .collect();
    format!(
        "INSERT INTO {table} ({}) VALUES ({}) ON CONFLICT ({}) DO UPDATE SET {}",
        columns().copied().collect::<Vec<_>>().join(", "),
        places.join(", "),
        key.join(", "),
        sums.join(", ")
    )
}

const FACET_UPSERT: &str = "INSERT INTO usage_facets (facet, start_at, team_id, name, requests, errors, \
     cost) VALUES ($1, $2, $3, $4, $5, $6, $7) \
     ON CONFLICT (facet, start_at, team_id, name) DO UPDATE SET \
     requests = usage_facets.requests + $5, errors = usage_facets.errors + $6, \
     cost = usage_facets.cost + $7";

/// Adds calls to the sums that the console reads.
pub(crate) fn add<'a>(
    sql: &mut dyn Sql,
    entries: impl Iterator<Item = &'a Entry<'a>>,
) -> Result<(), StoreError> {
    // Sorted, so that two nodes take their rows in the same order and never wait in a circle.
    let mut hours: BTreeMap<Group<'_>, Counts> = BTreeMap::new();
    let mut facets: BTreeMap<Facet, [i64; 3]> = BTreeMap::new();
    for entry in entries {
        let sums = counts(entry);
        let denied = i64::from(entry.outcome == Outcome::Refused);
        more(hours.entry(group(entry)).or_default(), &(sums, denied));
        let mut add = |facet, counts: [i64; 3]| {
            let sum = facets.entry(facet).or_default();
            for (sum, one) in sum.iter_mut().zip(counts) {
                *sum = sum.saturating_add(one);
            }
        };
        for facet in facets_of(entry) {
            add(facet, [sums[0], sums[1], sums[9]]);
        }
        if let Some(cache) = entry.cache {
            let saved = cache.saved().map_or(0, MicroUsd::micros);
            let saved = saved.clamp(0, LARGEST);
            for (facet, width) in [(CACHE_HOURS, HOUR), (CACHE_DAYS, DAY)] {
                let team = entry.team.unwrap_or_default();
                let name = cache.as_str().to_owned();
                add((facet, floor(entry, width), team, name), [1, 0, saved]);
            }
        }
    }
    let mut days: BTreeMap<Group<'_>, Counts> = BTreeMap::new();
    let mut teams: BTreeMap<(i64, Uuid), Counts> = BTreeMap::new();
    for (group, counts) in &hours {
        let start = group.start - group.start.rem_euclid(DAY);
        more(days.entry(Group { start, ..*group }).or_default(), counts);
        more(teams.entry((group.start, group.team)).or_default(), counts);
    }
    add_groups(sql, "usage_team_hours", "hour_at", hours)?;
    add_groups(sql, "usage_team_days", "day_at", days)?;
    let rows: Vec<Vec<Value>> = teams
        .into_iter()
        .map(|((hour, team), counts)| row(params![hour, team], counts))
        .collect();
    sql.execute_all(&upsert("usage_hour_sums", &["hour_at", "team_id"]), &rows)?;
    let rows: Vec<Vec<Value>> = facets
        .into_iter()
        .map(|((facet, start, team, name), [requests, errors, cost])| {
            params![facet, start, team, name, requests, errors, cost].into()
        })
        .collect();
    sql.execute_all(FACET_UPSERT, &rows)
}

fn more((sums, denied): &mut Counts, (others, refused): &Counts) {
    for (sum, one) in sums.iter_mut().zip(others) {
        *sum = sum.saturating_add(*one);
    }
    *denied += refused;
}

fn add_groups(
    sql: &mut dyn Sql,
    table: &str,
    start: &str,
    groups: BTreeMap<Group<'_>, Counts>,
) -> Result<(), StoreError> {
    let upsert = upsert(table, &[start, "team_id", "provider", "model", "operation"]);
    let rows: Vec<Vec<Value>> = groups
        .into_iter()
        .map(|(group, counts)| {
            let Group {
                start,
                team,
                provider,
                model,
                operation,
            } = group;
            row(params![start, team, provider, model, operation], counts)
        })
        .collect();
    sql.execute_all(&upsert, &rows)
}

fn row<const N: usize>(key: [Value; N], (sums, denied): Counts) -> Vec<Value> {
    let sums = sums.map(Value::Int).into_iter();
    key.into_iter().chain(sums).chain([denied.into()]).collect()
}

fn group<'a>(entry: &'a Entry<'a>) -> Group<'a> {
    Group {
        start: floor(entry, HOUR),
        team: entry.team.unwrap_or_default(),
        provider: entry.provider.unwrap_or_default(),
        model: entry.model.unwrap_or_default(),
        operation: entry.operation,
    }
}

fn facets_of(entry: &Entry<'_>) -> impl Iterator<Item = Facet> {
    let team = entry.team.unwrap_or_default();
    let (hour, day) = (floor(entry, HOUR), floor(entry, DAY));
    let app = entry.edge.map(|edge| edge.app);
    let named = |facet, start, name: Option<&str>| Some((facet, start, team, name?.to_owned()));
    let user = entry.user.map(|user| {
        let user = UserId::from_uuid(user).to_string();
        ("user", day, team, user)
    });
    let by_name = [
        named("app", hour, app),
        named("app_day", day, app),
        named("code", hour, entry.code),
        named("code_day", day, entry.code),
    ];
    by_name.into_iter().flatten().chain(user)
}

fn floor(entry: &Entry<'_>, width: i64) -> i64 {
    let arrived = entry.started_at.micros();
    arrived - arrived.rem_euclid(width)
}
