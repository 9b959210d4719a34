//! Metering of answers while they pass: usage, model and tier are picked out of the bytes without
//! holding them. Streams are forwarded chunk by chunk as they come; only where the gateway itself
//! switched the usage report on are events held until they are whole, to take it out again.

mod facts;
mod frames;
mod hide;
mod lines;
mod report;
mod tap;
#[cfg(test)]
mod tests;
mod usage;

use std::time::Duration;

use bytes::Bytes;
use smallvec::{SmallVec, smallvec};
use tidegate_types::{Usage, UsageSource};

use crate::{Operation, eventstream, translate::Json};
use facts::Facts;
use frames::Frames;
use hide::Hider;
use lines::Lines;
use report::Report;
use tap::Tap;

/// The usage report of a Chat Completions or Responses answer.
pub(crate) fn openai_usage(report: &Json<'_>) -> Usage {
    reported(usage::openai_text(&Report::of(report)))
}

/// The usage reports of a Messages stream: that of its start and that of its end, or one twice.
pub(crate) fn anthropic_usage(first: &Json<'_>, last: &Json<'_>) -> Usage {
    reported(usage::anthropic(&Report::of(first), &Report::of(last)))
}

/// The usage report of a `generateContent` answer.
pub(crate) fn gemini_usage(report: &Json<'_>) -> Usage {
    reported(usage::gemini(&Report::of(report)))
}

const fn reported(usage: Usage) -> Usage {
    Usage {
        source: UsageSource::Reported,
        ..usage
    }
}

/// The usage report of a Converse answer.
pub(crate) fn converse_usage(report: &Json<'_>) -> Usage {
    reported(usage::converse(&Report::of(report)))
}

/// What is to be sent on, in order: mostly the very chunk that came.
pub type Forward = SmallVec<[Bytes; 2]>;

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerKind {
    /// AWS' messages ([`crate::eventstream`]).
    EventStream,
    /// One JSON value.
    Json,
    /// Anything else: files, sound, text.
    Opaque,
    /// Server-sent events (WHATWG HTML §9.2).
    Sse,
}

impl AnswerKind {
    /// From a `content-type` header.
    #[must_use]
    pub fn of(content_type: &str) -> Self {
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        let json_suffix = essence
            .len()
            .checked_sub(5)
            .and_then(|at| essence.get(at..))
            .is_some_and(|suffix| suffix.eq_ignore_ascii_case("+json"));
        if essence.eq_ignore_ascii_case("text/event-stream") {
            Self::Sse
        } else if essence.eq_ignore_ascii_case(eventstream::CONTENT_TYPE) {
            Self::EventStream
        } else if essence.eq_ignore_ascii_case("application/json") || json_suffix {
            Self::Json
        } else {
            Self::Opaque
        }
    }

    /// Whether it is a stream of events, into which an error can be put.
    #[must_use]
    pub const fn is_events(self) -> bool {
        matches!(self, Self::EventStream | Self::Sse)
    }

    /// As [`AnswerKind::of`]; where a provider sends no `content-type`, a stream that was asked
    /// for is taken for events and anything else for JSON.
    #[must_use]
    pub fn of_answer(content_type: Option<&str>, stream_asked: bool) -> Self {
        match content_type {
            Some(text) => Self::of(text),
            None if stream_asked => Self::Sse,
            None => Self::Json,
        }
    }
}

/// Reads one answer as it passes.
#[derive(Debug)]
pub struct Meter {
    kind: AnswerKind,
    lines: Lines,
    frames: Frames,
    tap: Tap,
    facts: Facts,
    hider: Option<Box<Hider>>,
}

impl Meter {
    /// A meter for an answer of `kind` to `operation`. With `hide_usage`, the usage chunk of an
    /// `OpenAI` stream is kept from the client, who did not ask for it.
    #[must_use]
    pub fn new(operation: Operation, kind: AnswerKind, hide_usage: bool) -> Self {
        let hide = hide_usage && kind == AnswerKind::Sse && operation.has_usage_switch();
        Self {
            kind,
            lines: Lines::default(),
            frames: Frames::default(),
            tap: Tap::default(),
            facts: Facts::new(operation, kind),
            hider: hide.then(Box::default),
        }
    }

    /// Takes a chunk; returns what is to be sent on now.
    pub fn push(&mut self, chunk: Bytes) -> Forward {
        match self.kind {
            AnswerKind::EventStream => self.frames.feed(&chunk, &mut self.tap, &mut self.facts),
            AnswerKind::Opaque => {}
            AnswerKind::Json => {
                self.tap.feed(&chunk, &mut self.facts);
                if self.tap.is_complete() {
                    self.facts.complete();
                }
            }
            AnswerKind::Sse => self.lines.feed(&chunk, &mut self.tap, &mut self.facts),
        }
        match &mut self.hider {
            Some(hider) => hider.push(chunk),
            None => smallvec![chunk],
        }
    }

    /// The answer is over; returns what was held back.
    pub fn end(&mut self) -> Forward {
        self.hider
            .as_mut()
            .map(|hider| hider.end())
            .unwrap_or_default()
    }

    /// What was used, as reported so far: `Reported` once the terminal event was seen, `Partial`
    /// before. `None` if nothing was reported. Parses the report at each call.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        self.facts.usage()
    }

    /// Bytes of answer text seen (text, tool arguments, visible reasoning), for estimates.
    #[must_use]
    pub const fn content_bytes(&self) -> u64 {
        self.facts.content_bytes
    }

    /// Events seen that carried data.
    #[must_use]
    pub const fn events(&self) -> u64 {
        self.facts.events
    }

    /// The model that answered, as the provider calls it.
    #[must_use]
    pub fn served_model(&self) -> Option<&str> {
        self.facts.model.as_deref()
    }

    /// Whether the answer is or holds an error.
    #[must_use]
    pub const fn error_event(&self) -> bool {
        self.facts.error
    }

    /// Whether the terminal event, or the end of the JSON value, was seen.
    #[must_use]
    pub const fn finished(&self) -> bool {
        self.facts.finished
    }

    /// The length of the sound, where a transcription is billed by it.
    #[must_use]
    pub fn sound(&self) -> Option<Duration> {
        self.facts.sound()
    }
}
