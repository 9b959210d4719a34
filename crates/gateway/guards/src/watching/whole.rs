//! Watches the texts of a prompt, which are there as a whole.

use std::sync::Arc;

use tidegate_governance::guardrail::Phase;
use tidegate_texts::{
    channel::{Channel, Kind},
    watch::{Edit, Watch, Watcher},
};

use super::{apart, judged};
use crate::{
    cache::{FoundBefore, Tenant},
    judge::Bench,
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
        Some(Box::new(Whole {
            bench: Arc::clone(&self.bench),
            before: Arc::clone(&self.before),
            tenant: self.tenant,
            kind: channel.kind,
            text: String::new(),
            edits: Vec::new(),
            seen: 0,
            stopped: false,
        }))
    }
}

/// A text, looked at when it is whole.
#[derive(Debug)]
struct Whole {
    bench: Arc<Bench>,
    before: Arc<FoundBefore>,
    tenant: Tenant,
    kind: Kind,
    /// What came in pieces, and was not looked at.
    text: String,
    edits: Vec<Edit>,
    /// Bytes that were looked at: none, or all.
    seen: u64,
    stopped: bool,
}

impl Whole {
    fn look(&mut self, text: &str) {
        let bench = &self.bench;
        let look = || {
            let (found, counters) = scan::whole(&bench.rules, bench.phased(Phase::Prompt), text);
            bench.fell_short(Phase::Prompt, counters);
            found
        };
        let found = self.before.find(&self.tenant, text, look);
        let found = found.iter().map(|(set, finding)| (*set, finding));
        let (edits, stopped) = judged(bench, (Phase::Prompt, self.kind), (text, 0), found);
        self.edits = apart(Vec::new(), edits);
        self.stopped |= stopped;
        self.seen = text.len() as u64;
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

    fn whole(&mut self, text: &str) -> Vec<Edit> {
        self.look(text);
        self.edits()
    }
}
