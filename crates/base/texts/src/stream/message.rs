//! Messages of `application/vnd.amazon.eventstream`: four bytes of length, four of the headers'
//! length, a CRC-32 of both; headers, payload, and a CRC-32 of all before. Numbers are big-endian.

use crate::fault::Fault;

const HEAD: usize = 12;
const TAIL: usize = 4;

const fn fault(at: usize, expected: &'static str) -> Fault {
    Fault::Syntax { at, expected }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_be_bytes(*bytes))
}

/// The length of the message that begins so.
pub(super) fn length(head: &[u8; HEAD], limit: usize) -> Result<usize, Fault> {
    let read = || Some((number(head, 0)?, number(head, 4)?, number(head, 8)?));
    let (total, headers, sum) = read().unwrap_or_default();
    if crc32fast::hash(head.get(..8).unwrap_or_default()) != sum {
        return Err(fault(8, "the checksum of the lengths"));
    }
    let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let (total, headers) = (size(total), size(headers));
    if total > limit {
        return Err(Fault::Frame { limit });
    }
    if total < HEAD + TAIL || headers > total - HEAD - TAIL {
        return Err(fault(0, "a length that fits"));
    }
    Ok(total)
}

/// What is in a message.
pub(super) struct Message<'a> {
    headers: &'a [u8],
    pub(super) payload: std::ops::Range<usize>,
}

impl<'a> Message<'a> {
    /// Reads a whole message.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Fault> {
        let head = bytes.first_chunk().ok_or(fault(0, "a message"))?;
        let total = length(head, bytes.len())?;
        let end = total - TAIL;
        let sum = number(bytes, end).ok_or(fault(0, "a whole message"))?;
        if crc32fast::hash(bytes.get(..end).unwrap_or_default()) != sum {
            return Err(fault(end, "the checksum of the message"));
        }
        let headers = usize::try_from(number(bytes, 4).unwrap_or_default()).unwrap_or_default();
        let start = HEAD + headers;
        Ok(Self {
            headers: bytes.get(HEAD..start).unwrap_or_default(),
            payload: start..end,
        })
    }

    /// The text of a header; empty where there is none.
    pub(super) fn header(&self, wanted: &[u8]) -> &'a [u8] {
        let mut rest = self.headers;
        while let Some((name, value, after)) = one(rest) {
            if name == wanted {
                return value;
            }
            rest = after;
        }
        b""
    }
}

/// The first header: its name, its value, and what follows.
fn one(headers: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (&length, rest) = headers.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::from(length))?;
    let (&kind, rest) = rest.split_first()?;
    let (length, rest) = match kind {
        0 | 1 => (0, rest),
        2 => (1, rest),
        3 => (2, rest),
        4 => (4, rest),
        5 | 8 => (8, rest),
        9 => (16, rest),
        6 | 7 => {
            let (length, rest) = rest.split_first_chunk()?;
            (usize::from(u16::from_be_bytes(*length)), rest)
        }
        _ => return None,
    };
    let (value, rest) = rest.split_at_checked(length)?;
    Some((name, value, rest))
}

/// The message with another payload.
pub(super) fn with_payload(message: &[u8], payload: &[u8]) -> Vec<u8> {
    let headers = usize::try_from(number(message, 4).unwrap_or_default()).unwrap_or_default();
    let total = HEAD + headers + payload.len() + TAIL;
    let mut out = Vec::with_capacity(total);
    let lengths = [total, headers].map(|length| u32::try_from(length).unwrap_or(u32::MAX));
    for length in lengths {
        out.extend_from_slice(&length.to_be_bytes());
    }
    out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
    out.extend_from_slice(message.get(HEAD..HEAD + headers).unwrap_or_default());
    out.extend_from_slice(payload);
    out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
    out
}
