//! The schema of both engines, embedded, and the runners that apply it.

use refinery::{Report, Runner};
use rusqlite::Connection;
use tokio_postgres::Client;

use crate::StoreError;

mod sqlite {
    refinery::embed_migrations!("../../../schema/sqlite");
}

mod postgres {
    refinery::embed_migrations!("../../../schema/postgres");
}

/// Where refinery notes what was applied.
const HISTORY: &str = "schema_history";

/// An arbitrary number, ours, under which nodes that start together take turns.
const LOCK: i64 = 0x7469_6465_6761_7465;

/// How often two processes that create a SQLite file together may collide before it is an error.
const ATTEMPTS: usize = 3;

fn named(mut runner: Runner) -> Runner {
    runner.set_migration_table_name(HISTORY);
    // A newer gateway may have migrated already: the schema only ever grows (schema/README.md).
    runner.set_abort_missing(false)
}

/// The schema that this build needs.
pub(crate) fn needed() -> i64 {
    let versions = sqlite::migrations::runner();
    let newest = versions
        .get_migrations()
        .iter()
        .map(refinery::Migration::version)
        .max();
    newest.map_or(0, i64::from)
}

/// Brings SQLite up to date.
pub(crate) fn run_sqlite(connection: &mut Connection) -> Result<usize, StoreError> {
    let mut attempt = 1;
    loop {
        match named(sqlite::migrations::runner()).run(connection) {
            Ok(report) => return Ok(applied(&report)),
            Err(_) if attempt < ATTEMPTS => attempt += 1,
            Err(error) => return Err(failed(&error)),
        }
    }
}

/// Brings PostgreSQL up to date; nodes that start together take turns.
pub(crate) async fn run_postgres(client: &mut Client) -> Result<usize, StoreError> {
    let lock = "SELECT pg_advisory_lock($1)";
    client
        .execute(lock, &[&LOCK])
        .await
        .map_err(|error| failed(&error))?;
    let report = named(postgres::migrations::runner())
        .run_async(client)
        .await;
    let unlock = "SELECT pg_advisory_unlock($1)";
    client
        .execute(unlock, &[&LOCK])
        .await
        .map_err(|error| failed(&error))?;
    report
        .map(|report| applied(&report))
        .map_err(|error| failed(&error))
}

fn applied(report: &Report) -> usize {
    report.applied_migrations().len()
}

fn failed(error: &dyn std::error::Error) -> StoreError {
    let cause = error
        .source()
        .map(|cause| format!(": {cause}"))
        .unwrap_or_default();
    StoreError::Broken(format!(
        "the schema could not be brought up to date: {error}{cause}"
    ))
}
