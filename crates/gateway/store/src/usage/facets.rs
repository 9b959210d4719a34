//! The sums that the console reads whole: by team without key and user, and by app, refusal and user.
//! They are added to with each committed batch, as the hourly sums are.

use std::collections::BTreeMap;

use tidegate_governance::record::Outcome;
use tidegate_types::UserId;
use uuid::Uuid;

use super::rollup::{HOUR, Sums, counts};
use crate::{
    StoreError,
    recorder::frame::Entry,
    sql::{Sql, Value, params},
};

/// A user has too many hours: days are enough.
pub(crate) const DAY: i64 = 24 * HOUR;

/// A row's key in `usage_team_hours`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Group<'a> {
    hour: i64,
    team: Uuid,
    provider: &'a str,
    model: &'a str,
    operation: &'a str,
}

/// A row's key in `usage_facets`.
type Facet = (&'static str, i64, Uuid, String);

const TEAM_UPSERT: &str = "INSERT INTO usage_team_hours (hour_at, team_id, provider, model, operation, \
     requests, errors, denied, input, cached, cache_write, output, reasoning, audio, image, cost) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $16, $8, $9, $10, $11, $12, $13, $14, $15) \
     ON CONFLICT (hour_at, team_id, provider, model, operation) DO UPDATE SET \
     requests = usage_team_hours.requests + $6, errors = usage_team_hours.errors + $7, \
     input = usage_team_hours.input + $8, cached = usage_team_hours.cached + $9, \
     cache_write = usage_team_hours.cache_write + $10, output = usage_team_hours.output + $11, \
     reasoning = usage_team_hours.reasoning + $12, audio = usage_team_hours.audio + $13, \
     image = usage_team_hours.image + $14, cost = usage_team_hours.cost + $15, \
     denied = usage_team_hours.denied + $16";

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
    let mut teams: BTreeMap<Group<'_>, (Sums, i64)> = BTreeMap::new();
    let mut facets: BTreeMap<Facet, [i64; 3]> = BTreeMap::new();
    for entry in entries {
        let sums = counts(entry);
        let (sum, denied) = teams.entry(group(entry)).or_default();
        for (sum, one) in sum.iter_mut().zip(sums) {
            *sum = sum.saturating_add(one);
        }
        *denied += i64::from(entry.outcome == Outcome::Refused);
        for facet in facets_of(entry) {
            let sum = facets.entry(facet).or_default();
            for (sum, one) in sum.iter_mut().zip([sums[0], sums[1], sums[9]]) {
                *sum = sum.saturating_add(one);
            }
        }
    }
    let rows: Vec<Vec<Value>> = teams.into_iter().map(team_row).collect();
    sql.execute_all(TEAM_UPSERT, &rows)?;
    let rows: Vec<Vec<Value>> = facets
        .into_iter()
        .map(|((facet, start, team, name), [requests, errors, cost])| {
            params![facet, start, team, name, requests, errors, cost].into()
        })
        .collect();
    sql.execute_all(FACET_UPSERT, &rows)
}

fn team_row((group, (sums, denied)): (Group<'_>, (Sums, i64))) -> Vec<Value> {
    let Group {
        hour,
        team,
        provider,
        model,
        operation,
    } = group;
    let group: [Value; 5] = params![hour, team, provider, model, operation];
    let sums = sums.map(Value::Int).into_iter();
    group
        .into_iter()
        .chain(sums)
        .chain([denied.into()])
        .collect()
}

fn group<'a>(entry: &'a Entry<'a>) -> Group<'a> {
    Group {
        hour: floor(entry, HOUR),
        team: entry.team.unwrap_or_default(),
        provider: entry.provider.unwrap_or_default(),
        model: entry.model.unwrap_or_default(),
        operation: entry.operation,
    }
}

fn facets_of(entry: &Entry<'_>) -> impl Iterator<Item = Facet> {
    let team = entry.team.unwrap_or_default();
    let (hour, day) = (floor(entry, HOUR), floor(entry, DAY));
    let app = entry
        .edge
        .map(|edge| ("app", hour, team, edge.app.to_owned()));
    let code = entry.code.map(|code| ("code", hour, team, code.to_owned()));
    let user = entry.user.map(|user| {
        let user = UserId::from_uuid(user).to_string();
        ("user", day, team, user)
    });
    [app, code, user].into_iter().flatten()
}

fn floor(entry: &Entry<'_>, width: i64) -> i64 {
    let arrived = entry.started_at.micros();
    arrived - arrived.rem_euclid(width)
}
