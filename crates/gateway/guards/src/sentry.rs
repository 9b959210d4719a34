//! A call's guardrails, from its prompt to its answer's last byte.

use std::{sync::Arc, time::Instant};

use bytes::Bytes;
use tidegate_governance::guardrail::{Applied, Phase};
use tidegate_pipeline::guard::{AnswerView, Asked, Remembered, Sentry, Step, Stop};
use tidegate_texts::{
    Direction, Fault, Protocol, body,
    stream::{Framing, Rewriter},
    watch::Watcher,
};
use tidegate_wire::{
    answer::{AnswerKind, Forward},
    json::Ends,
};

use crate::{
    cache::{FoundBefore, Tenant},
    judge::Bench,
    vault::Vault,
    watching::{AnswerWatcher, PromptWatcher, UploadWatcher},
};

/// Why it could not look, for the log.
const UNREADABLE: &str = "a text could not be read";
const OPAQUE: &str = "the answer is no text, or compressed";
const FIXED: &str = "a text cannot be changed: the provider signed it, or it is packed in another";

/// The shape of a call's bodies.
pub(crate) const fn protocol(asked: Asked) -> Protocol {
    match asked {
        Asked::Operation(operation) => Protocol::of(operation),
        Asked::Surface(surface) => Protocol::of_surface(surface),
    }
}

/// Whether something passed that is no text. Where nobody could look at all, that was said already.
fn left_unscanned<W: Watcher>(rewriter: &Rewriter<W>) -> bool {
    rewriter.report().unscanned_bytes > 0 && !rewriter.passes()
}

/// The guardrails of one call.
#[derive(Debug)]
pub(crate) struct Local {
    pub(crate) bench: Arc<Bench>,
    pub(crate) tenant: Tenant,
    /// The same, of what is looked for in answers.
    pub(crate) answers: Tenant,
    pub(crate) before: Arc<FoundBefore>,
    /// What is known of the prompt's body until it was looked at.
    pub(crate) ends: Option<Ends>,
    pub(crate) operation: Asked,
    pub(crate) streamed: bool,
    /// Whether the answer cannot be read at all.
    pub(crate) opaque: bool,
    /// Of a request that is a stream.
    pub(crate) upload: Option<Rewriter<UploadWatcher>>,
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
            let mut open = self.bench.open();
            open.vault = Vault::after(body.clone(), &open.vault);
        }
        let mut watcher = PromptWatcher {
            bench: Arc::clone(&self.bench),
            tenant: self.tenant,
            before: Arc::clone(&self.before),
        };
        let ends = self.ends.take();
        let ends = ends.as_ref().unwrap_or(Ends::unknown());
        let shape = (content_type, Direction::Request, protocol(self.operation));
        let seen = body::rewrite_again(ends, shape, body, &mut watcher);
        self.bench.open().vault.close();
        if let Some(stop) = self.blocked() {
            return Err(stop);
        }
        match seen {
            Ok(seen) => {
                if seen.report.refused_edits > 0 {
                    self.bench.failed(Phase::Prompt, FIXED)?;
                }
                if seen.report.unscanned_bytes > 0 {
                    self.bench.unscanned(Phase::Prompt);
                }
                Ok(seen.body)
            }
            Err(_) => self.bench.failed(Phase::Prompt, UNREADABLE).map(|()| None),
        }
    }

    /// Lets something of a request pass that is a stream.
    fn pass_up(
        &mut self,
        step: impl FnOnce(&mut Rewriter<UploadWatcher>) -> Result<Forward, Fault>,
    ) -> Result<Forward, Stop> {
        let Some(upload) = self.upload.as_mut() else {
            return Ok(Forward::new());
        };
        let before = upload.report().refused_edits;
        let passed = match step(upload) {
            Ok(passed) => passed,
            Err(_) => {
                self.bench.failed(Phase::Prompt, UNREADABLE)?;
                upload.release()
            }
        };
        if upload.report().refused_edits > before {
            self.bench.failed(Phase::Prompt, FIXED)?;
        }
        match self.blocked() {
            Some(stop) => Err(stop),
            None => Ok(passed),
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

    fn upload(&mut self, content_type: &str) -> Result<(), Stop> {
        self.bench.open().uploading = true;
        if self.bench.duty.prompt.is_idle() {
            return Ok(());
        }
        let protocol = protocol(self.operation);
        let framing = Framing::of(AnswerKind::Opaque, Some(content_type), protocol, true);
        let watcher = UploadWatcher(Arc::clone(&self.bench));
        self.upload = Some(Rewriter::upload(protocol, framing, watcher));
        Ok(())
    }

    fn sent(&mut self, piece: Bytes) -> Step<'_, Forward> {
        if self.upload.is_none() {
            return Step::pass(std::iter::once(piece).collect());
        }
        let began = Instant::now();
        let said = self.pass_up(|upload| upload.push(piece));
        self.bench.open().prompt.took(began.elapsed());
        Step::Done(said)
    }

    fn sent_all(&mut self) -> Step<'_, Forward> {
        let said = self.pass_up(Rewriter::end);
        if self.upload.as_ref().is_some_and(left_unscanned) {
            self.bench.unscanned(Phase::Prompt);
        }
        Step::Done(said)
    }

    fn remember(&mut self) -> Option<Remembered> {
        let open = self.bench.open();
        (!open.vault.is_empty()).then(|| Arc::new(open.vault.remembered()) as Remembered)
    }

    fn recall(&mut self, remembered: &Remembered) {
        if self.bench.duty.restores
            && let Some(before) = remembered.downcast_ref::<Vault>()
        {
            self.bench.open().vault = before.remembered();
        }
    }

    fn answer(&mut self, answer: &AnswerView<'_>) -> bool {
        let restores = self.bench.may_restore();
        if self.bench.duty.answer.is_idle() && !restores {
            return false;
        }
        let protocol = protocol(self.operation);
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
        let watcher = AnswerWatcher {
            bench: Arc::clone(&self.bench),
            tenant: self.answers,
            before: Arc::clone(&self.before),
        };
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
        if self.rewriter.as_ref().is_some_and(left_unscanned) {
            self.bench.unscanned(Phase::Answer);
        }
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
