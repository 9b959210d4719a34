//! What the cache did since the process began.

use std::sync::atomic::{AtomicU64, Ordering};

use tidegate_types::MicroUsd;

/// Counters. They only grow.
#[derive(Debug, Default)]
pub struct Counts {
    hits: AtomicU64,
    semantic: AtomicU64,
    misses: AtomicU64,
    stored: AtomicU64,
    evicted: AtomicU64,
    saved: AtomicU64,
}

impl Counts {
    /// An answer was given again; it would have cost this.
    pub fn hit(&self, semantic: bool, saved: MicroUsd) {
        let counter = if semantic { &self.semantic } else { &self.hits };
        counter.fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(saved.micros()).unwrap_or(0);
        self.saved.fetch_add(micros, Ordering::Relaxed);
    }

    /// There was none to give.
    pub fn miss(&self) {
        self.misses.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn stored(&self) {
        self.stored.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn evicted(&self) {
        self.evicted.fetch_add(1, Ordering::Relaxed);
    }

    /// Answers given again to the same question.
    #[must_use]
    pub fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }

    /// Answers given again to a question that means the same.
    #[must_use]
    pub fn semantic(&self) -> u64 {
        self.semantic.load(Ordering::Relaxed)
    }

    /// Calls that could have been answered, and were not.
    #[must_use]
    pub fn misses(&self) -> u64 {
        self.misses.load(Ordering::Relaxed)
    }

    /// Answers that were kept.
    #[must_use]
    pub fn kept(&self) -> u64 {
        self.stored.load(Ordering::Relaxed)
    }

    /// Answers that made room for others.
    #[must_use]
    pub fn evictions(&self) -> u64 {
        self.evicted.load(Ordering::Relaxed)
    }

    /// What the answers given again would have cost.
    #[must_use]
    pub fn saved(&self) -> MicroUsd {
        let micros = self.saved.load(Ordering::Relaxed);
        MicroUsd::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
    }
}
