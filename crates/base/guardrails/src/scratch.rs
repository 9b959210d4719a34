//! Memory that scans use and leave to the next one: states of automata, worked out as they are needed.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use regex_automata::hybrid::dfa::{Cache, DFA};

use crate::ruleset::Asked;

/// Numbers of scratches, so that a stream knows whether its states are of this one.
static NUMBERS: AtomicU64 = AtomicU64::new(1);
/// The memory of a scratch is reckoned each time that it was used for so many bytes of text: that takes a
/// look at every rule.
const RECKONED: usize = 64 * 1024;
/// A pool keeps at most this many.
const KEPT: usize = 64;

/// The memory of one scan at a time. Made by a [`Pool`].
#[derive(Debug)]
pub struct Scratch {
    number: u64,
    caches: Vec<Option<Box<Cache>>>,
    /// Bytes of text that it was used for since its memory was reckoned.
    since: usize,
    /// What the rules that are asked together need.
    pub(crate) asked: Asked,
    /// For each rule, bytes that it looked at in this text.
    pub(crate) spent: Vec<u64>,
    /// For each rule, where the next candidate that a lead gives away may begin.
    pub(crate) tried: Vec<usize>,
}

impl Scratch {
    /// For a set of this many rules.
    pub(crate) fn new(rules: usize) -> Self {
        Self {
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            caches: (0..rules).map(|_| None).collect(),
            since: 0,
            asked: Asked::new(rules),
            spent: vec![0; rules],
            tried: vec![0; rules],
        }
    }

    /// Which one it is.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// The states of a rule's automaton. `None` if this scratch is of a smaller set.
    pub(crate) fn cache(&mut self, rule: u16, dfa: &DFA) -> Option<&mut Cache> {
        let slot = self.caches.get_mut(usize::from(rule))?;
        Some(slot.get_or_insert_with(|| Box::new(dfa.create_cache())))
    }

    /// Begins another text.
    pub(crate) fn begin(&mut self) {
        self.spent.fill(0);
        self.tried.fill(0);
    }

    /// It is used for so many bytes of text.
    pub(crate) fn used(&mut self, len: usize) {
        self.since = self.since.saturating_add(len);
    }

    /// Bytes of memory that it has.
    #[must_use]
    pub fn memory(&self) -> usize {
        let caches = self.caches.iter().flatten();
        caches.map(|cache| cache.memory_usage()).sum::<usize>()
            + self.caches.len() * size_of::<(u64, usize, usize)>()
            + self.asked.memory()
    }
}

/// Scratches that nobody uses now. Of one set of rules.
#[derive(Debug)]
pub struct Pool {
    idle: Mutex<Vec<Scratch>>,
    rules: usize,
    limit: usize,
}

impl Pool {
    pub(crate) fn new(rules: usize, limit: usize) -> Self {
        Self {
            idle: Mutex::default(),
            rules,
            limit,
        }
    }

    /// One that was used before, if there is one.
    #[must_use]
    pub fn take(&self) -> Scratch {
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        idle.unwrap_or_else(|| Scratch::new(self.rules))
    }

    /// Keeps it for the next scan, unless it has grown past its bound or there are enough.
    pub fn give(&self, mut scratch: Scratch) {
        if scratch.since >= RECKONED {
            scratch.since = 0;
            if scratch.memory() > self.limit {
                return;
            }
        }
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(scratch);
        }
    }

    /// Bytes of memory that idle scratches keep.
    #[must_use]
    pub fn memory(&self) -> usize {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.iter().map(Scratch::memory).sum()
    }
}
