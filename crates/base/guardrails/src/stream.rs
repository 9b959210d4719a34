//! Texts that come piece by piece.

use std::sync::Arc;

use crate::{
    finding::Finding,
    plan::Plan,
    ruleset::Ruleset,
    run::View,
    walk::{Counters, Ground, Walk},
};

/// Text that nobody needs any more is dropped when there is this much of it.
const SLACK: usize = 2 * 1024;

/// The scan of one text that comes piece by piece. Costs some hundred bytes, and as much text as is held
/// and was seen lately; the automata are shared.
#[derive(Debug, Clone)]
pub struct Stream {
    set: Ruleset,
    plan: Arc<Plan>,
    /// The text from `base` on.
    text: String,
    base: u64,
    walk: Walk,
    findings: Vec<Finding>,
    decided: u64,
    ended: bool,
}

impl Ruleset {
    /// Begins the scan of a text that comes piece by piece.
    #[must_use]
    pub fn stream(&self, plan: Arc<Plan>) -> Stream {
        Stream {
            set: self.clone(),
            plan,
            text: String::new(),
            base: 0,
            walk: Walk::default(),
            findings: Vec::new(),
            decided: 0,
            ended: false,
        }
    }
}

impl Stream {
    /// The next piece. After [`Self::finish`] it is ignored.
    pub fn push(&mut self, piece: &str) {
        if !self.ended && !piece.is_empty() {
            self.text.push_str(piece);
            self.look();
        }
    }

    /// There is no more: everything is decided.
    pub fn finish(&mut self) {
        if !self.ended {
            self.ended = true;
            self.look();
            self.base += self.text.len() as u64;
            self.text = String::new();
        }
    }

    fn look(&mut self) {
        let mut scratch = self.set.pool().take();
        let ground = Ground {
            set: &self.set,
            plan: &self.plan,
            view: View {
                text: &self.text,
                base: self.base,
                ends: self.ended,
            },
            whole: false,
        };
        if self.plan.is_idle() {
            self.decided = self.base + self.text.len() as u64;
            self.base = self.decided;
            self.text.clear();
            return;
        }
        scratch.used(self.text.len());
        self.walk.advance(ground, &mut scratch);
        let (mut findings, decided) = self.walk.told(ground, &mut scratch);
        self.set.pool().give(scratch);
        self.findings.append(&mut findings);
        self.decided = self.decided.max(decided);
        let unneeded = ground.view.local(self.walk.needed()).min(self.text.len());
        let unneeded = self.text.floor_char_boundary(unneeded);
        if unneeded >= SLACK {
            self.text.drain(..unneeded);
            self.base += unneeded as u64;
        }
    }

    /// Text before this place will not be part of a finding that is not yet told, of a rule that
    /// holds. On a boundary of characters, never decreasing; after [`Self::finish`], the text's length.
    #[must_use]
    pub fn decided(&self) -> u64 {
        self.decided
    }

    /// Findings that nothing can change any more, each told once. Those of rules that hold come in the
    /// order of the text and before [`Self::decided`] passes their beginning. Those of rules that watch may come later.
    pub fn findings(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.findings)
    }

    /// Bytes that came and are not decided.
    #[must_use]
    pub fn held(&self) -> usize {
        usize::try_from(self.len().saturating_sub(self.decided)).unwrap_or(usize::MAX)
    }

    /// Bytes that came.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.base + self.text.len() as u64
    }

    /// Whether nothing came.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Another look at the same text from here on, which may go on otherwise.
    pub(crate) fn fork(&self) -> Self {
        let mut fork = self.clone();
        fork.walk.counters = Counters::default();
        fork
    }

    /// Whether nothing that was found before may change what is found from here on.
    pub(crate) fn is_quiet(&self) -> bool {
        self.findings.is_empty() && self.walk.is_quiet()
    }

    /// The candidates that more text decides: their rules and where they begin.
    pub(crate) fn waits(&self) -> impl Iterator<Item = (u16, u64)> {
        self.walk.waits()
    }

    /// Findings yet to come begin here at the earliest, also those of rules that watch.
    pub(crate) fn oldest(&self) -> u64 {
        self.walk.oldest()
    }

    /// What happened that a policy may want to know.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.walk.counters
    }
}

#[cfg(test)]
mod tests;
