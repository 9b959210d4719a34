//! What waits for the database: frames in memory, in order; behind them frames that are only in
//! the journal; and charges of rows that had room in neither.

use std::{
    collections::{HashMap, VecDeque},
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError, atomic::AtomicU64},
};

use tidegate_governance::{ledger::Charge, record::Record};
use tidegate_types::{BudgetId, Mono, Timestamp};
use tokio::sync::Notify;

use super::{
    frame,
    journal::{Journal, SegmentId},
};

/// Bytes of frames that wait in memory at most, whatever their number: contents can be long.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Bytes that are read back from the journal at once.
const READ_BACK: u64 = 4 * 1024 * 1024;

/// Charges by budget and window.
pub(crate) type Charges = HashMap<(BudgetId, Timestamp), i64>;

/// Shared by those who record and the task that commits.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// Wakes the task that commits.
    pub(super) wake: Notify,
    /// Log rows dropped.
    pub(super) dropped: AtomicU64,
    /// Records that wait in memory at most.
    capacity: u64,
    /// So many make the task commit at once.
    batch: u64,
}

#[derive(Debug)]
pub(super) struct State {
    journal: Option<Journal>,
    waiting: Frames,
    /// Frames in the journal only, later than those in memory. While there are any, new ones join
    /// them, so that order is kept.
    spilled: VecDeque<Spilled>,
    overflow: Charges,
    /// Taken by the committing task and not finished yet.
    taken: u64,
    pub(super) accepted: u64,
    pub(super) finished: u64,
    /// When the oldest frame that waits, or is being committed, came.
    pub(super) oldest: Option<Mono>,
    pub(super) closing: bool,
    /// Someone waits until so many are finished.
    pub(super) flush_to: u64,
}

/// Frames one after the other, and which segments they also lie in.
#[derive(Debug, Default)]
pub(super) struct Frames {
    pub(super) bytes: Vec<u8>,
    pub(super) count: u64,
    pub(super) marks: Vec<Mark>,
}

/// So many frames in a row lie in a segment, or in none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    pub(super) segment: Option<SegmentId>,
    pub(super) frames: u64,
}

#[derive(Debug)]
struct Spilled {
    segment: SegmentId,
    at: u64,
    bytes: u64,
    frames: u64,
}

/// The next work of the committing task.
#[derive(Debug)]
pub(super) enum Work {
    /// Frames that were in memory.
    Memory(Frames, Charges),
    /// Frames to be read back from a file.
    File {
        path: PathBuf,
        segment: SegmentId,
        at: u64,
        bytes: u64,
        frames: u64,
    },
}

impl Frames {
    fn mark(&mut self, segment: Option<SegmentId>) {
        self.count += 1;
        match self.marks.last_mut() {
            Some(mark) if mark.segment == segment => mark.frames += 1,
            _ => self.marks.push(Mark { segment, frames: 1 }),
        }
    }
}

