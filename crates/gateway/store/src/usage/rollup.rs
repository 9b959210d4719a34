//! Adding a batch to the hourly sums: summed up in memory first, one row for each group.

use std::collections::BTreeMap;

use tidegate_types::Usage;
use uuid::Uuid;

use crate::{
    StoreError,
    recorder::frame::Entry,
    sql::{Sql, Value, params},
};

pub(super) const HOUR: i64 = 3_600_000_000;

/// A row's key; what is missing is nil or empty, since parts of a primary key are never null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Group<'a> {
    hour: i64,
    key: Uuid,
    team: Uuid,
    user: Uuid,
    provider: &'a str,
    model: &'a str,
    operation: &'a str,
}

/// Requests, errors, seven kinds of tokens, cost: in the order of the columns.
pub(super) type Sums = [i64; 10];

const UPSERT: &str = "INSERT INTO usage_hours (hour_at, key_id, team_id, user_id, provider, model, \
     operation, requests, errors, input, cached, cache_write, output, reasoning, audio, image, cost) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) \
     ON CONFLICT (hour_at, key_id, team_id, user_id, provider, model, operation) DO UPDATE SET \
     requests = usage_hours.requests + $8, errors = usage_hours.errors + $9, \
     input = usage_hours.input + $10, cached = usage_hours.cached + $11, \
     cache_write = usage_hours.cache_write + $12, output = usage_hours.output + $13, \
     reasoning = usage_hours.reasoning + $14, audio = usage_hours.audio + $15, \
     image = usage_hours.image + $16, cost = usage_hours.cost + $17";

/// Adds calls to the sums of the hours they arrived in.
pub(crate) fn add<'a>(
    sql: &mut dyn Sql,
    entries: impl Iterator<Item = &'a Entry<'a>>,
) -> Result<(), StoreError> {
    // Sorted, so that two nodes take their rows in the same order and never wait in a circle.
    let mut groups: BTreeMap<Group<'_>, Sums> = BTreeMap::new();
    for entry in entries {
        let sums = groups.entry(group(entry)).or_default();
        for (sum, one) in sums.iter_mut().zip(counts(entry)) {
            *sum = sum.saturating_add(one);
        }
    }
    let rows: Vec<Vec<Value>> = groups.into_iter().map(row).collect();
    sql.execute_all(UPSERT, &rows)
}

fn row((group, sums): (Group<'_>, Sums)) -> Vec<Value> {
    let Group {
        hour,
        key,
        team,
        user,
        provider,
        model,
        operation,
    } = group;
    let group: [Value; 7] = params![hour, key, team, user, provider, model, operation];
    group.into_iter().chain(sums.map(Value::Int)).collect()
}

fn group<'a>(entry: &'a Entry<'a>) -> Group<'a> {
    let arrived = entry.started_at.micros();
    Group {
        hour: arrived - arrived.rem_euclid(HOUR),
        key: entry.key.unwrap_or_default(),
        team: entry.team.unwrap_or_default(),
        user: entry.user.unwrap_or_default(),
        provider: entry.provider.unwrap_or_default(),
        model: entry.model.unwrap_or_default(),
        operation: entry.operation,
    }
}

pub(super) fn counts(entry: &Entry<'_>) -> Sums {
    let Usage {
        input,
        cached,
        cache_write_5m,
        cache_write_1h,
        input_audio,
        ..
    } = entry.usage;
    let Usage {
        output,
        reasoning,
        output_audio,
        output_image,
        ..
    } = entry.usage;
    [
        1,
        i64::from(entry.is_error()),
        bounded(input),
        bounded(cached),
        bounded(cache_write_5m).saturating_add(bounded(cache_write_1h)),
        bounded(output),
        bounded(reasoning),
        bounded(input_audio).saturating_add(bounded(output_audio)),
        bounded(output_image),
        entry.cost.micros().clamp(-LARGEST, LARGEST),
    ]
}

/// No sum of hours overflows, whatever an upstream claims: numbers beyond a trillion are held.
pub(super) const LARGEST: i64 = 1_000_000_000_000;

fn bounded(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(LARGEST).min(LARGEST)
}
