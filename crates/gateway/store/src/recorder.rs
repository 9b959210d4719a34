//! The recorder: from a finished call to its committed row.
//!
//! [`record`](Recorder::record) encodes the call as a [`frame`], writes it to the [`journal`] and
//! puts it in the [`queue`]. A task, the [`committer`], takes frames from the queue and
//! [commits](commit) them in batches: log rows, charges and usage in one transaction.

mod commit;
mod committer;
pub(crate) mod frame;
mod journal;
mod queue;
mod replay;
mod wire;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tidegate_governance::record::{Record, Recorder, SharedRecorder};
use tidegate_types::Clock;
use tokio::sync::watch;

pub(crate) use self::queue::Charges;
use self::{
    committer::{Committer, Progress},
    queue::Queue,
};
use crate::{Store, StoreError};

/// Finished calls that are committed together.
pub(crate) type Batch<'a> = [frame::Entry<'a>];

/// Settings of the recorder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecorderConfig {
    /// Records that may wait in memory: 1 to 1,000,000. More wait in the journal, if there is one.
    pub queue: usize,
    /// How long a record waits for others at most.
    pub flush_every: Duration,
    /// Records of one transaction at most: 1 to 10,000.
    pub max_batch: usize,
}

impl Default for RecorderConfig {
    fn default() -> Self {
        Self {
            queue: 16_384,
            flush_every: Duration::from_millis(100),
            max_batch: 512,
        }
    }
}

/// The recorder as requests see it.
#[derive(Debug)]
struct Journaled {
    queue: Arc<Queue>,
    clock: Arc<dyn Clock>,
}

impl Recorder for Journaled {
    fn record(&self, record: Record) {
        self.queue.push(&record, || self.clock.mono());
    }
}

/// The recorder as its owner sees it. Clones show the same recorder.
#[derive(Debug, Clone)]
pub struct RecorderHandle {
    queue: Arc<Queue>,
    clock: Arc<dyn Clock>,
    committed: Arc<AtomicU64>,
    progress: watch::Receiver<Progress>,
}

impl RecorderHandle {
    /// Records waiting to be committed, in memory and in the journal.
    #[must_use]
    pub fn depth(&self) -> u64 {
        self.queue.state().depth()
    }

    /// Log rows dropped because there was room neither in memory nor in the journal, or because
    /// the database refused them. Charges are not dropped with them.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.queue.dropped.load(Ordering::Relaxed)
    }

    /// Records committed since the start, those replayed from the journal included.
    #[must_use]
    pub fn committed(&self) -> u64 {
        self.committed.load(Ordering::Relaxed)
    }

    /// How long the oldest waiting record has waited, roughly.
    #[must_use]
    pub fn lag(&self) -> Duration {
        let oldest = self.queue.state().oldest;
        oldest.map_or(Duration::ZERO, |oldest| self.clock.mono().since(oldest))
    }

    /// Waits until all that was recorded before this call is committed, however long the database
    /// is away.
    ///
    /// # Errors
    /// The recorder was shut down before that.
    pub async fn flush(&self) -> Result<(), StoreError> {
        let target = {
            let mut state = self.queue.state();
            state.flush_to = state.accepted;
            state.accepted
        };
        self.queue.wake.notify_one();
        let mut progress = self.progress.clone();
        let reached = progress.wait_for(|seen| seen.finished >= target || seen.stopped.is_some());
        match reached.await {
            Ok(seen) if seen.finished >= target => Ok(()),
            _ => Err(StoreError::Unavailable("the recorder has stopped".into())),
        }
    }

    /// Commits what waits and stops. Records that come later go to the journal only.
    ///
    /// # Errors
    /// The database is unavailable: what waits stays in the journal for the next start, and is
    /// lost where there is none.
    pub async fn shutdown(&self) -> Result<(), StoreError> {
        self.queue.state().closing = true;
        self.queue.wake.notify_one();
        let mut progress = self.progress.clone();
        let stopped = progress.wait_for(|seen| seen.stopped.is_some()).await;
        match stopped {
            Ok(seen) => seen.stopped.clone().unwrap_or(Ok(())),
            Err(_) => Err(StoreError::Unavailable("the recorder was lost".into())),
        }
    }
}

impl Store {
    /// Starts recording, once in the process that serves, after `migrate` and before the first
    /// call: commits what the journal of a crashed process left, then (SQLite) clears the leases
    /// that it held. Other processes that open the store never do this.
    ///
    /// # Errors
    /// The journal is in use by another process or cannot be read; the database is unavailable.
    pub async fn recorder(
        &self,
        config: RecorderConfig,
    ) -> Result<(SharedRecorder, RecorderHandle), StoreError> {
        let batch = config.max_batch.clamp(1, 10_000);
        let committed = Arc::new(AtomicU64::new(0));
        let mut journal = None;
        if let Some(dir) = self.journal_dir() {
            let (opened, left) = replay::open(dir.to_owned(), self.node()).await?;
            let replayed = replay::replay(self.engine(), left, batch).await?;
            committed.store(replayed, Ordering::Relaxed);
            journal = Some(opened);
        }
        self.clear_dead_leases().await?;
        let capacity = config.queue.clamp(1, 1_000_000) as u64;
        let queue = Arc::new(Queue::new(journal, capacity, batch as u64));
        let (sender, progress) = watch::channel(Progress::default());
        let committer = Committer {
            engine: self.engine().clone(),
            node: self.node(),
            queue: Arc::clone(&queue),
            clock: self.clock(),
            committed: Arc::clone(&committed),
            progress: sender,
            batch,
            flush_every: config.flush_every,
        };
        tokio::spawn(committer.run());
        let clock = self.clock();
        let recorder = Journaled {
            queue: Arc::clone(&queue),
            clock: self.clock(),
        };
        Ok((
            Arc::new(recorder),
            RecorderHandle {
                queue,
                clock,
                committed,
                progress,
            },
        ))
    }
}
