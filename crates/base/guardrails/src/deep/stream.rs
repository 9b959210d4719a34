//! Streams that look behind disguises and encodings too.

use std::{collections::VecDeque, sync::Arc};

use super::{
    Depth,
    clear::Through,
    decode::{Chunk, Decoder, Encoding},
    map::Map,
    percent::open_end,
    run::Run,
};
use crate::{
    finding::Finding,
    merge::{Raw, merge},
    plan::{Mode, Plan},
    ruleset::Ruleset,
    stream::Stream,
    verify::BEFORE,
    walk::Counters,
};

/// How many findings of rules that watch are remembered, so that none is told twice.
const REMEMBERED: usize = 64;
/// So far after a disguise nothing sees it any more.
const PAST: u64 = BEFORE as u64 + 8;

/// A [`Stream`] that sees the text as it is, as it is meant (disguised characters, percent encoding), and
/// what runs of base64 and hexadecimal digits in it say.
///
/// Text in which nothing is disguised or encoded costs little more than in the one; near what is meant
/// otherwise, and in runs that are text, twice that.
#[derive(Debug, Clone)]
pub struct DeepStream {
    set: Ruleset,
    plan: Arc<Plan>,
    depth: Depth,
    plain: Stream,
    /// The end of the text, which may be the beginning of an escape, and which nobody has seen yet.
    open: String,
    meant: Option<(Stream, Map)>,
    decoder: Decoder,
    runs: [Option<Run>; 2],
    /// Findings of runs that have ended.
    told: Vec<Finding>,
    /// What happened in streams that are gone.
    gone: Counters,
    held: Vec<Raw>,
    findings: Vec<Finding>,
    watched: VecDeque<Finding>,
    decided: u64,
    ended: bool,
}

impl Ruleset {
    /// Begins the scan of a text that comes piece by piece, with a second look at what it says: what
    /// [`Self::scan_deep`] finds, however the text is cut.
    #[must_use]
    pub fn stream_deep(&self, plan: Arc<Plan>, depth: Depth) -> DeepStream {
        let depth = if plan.is_idle() { Depth::NONE } else { depth };
        DeepStream {
            set: self.clone(),
            plain: self.stream(Arc::clone(&plan)),
            depth,
            open: String::new(),
            meant: None,
            decoder: Decoder::new(depth.budget()),
            runs: [None, None],
            told: Vec::new(),
            gone: Counters::default(),
            held: Vec::new(),
            findings: Vec::new(),
            watched: VecDeque::new(),
            decided: 0,
            ended: false,
            plan,
        }
    }
}

impl DeepStream {
    /// See [`Stream::push`].
    pub fn push(&mut self, piece: &str) {
        if self.ended {
            return;
        }
        let through = self.depth.through();
        if through.percent && (!self.open.is_empty() || piece.contains('%')) {
            let mut text = std::mem::take(&mut self.open);
            text.push_str(piece);
            let (known, open) = text.split_at(open_end(&text));
            self.look(known);
            self.open.push_str(open);
        } else {
            self.look(piece);
        }
        self.collect();
    }

    /// See [`Stream::finish`].
    pub fn finish(&mut self) {
        self.ended = true;
        let open = std::mem::take(&mut self.open);
        self.look(&open);
        let mut chunks = Vec::new();
        self.decoder.finish(&mut |chunk| chunks.push(chunk));
        self.decoded(chunks);
        self.plain.finish();
        if let Some((stream, _)) = &mut self.meant {
            stream.finish();
        }
        self.collect();
    }

    /// Shows a part of the text to all that look at it.
    fn look(&mut self, text: &str) {
        let mut chunks = Vec::new();
        self.decoder.push(text, &mut |chunk| chunks.push(chunk));
        self.decoded(chunks);
        let through = self.depth.through();
        if self.meant.is_some() {
            self.both(through, text);
        } else if let Some(first) = through.first(text) {
            let (same, rest) = text.split_at(first);
            self.plain.push(same);
            self.take_plain();
            let mut map = Map::default();
            map.skip(usize::try_from(self.plain.len()).unwrap_or(usize::MAX));
            self.meant = Some((self.plain.fork(), map));
            self.both(through, rest);
        } else {
            self.plain.push(text);
        }
    }

    fn both(&mut self, through: Through, text: &str) {
        self.plain.push(text);
        if let Some((stream, map)) = &mut self.meant {
            let mut meant = String::with_capacity(text.len());
            through.append(text, map, &mut meant);
            stream.push(&meant);
        }
    }

