//! The insert that every call pays for: one prepared statement, values bound where they lie.

use rusqlite::{Statement, ToSql, Transaction};

use super::error::map;
use crate::{
    StoreError,
    codes::{Code, cache_columns},
    recorder::{Batch, frame::Entry},
    request_log::{COLUMNS, INSERT_ATTEMPTS, INSERT_GUARDRAILS},
};

/// Inserts what is not there yet; for each of the batch whether it was new.
pub(super) fn insert(
    transaction: &Transaction<'_>,
    batch: &Batch<'_>,
) -> Result<Vec<bool>, StoreError> {
    let places = vec!["?"; COLUMNS.split(',').count()].join(",");
    let insert = format!("INSERT OR IGNORE INTO requests ({COLUMNS}) VALUES ({places})");
    let mut insert = transaction.prepare_cached(&insert).map_err(map)?;
    let mut content = transaction
        .prepare_cached("INSERT INTO request_contents (id, prompt, answer) VALUES (?, ?, ?)")
        .map_err(map)?;
    let mut guardrails = transaction
        .prepare_cached(INSERT_GUARDRAILS.replace('$', "?").as_str())
        .map_err(map)?;
    let mut attempts = transaction
        .prepare_cached(INSERT_ATTEMPTS.replace('$', "?").as_str())
        .map_err(map)?;
    let mut new = Vec::with_capacity(batch.len());
    for entry in batch {
        bind(&mut insert, entry).map_err(map)?;
        let inserted = insert.raw_execute().map_err(map)? > 0;
        if let (true, Some((prompt, answer))) = (inserted, entry.content) {
            content
                .execute((entry.id.uuid(), prompt, answer))
                .map_err(map)?;
        }
        if let (true, Some(applied)) = (inserted, entry.guardrails) {
            guardrails
                .execute((entry.id.uuid(), entry.team, applied))
                .map_err(map)?;
        }
        if let (true, Some(made)) = (inserted, entry.attempts) {
            attempts.execute((entry.id.uuid(), made)).map_err(map)?;
        }
        new.push(inserted);
    }
    Ok(new)
}

/// Binds one after the other.
struct Binder<'a, 'b> {
    statement: &'a mut Statement<'b>,
    next: usize,
}

impl Binder<'_, '_> {
    fn value(&mut self, value: impl ToSql) -> rusqlite::Result<()> {
        self.next += 1;
        self.statement.raw_bind_parameter(self.next, value)
    }

    /// Counts beyond what a column holds are held at its end.
    fn count(&mut self, count: u64) -> rusqlite::Result<()> {
        self.value(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

fn bind(statement: &mut Statement<'_>, entry: &Entry<'_>) -> rusqlite::Result<()> {
    let mut to = Binder { statement, next: 0 };
    to.value(entry.id.uuid())?;
    to.value(entry.started_at.micros())?;
    to.count(entry.duration_us)?;
    to.count(entry.overhead_us)?;
    to.value(
        entry
            .ttft_us
            .map(|ttft| i64::try_from(ttft).unwrap_or(i64::MAX)),
    )?;
    to.value(entry.key)?;
    to.value(entry.team)?;
    to.value(entry.user)?;
    to.value(entry.operation)?;
    to.value(entry.provider)?;
    to.value(entry.model)?;
    to.value(entry.status)?;
    to.value(entry.code)?;
    to.value(entry.outcome.code())?;
    to.value(entry.streamed)?;
    let usage = &entry.usage;
    to.count(usage.input)?;
    to.count(usage.cached)?;
    to.count(usage.cache_write_5m)?;
    to.count(usage.cache_write_1h)?;
    to.count(usage.input_audio)?;
    to.count(usage.output)?;
    to.count(usage.reasoning)?;
    to.count(usage.output_audio)?;
    to.count(usage.output_image)?;
    to.count(usage.web_searches)?;
    to.value(usage.tier.code())?;
    to.value(usage.source.code())?;
    to.value(entry.cost.micros())?;
    to.value(entry.cost_basis.code())?;
    to.count(entry.request_bytes)?;
    to.count(entry.response_bytes)?;
    to.value(entry.trace_id.as_ref().map(<[u8; 16]>::as_slice))?;
    to.value(entry.content.is_some())?;
    let edge = entry.edge.as_ref();
    to.value(edge.map(|edge| edge.device))?;
    to.value(edge.map(|edge| edge.app))?;
    to.value(edge.map(|edge| edge.os_user))?;
    to.value(edge.map(|edge| edge.process))?;
    to.value(edge.map(|edge| edge.host))?;
    let cache = entry.cache.map(cache_columns);
    to.value(cache.map(|(word, _)| word))?;
    to.value(cache.and_then(|(_, saved)| saved))?;
    to.value(entry.shadow_of)
}
