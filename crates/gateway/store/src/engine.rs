//! Which engine holds the data. Everything above asks it for transactions and knows no more.

use crate::{StoreConfig, StoreError, postgres::Postgres, sql::Sql, sqlite::Sqlite};

/// An open engine.
#[derive(Debug, Clone)]
pub(crate) enum Engine {
    Postgres(Postgres),
    Sqlite(Sqlite),
}

impl Engine {
    /// Opens the engine that the URL names.
    pub(crate) async fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        let connections = config.connections.clamp(1, 64);
        let url = config.url.as_str();
        if let Some(path) = url.strip_prefix("sqlite:").filter(|path| !path.is_empty()) {
            return Sqlite::open(path, connections).await.map(Self::Sqlite);
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Postgres::open(url, connections).await.map(Self::Postgres);
        }
        Err(StoreError::invalid(
            "store.url",
            "it is `sqlite:PATH` or `postgres://…`",
        ))
    }

    /// Runs `work` in a transaction that commits if it returns `Ok`.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        match self {
            Self::Postgres(postgres) => postgres.write(work).await,
            Self::Sqlite(sqlite) => sqlite.write(work).await,
        }
    }

    /// Runs `work` on one consistent state of the database.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        match self {
            Self::Postgres(postgres) => postgres.read(work).await,
            Self::Sqlite(sqlite) => sqlite.read(work).await,
        }
    }

    /// Brings the schema up to date; how many migrations were applied.
    pub(crate) async fn migrate(&self) -> Result<usize, StoreError> {
        match self {
            Self::Postgres(postgres) => postgres.migrate().await,
            Self::Sqlite(sqlite) => sqlite.migrate().await,
        }
    }
}
