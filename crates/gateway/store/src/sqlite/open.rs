//! Opening the file: who may read it, and how SQLite is to treat it.

use std::{fs::OpenOptions, path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use super::error::map;
use crate::StoreError;

/// How long a statement waits for another process (the command line) to finish writing.
const BUSY: Duration = Duration::from_secs(5);

/// The connection that writes.
pub(super) fn writer(path: &Path) -> Result<Connection, StoreError> {
    create(path)?;
    let connection = open(path)?;
    // Of a new file. The log is written in long runs: larger pages are fewer writes.
    connection
        .pragma_update(None, "page_size", 8_192)
        .map_err(map)?;
    // WAL: readers and the writer do not wait for each other. NORMAL: a power failure may take
    // the last transactions, a crash of the process takes none; the file stays whole either way.
    connection
        .pragma_update(None, "journal_mode", "wal")
        .map_err(map)?;
    connection
        .pragma_update(None, "synchronous", "normal")
        .map_err(map)?;
    // Pages that are written again and again reach the file once in 32 MiB of log.
    connection
        .pragma_update(None, "wal_autocheckpoint", 4_000)
        .map_err(map)?;
    connection
        .pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)
        .map_err(map)?;
    Ok(connection)
}

/// A connection that only reads.
pub(super) fn reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = open(path)?;
    connection
        .pragma_update(None, "query_only", true)
        .map_err(map)?;
    Ok(connection)
}

fn open(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(map)?;
    connection.busy_timeout(BUSY).map_err(map)?;
    connection
        .pragma_update(None, "foreign_keys", true)
        .map_err(map)?;
    connection.set_prepared_statement_cache_capacity(64);
    // Else some statements are planned anew each time a parameter is bound.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(map)?;
    Ok(connection)
}

/// Creates the file for its owner only; SQLite gives its side files the same mode.
fn create(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::Unavailable(format!(
            "cannot create {}: {error}",
            path.display()
        ))),
    }
}
