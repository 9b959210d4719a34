//! A call's guardrails, from its prompt to its answer's last byte.

use std::{sync::Arc, time::Instant};

use bytes::Bytes;
use tidegate_governance::guardrail::{Applied, Phase};
use tidegate_pipeline::guard::{AnswerView, Sentry, Step, Stop};
use tidegate_texts::{
    Direction, Fault, Protocol, body,
    stream::{Framing, Rewriter},
};
use tidegate_wire::{
    answer::{AnswerKind, Forward},
    route::Operation,
};

use crate::{
    cache::{FoundBefore, Tenant},
    judge::Bench,
    vault::Vault,
    watching::{AnswerWatcher, PromptWatcher},
};

/// Why it could not look, for the log.
const UNREADABLE: &str = "a text could not be read";
const OPAQUE: &str = "the answer is no text, or compressed";
const SIGNED: &str = "the provider signed the text, and would refuse it changed";

/// The guardrails of one call.
#[derive(Debug)]
pub(crate) struct Local {
    pub(crate) bench: Arc<Bench>,
    pub(crate) tenant: Tenant,
    pub(crate) before: Arc<FoundBefore>,
    pub(crate) operation: Operation,
    pub(crate) streamed: bool,
    /// Whether the answer cannot be read at all.
    pub(crate) opaque: bool,
    pub(crate) rewriter: Option<Rewriter<AnswerWatcher>>,
}

impl Local {
    /// Who stopped it, if someone did.
    fn blocked(&self) -> Option<Stop> {
        let open = self.bench.open();
        open.blocked.clone().map(Stop::Blocked)
    }

    /// Lets something of the answer pass. What cannot be read stops it or passes unread, as those that
    /// should have looked want it.
    fn pass(
        &mut self,
        step: impl FnOnce(&mut Rewriter<AnswerWatcher>) -> Result<Forward, Fault>,
    ) -> Result<Forward, Stop> {
        let Some(rewriter) = self.rewriter.as_mut() else {
            return Ok(Forward::new());
        };
        if std::mem::take(&mut self.opaque) {
            self.bench.failed(Phase::Answer, OPAQUE)?;
        }
        let passed = match step(rewriter) {
            Ok(passed) => passed,
            Err(_) => {
                self.bench.failed(Phase::Answer, UNREADABLE)?;
                rewriter.release()
            }
        };
        match self.blocked() {
            Some(stop) => Err(stop),
            None => Ok(passed),
        }
    }

    fn look(&mut self, content_type: &str, body: &Bytes) -> Result<Option<Bytes>, Stop> {
        if self.bench.duty.prompt.is_idle() {
            return Ok(None);
        }
        if self.bench.duty.restores {
            self.bench.open().vault = Vault::new(body.clone());
        }
        let mut watcher = PromptWatcher {
            bench: Arc::clone(&self.bench),
            tenant: self.tenant,
            before: Arc::clone(&self.before),
        };
        let seen = body::rewrite(
            content_type,
            Direction::Request,
            Protocol::of(self.operation),
            body,
            &mut watcher,
        );
        self.bench.open().vault.close();
        if let Some(stop) = self.blocked() {
            return Err(stop);
        }
        match seen {
            Ok(seen) => {
                if seen.report.refused_edits > 0 {
                    self.bench.failed(Phase::Prompt, SIGNED)?;
                }
                Ok(seen.body)
            }
            Err(_) => self.bench.failed(Phase::Prompt, UNREADABLE).map(|()| None),
        }
    }
}

impl Sentry for Local {
    fn prompt<'a>(&'a mut self, content_type: &'a str, body: &'a Bytes) -> Step<'a, Option<Bytes>> {
        let began = Instant::now();
        let said = self.look(content_type, body);
        self.bench.open().prompt.took(began.elapsed());
        Step::Done(said)
    }

    fn answer(&mut self, answer: &AnswerView<'_>) -> bool {
        let restores = !self.bench.open().vault.is_empty();
        if self.bench.duty.answer.is_idle() && !restores {
            return false;
        }
        let protocol = Protocol::of(self.operation);
        let success = (200..300).contains(&answer.status);
        let framing = match answer.encoding {
            // Nobody can read what is compressed.
            Some(encoding) if !encoding.eq_ignore_ascii_case("identity") => Framing::Opaque,
            _ => {
                let kind = if success {
                    answer.kind
                } else {
                    AnswerKind::Json
                };
                Framing::of(
                    kind,
                    answer.content_type,
                    protocol,
                    self.streamed && success,
                )
            }
        };
        let watcher = AnswerWatcher(Arc::clone(&self.bench));
        self.opaque = framing == Framing::Opaque;
        self.rewriter = Some(Rewriter::new(protocol, framing, watcher));
        true
    }

    fn push(&mut self, piece: Bytes) -> Step<'_, Forward> {
        let began = Instant::now();
        let said = self.pass(|rewriter| rewriter.push(piece));
        self.bench.open().answer.took(began.elapsed());
        Step::Done(said)
    }

    fn end(&mut self) -> Step<'_, Forward> {
        let said = self.pass(Rewriter::end);
        Step::Done(said)
    }

    fn holds(&self) -> bool {
        self.rewriter.as_ref().is_some_and(Rewriter::holds)
    }

    fn applied(&mut self) -> Vec<Applied> {
        let mut open = self.bench.open();
        let mut applied = open.prompt.take();
        applied.append(&mut open.answer.take());
        applied
    }
}
