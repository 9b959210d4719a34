//! Deletes what has served its time: logged calls past their retention, sessions past their end.

use std::time::Duration;

use tidegate_store::{Store, StoreError};
use tidegate_types::{Clock, Timestamp};
use tokio::sync::watch;

/// How often it is looked at.
const EVERY: Duration = Duration::from_secs(3_600);
/// Rows of one transaction: short enough that calls being logged do not wait for it.
const SLICE: usize = 1_000;

/// What is deleted, and when.
pub(super) struct Housekeeping {
    pub(super) store: Store,
    pub(super) clock: std::sync::Arc<dyn Clock>,
    /// How long logged calls are kept; `None`: for ever.
    pub(super) requests: Option<Duration>,
    /// Counts the sweeps that were done.
    pub(super) sweeps: watch::Sender<u64>,
}

impl Housekeeping {
    /// Sweeps at start and then every hour, until shutdown.
    pub(super) async fn run(self, mut shutdown: watch::Receiver<bool>) {
        loop {
            let work = async {
                if let Err(error) = self.sweep().await {
                    tracing::warn!(%error, "old rows stay for another hour");
                }
                self.sweeps.send_modify(|sweeps| *sweeps += 1);
                tokio::time::sleep(EVERY).await;
            };
            tokio::select! {
                () = work => {}
                _ = shutdown.wait_for(|&down| down) => return,
            }
        }
    }

    async fn sweep(&self) -> Result<(), StoreError> {
        let sessions = self.store.purge_sessions().await?;
        self.store.purge_sign_ins().await?;
        let mut requests = 0;
        if let Some(kept) = self.requests {
            let kept = i64::try_from(kept.as_micros()).unwrap_or(i64::MAX);
            let before = self.clock.now().micros().saturating_sub(kept);
            let before = Timestamp::from_micros(before);
            loop {
                let deleted = self.store.delete_requests(before, SLICE).await?;
                requests += deleted;
                if deleted < SLICE as u64 {
                    break;
                }
            }
        }
        if sessions + requests > 0 {
            tracing::info!(requests, sessions, "deleted what was past its retention");
        }
        Ok(())
    }
}
