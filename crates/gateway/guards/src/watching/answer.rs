//! Watches the texts of an answer, which come in pieces or in one.

use std::sync::Arc;

use tidegate_governance::guardrail::Phase;
use tidegate_texts::{
    channel::{Channel, Kind},
    watch::{Edit, Watch, Watcher, Written},
};

use super::{Gradual, tool_name, whole::Whole};
use crate::{
    cache::{FoundBefore, Tenant},
    judge::Bench,
};

/// Watches the channels of an answer.
#[derive(Debug)]
pub(crate) struct AnswerWatcher {
    pub(crate) bench: Arc<Bench>,
    pub(crate) tenant: Tenant,
    pub(crate) before: Arc<FoundBefore>,
}

impl Watcher for AnswerWatcher {
    fn watch(&mut self, channel: Channel) -> Option<Box<dyn Watch>> {
        let bench = Arc::clone(&self.bench);
        if channel.kind == Kind::ToolName {
            return Some(Box::new(tool_name::ToolName::new(bench)));
        }
        let (before, of) = (Arc::clone(&self.before), (Phase::Answer, channel.kind));
        Some(Box::new(Answered {
            whole: Whole::new(Arc::clone(&bench), before, self.tenant, of),
            gradual: None,
            bench,
            kind: channel.kind,
        }))
    }
}

/// A text of an answer.
#[derive(Debug)]
struct Answered {
    bench: Arc<Bench>,
    kind: Kind,
    whole: Whole,
    /// Where it comes in pieces.
    gradual: Option<Box<Gradual>>,
}

impl Answered {
    fn gradual(&mut self) -> &mut Gradual {
        let (bench, kind) = (&self.bench, self.kind);
        self.gradual
            .get_or_insert_with(|| Box::new(Gradual::new(Arc::clone(bench), Phase::Answer, kind)))
    }
}

impl Watch for Answered {
    fn push(&mut self, text: &str) {
        self.gradual().push(text);
    }

    fn finish(&mut self) {
        self.gradual().finish();
    }

    fn decided(&self) -> u64 {
        self.gradual.as_ref().map_or(0, |gradual| gradual.decided())
    }

    fn edits(&mut self) -> Vec<Edit> {
        self.gradual().edits()
    }

    fn stopped(&self) -> bool {
        let gradual = self.gradual.as_ref();
        self.whole.stopped() || gradual.is_some_and(|gradual| gradual.stopped())
    }

    fn knows(&mut self, text: Written<'_>) -> bool {
        // What was taken out of the prompt may stand in it, to be put back.
        !self.bench.may_restore() && self.whole.knows(text)
    }

    fn whole(&mut self, text: &str) -> Vec<Edit> {
        if !self.bench.may_restore() {
            return self.whole.whole(text);
        }
        let gradual = self.gradual();
        gradual.push(text);
        gradual.finish();
        gradual.edits()
    }
}
