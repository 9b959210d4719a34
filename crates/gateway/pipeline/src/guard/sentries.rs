//! The sentries of one call, in layers.

use std::{fmt, mem};

use bytes::Bytes;
use tidegate_wire::answer::Forward;

use super::{AnswerView, Sentry, Step, Stop};
use crate::Facts;

/// The sentries of one call. Those of most calls are none, and cost nothing.
#[derive(Default)]
pub struct Sentries(Vec<Box<dyn Sentry>>);

impl FromIterator<Box<dyn Sentry>> for Sentries {
    fn from_iter<T: IntoIterator<Item = Box<dyn Sentry>>>(sentries: T) -> Self {
        Self(sentries.into_iter().collect())
    }
}

impl fmt::Debug for Sentries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What they remember of the call is a person's text: not shown.
        write!(f, "Sentries({})", self.0.len())
    }
}

impl Sentries {
    /// Whether nobody watches this call.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether anything is held back.
    #[must_use]
    pub fn hold(&self) -> bool {
        self.0.iter().any(|sentry| sentry.holds())
    }

    /// Shows them the prompt; gives what is to be sent in its place, if anything else is.
    pub(crate) async fn prompt(
        &mut self,
        content_type: &str,
        body: &Bytes,
    ) -> Result<Option<Bytes>, Stop> {
        let mut changed = None;
        for sentry in &mut self.0 {
            let body = changed.as_ref().unwrap_or(body);
            if let Some(next) = sentry.prompt(content_type, body).done().await? {
                changed = Some(next);
            }
        }
        Ok(changed)
    }

    /// Notes what they did since they were last asked.
    pub(crate) fn report(&mut self, facts: &mut Facts) {
        for sentry in &mut self.0 {
            facts.guardrails.append(&mut sentry.applied());
        }
    }

    /// The answer begins; those that do not want to see it leave.
    pub(crate) fn answer(&mut self, answer: &AnswerView<'_>) {
        self.0.retain_mut(|sentry| sentry.answer(answer));
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
        for sentry in self.0.iter_mut().rev() {
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
}
