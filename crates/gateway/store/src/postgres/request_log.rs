//! A batch of log rows in one statement: an array for each column.

use std::collections::HashSet;

use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::transaction::{PostgresSql, wait};
use crate::{
    StoreError,
    codes::{Code, cache_columns},
    recorder::{Batch, frame::Entry},
    request_log::{COLUMNS, INSERT_ATTEMPTS, INSERT_GUARDRAILS},
};

/// The types of the columns, in their order.
const TYPES: [&str; 41] = [
    "uuid", "int8", "int8", "int8", "int8", "uuid", "uuid", "uuid", "text", "text", "text", "int2",
    "text", "int2", "bool", "int8", "int8", "int8", "int8", "int8", "int8", "int8", "int8", "int8",
    "int8", "int2", "int2", "int8", "int2", "int8", "int8", "bytea", "bool", "uuid", "text",
    "text", "text", "text", "int2", "int8", "uuid",
];

/// Inserts what is not there yet; for each of the batch whether it was new.
pub(super) fn insert(sql: &PostgresSql<'_>, batch: &Batch<'_>) -> Result<Vec<bool>, StoreError> {
    let arrays = (1..).zip(TYPES).map(|(at, ty)| format!("${at}::{ty}[]"));
    let insert = format!(
        "INSERT INTO requests ({COLUMNS}) SELECT * FROM unnest({}) \
         ON CONFLICT (id) DO NOTHING RETURNING id",
        arrays.collect::<Vec<_>>().join(", ")
    );
    let columns = columns(batch);
    let params: Vec<&(dyn ToSql + Sync)> = columns
        .iter()
        .map(|column| &**column as &(dyn ToSql + Sync))
        .collect();
    let statement = wait(sql.runtime, sql.transaction.prepare_cached(&insert))?;
    let rows = wait(sql.runtime, sql.transaction.query(&statement, &params))?;
    // Taken out as they are met: a second frame of the same call is not new.
    let mut inserted: HashSet<Uuid> = rows.iter().map(|row| row.get(0)).collect();
    let new: Vec<bool> = batch
        .iter()
        .map(|entry| inserted.remove(&entry.id.uuid()))
        .collect();
    contents(sql, batch, &new)?;
    Ok(new)
}

fn contents(sql: &PostgresSql<'_>, batch: &Batch<'_>, new: &[bool]) -> Result<(), StoreError> {
    let added = batch.iter().zip(new).filter(|(_, new)| **new);
    let kept = added.filter_map(|(entry, _)| Some((entry.id.uuid(), entry.content?)));
    let insert = "INSERT INTO request_contents (id, prompt, answer) VALUES ($1, $2, $3)";
    for (id, (prompt, answer)) in kept {
        let statement = wait(sql.runtime, sql.transaction.prepare_cached(insert))?;
        wait(
            sql.runtime,
            sql.transaction
                .execute(&statement, &[&id, &prompt, &answer]),
        )?;
    }
    let kept = batch.iter().zip(new).filter(|(_, new)| **new);
    for (entry, attempts) in kept
        .clone()
        .filter_map(|(entry, _)| Some((entry, entry.attempts?)))
    {
        let statement = wait(sql.runtime, sql.transaction.prepare_cached(INSERT_ATTEMPTS))?;
        let id = entry.id.uuid();
        wait(
            sql.runtime,
            sql.transaction.execute(&statement, &[&id, &attempts]),
        )?;
    }
    for (entry, applied) in kept.filter_map(|(entry, _)| Some((entry, entry.guardrails?))) {
        let statement = wait(
            sql.runtime,
            sql.transaction.prepare_cached(INSERT_GUARDRAILS),
        )?;
        let id = entry.id.uuid();
        wait(
            sql.runtime,
            sql.transaction
                .execute(&statement, &[&id, &entry.team, &applied]),
        )?;
    }
    Ok(())
}

type Column<'a> = Box<dyn ToSql + Sync + 'a>;

fn columns<'a>(batch: &'a Batch<'a>) -> Vec<Column<'a>> {
    fn all<'a, T: ToSql + Sync + 'a>(
        batch: &'a Batch<'a>,
        value: impl Fn(&'a Entry<'a>) -> T,
    ) -> Column<'a> {
        Box::new(batch.iter().map(value).collect::<Vec<T>>())
    }
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let small = |number: u16| i16::try_from(number).unwrap_or(i16::MAX);
    vec![
        all(batch, |e| e.id.uuid()),
        all(batch, |e| e.started_at.micros()),
        all(batch, |e| count(e.duration_us)),
        all(batch, |e| count(e.overhead_us)),
        all(batch, |e| e.ttft_us.map(count)),
        all(batch, |e| e.key),
        all(batch, |e| e.team),
        all(batch, |e| e.user),
        all(batch, |e| e.operation),
        all(batch, |e| e.provider),
        all(batch, |e| e.model),
        all(batch, |e| small(e.status)),
        all(batch, |e| e.code),
        all(batch, |e| i16::from(e.outcome.code())),
        all(batch, |e| e.streamed),
        all(batch, |e| count(e.usage.input)),
        all(batch, |e| count(e.usage.cached)),
        all(batch, |e| count(e.usage.cache_write_5m)),
        all(batch, |e| count(e.usage.cache_write_1h)),
        all(batch, |e| count(e.usage.input_audio)),
        all(batch, |e| count(e.usage.output)),
        all(batch, |e| count(e.usage.reasoning)),
        all(batch, |e| count(e.usage.output_audio)),
        all(batch, |e| count(e.usage.output_image)),
        all(batch, |e| count(e.usage.web_searches)),
        all(batch, |e| i16::from(e.usage.tier.code())),
        all(batch, |e| i16::from(e.usage.source.code())),
        all(batch, |e| e.cost.micros()),
        all(batch, |e| i16::from(e.cost_basis.code())),
        all(batch, |e| count(e.request_bytes)),
        all(batch, |e| count(e.response_bytes)),
        all(batch, |e| e.trace_id.as_ref().map(<[u8; 16]>::as_slice)),
        all(batch, |e| e.content.is_some()),
        all(batch, |e| e.edge.map(|edge| edge.device)),
        all(batch, |e| e.edge.map(|edge| edge.app)),
        all(batch, |e| e.edge.map(|edge| edge.os_user)),
        all(batch, |e| e.edge.map(|edge| edge.process)),
        all(batch, |e| e.edge.map(|edge| edge.host)),
        all(batch, |e| {
            e.cache.map(|cache| i16::from(cache_columns(cache).0))
        }),
        all(batch, |e| e.cache.and_then(|cache| cache_columns(cache).1)),
        all(batch, |e| e.shadow_of),
    ]
}
