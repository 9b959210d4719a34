//! Asks the services that concern one call.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use bytes::Bytes;
use tidegate_engines::{Content, Direction as Way, Verdict};
use tidegate_governance::guardrail::{Action, Applied, Phase};
use tidegate_pipeline::guard::{AnswerView, CallView, Sentry, Step, Stop};
use tidegate_texts::{
    Direction, Protocol, body,
    channel::Kind,
    stream::{Framing, Rewriter},
    watch::Edit,
};
use tidegate_wire::{
    answer::{AnswerKind, Forward},
    route::Operation,
};

use super::{
    Services,
    collect::{Applier, Collected, Collector},
};
use crate::{
    outcome::{Deed, Outcome},
    policy::Ready,
    replace,
};

/// The most of an answer that is kept until a service has seen it, in bytes.
const LONGEST: usize = 4 << 20;

const UNREADABLE: &str = "a text could not be read";
const TOO_LONG: &str = "the answer is too long to be kept";
const CHANGED: &str = "the service's edits do not fit the text";

/// What asks for one call.
#[derive(Debug)]
pub(super) struct Asker {
    ready: Vec<Arc<Ready>>,
    services: Arc<dyn Services>,
    operation: Operation,
    model: String,
    streamed: bool,
    framing: Option<Framing>,
    kept: Vec<Bytes>,
    length: usize,
    prompt: Outcome,
    answer: Outcome,
}

/// What the services made of some texts.
#[derive(Default)]
struct Said {
    edits: BTreeMap<u32, Vec<Edit>>,
}

impl Asker {
    pub(super) fn new(
        call: &CallView<'_>,
        ready: Vec<Arc<Ready>>,
        services: Arc<dyn Services>,
    ) -> Self {
        Self {
            ready,
            services,
            operation: call.operation,
            model: call.model.map(ToString::to_string).unwrap_or_default(),
            streamed: call.streamed,
            framing: None,
            kept: Vec::new(),
            length: 0,
            prompt: Outcome::new(Phase::Prompt),
            answer: Outcome::new(Phase::Answer),
        }
    }

    fn looks(&self, phase: Phase) -> Vec<Arc<Ready>> {
        let looks = |ready: &&Arc<Ready>| match phase {
            Phase::Prompt => ready.definition.prompts,
            Phase::Answer => ready.definition.answers,
        };
        self.ready.iter().filter(looks).cloned().collect()
    }

    fn outcome(&mut self, phase: Phase) -> &mut Outcome {
        match phase {
            Phase::Prompt => &mut self.prompt,
            Phase::Answer => &mut self.answer,
        }
    }

    fn note(
        &mut self,
        phase: Phase,
        ready: &Ready,
        detector: &str,
        done: &'static str,
        place: Option<Kind>,
    ) {
        let deed = Deed {
            guardrail: &ready.name,
            detector,
            action: done,
            shadow: ready.definition.shadow,
            error: None,
            place,
        };
        self.outcome(phase).note(deed);
    }

    /// A guardrail could not look.
    fn unseen(&mut self, phase: Phase, ready: &Ready, error: &'static str) -> Result<(), Stop> {
        let stops = ready.is_closed();
        let deed = Deed {
            guardrail: &ready.name,
            detector: "",
            action: if stops { "refused" } else { "bypassed" },
            shadow: ready.definition.shadow,
            error: Some(error),
            place: None,
        };
        self.outcome(phase).note(deed);
        if stops {
            Err(Stop::Failed(error))
        } else {
            Ok(())
        }
    }

    fn unseen_by_all(&mut self, phase: Phase, error: &'static str) -> Result<(), Stop> {
        let looks = self.looks(phase);
        looks
            .iter()
            .try_for_each(|ready| self.unseen(phase, ready, error))
    }

    /// Asks them all about these texts, one after the other.
    async fn ask(&mut self, phase: Phase, texts: &[Collected]) -> Result<Said, Stop> {
        let mut said = Said::default();
        if texts.is_empty() {
            return Ok(said);
        }
        let services = Arc::clone(&self.services);
        let model = self.model.clone();
        let content = Content {
            direction: match phase {
                Phase::Prompt => Way::Prompt,
                Phase::Answer => Way::Answer,
            },
            parts: texts.iter().map(Collected::part).collect(),
            model: &model,
        };
        for ready in self.looks(phase) {
            match services.ask(ready.service(), &content).await {
                Ok(verdict) => self.obey(phase, &ready, texts, verdict, &mut said)?,
                Err(error) => self.unseen(phase, &ready, error)?,
            }
        }
        Ok(said)
    }

    fn obey(
        &mut self,
        phase: Phase,
        ready: &Ready,
        texts: &[Collected],
        verdict: Verdict,
        said: &mut Said,
    ) -> Result<(), Stop> {
        let definition = &ready.definition;
        let (does, name) = (!definition.shadow, definition.action.name());
        let changes = does && matches!(definition.action, Action::Redact { .. } | Action::Restore);
        let mut found = false;
        match verdict {
            Verdict::Allow => {}
            Verdict::Failed(failure) => {
                let error = if failure.retryable() {
                    "the service is overloaded or out of order"
                } else {
                    "the service did not look"
                };
                return self.unseen(phase, ready, error);
            }
            Verdict::Block { categories, .. } => {
                found = true;
                for category in &categories {
                    // What has no place cannot be replaced: nothing passes.
                    let done = if changes { "block" } else { name };
                    self.note(phase, ready, category, done, None);
                }
                if changes {
                    return Err(Stop::Blocked(ready.name.clone()));
                }
            }
            Verdict::Mark(marks) => {
                for mark in marks {
                    let Some(text) = texts.get(mark.part) else {
                        return self.unseen(phase, ready, CHANGED);
                    };
                    found = true;
                    self.note(phase, ready, &mark.category, name, Some(text.channel.kind));
                    if changes {
                        let label = replace::label(&mark.category.to_lowercase());
                        said.add(text, mark.span, &format!("[{label}]"));
                    }
                }
            }
            Verdict::Replace(replaced) => {
                for (text, with) in texts.iter().zip(replaced) {
                    let Some(with) = with else {
                        continue;
                    };
                    found = true;
                    self.note(phase, ready, "text", name, Some(text.channel.kind));
                    if changes {
                        said.add(text, 0..text.text.len(), &with);
                    }
                }
            }
        }
        if found && does && definition.action == Action::Block {
            return Err(Stop::Blocked(ready.name.clone()));
        }
        Ok(())
    }

