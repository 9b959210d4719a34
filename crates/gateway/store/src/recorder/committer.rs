//! The task that commits: waits for a batch or for time to pass, and keeps trying while the
//! database is away.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tidegate_types::{Clock, NodeId};
use tokio::{sync::watch, time};

use super::{
    commit::{self, Slice},
    journal,
    queue::{Charges, Frames, Mark, Queue, Work},
};
use crate::{StoreError, engine::Engine};

/// The first pause after a failure, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// How far the task has come.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    /// Records done with, in order.
    pub(super) finished: u64,
    /// Set when the task has ended.
    pub(super) stopped: Option<Result<(), StoreError>>,
}

/// The task's tools.
#[derive(Debug)]
pub(super) struct Committer {
    pub(super) engine: Engine,
    pub(super) node: NodeId,
    pub(super) queue: Arc<Queue>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) committed: Arc<AtomicU64>,
    pub(super) progress: watch::Sender<Progress>,
    pub(super) batch: usize,
    pub(super) flush_every: Duration,
}

impl Committer {
    pub(super) async fn run(self) {
        let result = self.work().await;
        if let Err(error) = &result {
            tracing::error!(%error, waiting = self.queue.state().depth(), "stopped recording");
        } else {
            let done = self.queue.state().close();
            delete(done).await;
        }
        let Self {
            queue, progress, ..
        } = self;
        // Before anyone hears of it: whoever waits for the end may open the journal again at once.
        drop(queue);
        progress.send_modify(|progress| progress.stopped = Some(result));
    }

    async fn work(&self) -> Result<(), StoreError> {
        let mut spare = Frames::default();
        loop {
            self.wait().await;
            loop {
                let work = self.queue.state().take(std::mem::take(&mut spare));
                match work {
                    Some(Work::Memory(frames, charges)) => {
                        self.charges(charges).await?;
                        spare = self.memory(frames).await?;
                    }
                    Some(Work::File {
                        path,
                        segment,
                        at,
                        bytes,
                        frames,
                    }) => {
                        let mark = Mark {
                            segment: Some(segment),
                            frames,
                        };
                        let read = move || journal::read(&path, at, bytes);
                        self.read_back(mark, tokio::task::spawn_blocking(read).await)
                            .await?;
                    }
                    None => break,
                }
                if !self.queue.state().urgent(self.batch as u64) {
                    break;
                }
            }
            let state = self.queue.state();
            if state.closing && state.idle() {
                return Ok(());
            }
        }
    }

    /// Waits for something to do, then for more of it, up to a batch.
    async fn wait(&self) {
        let waiting = |urgent: bool| {
            let state = self.queue.state();
            if urgent {
                state.urgent(self.batch as u64)
            } else {
                !state.idle() || state.closing
            }
        };
        while !waiting(false) {
            self.queue.wake.notified().await;
        }
        let full = async {
            while !waiting(true) {
                self.queue.wake.notified().await;
            }
        };
        // Time passing is as good a reason as a full batch.
        time::timeout(self.flush_every, full)
            .await
            .unwrap_or_default();
    }

    async fn memory(&self, frames: Frames) -> Result<Frames, StoreError> {
        let Frames {
            bytes, mut marks, ..
        } = frames;
        let bytes = self.all(bytes, &mut marks).await?;
        marks.clear();
        Ok(Frames {
            bytes,
            count: 0,
            marks,
        })
    }

    async fn read_back(
        &self,
        mark: Mark,
        read: Result<std::io::Result<Vec<u8>>, tokio::task::JoinError>,
    ) -> Result<(), StoreError> {
        let bytes = match read {
            Ok(Ok(bytes)) => bytes,
            // The file stays, and is tried again at the next start.
            Ok(Err(error)) => {
                tracing::error!(%error, "a journal segment cannot be read");
                self.finish(&mut vec![mark], mark.frames, false).await;
                return Ok(());
            }
            Err(error) => return Err(StoreError::Unavailable(error.to_string())),
        };
        self.all(bytes, &mut vec![mark]).await?;
        Ok(())
    }

