//! One frame: what in it is JSON, and how it is put together again when that changed.

use std::ops::Range;

use base64::Engine as _;
use bytes::Bytes;
use smallvec::SmallVec;
use tidegate_wire::{
    eventstream::{self, Message},
    json::{Cursor, Ends, Fault as Json, Members},
};

use super::{Framing, envelope, queue::Out};
use crate::{
    body::plain,
    channel::{Kind, Role},
    desk::{Desk, Reading},
    fault::Fault,
    frame::{Marks, Splice, apply},
    protocol::{Direction, Protocol},
    walk::{Finish, Named, Spot, Visit, Walk},
    watch::Watcher,
};

const BOM: &[u8] = b"\xEF\xBB\xBF";
const DONE: &[u8] = b"[DONE]";
/// Most bytes that a compressed message may hold.
const MOST_UNPACKED: usize = 8 << 20;

/// Where the JSON is.
enum Wrap {
    /// From this offset of the frame on.
    At(usize),
    /// In an envelope, and where in the message its texts are; or JSON, where there are none.
    Envelope {
        body: Vec<u8>,
        leaves: Option<Vec<Range<usize>>>,
    },
    /// In several lines of data; the JSON, and for each line its offset there and in the frame.
    Joined {
        body: Vec<u8>,
        lines: SmallVec<[(usize, usize); 4]>,
    },
    /// A message's payload.
    Message(Range<usize>),
    /// In base64, in a string of a message's payload: the JSON, where the payload is, and where in it
    /// the string.
    Packed {
        body: Vec<u8>,
        payload: Range<usize>,
        string: Range<usize>,
    },
}

/// A frame, and what was found in it.
pub(super) struct Frame {
    bytes: Bytes,
    range: Range<usize>,
    wrap: Wrap,
    pub(super) marks: Marks,
}