    /// Shows what runs say to the streams that look at them.
    fn decoded(&mut self, chunks: Vec<Chunk>) {
        for chunk in chunks {
            let [base64, hex] = &mut self.runs;
            let slot = match chunk.encoding {
                Encoding::Base64 => base64,
                Encoding::Hex => hex,
            };
            if chunk.begins {
                let inner = self
                    .set
                    .stream_deep(Arc::clone(&self.plan), self.depth.inner());
                *slot = Some(Run::new(inner, &chunk));
            } else if let Some(run) = slot {
                run.more(&chunk);
            }
            if chunk.ends
                && let Some(mut run) = slot.take()
            {
                run.stream.finish();
                self.told.append(&mut run.findings());
                super::add(&mut self.gone, run.stream.counters());
            }
        }
    }

    /// Findings of the text as it is, which nothing else can overlap any more or which wait.
    fn take_plain(&mut self) {
        self.told.append(&mut self.plain.findings());
    }

    fn collect(&mut self) {
        let others = !self.told.is_empty() || self.meant.is_some();
        let others = others || self.runs.iter().any(Option::is_some);
        self.take_plain();
        let mut decided = self.plain.decided();
        if let Some((stream, map)) = &mut self.meant {
            let found = stream.findings().into_iter();
            let found = found.map(|each| super::moved(each, |at| map.start(at), |at| map.end(at)));
            self.told.extend(found);
            // Marks without width at the end belong to nothing.
            if !self.ended {
                decided = decided.min(map.decided(stream.decided()));
            }
            map.forget(stream.oldest());
        }
        self.join_again();
        for run in self.runs.iter_mut().flatten() {
            self.told.append(&mut run.findings());
            decided = decided.min(run.decided());
        }
        decided = decided.min(self.decoder.undecided().unwrap_or(u64::MAX));
        if !others && self.held.is_empty() && decided == self.plain.decided() {
            // Nothing else has seen anything.
            self.findings.append(&mut self.told);
        }
        self.settle(decided);
    }

    /// Where nothing sees the last disguise any more, and both streams wait for the same, the text is
    /// meant as it is from there on.
    fn join_again(&mut self) {
        let Some((stream, map)) = &self.meant else {
            return;
        };
        let past = map.last() + PAST;
        let meant = stream.waits().map(|(rule, at)| (rule, map.start(at)));
        if self.plain.oldest() >= past
            && map.start(stream.oldest()) >= past
            && stream.is_quiet()
            && self.plain.is_quiet()
            && meant.eq(self.plain.waits())
        {
            super::add(&mut self.gone, stream.counters());
            self.meant = None;
        }
    }

    /// Merges what was found, as far as nothing more can overlap it.
    fn settle(&mut self, decided: u64) {
        for finding in self.told.drain(..) {
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
        let mut pending = decided;
        if !self.held.is_empty() {
            self.findings.extend(merge(&mut self.held, decided));
            let waiting = self.held.iter().map(|raw| raw.span.start).min();
            pending = waiting.map_or(decided, |start| decided.min(start));
        }
        self.decided = self.decided.max(pending);
    }

    /// See [`Stream::decided`].
    #[must_use]
    pub const fn decided(&self) -> u64 {
        self.decided
    }

    /// See [`Stream::findings`].
    pub fn findings(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.findings)
    }

    /// Findings yet to come begin here at the earliest, also those of rules that watch.
    pub(super) fn oldest(&self) -> u64 {
        let meant = self.meant.iter();
        let meant = meant.map(|(stream, map)| map.start(stream.oldest()));
        let runs = self.runs.iter().flatten().map(Run::oldest);
        let held = self.held.iter().map(|raw| raw.span.start);
        let all = meant
            .chain(runs)
            .chain(held)
            .chain(self.decoder.undecided());
        all.fold(self.plain.oldest(), u64::min)
    }

    /// See [`Stream::held`].
    #[must_use]
    pub fn held(&self) -> usize {
        usize::try_from(self.len().saturating_sub(self.decided)).unwrap_or(usize::MAX)
    }

    /// Bytes that came.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.plain.len() + self.open.len() as u64
    }

    /// Whether nothing came.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// See [`Stream::counters`]; of all looks together. Runs that were not decoded because there were
    /// too many count as degraded.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let mut counters = self.gone;
        super::add(&mut counters, self.plain.counters());
        if let Some((stream, _)) = &self.meant {
            super::add(&mut counters, stream.counters());
        }
        for run in self.runs.iter().flatten() {
            super::add(&mut counters, run.stream.counters());
        }
        counters.degraded += u64::from(self.decoder.is_spent());
        counters
    }
}

#[cfg(test)]
mod tests;
