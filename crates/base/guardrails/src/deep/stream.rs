//! Streams that look at disguised characters too.

use std::{collections::VecDeque, sync::Arc};

use super::fold::{Map, first_change};
use crate::{
    finding::Finding,
    merge::{Raw, merge},
    plan::{Mode, Plan},
    ruleset::Ruleset,
    stream::Stream,
    walk::Counters,
};

/// How many findings of rules that watch are remembered, so that none is told twice.
const REMEMBERED: usize = 64;

/// A [`Stream`] that sees the text as it is and as it looks. As long as both are the same (always, for
/// ASCII), it costs what the one costs; from the first disguised character on, twice that.
#[derive(Debug, Clone)]
pub struct DeepStream {
    set: Ruleset,
    plan: Arc<Plan>,
    plain: Stream,
    folded: Option<(Stream, Map)>,
    held: Vec<Raw>,
    findings: Vec<Finding>,
    watched: VecDeque<Finding>,
    decided: u64,
}

impl Ruleset {
    /// Begins the scan of a text that comes piece by piece, with a second look at disguised characters.
    #[must_use]
    pub fn stream_deep(&self, plan: Arc<Plan>) -> DeepStream {
        DeepStream {
            set: self.clone(),
            plain: self.stream(Arc::clone(&plan)),
            plan,
            folded: None,
            held: Vec::new(),
            findings: Vec::new(),
            watched: VecDeque::new(),
            decided: 0,
        }
    }
}

impl DeepStream {
    /// See [`Stream::push`].
    pub fn push(&mut self, piece: &str) {
        if self.folded.is_some() {
            self.both(piece);
        } else if let Some(first) = first_change(piece) {
            let (same, rest) = piece.split_at(first);
            self.plain.push(same);
            self.collect();
            let mut map = Map::default();
            map.skip(self.plain.len());
            self.folded = Some((self.plain.clone(), map));
            self.both(rest);
        } else {
            self.plain.push(piece);
        }
        self.collect();
    }

    fn both(&mut self, piece: &str) {
        self.plain.push(piece);
        if let Some((stream, map)) = &mut self.folded {
            let mut folded = String::with_capacity(piece.len());
            map.fold(piece, &mut folded);
            stream.push(&folded);
        }
    }

    /// See [`Stream::finish`].
    pub fn finish(&mut self) {
        self.plain.finish();
        if let Some((stream, _)) = &mut self.folded {
            stream.finish();
        }
        self.collect();
    }

    fn collect(&mut self) {
        let mut found = self.plain.findings();
        let mut decided = self.plain.decided();
        let ended = decided == self.plain.len();
        if let Some((stream, map)) = &mut self.folded {
            found.extend(stream.findings().into_iter().map(|finding| Finding {
                span: map.start(finding.span.start)..map.end(finding.span.end),
                ..finding
            }));
            let settled = stream.decided();
            // Marks without width at the end belong to nothing.
            if !(ended && settled == stream.len()) {
                decided = decided.min(map.decided(settled));
            }
            map.forget(stream.oldest());
        } else {
            self.findings.append(&mut found);
            self.decided = decided;
            return;
        }
        for finding in found {
            if self.plan.mode(finding.rule) == Mode::Hold {
                self.held.extend(self.set.raws(&finding));
            } else if !self.watched.contains(&finding) {
                self.watched.push_back(finding.clone());
                if self.watched.len() > REMEMBERED {
                    self.watched.pop_front();
                }
                self.findings.push(finding);
            }
        }
        let pending = merge(&mut self.held, decided);
        self.findings.extend(pending);
        let waiting = self.held.iter().map(|raw| raw.span.start).min();
        let decided = waiting.map_or(decided, |start| decided.min(start));
        self.decided = self.decided.max(decided);
    }

    /// See [`Stream::decided`].
    #[must_use]
    pub fn decided(&self) -> u64 {
        self.decided
    }

    /// See [`Stream::findings`].
    pub fn findings(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.findings)
    }

    /// See [`Stream::held`].
    #[must_use]
    pub fn held(&self) -> usize {
        usize::try_from(self.len().saturating_sub(self.decided)).unwrap_or(usize::MAX)
    }

    /// Bytes that came.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.plain.len()
    }

    /// Whether nothing came.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.plain.is_empty()
    }

    /// See [`Stream::counters`]; of both looks together.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let mut counters = self.plain.counters();
        if let Some((stream, _)) = &self.folded {
            super::add(&mut counters, stream.counters());
        }
        counters
    }
}