impl Queue {
    pub(super) fn new(journal: Option<Journal>, capacity: u64, batch: u64) -> Self {
        let state = State {
            journal,
            waiting: Frames::default(),
            spilled: VecDeque::new(),
            overflow: Charges::new(),
            taken: 0,
            accepted: 0,
            finished: 0,
            oldest: None,
            closing: false,
            flush_to: 0,
        };
        let dropped = AtomicU64::new(0);
        Self {
            state: Mutex::new(state),
            wake: Notify::new(),
            dropped,
            capacity,
            batch,
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Journals and queues a record; `now` is asked only when nothing waits.
    pub(super) fn push(&self, record: &Record, now: impl FnOnce() -> Mono) {
        let mut state = self.state();
        let waited = state.waiting.count;
        let kept = state.push(record, self.capacity);
        if kept && state.oldest.is_none() {
            state.oldest = Some(now());
        }
        let wake = waited == 0 || state.waiting.count == self.batch;
        drop(state);
        if !kept {
            self.dropped
                .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
        if wake {
            self.wake.notify_one();
        }
    }
}

impl State {
    fn push(&mut self, record: &Record, capacity: u64) -> bool {
        let start = self.waiting.bytes.len();
        frame::encode(record, &mut self.waiting.bytes);
        let room = self.spilled.is_empty()
            && !self.closing
            && self.taken + self.waiting.count < capacity
            && self.waiting.bytes.len() <= MAX_BYTES;
        let frame = &self.waiting.bytes[start..];
        let place = self
            .journal
            .as_mut()
            .and_then(|journal| journal.append(frame).ok());
        let length = frame.len() as u64;
        if room {
            self.waiting.mark(place.map(|(segment, _)| segment));
        } else {
            self.waiting.bytes.truncate(start);
            let Some((segment, at)) = place else {
                self.owe(&record.charges);
                return false;
            };
            self.spill(segment, at, length);
        }
        self.accepted += 1;
        true
    }

    fn spill(&mut self, segment: SegmentId, at: u64, length: u64) {
        if let Some(last) = self.spilled.back_mut()
            && last.segment == segment
            && last.at + last.bytes == at
            && last.bytes < READ_BACK
        {
            last.bytes += length;
            last.frames += 1;
        } else {
            self.spilled.push_back(Spilled {
                segment,
                at,
                bytes: length,
                frames: 1,
            });
        }
    }

    /// Frames and charges that wait, journal included.
    pub(super) fn depth(&self) -> u64 {
        self.accepted - self.finished
    }

    /// Whether there is anything to commit.
    pub(super) fn idle(&self) -> bool {
        self.waiting.count == 0 && self.spilled.is_empty() && self.overflow.is_empty()
    }

    /// Whether to commit without waiting for more.
    pub(super) fn urgent(&self, batch: u64) -> bool {
        self.waiting.count >= batch
            || self.closing
            || self.finished < self.flush_to
            || !self.spilled.is_empty()
    }

    /// Takes what is next in order. `empty` is a spent buffer, to be filled again.
    pub(super) fn take(&mut self, empty: Frames) -> Option<Work> {
        if self.waiting.count > 0 || !self.overflow.is_empty() {
            let frames = std::mem::replace(&mut self.waiting, empty);
            self.taken += frames.count;
            return Some(Work::Memory(frames, std::mem::take(&mut self.overflow)));
        }
        let journal = self.journal.as_ref()?;
        let Spilled {
            segment,
            at,
            bytes,
            frames,
        } = self.spilled.pop_front()?;
        self.taken += frames;
        Some(Work::File {
            path: journal.locate(segment),
            segment,
            at,
            bytes,
            frames,
        })
    }

    /// Keeps charges whose log row is dropped.
    pub(super) fn owe<'a>(&mut self, charges: impl IntoIterator<Item = &'a Charge>) {
        for charge in charges {
            let sum = self
                .overflow
                .entry((charge.budget, charge.window_start))
                .or_default();
            *sum = sum.saturating_add(charge.amount.micros());
        }
    }

    /// Gives back charges that could not be committed.
    pub(super) fn put_back(&mut self, charges: Charges) {
        for (key, amount) in charges {
            let sum = self.overflow.entry(key).or_default();
            *sum = sum.saturating_add(amount);
        }
    }

    /// Notes that frames in a row are done with; journal files to delete. `committed` says that
    /// the database has them, else the journal keeps them for the next start.
    pub(super) fn finish(&mut self, mark: Mark, committed: bool) -> Vec<PathBuf> {
        self.taken -= mark.frames;
        self.finished += mark.frames;
        match (&mut self.journal, mark.segment) {
            (Some(journal), Some(segment)) if committed => {
                journal.release(segment, mark.frames, false)
            }
            _ => Vec::new(),
        }
    }

    /// The end: files whose frames are all committed, the newest included, to delete.
    pub(super) fn close(&mut self) -> Vec<PathBuf> {
        self.journal
            .as_mut()
            .map(|journal| journal.finished(true))
            .unwrap_or_default()
    }
}
