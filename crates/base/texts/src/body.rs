//! Bodies in one piece: prompts, and answers that are no streams.

mod envelopes;
mod form;

use std::ops::Range;

use bytes::Bytes;
use tidegate_wire::json::{self, Cursor, Ends};

use crate::{
    channel::{Kind, Role},
    codec::Codec,
    desk::{Desk, Reading},
    fault::{Fault, Limits, Report},
    frame::{Marks, Splice, apply},
    protocol::{Direction, Protocol},
    walk::{Spot, Visit, Walk},
    watch::Watcher,
};

/// What became of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewritten {
    /// The body to send in its place; `None`: as it came.
    pub body: Option<Bytes>,
    /// A watch lets nothing pass: the body must not be sent.
    pub stopped: bool,
    /// What was not looked at or not done.
    pub report: Report,
}

/// Shows every text of a body to its watch, and makes the edits. What no edit touches is, to the byte,
/// as it came.
///
/// A `content_type` that is neither JSON nor a form is text where it says so (`text/…`); any other body
/// is counted as not scanned.
///
/// # Errors
/// The body is not what its type says, or over a bound: nobody can say what is in it.
pub fn rewrite(
    content_type: &str,
    direction: Direction,
    protocol: Protocol,
    body: &Bytes,
    watcher: &mut dyn Watcher,
) -> Result<Rewritten, Fault> {
    rewrite_within(
        Limits::default(),
        (content_type, direction, protocol),
        body,
        watcher,
    )
}

/// As [`rewrite`], of a body of which something is known, since it was read before.
///
/// # Errors
/// As [`rewrite`].
pub fn rewrite_again(
    ends: &Ends,
    shape: (&str, Direction, Protocol),
    body: &Bytes,
    watcher: &mut dyn Watcher,
) -> Result<Rewritten, Fault> {
    rewrite_known((Limits::default(), ends), shape, body, watcher)
}

/// As [`rewrite`], with bounds of one's own, and what the body is in one.
///
/// # Errors
/// As [`rewrite`].
pub fn rewrite_within(
    limits: Limits,
    shape: (&str, Direction, Protocol),
    body: &Bytes,
    watcher: &mut dyn Watcher,
) -> Result<Rewritten, Fault> {
    rewrite_known((limits, Ends::unknown()), shape, body, watcher)
}

fn rewrite_known(
    (limits, ends): (Limits, &Ends),
    (content_type, direction, protocol): (&str, Direction, Protocol),
    body: &Bytes,
    watcher: &mut dyn Watcher,
) -> Result<Rewritten, Fault> {
    if body.len() > limits.frame {
        return Err(Fault::Frame {
            limit: limits.frame,
        });
    }
    if protocol == Protocol::Envelopes
        && let Some(packing) = envelopes::Packing::of(content_type)
    {
        return envelopes::rewrite(packing, (limits, direction), body, watcher);
    }
    let mut desk = Desk::new(direction, limits);
    let splices = splices(
        content_type,
        (direction, protocol),
        (body, ends),
        &mut desk,
        watcher,
    )?;
    Ok(Rewritten {
        body: (!splices.is_empty() && !desk.stopped).then(|| written(body, &splices)),
        stopped: desk.stopped,
        report: desk.report,
    })
}

/// What is to be changed in a body.
pub(crate) fn splices(
    content_type: &str,
    shape: (Direction, Protocol),
    (body, ends): (&[u8], &Ends),
    desk: &mut Desk,
    watcher: &mut dyn Watcher,
) -> Result<Vec<Splice>, Fault> {
    let role = match shape.0 {
        Direction::Request => Role::User,
        Direction::Answer => Role::Assistant,
    };
    if body.trim_ascii().is_empty() {
        return Ok(Vec::new());
    }
    let mut marks = Marks::default();
    let mut reading = Reading {
        desk,
        watcher,
        body,
        ends,
        marks: &mut marks,
        texts: 0,
    };
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    match Content::of(essence, body) {
        Content::Json => value(shape, &mut reading)?,
        Content::Form => form::read(content_type, shape, &mut reading)?,
        Content::Lines => lines(0..body.len(), shape, &mut reading)?,
        Content::Text => reading.text(plain(0..body.len(), role)),
        Content::Other => reading.unscanned(0..body.len()),
    }
    desk.check()?;
    Ok(desk.leave(body, &mut marks))
}

/// Whether a body of this `content-type` is one message of Protocol Buffers.
pub(crate) fn is_one_message(content_type: &str) -> bool {
    envelopes::Packing::of(content_type) == Some(envelopes::Packing::Single)
}

