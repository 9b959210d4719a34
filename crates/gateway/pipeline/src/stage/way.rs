//! The way of an answer's bytes from the meter to the client: translated where the client speaks another
//! language than its provider, then shown to the guards. It goes on after the bill is made, to the last byte.

use bytes::Bytes;
use tidegate_cache::{Bill, Recording};
use tidegate_types::Timestamp;
use tidegate_wire::{
    answer::{AnswerKind, Forward},
    translate::{self, Broken, Form, Stream, Translation},
};

use crate::guard::{Memory, Sentries, Step};

/// The way of one answer. That of most calls is empty, and costs nothing.
#[derive(Debug, Default)]
pub struct Way {
    back: Option<Back>,
    /// Takes down what the client would get without the guards.
    recording: Option<Box<Recording>>,
    pub(super) sentries: Sentries,
}

/// Brings an answer back into its client's language.
#[derive(Debug)]
enum Back {
    Events(Stream),
    /// An error of AWS, whose words name the operator's account.
    Redacted(Vec<u8>),
    /// Came in one piece though a stream was asked for: told as one when it is whole. `None` once that is done.
    Retold {
        translation: Option<Box<Translation>>,
        /// Whether its client speaks another language than its provider.
        foreign: bool,
        body: Vec<u8>,
    },
    /// Read when it is whole; `error` is the status of one, and the provider's name for it.
    Whole {
        translation: Translation,
        error: Option<(u16, Option<Box<str>>)>,
        body: Vec<u8>,
    },
}

/// More of an answer in one piece than this is not translated, in bytes. Images come in it.
const LARGEST: usize = 64 << 20;

impl Back {
    fn push(&mut self, piece: &Bytes) -> Result<Bytes, Broken> {
        match self {
            Self::Events(stream) => Ok(stream.push(piece)?.into()),
            Self::Redacted(body) | Self::Retold { body, .. } | Self::Whole { body, .. }
                if body.len() + piece.len() > LARGEST =>
            {
                Err(Broken("it is too large"))
            }
            Self::Redacted(body) | Self::Retold { body, .. } | Self::Whole { body, .. } => {
                body.extend_from_slice(piece);
                Ok(Bytes::new())
            }
        }
    }

    fn end(&mut self) -> Result<Bytes, Broken> {
        match self {
            Self::Events(stream) => Ok(stream.end()?.into()),
            Self::Redacted(body) => Ok(translate::redacted(&std::mem::take(body)).into()),
            Self::Retold {
                translation, body, ..
            } => match translation.take() {
                Some(translation) => Ok(translation.streamed(&std::mem::take(body))?.into()),
                None => Ok(Bytes::new()),
            },
            Self::Whole {
                translation,
                error,
                body,
            } => {
                let body = std::mem::take(body);
                match error {
                    Some((status, named)) => {
                        let failure = translation.failure(*status, named.as_deref(), &body);
                        Ok(failure.into())
                    }
                    None => Ok(translation.whole(&body)?.into()),
                }
            }
        }
    }
}

impl Way {
    /// A way by these guards.
    pub(super) const fn by(sentries: Sentries) -> Self {
        Self {
            back: None,
            recording: None,
            sentries,
        }
    }

    /// The same way for an error of AWS.
    pub(super) fn redacted(mut self) -> Self {
        self.back = Some(Back::Redacted(Vec::new()));
        self
    }

    /// The same way, taken down where an answer of this status, written like this, is one that is kept.
    pub(super) fn recorded(
        mut self,
        recording: Option<Box<Recording>>,
        status: u16,
        kind: AnswerKind,
    ) -> Self {
        self.recording = recording.filter(|recording| {
            let wanted = match recording.asking().shape.form() {
                Form::Stream => AnswerKind::Sse,
                Form::Whole => AnswerKind::Json,
            };
            status == 200 && kind == wanted
        });
        self
    }

    /// What passed was an answer for which this was billed, or with `None` was none that is kept.
    pub(super) fn billed(&mut self, bill: Option<Bill>, now: Timestamp) {
        match (&mut self.recording, bill) {
            (Some(recording), Some(bill)) => recording.settle(bill, now),
            (recording, _) => *recording = None,
        }
    }

