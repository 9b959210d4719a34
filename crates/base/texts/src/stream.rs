//! Answers that come in pieces. Frames are cut out of the stream, their texts shown to the watches of
//! the texts that they go on with, and each frame leaves, in its order, when all its texts are decided.
//!
//! A frame that nothing changed leaves as the bytes that came, without a copy where it lay in one
//! chunk. What replaces a text goes into the first frame that has a part of it; the rest of it
//! disappears from the others, which stay, with their ids and indices, however empty.

pub(crate) mod envelope;
mod framer;
mod queue;
mod wrap;

use bytes::Bytes;
use tidegate_wire::{
    answer::{AnswerKind, Forward},
    eventstream,
    json::Ends,
};

use crate::{
    body,
    desk::Desk,
    fault::{Fault, Limits, Report},
    protocol::{Direction, Protocol},
    walk::Finish,
    watch::Watcher,
};
use framer::{Cut, Framer};
use queue::{Out, Queue};
use wrap::Frame;

/// How a stream is cut into frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Framing {
    /// A JSON array whose elements are the events (Gemini without `alt=sse`).
    Array,
    /// Messages in the envelopes of Connect and gRPC: flags, length, message.
    Envelopes,
    /// Binary messages with checksums (`application/vnd.amazon.eventstream`).
    EventStream,
    /// One JSON value a line.
    Lines,
    /// Nobody can read it: it passes, and is counted.
    Opaque,
    /// Server-sent events (WHATWG HTML §9.2).
    Sse,
    /// No stream: one body of this `content-type`, however it is cut. It leaves at its end.
    Whole(Box<str>),
}

impl Framing {
    /// How an answer is framed; `streamed` says that a stream was asked for.
    #[must_use]
    pub fn of(
        kind: AnswerKind,
        content_type: Option<&str>,
        protocol: Protocol,
        streamed: bool,
    ) -> Self {
        let full = content_type.unwrap_or_default();
        let essence = full.split(';').next().unwrap_or_default().trim();
        let essence = essence.to_ascii_lowercase();
        let whole = |kind: &str| Self::Whole(kind.into());
        match kind {
            AnswerKind::EventStream => Self::EventStream,
            AnswerKind::Sse => Self::Sse,
            AnswerKind::Json if streamed && protocol == Protocol::Gemini => Self::Array,
            AnswerKind::Json => whole(full),
            AnswerKind::Opaque => match essence.as_str() {
                eventstream::CONTENT_TYPE => Self::EventStream,
                _ if protocol == Protocol::Envelopes && body::is_one_message(full) => whole(full),
                _ if protocol == Protocol::Envelopes && essence.starts_with("application/") => {
                    Self::Envelopes
                }
                "application/x-ndjson" | "application/jsonl" | "application/x-jsonl" => Self::Lines,
                _ if essence.starts_with("text/") || essence.ends_with("xml") => whole(full),
                _ => Self::Opaque,
            },
        }
    }
}

/// In a stream that does not say which texts are over, one that had no piece for so many frames is.
/// Else an id that happens to end like the beginning of a finding would hold up the stream.
const IDLE: u32 = 16;

/// Rewrites one answer as it passes.
pub struct Rewriter<W> {
    watcher: W,
    core: Core,
}

struct Core {
    direction: Direction,
    protocol: Protocol,
    framing: Framing,
    limits: Limits,
    desk: Desk,
    framer: Framer,
    /// The beginning of a frame that is not yet whole.
    partial: Vec<u8>,
    queue: Queue,
    /// What was ready when a fault came, and what was not read because of it.
    spared: Forward,
    failed: Option<Fault>,
    passing: bool,
}

impl<W: Watcher> Rewriter<W> {
    /// A rewriter of an answer in this shape, with the usual bounds.
    #[must_use]
    pub fn new(protocol: Protocol, framing: Framing, watcher: W) -> Self {
        Self::bounded(protocol, framing, watcher, Limits::default())
    }

    /// A rewriter of a request that is a stream, as those of some apps are.
    #[must_use]
    pub fn upload(protocol: Protocol, framing: Framing, watcher: W) -> Self {
        let limits = Limits::default();
        Self::bounded(protocol, framing, watcher, limits).towards(Direction::Request)
    }

    pub(crate) fn towards(mut self, direction: Direction) -> Self {
        self.core.direction = direction;
        self.core.desk = Desk::new(direction, self.core.limits);
        self
    }

