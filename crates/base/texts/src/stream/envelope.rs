//! Messages of Connect and gRPC in their envelopes, which hold Protocol Buffers without a known
//! schema: texts are found by the wire format alone (`tidegate_wire::surface`), and a text that
//! changes its length changes that of every message around it.

use std::{borrow::Cow, ops::Range};

use tidegate_wire::surface::{
    frames::{self, COMPRESSED, END, HEAD},
    protobuf::Walk,
};

use crate::{
    channel::{Kind, Role},
    codec::Codec,
    desk::Reading,
    fault::Fault,
    frame::{Splice, apply},
    protocol::Direction,
    walk::{Slot, Spot, Visit},
};

const fn fault(at: usize, expected: &'static str) -> Fault {
    Fault::Syntax { at, expected }
}

/// The length of an envelope that begins so, with its head.
pub(super) fn length(head: [u8; HEAD], limit: usize) -> Result<usize, Fault> {
    let (_, length) = frames::head(head).ok_or(fault(0, "an envelope"))?;
    if length > limit {
        return Err(Fault::Frame { limit });
    }
    Ok(length + HEAD)
}

/// What is in an envelope: whether it is the end of the stream, and the message, unpacked.
pub(super) fn open(wire: &[u8], limit: usize) -> Result<(bool, Cow<'_, [u8]>), Fault> {
    let (head, message) = wire.split_first_chunk().ok_or(fault(0, "an envelope"))?;
    let (flags, _) = frames::head(*head).ok_or(fault(0, "an envelope"))?;
    let ends = flags & END != 0;
    if flags & COMPRESSED == 0 || message.is_empty() {
        return Ok((ends, message.into()));
    }
    let (unpacked, all) = frames::unpacked(message, limit).ok_or(fault(HEAD, "gzip"))?;
    if !all {
        return Err(Fault::Frame { limit });
    }
    Ok((ends, unpacked.into()))
}

/// The envelope with another message, not compressed.
pub(super) fn close(wire: &[u8], message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEAD + message.len());
    out.push(wire.first().copied().unwrap_or_default() & !COMPRESSED);
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(message);
    out
}

/// Shows the texts of a message; gives where they stand.
pub(crate) fn show(reading: &mut Reading<'_>, direction: Direction) -> Vec<Range<usize>> {
    let role = match direction {
        Direction::Request => Role::User,
        Direction::Answer => Role::Assistant,
    };
    let body = reading.body;
    let mut leaves = Vec::new();
    let mut walk = Walk::new(body.len())
        .with_all()
        .with_texts(reading.desk.going_on());
    let whole = walk.message(body, &mut |found| {
        let member = found.path.code();
        let spot = Spot {
            raw: found.span.clone().unwrap_or_default(),
            codec: Codec::Raw,
            kind: Kind::Text,
            role,
            signed: false,
            slot: Some(Slot { group: 0, member }),
            grows: false,
        };
        if found.span.is_some() {
            leaves.push(spot.raw.clone());
            reading.text(spot);
        } else {
            // A message in hexadecimal, inside of a text.
            reading.only(&spot, found.text);
        }
    });
    if !whole || walk.cut {
        // What comes after the place where it went wrong was not read.
        reading.unscanned(0..body.len());
    }
    leaves
}

/// The message with splices made, all lengths around them set right.
pub(crate) fn write(message: &[u8], splices: &[Splice], leaves: &[Range<usize>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + 64);
    level(message, 0..message.len(), splices, leaves, &mut out);
    out
}

/// Writes the fields that stand at `range`. Its depth is that of the walk that found the texts.
fn level(
    message: &[u8],
    range: Range<usize>,
    splices: &[Splice],
    leaves: &[Range<usize>],
    out: &mut Vec<u8>,
) {
    let mut at = range.start;
    let mut kept = range.start;
    while at < range.end {
        let Some((tag, from, to)) = field(message, at) else {
            break;
        };
        let Some(inner) = from else {
            at = to;
            continue;
        };
        let first = splices.partition_point(|splice| splice.span.start < inner);
        let last = splices.partition_point(|splice| splice.span.start < to);
        let touching = splices.get(first..last).unwrap_or_default();
        if !touching.is_empty() {
            out.extend_from_slice(message.get(kept..tag).unwrap_or_default());
            let mut value = Vec::with_capacity(to - inner + 16);
            if leaves
                .binary_search_by_key(&(inner, to), |leaf| (leaf.start, leaf.end))
                .is_ok()
            {
                let moved: Vec<Splice> = touching
                    .iter()
                    .map(|splice| Splice {
                        span: splice.span.start - inner..splice.span.end - inner,
                        with: splice.with.clone(),
                    })
                    .collect();
                apply(
                    message.get(inner..to).unwrap_or_default(),
                    &moved,
                    &mut value,
                );
            } else {
                level(message, inner..to, touching, leaves, &mut value);
            }
            varint(value.len(), out);
            out.extend_from_slice(&value);
            kept = to;
        }
        at = to;
    }
    out.extend_from_slice(message.get(kept..range.end).unwrap_or_default());
}

/// The field at `at`: where its tag ends, where its inside begins if its length is written, and where
/// it ends.
fn field(message: &[u8], at: usize) -> Option<(usize, Option<usize>, usize)> {
    let (tag, after) = read(message, at)?;
    Some(match tag & 7 {
        0 => (after, None, read(message, after)?.1),
        1 => (after, None, after + 8),
        2 => {
            let (length, from) = read(message, after)?;
            let to = from.checked_add(usize::try_from(length).ok()?)?;
            (after, Some(from), to)
        }
        5 => (after, None, after + 4),
        _ => return None,
    })
}

fn read(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for (index, &byte) in bytes.get(at..)?.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            return Some((value, at + index + 1));
        }
    }
    None
}

fn varint(number: usize, out: &mut Vec<u8>) {
    let mut left = number;
    while left >= 0x80 {
        out.push(u8::try_from(left & 0x7f).unwrap_or_default() | 0x80);
        left >>= 7;
    }
    out.push(u8::try_from(left).unwrap_or_default());
}
