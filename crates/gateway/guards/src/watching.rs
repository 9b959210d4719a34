//! Watches of a call's texts: what the scanner finds becomes edits.

mod answer;
mod tool_name;
mod whole;

use std::sync::Arc;

use tidegate_governance::guardrail::Phase;
use tidegate_guardrails::{
    Counters, Finding,
    deep::{DeepStream, Depth},
};
use tidegate_texts::{
    channel::{Channel, Kind},
    watch::{Edit, Watch, Watcher},
};

use crate::{
    judge::{Bench, Set, Verdict},
    restore::Restorer,
    scan,
};

pub(crate) use answer::AnswerWatcher;
pub(crate) use whole::PromptWatcher;

/// Watches the texts of a request that is a stream.
#[derive(Debug)]
pub(crate) struct UploadWatcher(pub(crate) Arc<Bench>);

impl Watcher for UploadWatcher {
    fn watch(&mut self, channel: Channel) -> Option<Box<dyn Watch>> {
        let bench = Arc::clone(&self.0);
        Some(Box::new(Gradual::new(bench, Phase::Prompt, channel.kind)))
    }
}

/// Watches a text that comes piece by piece.
#[derive(Debug)]
struct Gradual {
    bench: Arc<Bench>,
    phase: Phase,
    kind: Kind,
    base: Option<DeepStream>,
    terms: Option<DeepStream>,
    restorer: Option<Restorer>,
    /// The text from `from` on: what is not decided yet.
    kept: String,
    from: u64,
    edits: Vec<Edit>,
    stopped: bool,
}

impl Gradual {
    fn new(bench: Arc<Bench>, phase: Phase, kind: Kind) -> Self {
        let phased = bench.phased(phase);
        let base = phased.base.as_ref();
        let depth = Depth::default();
        let base = base.map(|plan| bench.rules.base().stream_deep(Arc::clone(plan), depth));
        let terms = phased.terms.as_ref().zip(bench.rules.terms());
        let terms = terms.map(|(plan, set)| set.stream_deep(Arc::clone(plan), depth));
        let restores = phase == Phase::Answer && bench.may_restore();
        Self {
            phase,
            kind,
            base,
            terms,
            restorer: restores.then(Restorer::default),
            kept: String::new(),
            from: 0,
            edits: Vec::new(),
            stopped: false,
            bench,
        }
    }

    /// Takes what the scanners are sure of.
    fn settle(&mut self) {
        let mut edits = Vec::new();
        for (set, stream) in [(Set::Base, &mut self.base), (Set::Terms, &mut self.terms)] {
            let found = stream
                .as_mut()
                .map(DeepStream::findings)
                .unwrap_or_default();
            let found = found.iter().map(|finding| (set, finding));
            let (of, kept) = ((self.phase, self.kind), (self.kept.as_str(), self.from));
            let (more, stopped) = judged(&self.bench, of, kept, found);
            edits.extend(more);
            self.stopped |= stopped;
        }
        edits.extend(self.restorer.iter_mut().flat_map(Restorer::edits));
        self.edits = apart(std::mem::take(&mut self.edits), edits);
        let decided = self.decided();
        let past = usize::try_from(decided.saturating_sub(self.from)).unwrap_or(usize::MAX);
        self.kept.drain(..past.min(self.kept.len()));
        self.from = decided.max(self.from);
    }
}

impl Watch for Gradual {
    fn push(&mut self, text: &str) {
        self.kept.push_str(text);
        for stream in self.base.iter_mut().chain(&mut self.terms) {
            stream.push(text);
        }
        if let Some(restorer) = &mut self.restorer {
            restorer.push(text, &self.bench.open().vault);
        }
        self.settle();
    }

    fn finish(&mut self) {
        for stream in self.base.iter_mut().chain(&mut self.terms) {
            stream.finish();
        }
        if let Some(restorer) = &mut self.restorer {
            restorer.finish();
        }
        self.settle();
        let counters = self.base.iter().chain(&self.terms);
        let counters = counters.map(DeepStream::counters);
        let counters = counters.fold(Counters::default(), scan::together);
        self.bench.fell_short(self.phase, counters);
    }

    fn decided(&self) -> u64 {
        let streams = self.base.iter().chain(&self.terms).map(DeepStream::decided);
        let restored = self.restorer.iter().map(Restorer::decided);
        let all = self.from + self.kept.len() as u64;
        let decided = streams.chain(restored).fold(all, u64::min);
        // What one scanner has decided may lie in what the other has found and not decided.
        let begun = self.edits.iter().find(|edit| edit.span.end > decided);
        begun.map_or(decided, |edit| decided.min(edit.span.start))
    }

    fn edits(&mut self) -> Vec<Edit> {
        let decided = self.decided();
        let whole = self.edits.partition_point(|edit| edit.span.end <= decided);
        self.edits.drain(..whole).collect()
    }

    fn stopped(&self) -> bool {
        self.stopped
    }
}

/// What becomes of what was found in a text, of which the part from an offset on is there: edits, and whether
/// nothing may pass.
pub(crate) fn judged<'f>(
    bench: &Bench,
    (phase, kind): (Phase, Kind),
    (text, from): (&str, u64),
    found: impl Iterator<Item = (Set, &'f Finding)>,
) -> (Vec<Edit>, bool) {
    let (mut edits, mut stopped) = (Vec::new(), false);
    for (set, finding) in found {
        let value = part(text, from, finding);
        match bench.judge(phase, kind, set, finding, value) {
            Verdict::Stays => {}
            Verdict::Becomes(with) => edits.push(Edit {
                span: finding.span.clone(),
                with,
            }),
            Verdict::Blocked => stopped = true,
        }
    }
    (edits, stopped)
}

/// The text that was found.
fn part<'a>(kept: &'a str, from: u64, finding: &Finding) -> &'a str {
    let at = |offset: u64| usize::try_from(offset.saturating_sub(from)).unwrap_or(usize::MAX);
    kept.get(at(finding.span.start)..at(finding.span.end))
        .unwrap_or_default()
}

/// Edits in their order; where they overlap, the first one takes all of both.
pub(crate) fn apart(mut edits: Vec<Edit>, more: Vec<Edit>) -> Vec<Edit> {
    if more.is_empty() {
        return edits;
    }
    edits.extend(more);
    edits.sort_by_key(|edit| (edit.span.start, u64::MAX - edit.span.end));
    let mut apart: Vec<Edit> = Vec::with_capacity(edits.len());
    for edit in edits {
        match apart.last_mut() {
            Some(last) if edit.span.start < last.span.end => {
                last.span.end = last.span.end.max(edit.span.end);
            }
            _ => apart.push(edit),
        }
    }
    apart
}
