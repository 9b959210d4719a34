//! SQLite: one writer on a thread of its own, a few readers, WAL between them.

mod error;
mod open;
mod request_log;
mod transaction;
mod writer;

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::Semaphore;

use self::{error::map, transaction::SqliteSql, writer::Writer};
use crate::{StoreError, migrations, sql::Sql};

/// An open database.
#[derive(Debug, Clone)]
pub(crate) struct Sqlite {
    writer: Writer,
    readers: Arc<Readers>,
}

#[derive(Debug)]
struct Readers {
    free: Semaphore,
    idle: Mutex<Vec<Connection>>,
}

impl Sqlite {
    /// Opens or creates the file, which only its owner may read.
    pub(crate) async fn open(path: &str, readers: usize) -> Result<Self, StoreError> {
        let path = path.to_owned();
        let opened = tokio::task::spawn_blocking(move || {
            let path = Path::new(&path);
            let writer = open::writer(path)?;
            let idle = (0..readers)
                .map(|_| open::reader(path))
                .collect::<Result<Vec<_>, _>>()?;
            Ok((writer, idle))
        });
        let (writer, idle) = opened.await.map_err(lost)??;
        let readers = Readers {
            free: Semaphore::new(readers),
            idle: Mutex::new(idle),
        };
        Ok(Self {
            writer: Writer::start(writer)?,
            readers: Arc::new(readers),
        })
    }

    /// Runs `work` in a transaction on the writer.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.writer
            .run(move |connection| {
                let behavior = TransactionBehavior::Immediate;
                let transaction = connection
                    .transaction_with_behavior(behavior)
                    .map_err(map)?;
                let result = work(&mut SqliteSql(&transaction))?;
                transaction.commit().map_err(map)?;
                Ok(result)
            })
            .await
    }

    /// Runs `work` on one consistent state.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let readers = Arc::clone(&self.readers);
        // A caller that goes away leaves its read running; the permit is held until it is done.
        let task = tokio::spawn(async move {
            let _permit = readers.free.acquire().await.map_err(lost)?;
            let readers = Arc::clone(&readers);
            let read = move || {
                let mut connection = readers.take()?;
                let result = read_in(&mut connection, work);
                readers.put(connection);
                result
            };
            tokio::task::spawn_blocking(read).await.map_err(lost)?
        });
        task.await.map_err(lost)?
    }

    /// Brings the schema up to date; how many migrations were applied.
    pub(crate) async fn migrate(&self) -> Result<usize, StoreError> {
        self.writer.run(migrations::run_sqlite).await
    }
}

fn read_in<T>(
    connection: &mut Connection,
    work: impl FnOnce(&mut dyn Sql) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let transaction = connection.transaction().map_err(map)?;
    work(&mut SqliteSql(&transaction))
}

impl Readers {
    fn take(&self) -> Result<Connection, StoreError> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.pop()
            .ok_or_else(|| StoreError::Unavailable("no reader is free".into()))
    }

    fn put(&self, connection: Connection) {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(connection);
    }
}

/// A task of ours is gone: the process is shutting down, or the work panicked.
fn lost(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable(format!("the work was lost: {error}"))
}