impl Frame {
    pub(super) fn new(bytes: Bytes, range: Range<usize>) -> Self {
        Self {
            bytes,
            range,
            wrap: Wrap::At(0),
            marks: Marks::default(),
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.range.end - self.range.start
    }

    fn wire(&self) -> &[u8] {
        self.bytes.get(self.range.clone()).unwrap_or_default()
    }

    /// Shows the frame's texts.
    pub(super) fn read(
        &mut self,
        framing: &Framing,
        (direction, protocol): (Direction, Protocol),
        desk: &mut Desk,
        watcher: &mut dyn Watcher,
    ) -> Result<(), Fault> {
        let mut marks = Marks::default();
        let wire = self.bytes.get(self.range.clone()).unwrap_or_default();
        let mut kind: &[u8] = b"";
        let mut protocol = protocol;
        let (wrap, length) = match framing {
            Framing::Sse => data(wire),
            Framing::Array => {
                let at = wire.iter().position(|byte| !b"[], \r\n\t".contains(byte));
                (Wrap::At(at.unwrap_or(wire.len())), wire.len())
            }
            Framing::Envelopes => match envelope::open(wire, MOST_UNPACKED) {
                Ok((ends, body)) => {
                    let leaves = (!ends).then(Vec::new);
                    let body = body.into_owned();
                    (Wrap::Envelope { body, leaves }, wire.len())
                }
                Err(fault) => return Err(fault),
            },
            Framing::EventStream => match Message::read(wire) {
                Ok(message) => {
                    kind = message.header(b":event-type");
                    packed(wire, &message.payload, &mut protocol)
                }
                // Cut off by the stream's end: text as it stands.
                Err(_) => (Wrap::At(0), wire.len()),
            },
            Framing::Lines | Framing::Opaque | Framing::Whole(_) => (Wrap::At(0), wire.len()),
        };
        let body = match &wrap {
            Wrap::At(at) => wire.get(..length).and_then(|wire| wire.get(*at..)),
            Wrap::Message(payload) => wire.get(payload.clone()),
            Wrap::Joined { body, .. } | Wrap::Packed { body, .. } | Wrap::Envelope { body, .. } => {
                Some(body.as_slice())
            }
        };
        let mut reading = Reading {
            desk,
            watcher,
            body: body.unwrap_or_default(),
            ends: Ends::unknown(),
            marks: &mut marks,
            texts: 0,
        };
        let mut found = None;
        if let Wrap::Envelope {
            leaves: Some(_), ..
        } = &wrap
        {
            found = Some(envelope::show(&mut reading, direction));
        } else {
            show(&mut reading, kind, (direction, protocol))?;
        }
        let mut wrap = wrap;
        if let Wrap::Envelope { leaves, .. } = &mut wrap {
            *leaves = found;
        }
        self.wrap = wrap;
        self.marks = marks;
        Ok(())
    }

    /// Leaves, with the edits of its texts made.
    pub(super) fn leave(mut self, desk: &mut Desk, out: &mut Out) {
        let mut marks = std::mem::take(&mut self.marks);
        if marks.parts.is_empty() && marks.splices.is_empty() {
            return out.slice(self.bytes, self.range);
        }
        let body = match &self.wrap {
            Wrap::At(at) => self.wire().get(*at..).unwrap_or_default(),
            Wrap::Message(payload) => self.wire().get(payload.clone()).unwrap_or_default(),
            Wrap::Joined { body, .. } | Wrap::Packed { body, .. } | Wrap::Envelope { body, .. } => {
                body
            }
        };
        let splices = desk.leave(body, &mut marks);
        if splices.is_empty() {
            return out.slice(self.bytes, self.range);
        }
        let written = self.write(splices);
        out.push(Bytes::from(written));
    }

    fn write(&self, mut splices: Vec<Splice>) -> Vec<u8> {
        let wire = self.wire();
        let mut out = Vec::with_capacity(wire.len() + 64);
        match &self.wrap {
            Wrap::At(at) => {
                for splice in &mut splices {
                    splice.span = splice.span.start + at..splice.span.end + at;
                    one_line(&mut splice.with);
                }
                apply(wire, &splices, &mut out);
            }
            Wrap::Joined { lines, .. } => {
                for splice in &mut splices {
                    splice.span =
                        on_wire(lines, splice.span.start)..on_wire(lines, splice.span.end);
                    one_line(&mut splice.with);
                }
                apply(wire, &splices, &mut out);
            }
            Wrap::Envelope { body, leaves } => {
                let message = match leaves {
                    Some(leaves) => envelope::write(body, &splices, leaves),
                    None => {
                        apply(body, &splices, &mut out);
                        out
                    }
                };
                return envelope::close(wire, &message);
            }
            Wrap::Message(payload) => {
                apply(
                    wire.get(payload.clone()).unwrap_or_default(),
                    &splices,
                    &mut out,
                );
                return eventstream::with_payload(wire, &out);
            }
            Wrap::Packed {
                body,
                payload,
                string,
            } => {
                apply(body, &splices, &mut out);
                let with = base64::prelude::BASE64_STANDARD.encode(&out).into_bytes();
                let span = string.clone();
                out.clear();
                let payload = wire.get(payload.clone()).unwrap_or_default();
                apply(payload, &[Splice { span, with }], &mut out);
                return eventstream::with_payload(wire, &out);
            }
        }
        out
    }
}

/// A replacement must not end the line that it stands in: only text that is no JSON could.
fn one_line(with: &mut [u8]) {
    for byte in with {
        if matches!(byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
}

/// Where an offset of joined lines is in the frame.
fn on_wire(lines: &[(usize, usize)], at: usize) -> usize {
    let after = lines.partition_point(|(start, _)| *start <= at);
    lines
        .get(after.wrapping_sub(1))
        .map_or(at, |(start, wire)| at - start + wire)
}

/// Shows the texts of a JSON value, or of what is none.
fn show<'a>(
    reading: &mut Reading<'a>,
    kind: &'a [u8],
    shape: (Direction, Protocol),
) -> Result<(), Fault> {
    let body = reading.body;
    let trimmed = body.trim_ascii();
    if trimmed.is_empty() {
        return Ok(());
    }
    if trimmed == DONE {
        reading.finish(Finish::All);
        return Ok(());
    }
    match Named::read(body, kind) {
        Ok(_) if shape.1 == Protocol::ChatgptWeb => {
            let mut patched = reading.desk.patched;
            Walk::new(body, shape, reading).patch_event(&mut patched)?;
            reading.desk.patched = patched;
            Ok(())
        }
        Ok(named) => Ok(Walk::new(body, shape, reading).event(named)?),
        Err(Json::Depth { .. }) => Err(Fault::Depth),
        Err(_) => {
            reading.text(Spot {
                kind: Kind::Other,
                ..plain(0..body.len(), Role::Assistant)
            });
            Ok(())
        }
    }
}

/// The data of a server-sent event: where it is in the frame, and where it ends.
fn data(wire: &[u8]) -> (Wrap, usize) {
    let mut found: SmallVec<[Range<usize>; 2]> = SmallVec::new();
    let mut at = if wire.starts_with(BOM) { BOM.len() } else { 0 };
    while let Some(rest) = wire.get(at..)
        && !rest.is_empty()
    {
        let end = at + memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        if let Some(value) = rest.strip_prefix(b"data")
            && (end == at + 4 || value.first() == Some(&b':'))
        {
            let start = (at + 5).min(end);
            let space = usize::from(start < end && wire.get(start) == Some(&b' '));
            found.push(start + space..end);
        }
        at = end + 1;
    }
    match found.as_slice() {
        [] => (Wrap::At(wire.len()), wire.len()),
        [one] => (Wrap::At(one.start), one.end),
        more => {
            let mut body = Vec::with_capacity(wire.len());
            let mut lines = SmallVec::new();
            for (index, line) in more.iter().enumerate() {
                if index > 0 {
                    body.push(b'\n');
                }
                lines.push((body.len(), line.start));
                body.extend_from_slice(wire.get(line.clone()).unwrap_or_default());
            }
            (Wrap::Joined { body, lines }, wire.len())
        }
    }
}

/// The JSON of a message: its payload, or what is packed in it.
fn packed(wire: &[u8], payload: &Range<usize>, protocol: &mut Protocol) -> (Wrap, usize) {
    let inside = wire.get(payload.clone()).unwrap_or_default();
    let find = || -> Result<Option<Range<usize>>, Json> {
        let mut cursor = Cursor::new(inside);
        cursor.open_object()?;
        let mut members = Members::First;
        while let Some(name) = cursor.member(&mut members)? {
            if name.raw == b"bytes" && cursor.peek() == Some(b'"') {
                let text = cursor.string("a string")?;
                return Ok(Some(text.at + 1..text.end() - 1));
            }
            cursor.skip_value()?;
        }
        Ok(None)
    };
    if let Ok(Some(string)) = find() {
        let text = inside.get(string.clone()).unwrap_or_default();
        if let Ok(body) = base64::prelude::BASE64_STANDARD.decode(text) {
            *protocol = Protocol::Anthropic;
            let payload = payload.clone();
            return (
                Wrap::Packed {
                    body,
                    payload,
                    string,
                },
                wire.len(),
            );
        }
    }
    (Wrap::Message(payload.clone()), wire.len())
}
