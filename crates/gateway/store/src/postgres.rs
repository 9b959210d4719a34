//! PostgreSQL: a pool of connections; a transaction is plain code on a blocking thread.

mod error;
mod request_log;
mod tls;
mod transaction;

use std::time::Duration;

use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime,
};
use tokio::runtime::Handle;
use tokio_postgres::IsolationLevel;

use self::{error::map, transaction::PostgresSql};
use crate::{StoreError, migrations, sql::Sql};

/// How long to wait for a connection, new or from the pool.
const CONNECT: Duration = Duration::from_secs(5);

/// A connected database.
#[derive(Debug, Clone)]
pub(crate) struct Postgres(Pool);

/// Whether a transaction may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    /// Only read, and from one state.
    Read,
    /// Write; each statement sees what others committed, so that a lock shows the newest rows.
    Write,
}

impl Postgres {
    /// Connects once, to see that the URL is right.
    pub(crate) async fn open(url: &str, connections: usize) -> Result<Self, StoreError> {
        let (mut config, roots) = tls::parse(url)?;
        config.connect_timeout(CONNECT).application_name("tidegate");
        let recycle = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let manager = match tls::connector(&config, roots)? {
            Some(tls) => Manager::from_config(config, tls, recycle),
            None => Manager::from_config(config, tokio_postgres::NoTls, recycle),
        };
        let pool = Pool::builder(manager)
            .max_size(connections)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(CONNECT))
            .create_timeout(Some(CONNECT))
            .build()
            .map_err(|error| StoreError::Broken(error.to_string()))?;
        let store = Self(pool);
        drop(store.client().await?);
        Ok(store)
    }

    async fn client(&self) -> Result<Object, StoreError> {
        self.0.get().await.map_err(|error| match error {
            PoolError::Backend(error) => map(error),
            other => StoreError::Unavailable(other.to_string()),
        })
    }

    /// Runs `work` in a transaction.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.run(Access::Write, work).await
    }

    /// Runs `work` on one consistent state.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.run(Access::Read, work).await
    }

    async fn run<T: Send + 'static>(
        &self,
        access: Access,
        work: impl FnOnce(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let client = self.client().await?;
        let runtime = Handle::current();
        // Done to the end even if the caller goes away: never half a transaction on a connection
        // that returns to the pool.
        let task = tokio::task::spawn_blocking(move || transact(client, &runtime, access, work));
        task.await
            .map_err(|error| StoreError::Unavailable(format!("the work was lost: {error}")))?
    }

    /// Brings the schema up to date; how many migrations were applied.
    pub(crate) async fn migrate(&self) -> Result<usize, StoreError> {
        let mut client = self.client().await?;
        migrations::run_postgres(&mut client).await
    }
}

fn transact<T>(
    mut client: Object,
    runtime: &Handle,
    access: Access,
    work: impl FnOnce(&mut dyn Sql) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let level = match access {
        Access::Read => IsolationLevel::RepeatableRead,
        Access::Write => IsolationLevel::ReadCommitted,
    };
    let begin = client.build_transaction().isolation_level(level);
    let begin = begin.read_only(access == Access::Read).start();
    let result = transaction::wait(runtime, begin).and_then(|transaction| {
        let mut sql = PostgresSql {
            transaction: &transaction,
            runtime,
        };
        let result = work(&mut sql);
        // On an error the transaction rolls back as it is dropped.
        let result = result?;
        transaction::wait(runtime, transaction.commit())?;
        Ok(result)
    });
    if matches!(result, Err(StoreError::Unavailable(_))) {
        // The connection may hang; the pool shall make another.
        drop(Object::take(client));
    }
    result
}