    /// As [`Rewriter::new`], with bounds of one's own.
    #[must_use]
    pub fn bounded(protocol: Protocol, framing: Framing, watcher: W, limits: Limits) -> Self {
        let core = Core {
            direction: Direction::Answer,
            protocol,
            framer: Framer::of(&framing),
            framing,
            limits,
            desk: Desk::new(Direction::Answer, limits),
            partial: Vec::new(),
            queue: Queue::default(),
            spared: Forward::new(),
            failed: None,
            passing: false,
        };
        Self { watcher, core }
    }

    /// Takes a piece of the answer, cut anywhere; gives what may be sent now. After a stop that is what
    /// came before, and then nothing any more.
    ///
    /// # Errors
    /// A bound is reached, or this is not what it should be. From then on nothing passes, until
    /// [`Rewriter::release`] says that all shall: call it before the next piece, which is lost else.
    pub fn push(&mut self, piece: Bytes) -> Result<Forward, Fault> {
        self.core.push(piece, &mut self.watcher)
    }

    /// There is no more; gives what was held back.
    ///
    /// # Errors
    /// As [`Rewriter::push`].
    pub fn end(&mut self) -> Result<Forward, Fault> {
        self.core.end(&mut self.watcher)
    }

    /// Lets pass what is held, and from now on everything, unread: for a guard that is to let pass what
    /// it cannot see. Edits that were decided are made. After a stop, nothing passes even so.
    pub fn release(&mut self) -> Forward {
        self.core.release()
    }

    /// Whether anything is held back.
    pub fn holds(&self) -> bool {
        let core = &self.core;
        let nothing = core.partial.is_empty() && core.queue.is_empty();
        !(core.desk.stopped || nothing)
    }

    /// Whether a watch lets nothing pass any more.
    pub const fn stopped(&self) -> bool {
        self.core.desk.stopped
    }

    /// Whether everything passes unread: the framing says that nobody can read it, or it was released.
    pub fn passes(&self) -> bool {
        self.core.passing || self.core.framing == Framing::Opaque
    }

    /// What was not looked at or not done, so far.
    pub const fn report(&self) -> Report {
        self.core.desk.report
    }

    /// Whoever gives the watches.
    pub const fn watcher(&self) -> &W {
        &self.watcher
    }

    /// Whoever gives the watches.
    pub const fn watcher_mut(&mut self) -> &mut W {
        &mut self.watcher
    }

    /// The watcher, at the end.
    pub fn into_watcher(self) -> W {
        self.watcher
    }
}

impl<W> std::fmt::Debug for Rewriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What is held is a person's text: not shown.
        f.debug_struct("Rewriter")
            .field("protocol", &self.core.protocol)
            .field("framing", &self.core.framing)
            .field("stopped", &self.core.desk.stopped)
            .finish_non_exhaustive()
    }
}

impl Core {
    fn push(&mut self, piece: Bytes, watcher: &mut dyn Watcher) -> Result<Forward, Fault> {
        if let Some(fault) = self.failed {
            return Err(fault);
        }
        if self.desk.stopped || piece.is_empty() {
            return Ok(Forward::new());
        }
        if self.passing || self.framing == Framing::Opaque {
            let report = &mut self.desk.report;
            report.unscanned_bytes = report.unscanned_bytes.saturating_add(piece.len() as u64);
            return Ok(Forward::from_iter([piece]));
        }
        let mut out = Out::default();
        let mut at = 0;
        let read = self.frames(&piece, &mut at, &mut out, watcher);
        let out = out.done();
        if let Err(fault) = read {
            self.failed = Some(fault);
            self.spared = out;
            self.partial
                .extend_from_slice(piece.get(at..).unwrap_or_default());
            return Err(fault);
        }
        Ok(out)
    }

    /// Cuts a piece into frames; `at` is how far it was read.
    fn frames(
        &mut self,
        piece: &Bytes,
        at: &mut usize,
        out: &mut Out,
        watcher: &mut dyn Watcher,
    ) -> Result<(), Fault> {
        while *at < piece.len() && !self.desk.stopped {
            let rest = piece.get(*at..).unwrap_or_default();
            let cut = self.framer.scan(rest, self.limits.frame)?;
            let taken = match cut {
                Cut::Frame(length) => length,
                Cut::More => rest.len(),
            };
            if self.partial.len() + taken > self.limits.frame {
                return Err(Fault::Frame {
                    limit: self.limits.frame,
                });
            }
            let from = *at;
            *at += taken;
            if cut == Cut::More {
                self.partial.extend_from_slice(rest);
                return Ok(());
            }
            let frame = if self.partial.is_empty() {
                Frame::new(piece.clone(), from..*at)
            } else {
                self.partial
                    .extend_from_slice(piece.get(from..*at).unwrap_or_default());
                let bytes = Bytes::from(std::mem::take(&mut self.partial));
                let length = bytes.len();
                Frame::new(bytes, 0..length)
            };
            self.frame(frame, out, watcher)?;
        }
        Ok(())
    }

