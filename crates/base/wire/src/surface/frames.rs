//! Messages in envelopes: a byte of flags, four bytes of length, the message. The Connect protocol
//! ("Streaming RPCs"), gRPC ("Length-Prefixed-Message") and gRPC-Web share them.

use std::io::Read;

use flate2::read::GzDecoder;

use super::HELD;

/// Length of what stands before a message.
pub const HEAD: usize = 5;
/// The message is compressed.
pub const COMPRESSED: u8 = 0x01;
/// What ends a stream: Connect's end-of-stream message, or gRPC-Web's trailers.
pub const END: u8 = 0x02 | 0x80;
/// A length above is a sign that these are no envelopes.
const LONGEST: usize = 256 * 1024 * 1024;

/// Flags and length in bytes, if they can be that.
#[must_use]
pub fn head(bytes: [u8; HEAD]) -> Option<(u8, usize)> {
    let [flags, a, b, c, d] = bytes;
    let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).ok()?;
    (flags & !(COMPRESSED | END) == 0 && length <= LONGEST).then_some((flags, length))
}

/// The whole envelopes that `body` begins with: flags, and where the message stands.
pub(super) fn whole(body: &[u8]) -> impl Iterator<Item = (u8, usize, &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = body.get(at..)?.first_chunk()?;
        let (flags, length) = head(*start)?;
        let from = at + HEAD;
        let message = body.get(from..from + length)?;
        at = from + length;
        Some((flags, from, message))
    })
}

/// One envelope of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Frame<'a> {
    /// Longer than is held.
    Cut,
    Whole {
        flags: u8,
        message: &'a [u8],
    },
}

/// The state between two chunks.
#[derive(Debug, Default)]
pub(super) struct Frames {
    head: [u8; HEAD],
    head_length: usize,
    /// Of the message: what is still to come.
    left: usize,
    message: Vec<u8>,
    /// These are no envelopes; nothing more is read.
    pub(super) broken: bool,
}

impl Frames {
    /// Reads on; calls `each` for every envelope that became whole.
    pub(super) fn feed(&mut self, chunk: &[u8], each: &mut impl FnMut(Frame<'_>)) {
        let mut rest = chunk;
        while !rest.is_empty() && !self.broken {
            if self.head_length < HEAD {
                let taken = rest.len().min(HEAD - self.head_length);
                self.head[self.head_length..self.head_length + taken]
                    .copy_from_slice(&rest[..taken]);
                self.head_length += taken;
                rest = &rest[taken..];
                if self.head_length < HEAD {
                    return;
                }
                match head(self.head) {
                    Some((_, length)) => self.left = length,
                    None => self.broken = true,
                }
            }
            let taken = rest.len().min(self.left);
            self.hold(&rest[..taken]);
            self.left -= taken;
            rest = &rest[taken..];
            if self.left == 0 && !self.broken {
                self.finish(each);
            }
        }
    }

    fn is_held(&self) -> bool {
        head(self.head).is_some_and(|(_, length)| length <= HELD)
    }

    fn hold(&mut self, bytes: &[u8]) {
        if self.is_held() {
            self.message.extend_from_slice(bytes);
        }
    }

    fn finish(&mut self, each: &mut impl FnMut(Frame<'_>)) {
        if self.is_held() {
            each(Frame::Whole {
                flags: self.head[0],
                message: &self.message,
            });
        } else {
            each(Frame::Cut);
        }
        self.message.clear();
        self.head_length = 0;
    }
}

/// What a compressed message holds, at most `limit` bytes of it, and whether that is all. `None`
/// for another compression than gzip.
#[must_use]
pub fn unpacked(message: &[u8], limit: usize) -> Option<(Vec<u8>, bool)> {
    if !message.starts_with(b"\x1f\x8b") {
        return None;
    }
    let mut out = Vec::new();
    let most = u64::try_from(limit).ok()?.saturating_add(1);
    let read = GzDecoder::new(message).take(most).read_to_end(&mut out);
    let all = read.is_ok() && out.len() <= limit;
    out.truncate(limit);
    Some((out, all))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn envelope(flags: u8, message: &[u8]) -> Vec<u8> {
        let mut out = vec![flags];
        let length = u32::try_from(message.len()).unwrap();
        out.extend(length.to_be_bytes());
        out.extend_from_slice(message);
        out
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut out = GzEncoder::new(Vec::new(), Compression::best());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    }

    #[test]
    fn envelopes_are_read_however_they_are_cut() {
        let mut stream = envelope(0, b"one");
        stream.extend(envelope(2, b""));
        stream.extend(envelope(0, &vec![7; HELD + 1]));
        stream.extend(envelope(1, b"two"));
        for step in [1, 4, 6, 1_000, stream.len()] {
            let mut frames = Frames::default();
            let mut found = Vec::new();
            for part in stream.chunks(step) {
                frames.feed(part, &mut |frame| {
                    found.push(match frame {
                        Frame::Cut => None,
                        Frame::Whole { flags, message } => Some((flags, message.to_vec())),
                    });
                });
            }
            let expected = [
                Some((0, b"one".to_vec())),
                Some((2, Vec::new())),
                None,
                Some((1, b"two".to_vec())),
            ];
            assert_eq!(found, expected, "step {step}");
            assert!(!frames.broken);
        }
        assert_eq!(whole(&stream).count(), 4);
        assert_eq!(whole(&stream[..stream.len() - 1]).count(), 3);
    }

    #[test]
    fn what_are_no_envelopes_ends_the_reading() {
        let mut frames = Frames::default();
        frames.feed(b"<html>", &mut |_| panic!("no frame"));
        assert!(frames.broken);
        assert_eq!(head([0, 0xff, 0, 0, 0]), None);
    }

    #[test]
    fn a_bomb_is_unpacked_to_the_limit_only() {
        let bomb = gzip(&vec![0; 8 * 1024 * 1024]);
        assert!(bomb.len() < 16 * 1024);
        let (out, all) = unpacked(&bomb, 1_000).unwrap();
        assert_eq!((out.len(), all), (1_000, false));
        assert!(out.capacity() < 64 * 1024);
        let (out, all) = unpacked(&gzip(b"text"), 4).unwrap();
        assert_eq!((out.as_slice(), all), (&b"text"[..], true));
        assert_eq!(unpacked(b"\x28\xb5\x2f\xfd", 10), None);
        let whole = gzip(b"a longer text that is cut off");
        assert!(!unpacked(&whole[..whole.len() - 9], 100).unwrap().1);
    }
}
