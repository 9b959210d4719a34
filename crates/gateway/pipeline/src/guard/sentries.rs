//! The sentries of one call, in layers.

use std::{fmt, mem};

use bytes::Bytes;
use tidegate_wire::answer::Forward;

use super::{AnswerView, Memory, Sentry, Step, Stop};
use crate::Facts;

/// The sentries of one call. Those of most calls are none, and cost nothing.
#[derive(Default)]
pub struct Sentries {
    posted: Vec<Posted>,
    /// The request is a stream that may go on after the answer began.
    uploading: bool,
}

struct Posted {
    sentry: Box<dyn Sentry>,
    sees_answer: bool,
}

impl FromIterator<Box<dyn Sentry>> for Sentries {
    fn from_iter<T: IntoIterator<Item = Box<dyn Sentry>>>(sentries: T) -> Self {
        let posted = |sentry| Posted {
            sentry,
            sees_answer: true,
        };
        Self {
            posted: sentries.into_iter().map(posted).collect(),
            uploading: false,
        }
    }
}

impl fmt::Debug for Sentries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What they remember of the call is a person's text: not shown.
        write!(f, "Sentries({})", self.posted.len())
    }
}

impl Sentries {
    /// Whether nobody watches this call.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.posted.is_empty()
    }

    /// Whether anything of the answer is held back.
    #[must_use]
    pub fn hold(&self) -> bool {
        self.posted.iter().any(|posted| posted.sentry.holds())
    }

    /// Whether anyone sees the answer.
    pub(crate) fn see_answer(&self) -> bool {
        self.posted.iter().any(|posted| posted.sees_answer)
    }

    /// Shows them the prompt; gives what is to be sent in its place, if anything else is.
    pub(crate) async fn prompt(
        &mut self,
        content_type: &str,
        body: &Bytes,
    ) -> Result<Option<Bytes>, Stop> {
        let mut changed = None;
        for posted in &mut self.posted {
            let body = changed.as_ref().unwrap_or(body);
            if let Some(next) = posted.sentry.prompt(content_type, body).done().await? {
                changed = Some(next);
            }
        }
        Ok(changed)
    }

    /// The request is a stream: its pieces will come one by one.
    pub(crate) fn upload(&mut self, content_type: &str) -> Result<(), Stop> {
        self.uploading = true;
        let mut posted = self.posted.iter_mut();
        posted.try_for_each(|posted| posted.sentry.upload(content_type))
    }

    /// What they remember for the conversation's next call.
    pub(crate) fn remember(&mut self) -> Memory {
        let posted = self.posted.iter_mut();
        Memory(
            posted
                .filter_map(|posted| posted.sentry.remember())
                .collect(),
        )
    }

    /// Tells them what was remembered of the calls before.
    pub(crate) fn recall(&mut self, memory: &Memory) {
        for posted in &mut self.posted {
            for remembered in &memory.0 {
                posted.sentry.recall(remembered);
            }
        }
    }

    /// Notes what they did since they were last asked.
    pub(crate) fn report(&mut self, facts: &mut Facts) {
        for posted in &mut self.posted {
            facts.guardrails.append(&mut posted.sentry.applied());
        }
    }

    /// The answer begins; those that do not want to see it leave, unless they are still at the request.
    pub(crate) fn answer(&mut self, answer: &AnswerView<'_>) {
        let uploading = self.uploading;
        self.posted.retain_mut(|posted| {
            posted.sees_answer = posted.sentry.answer(answer);
            posted.sees_answer || uploading
        });
    }

    /// Takes a piece of the answer; gives what may be sent now.
    pub fn push(&mut self, piece: Bytes) -> Step<'_, Forward> {
        let pieces = std::iter::once(piece).collect();
        if self.is_empty() {
            return Step::pass(pieces);
        }
        Step::later(self.pass(pieces, false))
    }

    /// The answer is over; gives what was held back.
    pub fn end(&mut self) -> Step<'_, Forward> {
        if self.is_empty() {
            return Step::pass(Forward::new());
        }
        Step::later(self.pass(Forward::new(), true))
    }

    /// Takes pieces of the answer, and with `last` its end.
    pub(crate) async fn pass(&mut self, mut pieces: Forward, last: bool) -> Result<Forward, Stop> {
        let seeing = self.posted.iter_mut().rev();
        for Posted { sentry, .. } in seeing.filter(|posted| posted.sees_answer) {
            for piece in mem::take(&mut pieces) {
                // An empty piece would end a chunked body.
                if !piece.is_empty() {
                    pieces.extend(sentry.push(piece).done().await?);
                }
            }
            if last {
                pieces.extend(sentry.end().done().await?);
            }
        }
        pieces.retain(|piece| !piece.is_empty());
        Ok(pieces)
    }

    /// Takes a piece of a request that is a stream, or with `None` its end.
    pub(crate) async fn pass_up(&mut self, piece: Option<Bytes>) -> Result<Forward, Stop> {
        let last = piece.is_none();
        let mut pieces: Forward = piece.into_iter().collect();
        // A request that was shown whole has no pieces to look at.
        let looking = if self.uploading {
            self.posted.as_mut_slice()
        } else {
            &mut []
        };
        for Posted { sentry, .. } in looking {
            for piece in mem::take(&mut pieces) {
                if !piece.is_empty() {
                    pieces.extend(sentry.sent(piece).done().await?);
                }
            }
            if last {
                pieces.extend(sentry.sent_all().done().await?);
            }
        }
        pieces.retain(|piece| !piece.is_empty());
        Ok(pieces)
    }
}