    /// Commits all frames of `bytes`; the buffer, emptied.
    async fn all(&self, bytes: Vec<u8>, marks: &mut Vec<Mark>) -> Result<Vec<u8>, StoreError> {
        let (mut slices, _) = commit::cut(&bytes, 0, self.batch);
        slices.reverse();
        let bytes = Arc::new(bytes);
        while let Some(slice) = slices.pop() {
            match self
                .patiently(|| commit::slice(&self.engine, self.node, &bytes, &slice))
                .await
            {
                Ok(()) => {
                    self.committed.fetch_add(slice.frames, Ordering::Relaxed);
                    self.finish(marks, slice.frames, true).await;
                }
                Err(error @ StoreError::Unavailable(_)) => return Err(error),
                Err(error) => {
                    self.refused(&error, &bytes, slice, &mut slices, marks)
                        .await
                }
            }
        }
        let mut bytes = Arc::try_unwrap(bytes).unwrap_or_default();
        bytes.clear();
        Ok(bytes)
    }

    /// The database refuses a slice for good: looks for the frame that it refuses, and sets that
    /// one aside, so that it does not hold up the others.
    async fn refused(
        &self,
        error: &StoreError,
        bytes: &[u8],
        slice: Slice,
        slices: &mut Vec<Slice>,
        marks: &mut Vec<Mark>,
    ) {
        if let Some((left, right)) = slice.halves(bytes) {
            slices.push(right);
            slices.push(left);
            return;
        }
        tracing::error!(%error, "the database refused a finished call; the journal keeps it");
        self.queue
            .dropped
            .fetch_add(slice.frames, Ordering::Relaxed);
        let journaled = marks.first().is_some_and(|mark| mark.segment.is_some());
        if !journaled && let Ok(entries) = commit::decode(&bytes[slice.range]) {
            let charges = entries.iter().flat_map(|entry| &entry.charges);
            self.queue.state().owe(charges);
        }
        self.finish(marks, slice.frames, false).await;
    }

    async fn charges(&self, charges: Charges) -> Result<(), StoreError> {
        if charges.is_empty() {
            return Ok(());
        }
        let commit = || commit::charges(&self.engine, self.node, charges.clone());
        let result = self.patiently(commit).await;
        if result.is_err() {
            self.queue.state().put_back(charges);
        }
        result
    }

    /// Tries until the database answers; once more and no longer when the recorder is closing.
    async fn patiently<F: Future<Output = Result<(), StoreError>>>(
        &self,
        attempt: impl Fn() -> F,
    ) -> Result<(), StoreError> {
        let mut pause = PAUSE.0;
        loop {
            let closing = self.queue.state().closing;
            match attempt().await {
                Err(StoreError::Unavailable(error)) if !closing => {
                    tracing::warn!(error, "finished calls wait for the database");
                    // A wake-up may be the order to close.
                    time::timeout(pause, self.closing())
                        .await
                        .unwrap_or_default();
                    pause = (pause * 2).min(PAUSE.1);
                }
                result => return result,
            }
        }
    }

    async fn closing(&self) {
        while !self.queue.state().closing {
            self.queue.wake.notified().await;
        }
    }

    /// Notes the next `frames` as done with.
    async fn finish(&self, marks: &mut Vec<Mark>, mut frames: u64, committed: bool) {
        let mut done = Vec::new();
        let finished = {
            let mut state = self.queue.state();
            while frames > 0 {
                let Some(first) = marks.first_mut() else {
                    break;
                };
                let part = Mark {
                    segment: first.segment,
                    frames: first.frames.min(frames),
                };
                done.extend(state.finish(part, committed));
                first.frames -= part.frames;
                frames -= part.frames;
                if first.frames == 0 {
                    marks.remove(0);
                }
            }
            state.oldest = if state.depth() > 0 {
                Some(self.clock.mono())
            } else {
                None
            };
            state.finished
        };
        delete(done).await;
        self.progress
            .send_modify(|progress| progress.finished = finished);
    }
}

/// Deletes segments. One that cannot be deleted is replayed at the next start, to no effect.
pub(super) async fn delete(paths: Vec<std::path::PathBuf>) {
    if paths.is_empty() {
        return;
    }
    let delete = move || {
        for path in paths {
            if let Err(error) = std::fs::remove_file(&path) {
                tracing::warn!(%error, path = %path.display(), "a journal segment stays");
            }
        }
    };
    // Lost only when the runtime is shutting down; see above.
    drop(tokio::task::spawn_blocking(delete).await);
}
