//! The facade: opens an engine, runs migrations, reads what is governed.

use std::{path::Path, sync::Arc};

use tidegate_types::{Clock, NodeId, Timestamp};

use crate::{StoreConfig, StoreError, engine::Engine, migrations, sql::Sql};

/// The store. Cheap to clone; clones share their connections.
#[derive(Debug, Clone)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    engine: Engine,
    config: StoreConfig,
    clock: Arc<dyn Clock>,
    node: NodeId,
}

impl Store {
    /// Opens the database, without changing what is in it. Must be called on a Tokio runtime.
    ///
    /// # Errors
    /// The URL is not understood, or the database cannot be reached.
    pub async fn open(
        config: StoreConfig,
        clock: Arc<dyn Clock>,
        node: NodeId,
    ) -> Result<Self, StoreError> {
        let engine = Engine::open(&config).await?;
        Ok(Self(Arc::new(Inner {
            engine,
            config,
            clock,
            node,
        })))
    }

    /// Brings the schema up to date; how many migrations were applied. Safe to run on all nodes
    /// at once.
    ///
    /// # Errors
    /// A migration failed, or the database was migrated by something else.
    pub async fn migrate(&self) -> Result<usize, StoreError> {
        self.0.engine.migrate().await
    }

    /// Whether the database answers and its schema is the one this build needs, or a later one.
    ///
    /// # Errors
    /// `Unavailable`, or `Broken` when `migrate` is due.
    pub async fn ready(&self) -> Result<(), StoreError> {
        self.read(|sql| {
            let newest = "SELECT CAST(COALESCE(MAX(version), 0) AS BIGINT) FROM schema_history";
            if sql.one(newest, &[], "schema")?.int(0)? < migrations::needed() {
                return Err(StoreError::Broken(
                    "the schema is older than this build".into(),
                ));
            }
            Ok(())
        })
        .await
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    pub(crate) fn journal_dir(&self) -> Option<&Path> {
        self.0.config.journal_dir.as_deref()
    }

    pub(crate) fn node(&self) -> NodeId {
        self.0.node
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.0.clock)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Runs `work` in a transaction.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.0.engine.write(work).await
    }

    /// Runs `work` on one consistent state.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.0.engine.read(work).await
    }
}