pub(crate) fn written(body: &[u8], splices: &[Splice]) -> Bytes {
    let grown: usize = splices.iter().map(|splice| splice.with.len()).sum();
    let mut out = Vec::with_capacity(body.len() + grown);
    apply(body, splices, &mut out);
    Bytes::from(out)
}

/// A text without JSON around it.
pub(crate) fn plain(raw: Range<usize>, role: Role) -> Spot {
    Spot {
        raw,
        codec: Codec::Raw,
        kind: Kind::Text,
        role,
        signed: false,
        slot: None,
        grows: false,
    }
}

/// What a body is, by its type and, where that is not said, its first byte.
enum Content {
    Form,
    Json,
    Lines,
    Other,
    Text,
}

impl Content {
    fn of(essence: &str, body: &[u8]) -> Self {
        let is = |name: &str| essence.eq_ignore_ascii_case(name);
        let lower = essence.to_ascii_lowercase();
        if is("application/json") || lower.ends_with("+json") {
            return Self::Json;
        }
        if is("multipart/form-data") {
            return Self::Form;
        }
        if is("application/x-ndjson") || is("application/jsonl") || is("application/x-jsonl") {
            return Self::Lines;
        }
        let first = body.trim_ascii_start().first();
        match first {
            Some(b'{' | b'[') if !lower.starts_with("text/") => Self::Json,
            // Whatever it is called: what can be read is read.
            _ if lower.starts_with("text/") || is_text(body) => Self::Text,
            _ => Self::Other,
        }
    }
}

/// One JSON value. A request that is none is refused; an answer that was cut off, or is a page of some
/// proxy's under a wrong name, is text as it stands.
fn value(shape: (Direction, Protocol), reading: &mut Reading<'_>) -> Result<(), Fault> {
    let body = reading.body;
    match Walk::again((body, reading.ends), shape, reading).whole() {
        Err(json::Fault::Syntax { .. } | json::Fault::Utf8 { .. })
            if shape.0 == Direction::Answer =>
        {
            *reading.marks = Marks::default();
            reading.text(plain(0..body.len(), Role::Assistant));
            Ok(())
        }
        walked => Ok(walked?),
    }
}

/// Whether it is characters and no binary format.
fn is_text(bytes: &[u8]) -> bool {
    memchr::memchr(0, bytes).is_none() && str::from_utf8(bytes).is_ok()
}

/// Whether it is one JSON value a line, and at least one.
fn is_lines(bytes: &[u8]) -> bool {
    let filled = |line: &&[u8]| !line.trim_ascii().is_empty();
    let mut lines = bytes.split(|&byte| byte == b'\n').filter(filled).peekable();
    let object = |line: &[u8]| {
        let mut cursor = Cursor::new(line);
        cursor.peek() == Some(b'{') && cursor.skip_value().and_then(|_| cursor.finish()).is_ok()
    };
    lines.peek().is_some() && lines.all(object)
}

/// One JSON value a line, in a part of what is read.
fn lines(
    part: Range<usize>,
    shape: (Direction, Protocol),
    reading: &mut Reading<'_>,
) -> Result<(), Fault> {
    let bytes = reading.body.get(part.clone()).unwrap_or_default();
    let mut from = 0;
    for end in memchr::memchr_iter(b'\n', bytes).chain([bytes.len()]) {
        let line = bytes.get(from..end).unwrap_or_default();
        if !line.trim_ascii().is_empty() {
            let mut moved = Moved {
                by: part.start + from,
                to: reading,
            };
            Walk::new(line, shape, &mut moved).whole()?;
        }
        from = end + 1;
    }
    Ok(())
}

/// A walk over a part of what is read.
struct Moved<'r, 'd> {
    by: usize,
    to: &'r mut Reading<'d>,
}

impl Moved<'_, '_> {
    const fn moved(&self, range: &Range<usize>) -> Range<usize> {
        range.start + self.by..range.end + self.by
    }
}

impl Visit for Moved<'_, '_> {
    fn text(&mut self, spot: Spot) {
        let raw = self.moved(&spot.raw);
        self.to.text(Spot { raw, ..spot });
    }

    fn unscanned(&mut self, raw: Range<usize>) {
        self.to.unscanned(raw);
    }

    fn echo(&mut self, echo: crate::frame::Echo) {
        let (span, scope) = (self.moved(&echo.span), self.moved(&echo.scope));
        self.to.echo(crate::frame::Echo {
            span,
            scope,
            ..echo
        });
    }

    fn finish(&mut self, which: crate::walk::Finish) {
        self.to.finish(which);
    }
}
