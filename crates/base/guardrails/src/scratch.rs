//! Memory that scans use and leave to the next one: states of automata, worked out as they are needed.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use regex_automata::hybrid::dfa::{Cache, DFA};

use crate::{
    finding::RuleIndex,
    ruleset::{GroupCache, Slate},
};

/// Numbers of scratches, so that a stream knows whether its states are of this one.
static NUMBERS: AtomicU64 = AtomicU64::new(1);
/// The memory of a scratch is reckoned each time that it was used for so many bytes of text: that takes a
/// look at every rule.
const RECKONED: usize = 64 * 1024;
/// A pool keeps at most this many.
const KEPT: usize = 64;

/// What a rule cost in one whole text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// Places where it was tried.
    pub candidates: u64,
    /// Bytes that it looked at from there.
    pub bytes: u64,
    /// Matches of its pattern.
    pub matches: u64,
}

/// The memory of one scan at a time. Made by a [`Pool`].
#[derive(Debug)]
pub struct Scratch {
    number: u64,
    caches: Vec<Option<Box<Cache>>>,
    /// For patterns whose secret ends where a shorter one does.
    heads: Vec<Option<Box<Cache>>>,
    pub(crate) groups: GroupCache,
    /// Not there while it is written on.
    pub(crate) slate: Option<Box<Slate>>,
    /// Bytes of text that it was used for since its memory was reckoned.
    since: usize,
    /// For each rule, what it cost in this text.
    pub(crate) spent: Vec<Cost>,
    /// For each rule, where the next candidate that a lead gives away may begin.
    pub(crate) tried: Vec<usize>,
    /// The rules of which that is not nothing, each twice at most: of many rules, few are tried in one text.
    touched: Vec<u16>,
}

impl Scratch {
    /// For a set of this many rules.
    pub(crate) fn new(rules: usize) -> Self {
        Self {
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            caches: (0..rules).map(|_| None).collect(),
            heads: (0..rules).map(|_| None).collect(),
            groups: None,
            slate: None,
            since: 0,
            spent: vec![Cost::default(); rules],
            tried: vec![0; rules],
            touched: Vec::new(),
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

    /// The states of the automaton of a rule's secret.
    pub(crate) fn head(&mut self, rule: u16, dfa: &DFA) -> Option<&mut Cache> {
        let slot = self.heads.get_mut(usize::from(rule))?;
        Some(slot.get_or_insert_with(|| Box::new(dfa.create_cache())))
    }

    /// Begins another text.
    pub(crate) fn begin(&mut self) {
        for rule in self.touched.drain(..).map(usize::from) {
            if let (Some(spent), Some(tried)) = (self.spent.get_mut(rule), self.tried.get_mut(rule))
            {
                (*spent, *tried) = Default::default();
            }
        }
    }

    /// Books a candidate of a rule. Says how many bytes its candidates cost before.
    pub(crate) fn candidate(&mut self, rule: u16) -> u64 {
        let Some(spent) = self.spent.get_mut(usize::from(rule)) else {
            return 0;
        };
        if spent.candidates == 0 {
            self.touched.push(rule);
        }
        spent.candidates += 1;
        spent.bytes
    }

    /// Candidates of a rule that a lead gives away may begin from here on.
    pub(crate) fn goes_on(&mut self, rule: u16, at: usize) {
        if let Some(tried) = self.tried.get_mut(usize::from(rule)) {
            if *tried == 0 {
                self.touched.push(rule);
            }
            *tried = (*tried).max(at);
        }
    }

    /// It is used for so many bytes of text.
    pub(crate) fn used(&mut self, len: usize) {
        self.since = self.since.saturating_add(len);
    }

    /// What each rule cost in the whole text that was scanned last.
    pub fn costs(&self) -> impl Iterator<Item = (RuleIndex, Cost)> {
        let rules = (0..).map(RuleIndex);
        rules.zip(self.spent.iter().copied())
    }

    /// Bytes of memory that it has.
    #[must_use]
    pub fn memory(&self) -> usize {
        let caches = self.caches.iter().chain(&self.heads).flatten();
        caches.map(|cache| cache.memory_usage()).sum::<usize>()
            + self.caches.len() * size_of::<[u64; 4]>()
            + size_of::<Slate>()
            + self.groups.as_ref().map_or(0, |cache| cache.memory_usage())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_leaves_nothing_to_the_next_one_and_no_rule_is_kept_again_and_again() {
        let mut scratch = Scratch::new(3);
        for round in 1..=9 {
            assert_eq!(scratch.candidate(2), 0);
            scratch.goes_on(1, round);
        }
        scratch.goes_on(1, 4);
        assert_eq!((scratch.spent[2].candidates, scratch.tried[1]), (9, 9));
        assert_eq!(scratch.touched, [2, 1]);
        scratch.begin();
        assert!(scratch.costs().all(|(_, cost)| cost == Cost::default()));
        assert_eq!(
            (&scratch.tried[..], &scratch.touched[..]),
            (&[0; 3][..], &[][..])
        );
    }
}
