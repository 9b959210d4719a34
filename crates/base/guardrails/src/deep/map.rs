//! From places in a text as it is looked at to places in the text as it was.

use std::collections::VecDeque;

/// Where characters were changed; between the changes both texts run alike.
#[derive(Debug, Clone, Default)]
pub(super) struct Map {
    /// Characters that were changed, in their order.
    changes: VecDeque<Change>,
    /// Bytes so far, of both.
    seen: u64,
    original: u64,
}

#[derive(Debug, Clone, Copy)]
struct Change {
    seen: u64,
    seen_end: u64,
    original: u64,
    original_end: u64,
}

impl Map {
    /// Of a text that is looked at from this place on.
    pub(super) fn from(original: u64) -> Self {
        Self {
            original,
            ..Self::default()
        }
    }

    /// This many bytes are the same in both.
    pub(super) fn skip(&mut self, len: usize) {
        self.seen += len as u64;
        self.original += len as u64;
    }

    /// This many bytes are looked at as that many others.
    pub(super) fn change(&mut self, original: usize, seen: usize) {
        let change = Change {
            seen: self.seen,
            seen_end: self.seen + seen as u64,
            original: self.original,
            original_end: self.original + original as u64,
        };
        self.seen = change.seen_end;
        self.original = change.original_end;
        self.changes.push_back(change);
    }

    /// Where the last change ended in the text as it was.
    pub(super) fn last(&self) -> u64 {
        self.changes.back().map_or(0, |last| last.original_end)
    }

    /// Where what begins there began.
    pub(super) fn start(&self, at: u64) -> u64 {
        let after = self.changes.partition_point(|change| change.seen <= at);
        self.back(at, after, |change| change.original)
    }

    /// Where what ends there ended.
    pub(super) fn end(&self, at: u64) -> u64 {
        let after = self.changes.partition_point(|change| change.seen < at);
        self.back(at, after, |change| change.original_end)
    }

    /// Up to where the text as it was is decided, if the other one is up to there: never in a
    /// character, nor past one without width that may be part of what comes.
    pub(super) fn decided(&self, at: u64) -> u64 {
        let after = self.changes.partition_point(|change| change.seen < at);
        self.back(at, after, |change| change.original)
    }

    /// A place in the text as it was, given how many changes begin before it; `within` says which one it is for a
    /// place in a change.
    fn back(&self, at: u64, after: usize, within: fn(&Change) -> u64) -> u64 {
        match after.checked_sub(1).and_then(|last| self.changes.get(last)) {
            Some(last) if at < last.seen_end => within(last),
            Some(last) => last.original_end + (at - last.seen_end),
            None => self.before_all(at),
        }
    }

    fn before_all(&self, at: u64) -> u64 {
        // Before the first change that is known, both run alike.
        self.changes.front().map_or_else(
            || (self.original + at).saturating_sub(self.seen),
            |first| (first.original + at).saturating_sub(first.seen),
        )
    }

    /// Forgets what nobody will ask for: everything before this place of the text that is looked at.
    pub(super) fn forget(&mut self, at: u64) {
        // The last one before stays, for what lies between it and the next.
        while self.changes.get(1).is_some_and(|next| next.seen_end < at) {
            self.changes.pop_front();
        }
    }
}