    /// Whether it is taken down.
    pub(super) const fn is_recorded(&self) -> bool {
        self.recording.is_some()
    }

    /// The same way for an answer that has to be translated: of this status and this name of an error, written
    /// like this.
    pub(super) fn translated(
        mut self,
        translation: Translation,
        (status, named): (u16, Option<Box<str>>),
        kind: AnswerKind,
    ) -> Self {
        let error = !(200..300).contains(&status);
        self.back = Some(if kind.is_events() && !error {
            Back::Events(translation.stream())
        } else {
            Back::Whole {
                translation,
                error: error.then_some((status, named)),
                body: Vec::new(),
            }
        });
        self
    }

    /// The same way for an answer in one piece that has to be told as the stream that was asked for.
    pub(super) fn retold(mut self, translation: Translation) -> Self {
        self.back = Some(Back::Retold {
            foreign: translation.client() != translation.upstream(),
            translation: Some(Box::new(translation)),
            body: Vec::new(),
        });
        self
    }

    /// What the guards remember for the next call of the same conversation.
    #[must_use]
    pub fn remember(mut self) -> Memory {
        self.sentries.remember()
    }

    /// Whether the bytes pass as they are.
    #[must_use]
    pub const fn is_straight(&self) -> bool {
        self.back.is_none() && self.sentries.is_empty()
    }

    /// Whether they are translated.
    #[must_use]
    pub const fn is_translated(&self) -> bool {
        matches!(
            self.back,
            Some(Back::Events(_) | Back::Retold { foreign: true, .. } | Back::Whole { .. })
        )
    }

    /// Whether they come in one piece and leave as a stream.
    #[must_use]
    pub const fn is_retold(&self) -> bool {
        matches!(self.back, Some(Back::Retold { .. }))
    }

    /// Whether anything is held back that may still be stopped.
    pub(crate) fn holds(&self) -> bool {
        let whole = match &self.back {
            Some(Back::Redacted(_) | Back::Whole { .. }) => true,
            Some(Back::Retold { translation, .. }) => translation.is_some(),
            Some(Back::Events(_)) | None => false,
        };
        whole || self.sentries.hold()
    }

    /// Takes a piece of the answer; gives what may be sent now.
    ///
    /// # Errors
    /// It cannot be translated.
    pub fn push(&mut self, piece: Bytes) -> Result<Step<'_, Forward>, Broken> {
        self.pass(std::iter::once(piece).collect(), false)
    }

    /// The answer is over; gives what was held back.
    ///
    /// # Errors
    /// It cannot be translated, or was cut.
    pub fn end(&mut self) -> Result<Step<'_, Forward>, Broken> {
        self.pass(Forward::new(), true)
    }

    /// Takes pieces of the answer, and with `last` its end.
    fn pass(&mut self, pieces: Forward, last: bool) -> Result<Step<'_, Forward>, Broken> {
        let pieces = self.bring_back(pieces, last)?;
        if self.sentries.is_empty() {
            return Ok(Step::pass(pieces));
        }
        Ok(Step::later(self.sentries.pass(pieces, last)))
    }

    /// The same without the guards.
    pub(super) fn bring_back(&mut self, pieces: Forward, last: bool) -> Result<Forward, Broken> {
        let pieces = match &mut self.back {
            None => pieces,
            Some(back) => translated(back, &pieces, last)?,
        };
        if let Some(recording) = &mut self.recording {
            pieces.iter().for_each(|piece| recording.push(piece));
            if last {
                recording.end();
            }
        }
        Ok(pieces)
    }
}

fn translated(back: &mut Back, pieces: &Forward, last: bool) -> Result<Forward, Broken> {
    let mut out = Forward::new();
    for piece in pieces {
        out.push(back.push(piece)?);
    }
    if last {
        out.push(back.end()?);
    }
    // An empty piece would end a chunked body.
    out.retain(|piece| !piece.is_empty());
    Ok(out)
}
