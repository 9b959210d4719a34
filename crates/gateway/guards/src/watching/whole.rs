//! Watches the texts of a prompt, which are there as a whole.

use std::sync::Arc;

use tidegate_governance::guardrail::Phase;
use tidegate_texts::{
    channel::{Channel, Kind},
    watch::{Edit, Watch, Watcher},
};

use super::{apart, part};
use crate::{
    cache::{Found, FoundBefore, Tenant},
    judge::{Bench, Verdict},
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
            before: Arc::clone(&self.before),
            tenant: self.tenant,
            tried: Tried::new(
                Arc::clone(&self.bench),
                Phase::Prompt,
                channel.kind,
                Found::default(),
            ),
        }))
    }
}

/// A text, looked at when it is whole.
#[derive(Debug)]
struct Whole {
    before: Arc<FoundBefore>,
    tenant: Tenant,
    tried: Tried,
}

impl Watch for Whole {
    fn push(&mut self, text: &str) {
        self.tried.push(text);
    }

    fn finish(&mut self) {
        let Tried { bench, text, .. } = &self.tried;
        let look = || {
            let (found, counters) = scan::whole(&bench.rules, bench.phased(Phase::Prompt), text);
            bench.fell_short(Phase::Prompt, counters);
            found
        };
        self.tried.found = self.before.find(&self.tenant, text, look);
        self.tried.finish();
    }

    fn decided(&self) -> u64 {
        self.tried.decided()
    }

    fn edits(&mut self) -> Vec<Edit> {
        self.tried.edits()
    }

    fn stopped(&self) -> bool {
        self.tried.stopped()
    }
}

/// A whole text, and what was found in it.
#[derive(Debug)]
pub(crate) struct Tried {
    bench: Arc<Bench>,
    phase: Phase,
    kind: Kind,
    text: String,
    found: Found,
    edits: Vec<Edit>,
    whole: bool,
    stopped: bool,
}

impl Tried {
    pub(crate) const fn new(bench: Arc<Bench>, phase: Phase, kind: Kind, found: Found) -> Self {
        Self {
            bench,
            phase,
            kind,
            text: String::new(),
            found,
            edits: Vec::new(),
            whole: false,
            stopped: false,
        }
    }
}

impl Watch for Tried {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn finish(&mut self) {
        self.whole = true;
        let mut edits = Vec::new();
        for (set, finding) in self.found.iter() {
            let value = part(&self.text, 0, finding);
            match self
                .bench
                .judge(self.phase, self.kind, *set, finding, value)
            {
                Verdict::Stays => {}
                Verdict::Becomes(with) => edits.push(Edit {
                    span: finding.span.clone(),
                    with,
                }),
                Verdict::Blocked => self.stopped = true,
            }
        }
        self.edits = apart(Vec::new(), edits);
    }

    fn decided(&self) -> u64 {
        if self.whole {
            self.text.len() as u64
        } else {
            0
        }
    }

    fn edits(&mut self) -> Vec<Edit> {
        if self.whole {
            std::mem::take(&mut self.edits)
        } else {
            Vec::new()
        }
    }

    fn stopped(&self) -> bool {
        self.stopped
    }
}
