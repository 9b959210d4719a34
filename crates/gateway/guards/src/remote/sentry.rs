//! A call's services, from its prompt to its answer's last byte.

use std::{sync::Arc, time::Instant};

use bytes::Bytes;
use tidegate_governance::guardrail::{Applied, Phase, Streamed};
use tidegate_pipeline::guard::{AnswerView, Asked, CallView, Sentry, Step, Stop};
use tidegate_texts::{
    Direction, body,
    stream::{Framing, Rewriter},
};
use tidegate_wire::answer::{AnswerKind, Forward};

use super::{
    LONGEST, Services, TOO_LONG, UNREADABLE,
    asking::{Asking, CHANGED},
    collect::{Applier, Collector},
    gradual::Gradual,
    late::Late,
    texts::Cut,
};
use crate::{policy::Ready, sentry::protocol};

const UPLOAD: &str = "what is said is a stream in both directions, which cannot wait";

/// What asks for one call.
#[derive(Debug)]
pub(super) struct Asker {
    asking: Asking,
    operation: Asked,
    streamed: bool,
    uploading: bool,
    answer: Answer,
    late: Option<Late>,
}

/// How the answer is looked at.
#[derive(Debug)]
enum Answer {
    /// Not at all, or by those alone that it does not wait for.
    Passing,
    /// When it is whole.
    Whole(Whole),
    /// As it comes.
    Gradual(Box<Gradual>),
}

#[derive(Debug)]
struct Whole {
    ready: Vec<Arc<Ready>>,
    framing: Framing,
    kept: Vec<Bytes>,
    length: usize,
}

impl Asker {
    pub(super) fn new(
        call: &CallView<'_>,
        ready: Vec<Arc<Ready>>,
        services: Arc<dyn Services>,
    ) -> Self {
        Self {
            asking: Asking::new(call, ready, services),
            operation: call.operation,
            streamed: call.streamed,
            uploading: false,
            answer: Answer::Passing,
            late: None,
        }
    }

    async fn look(&mut self, content_type: &str, sent: &Bytes) -> Result<Option<Bytes>, Stop> {
        let (phase, direction) = (Phase::Prompt, Direction::Request);
        let protocol = protocol(self.operation);
        let ready = self.asking.looks(phase);
        let mut collector = Collector::default();
        let read = body::rewrite(content_type, direction, protocol, sent, &mut collector);
        if read.is_err() {
            let unseen = self.asking.unseen_by(phase, &ready, UNREADABLE);
            return unseen.map(|()| None);
        }
        let said = self.asking.ask(phase, &ready, &collector.texts()).await?;
        if said.edits.is_empty() {
            return Ok(None);
        }
        let mut applier = Applier(said.edits);
        match body::rewrite(content_type, direction, protocol, sent, &mut applier) {
            Ok(written) if written.report.refused_edits == 0 => Ok(written.body),
            Ok(_) | Err(_) => Err(Stop::Failed(CHANGED)),
        }
    }

    /// The answer is whole.
    async fn looked(&mut self, whole: Whole) -> Result<Forward, Stop> {
        let (phase, protocol) = (Phase::Answer, protocol(self.operation));
        let Whole {
            ready,
            framing,
            kept,
            ..
        } = whole;
        let mut reader = Rewriter::new(protocol, framing.clone(), Collector::default());
        let read = kept
            .iter()
            .try_for_each(|piece| reader.push(piece.clone()).map(drop));
        if read.and_then(|()| reader.end().map(drop)).is_err() || framing == Framing::Opaque {
            self.asking.unseen_by(phase, &ready, UNREADABLE)?;
            return Ok(kept.into_iter().collect());
        }
        let texts = reader.into_watcher().texts();
        let said = self.asking.ask(phase, &ready, &texts).await?;
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

    /// Decides how those look that look at answers.
    fn begin(&mut self, framing: Framing) {
        let protocol = protocol(self.operation);
        let stream = !matches!(framing, Framing::Whole(_) | Framing::Opaque);
        let (late, waited): (Vec<_>, Vec<_>) = self
            .asking
            .looks(Phase::Answer)
            .into_iter()
            .partition(|ready| stream && matches!(ready.streamed(), Streamed::Async { .. }));
        if let Some(cut) = cut(&late) {
            self.late = Some(Late::new(protocol, &framing, late, cut));
        }
        let windows = stream
            && waited
                .iter()
                .all(|ready| ready.streamed() != Streamed::Buffer);
        self.answer = match cut(&waited) {
            None => Answer::Passing,
            Some(cut) if windows => {
                Answer::Gradual(Box::new(Gradual::new(protocol, &framing, waited, cut)))
            }
            Some(_) => Answer::Whole(Whole {
                ready: waited,
                framing,
                kept: Vec::new(),
                length: 0,
            }),
        };
    }
}

/// How answers are cut for these: as the one wants it that asks most often, and the one that looks back furthest.
fn cut(ready: &[Arc<Ready>]) -> Option<Cut> {
    let cuts = ready.iter().map(|ready| match ready.streamed() {
        Streamed::Buffer => (u32::MAX, 0, true),
        Streamed::Window {
            characters,
            overlap,
        } => (characters, overlap, true),
        Streamed::Async { characters } => (characters, characters / 10, false),
    });
    let (characters, overlap, holds) =
        cuts.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1), one.2 || other.2))?;
    let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    Some(Cut {
        characters: size(characters).max(1),
        overlap: size(overlap),
        holds,
    })
}