    fn frame(
        &mut self,
        mut frame: Frame,
        out: &mut Out,
        watcher: &mut dyn Watcher,
    ) -> Result<(), Fault> {
        let read = frame
            .read(
                &self.framing,
                (self.direction, self.protocol),
                &mut self.desk,
                watcher,
            )
            .and_then(|()| self.desk.check());
        let finishes = std::mem::take(&mut frame.marks.finishes);
        if !self.desk.stopped {
            self.queue.push(frame);
        }
        read?;
        for which in finishes {
            self.desk.finish(which);
        }
        match (&self.framing, self.direction) {
            // The other side answers to what it got, so no message may wait for the next.
            (Framing::Envelopes, Direction::Request) => self.desk.finish(Finish::All),
            (Framing::Envelopes, Direction::Answer) => self.desk.tick(IDLE),
            _ => {}
        }
        self.desk.check()?;
        self.queue.leave(&mut self.desk, out);
        if self.queue.held() > self.limits.held && !self.desk.stopped {
            return Err(Fault::Held {
                limit: self.limits.held,
            });
        }
        Ok(())
    }

    fn end(&mut self, watcher: &mut dyn Watcher) -> Result<Forward, Fault> {
        if let Some(fault) = self.failed {
            return Err(fault);
        }
        if self.desk.stopped || self.passing {
            return Ok(Forward::new());
        }
        let mut out = Out::default();
        let rest = Bytes::from(std::mem::take(&mut self.partial));
        let single =
            |kind: &str| self.protocol == Protocol::Envelopes && body::is_one_message(kind);
        let read = if let Framing::Whole(content_type) = &self.framing
            && single(content_type)
        {
            let shape = (&**content_type, self.direction, self.protocol);
            body::rewrite_within(self.limits, shape, &rest, watcher).map(|written| {
                self.desk.stopped = written.stopped;
                self.desk.report = written.report;
                if !written.stopped {
                    out.push(written.body.unwrap_or_else(|| rest.clone()));
                }
            })
        } else if let Framing::Whole(content_type) = &self.framing {
            let shape = (self.direction, self.protocol);
            let known = (&*rest, Ends::unknown());
            body::splices(content_type, shape, known, &mut self.desk, watcher).map(|splices| {
                if !self.desk.stopped {
                    out.push(if splices.is_empty() {
                        rest.clone()
                    } else {
                        body::written(&rest, &splices)
                    });
                }
            })
        } else {
            self.last(rest.clone(), &mut out, watcher)
        };
        if let Err(fault) = read {
            self.failed = Some(fault);
            self.spared = out.done();
            // A frame waits in the queue already; a body in one piece does not.
            if matches!(self.framing, Framing::Whole(_)) {
                self.partial = rest.to_vec();
            }
            return Err(fault);
        }
        Ok(out.done())
    }

    /// The last frame, which may lack its end, and the end of all texts.
    fn last(&mut self, rest: Bytes, out: &mut Out, watcher: &mut dyn Watcher) -> Result<(), Fault> {
        if !rest.is_empty() {
            let length = rest.len();
            self.frame(Frame::new(rest, 0..length), out, watcher)?;
        }
        self.desk.finish(Finish::All);
        self.desk.check()?;
        self.queue.leave(&mut self.desk, out);
        Ok(())
    }

    fn release(&mut self) -> Forward {
        self.failed = None;
        self.passing = true;
        if self.desk.stopped {
            return Forward::new();
        }
        let mut out = Out::default();
        let mut spared = std::mem::take(&mut self.spared);
        self.queue.all(&mut self.desk, &mut out);
        spared.extend(out.done());
        let partial = std::mem::take(&mut self.partial);
        if !partial.is_empty() {
            spared.push(Bytes::from(partial));
        }
        spared
    }
}
