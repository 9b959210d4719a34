//! Watches texts that are there as a whole: those of a prompt, and of an answer in one piece.

use std::sync::Arc;

use tidegate_governance::guardrail::Phase;
use tidegate_guardrails::Finding;
use tidegate_texts::{
    channel::{Channel, Kind},
    watch::{Edit, Watch, Watcher, Written},
};

use super::{apart, judged};
use crate::{
    cache::{Before, FoundBefore, Tenant, Text},
    judge::{Bench, Set},
    scan,
};

/// Watches the texts of a prompt.
#[derive(Debug)]
pub(crate) struct PromptWatcher {
    pub(crate) bench: Arc<Bench>,
    pub(crate) tenant: Tenant,
    pub(crate) before: Arc<FoundBefore>,
}

impl Watcher for PromptWatcher {
    fn watch(&mut self, channel: Channel) -> Option<Box<dyn Watch>> {
        let (bench, before) = (Arc::clone(&self.bench), Arc::clone(&self.before));
        let of = (Phase::Prompt, channel.kind);
        Some(Box::new(Whole::new(bench, before, self.tenant, of)))
    }
}

/// A text, looked at when it is whole.
#[derive(Debug)]
pub(super) struct Whole {
    bench: Arc<Bench>,
    before: Arc<FoundBefore>,
    tenant: Tenant,
    phase: Phase,
    kind: Kind,
    /// Which text it is, where that was asked, and what was found in it before.
    asked: Option<(Text, Option<Before>)>,
    /// What came in pieces, and was not looked at.
    text: String,
    edits: Vec<Edit>,
    /// Bytes that were looked at: none, or all.
    seen: u64,
    stopped: bool,
}

impl Whole {
    pub(super) const fn new(
        bench: Arc<Bench>,
        before: Arc<FoundBefore>,
        tenant: Tenant,
        (phase, kind): (Phase, Kind),
    ) -> Self {
        Self {
            bench,
            before,
            tenant,
            phase,
            kind,
            asked: None,
            text: String::new(),
            edits: Vec::new(),
            seen: 0,
            stopped: false,
        }
    }

    fn look(&mut self, text: &str) {
        let asked = self.asked.take().or_else(|| {
            let name = self.before.name_read(&self.tenant, text)?;
            Some((name, self.before.get(name)))
        });
        match asked {
            Some((_, Some(Before::Clean))) => {}
            Some((_, Some(Before::Found(found)))) => self.judge(text, &found),
            Some((name, None)) => {
                let found = self.scan(text);
                self.before.note(name, &found);
                self.judge(text, &found);
            }
            None => {
                let found = self.scan(text);
                self.judge(text, &found);
            }
        }
        self.seen = text.len() as u64;
    }

    fn scan(&self, text: &str) -> Vec<(Set, Finding)> {
        let phased = self.bench.phased(self.phase);
        let (found, counters) = scan::whole(&self.bench.rules, phased, text);
        self.bench.fell_short(self.phase, counters);
        found
    }

    /// What becomes of what was found.
    fn judge(&mut self, text: &str, found: &[(Set, Finding)]) {
        let found = found.iter().map(|(set, finding)| (*set, finding));
        let (edits, stopped) = judged(&self.bench, (self.phase, self.kind), (text, 0), found);
        self.edits = apart(Vec::new(), edits);
        self.stopped |= stopped;
    }
}

impl Watch for Whole {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn finish(&mut self) {
        let text = std::mem::take(&mut self.text);
        self.look(&text);
    }

    fn decided(&self) -> u64 {
        self.seen
    }

    fn edits(&mut self) -> Vec<Edit> {
        std::mem::take(&mut self.edits)
    }

    fn stopped(&self) -> bool {
        self.stopped
    }

    fn knows(&mut self, text: Written<'_>) -> bool {
        let name = self.before.name(&self.tenant, text);
        self.asked = name.map(|name| (name, self.before.get(name)));
        matches!(self.asked, Some((_, Some(Before::Clean))))
    }

    fn whole(&mut self, text: &str) -> Vec<Edit> {
        self.look(text);
        self.edits()
    }
}