impl Whole {
    /// Keeps one more piece; gives all of them when they are too many to be looked at.
    fn keep(&mut self, piece: Bytes, asking: &mut Asking) -> Result<Option<Forward>, Stop> {
        self.length += piece.len();
        self.kept.push(piece);
        if self.length <= LONGEST {
            return Ok(None);
        }
        asking.unseen_by(Phase::Answer, &self.ready, TOO_LONG)?;
        Ok(Some(std::mem::take(&mut self.kept).into_iter().collect()))
    }
}

impl Sentry for Asker {
    fn prompt<'a>(&'a mut self, content_type: &'a str, body: &'a Bytes) -> Step<'a, Option<Bytes>> {
        if self.asking.looks(Phase::Prompt).is_empty() {
            return Step::pass(None);
        }
        Step::later(async move {
            let began = Instant::now();
            let said = self.look(content_type, body).await;
            self.asking.took(Phase::Prompt, began.elapsed());
            said
        })
    }

    fn upload(&mut self, _: &str) -> Result<(), Stop> {
        self.uploading = true;
        for phase in [Phase::Prompt, Phase::Answer] {
            let ready = self.asking.looks(phase);
            self.asking.unseen_by(phase, &ready, UPLOAD)?;
        }
        Ok(())
    }

    fn answer(&mut self, answer: &AnswerView<'_>) -> bool {
        let success = (200..300).contains(&answer.status);
        if self.asking.looks(Phase::Answer).is_empty() || self.uploading || !success {
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
        let protocol = protocol(self.operation);
        self.begin(Framing::of(kind, content_type, protocol, self.streamed));
        true
    }

    fn push(&mut self, piece: Bytes) -> Step<'_, Forward> {
        if let Some(late) = &mut self.late
            && let Err(stop) = late.take(&mut self.asking, Some(&piece))
        {
            return Step::stop(stop);
        }
        if let Answer::Whole(whole) = &mut self.answer {
            return match whole.keep(piece, &mut self.asking) {
                Ok(None) => Step::pass(Forward::new()),
                Ok(Some(kept)) => {
                    self.answer = Answer::Passing;
                    Step::pass(kept)
                }
                Err(stop) => Step::stop(stop),
            };
        }
        let Answer::Gradual(gradual) = &mut self.answer else {
            return Step::pass(std::iter::once(piece).collect());
        };
        match gradual.take(&mut self.asking, Some(piece)) {
            Ok(Some(passed)) => Step::pass(passed),
            Err(stop) => Step::stop(stop),
            Ok(None) => {
                let asking = &mut self.asking;
                Step::later(async move {
                    let began = Instant::now();
                    let said = gradual.ask(asking).await;
                    asking.took(Phase::Answer, began.elapsed());
                    said
                })
            }
        }
    }

    fn end(&mut self) -> Step<'_, Forward> {
        let nothing = matches!(&self.answer, Answer::Whole(whole) if whole.kept.is_empty());
        let passing = matches!(self.answer, Answer::Passing);
        if self.late.is_none() && (passing || nothing) {
            return Step::pass(Forward::new());
        }
        Step::later(async move {
            let began = Instant::now();
            let said = match std::mem::replace(&mut self.answer, Answer::Passing) {
                Answer::Passing => Ok(Forward::new()),
                Answer::Whole(whole) => self.looked(whole).await,
                Answer::Gradual(mut gradual) => gradual.end(&mut self.asking).await,
            };
            let heard = match &mut self.late {
                Some(late) if said.is_ok() => late.end(&mut self.asking).await,
                _ => Ok(()),
            };
            self.asking.took(Phase::Answer, began.elapsed());
            heard.and(said)
        })
    }

    fn holds(&self) -> bool {
        // The bill is made when nobody can object any more.
        if self.late.as_ref().is_some_and(Late::waits) {
            return true;
        }
        match &self.answer {
            Answer::Passing => false,
            Answer::Whole(whole) => !whole.kept.is_empty(),
            Answer::Gradual(gradual) => gradual.holds(),
        }
    }

    fn applied(&mut self) -> Vec<Applied> {
        if let Some(late) = &mut self.late {
            late.over(&mut self.asking);
        }
        self.asking.applied()
    }
}