    async fn look(&mut self, content_type: &str, sent: &Bytes) -> Result<Option<Bytes>, Stop> {
        let protocol = Protocol::of(self.operation);
        let mut collector = Collector::default();
        let read = body::rewrite(
            content_type,
            Direction::Request,
            protocol,
            sent,
            &mut collector,
        );
        if read.is_err() {
            return self.unseen_by_all(Phase::Prompt, UNREADABLE).map(|()| None);
        }
        let said = self.ask(Phase::Prompt, &collector.texts()).await?;
        if said.edits.is_empty() {
            return Ok(None);
        }
        let mut applier = Applier(said.edits);
        match body::rewrite(
            content_type,
            Direction::Request,
            protocol,
            sent,
            &mut applier,
        ) {
            Ok(written) if written.report.refused_edits == 0 => Ok(written.body),
            Ok(_) | Err(_) => Err(Stop::Failed(CHANGED)),
        }
    }

    /// The answer is whole.
    async fn looked(&mut self) -> Result<Forward, Stop> {
        let kept = std::mem::take(&mut self.kept);
        self.length = 0;
        let Some(framing) = self.framing.take() else {
            return Ok(kept.into_iter().collect());
        };
        let protocol = Protocol::of(self.operation);
        let mut reader = Rewriter::new(protocol, framing.clone(), Collector::default());
        let read = kept
            .iter()
            .try_for_each(|piece| reader.push(piece.clone()).map(drop));
        if read.and_then(|()| reader.end().map(drop)).is_err() || framing == Framing::Opaque {
            self.unseen_by_all(Phase::Answer, UNREADABLE)?;
            return Ok(kept.into_iter().collect());
        }
        let said = self
            .ask(Phase::Answer, &reader.into_watcher().texts())
            .await?;
        if said.edits.is_empty() {
            return Ok(kept.into_iter().collect());
        }
        let mut writer = Rewriter::new(protocol, framing, Applier(said.edits));
        let mut passed = Forward::new();
        for piece in kept {
            passed.extend(writer.push(piece).map_err(|_| Stop::Failed(CHANGED))?);
        }
        passed.extend(writer.end().map_err(|_| Stop::Failed(CHANGED))?);
        Ok(passed)
    }
}

impl Said {
    fn add(&mut self, text: &Collected, span: std::ops::Range<usize>, with: &str) {
        let edit = Edit {
            span: span.start as u64..span.end as u64,
            with: with.into(),
        };
        let edits = self.edits.entry(text.channel.number).or_default();
        *edits = crate::watching::apart(std::mem::take(edits), vec![edit]);
    }
}

impl Sentry for Asker {
    fn prompt<'a>(&'a mut self, content_type: &'a str, body: &'a Bytes) -> Step<'a, Option<Bytes>> {
        if self.looks(Phase::Prompt).is_empty() {
            return Step::pass(None);
        }
        Step::later(async move {
            let began = Instant::now();
            let said = self.look(content_type, body).await;
            self.prompt.took(began.elapsed());
            said
        })
    }

    fn answer(&mut self, answer: &AnswerView<'_>) -> bool {
        let success = (200..300).contains(&answer.status);
        if self.looks(Phase::Answer).is_empty() || !success {
            return false;
        }
        let readable = answer
            .encoding
            .is_none_or(|encoding| encoding.eq_ignore_ascii_case("identity"));
        let kind = if readable {
            answer.kind
        } else {
            AnswerKind::Opaque
        };
        let content_type = answer.content_type.filter(|_| readable);
        let protocol = Protocol::of(self.operation);
        self.framing = Some(Framing::of(kind, content_type, protocol, self.streamed));
        true
    }

    fn push(&mut self, piece: Bytes) -> Step<'_, Forward> {
        if self.framing.is_none() {
            return Step::pass(std::iter::once(piece).collect());
        }
        self.length += piece.len();
        self.kept.push(piece);
        if self.length <= LONGEST {
            return Step::pass(Forward::new());
        }
        self.framing = None;
        match self.unseen_by_all(Phase::Answer, TOO_LONG) {
            Ok(()) => Step::pass(std::mem::take(&mut self.kept).into_iter().collect()),
            Err(stop) => Step::stop(stop),
        }
    }

    fn end(&mut self) -> Step<'_, Forward> {
        if self.kept.is_empty() {
            return Step::pass(Forward::new());
        }
        Step::later(async move {
            let began = Instant::now();
            let said = self.looked().await;
            self.answer.took(began.elapsed());
            said
        })
    }

    fn holds(&self) -> bool {
        !self.kept.is_empty()
    }

    fn applied(&mut self) -> Vec<Applied> {
        let mut applied = self.prompt.take();
        applied.append(&mut self.answer.take());
        applied
    }
}
