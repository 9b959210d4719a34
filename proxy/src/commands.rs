//! The short-lived commands. They write to the store; a running gateway sees it within a second.

pub(crate) mod admin;
pub(crate) mod check;
pub(crate) mod import;
pub(crate) mod key;
pub(crate) mod migrate;

use std::sync::Arc;

use anyhow::Context;
use tidegate_store::{Store, StoreConfig};
use tidegate_types::{Clock, NodeId, SystemClock};

use crate::config::Config;

/// Opens the store, brings its schema up to date, and runs one command on it.
fn with_store<T>(
    config: &Config,
    run: impl AsyncFnOnce(Store) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        let node = NodeId::generate(clock.now());
        let store = StoreConfig::new(config.store.url.expose().as_str());
        let store = Store::open(store, clock, node)
            .await
            .context("the store cannot be opened")?;
        store
            .migrate()
            .await
            .context("the store's schema cannot be brought up to date")?;
        run(store).await
    })
}
