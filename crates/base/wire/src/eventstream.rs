//! Messages of `application/vnd.amazon.eventstream`, as AWS streams answers: four bytes of length, four of the
//! headers' length, a CRC-32 of both; headers, payload, and a CRC-32 of all before. Numbers are big-endian.

use std::ops::Range;

/// The media type.
pub const CONTENT_TYPE: &str = "application/vnd.amazon.eventstream";

/// The lengths and their checksum, in bytes.
pub const HEAD: usize = 12;
const TAIL: usize = 4;
/// The longest headers and the longest payload that AWS' own clients take, in bytes.
const MOST_HEADERS: usize = 128 << 10;
const MOST_PAYLOAD: usize = 24 << 20;
/// The type of a header whose value is a text.
const TEXT: u8 = 7;

/// Why bytes are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// A checksum is of other bytes.
    #[error("a checksum is wrong")]
    Checksum,
    /// The headers do not fit into the message, or the message not into the bytes.
    #[error("a length does not fit")]
    Length,
    /// It is longer than any that is sent.
    #[error("a message is too long")]
    TooLong,
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_be_bytes(*bytes))
}

fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The length in bytes of the message that begins so.
///
/// # Errors
/// The checksum of the lengths is wrong, they do not fit together, or are more than AWS' clients take.
pub fn length(head: &[u8; HEAD]) -> Result<usize, Damage> {
    let read = || Some((number(head, 0)?, number(head, 4)?, number(head, 8)?));
    let (total, headers, sum) = read().unwrap_or_default();
    if crc32fast::hash(head.get(..8).unwrap_or_default()) != sum {
        return Err(Damage::Checksum);
    }
    let (total, headers) = (size(total), size(headers));
    let inside = total.checked_sub(HEAD + TAIL).ok_or(Damage::Length)?;
    let payload = inside.checked_sub(headers).ok_or(Damage::Length)?;
    if headers > MOST_HEADERS || payload > MOST_PAYLOAD {
        return Err(Damage::TooLong);
    }
    Ok(total)
}

/// What a message says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A failure that the API does not list (`:error-code`, `:error-message`).
    Error,
    /// A step of the answer (`:event-type`).
    Event,
    /// A failure that the API lists (`:exception-type`).
    Exception,
}

/// A whole message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message<'a> {
    bytes: &'a [u8],
    headers: Range<usize>,
    /// Where its payload is.
    pub payload: Range<usize>,
}

impl<'a> Message<'a> {
    /// Reads a whole message. What comes after it is not looked at.
    ///
    /// # Errors
    /// It is damaged, or not all there.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Damage> {
        let total = length(bytes.first_chunk().ok_or(Damage::Length)?)?;
        let end = total - TAIL;
        let sum = number(bytes, end).ok_or(Damage::Length)?;
        if crc32fast::hash(bytes.get(..end).unwrap_or_default()) != sum {
            return Err(Damage::Checksum);
        }
        let start = HEAD + size(number(bytes, 4).unwrap_or_default());
        Ok(Self {
            bytes,
            headers: HEAD..start,
            payload: start..end,
        })
    }

    /// The text of a header; empty where there is none.
    #[must_use]
    pub fn header(&self, wanted: &[u8]) -> &'a [u8] {
        let mut rest = self.bytes.get(self.headers.clone()).unwrap_or_default();
        while let Some((name, value, after)) = one(rest) {
            if name == wanted {
                return value;
            }
            rest = after;
        }
        b""
    }

    fn text(&self, wanted: &[u8]) -> &'a str {
        str::from_utf8(self.header(wanted)).unwrap_or_default()
    }

    /// What kind of message it is, and the name of its kind: `contentBlockDelta`, `throttlingException`.
    #[must_use]
    pub fn kind(&self) -> (Kind, &'a str) {
        match self.header(b":message-type") {
            b"exception" => (Kind::Exception, self.text(b":exception-type")),
            b"error" => (Kind::Error, self.text(b":error-code")),
            _ => (Kind::Event, self.text(b":event-type")),
        }
    }

    /// What a message of [`Kind::Error`] says.
    #[must_use]
    pub fn error_text(&self) -> &'a str {
        self.text(b":error-message")
    }

    /// Its payload.
    #[must_use]
    pub fn body(&self) -> &'a [u8] {
        self.bytes.get(self.payload.clone()).unwrap_or_default()
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
        6 | TEXT => {
            let (length, rest) = rest.split_first_chunk()?;
            (usize::from(u16::from_be_bytes(*length)), rest)
        }
        _ => return None,
    };
    let (value, rest) = rest.split_at_checked(length)?;
    Some((name, value, rest))
}

fn put(out: &mut Vec<u8>, headers: &[u8], payload: &[u8]) {
    let start = out.len();
    let total = HEAD + headers.len() + payload.len() + TAIL;
    out.reserve(total);
    for length in [total, headers.len()] {
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        out.extend_from_slice(&length.to_be_bytes());
    }
    let sum = |out: &[u8]| crc32fast::hash(out.get(start..).unwrap_or_default());
    let head = sum(out);
    out.extend_from_slice(&head.to_be_bytes());
    out.extend_from_slice(headers);
    out.extend_from_slice(payload);
    let all = sum(out);
    out.extend_from_slice(&all.to_be_bytes());
}

/// The message with another payload.
#[must_use]
pub fn with_payload(message: &[u8], payload: &[u8]) -> Vec<u8> {
    let headers = size(number(message, 4).unwrap_or_default());
    let headers = message.get(HEAD..HEAD + headers).unwrap_or_default();
    let mut out = Vec::new();
    put(&mut out, headers, payload);
    out
}

/// Writes a message whose payload is JSON.
pub fn write(out: &mut Vec<u8>, kind: Kind, name: &str, payload: &[u8]) {
    let (said, what) = match kind {
        Kind::Error => ("error", ":error-code"),
        Kind::Event => ("event", ":event-type"),
        Kind::Exception => ("exception", ":exception-type"),
    };
    let mut headers = Vec::with_capacity(96);
    for (key, value) in [
        (what, name),
        (":content-type", "application/json"),
        (":message-type", said),
    ] {
        // All are short words of ours.
        headers.push(u8::try_from(key.len()).unwrap_or(u8::MAX));
        headers.extend_from_slice(key.as_bytes());
        headers.push(TEXT);
        let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
        headers.extend_from_slice(&length.to_be_bytes());
        headers.extend_from_slice(value.as_bytes());
    }
    put(out, &headers, payload);
}

/// Where in a stream of messages a reader is, without holding any.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place {
    head: [u8; HEAD],
    /// Bytes of the message that were read, up to its head's length.
    read: usize,
    /// What is to come of it after its head.
    left: usize,
    lost: bool,
}

impl Place {
    /// Goes on by these bytes.
    pub fn pass(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && !self.lost {
            if self.read < HEAD {
                let taken = bytes.len().min(HEAD - self.read);
                let (now, rest) = bytes.split_at(taken);
                self.head[self.read..self.read + taken].copy_from_slice(now);
                self.read += taken;
                bytes = rest;
                if self.read == HEAD {
                    match length(&self.head) {
                        Ok(total) => self.left = total - HEAD,
                        Err(_) => self.lost = true,
                    }
                }
                continue;
            }
            let taken = bytes.len().min(self.left);
            self.left -= taken;
            bytes = bytes.get(taken..).unwrap_or_default();
            if self.left == 0 {
                self.read = 0;
            }
        }
    }

    /// Whether it is after a whole message, or before the first.
    #[must_use]
    pub const fn is_between(&self) -> bool {
        self.read == 0 && !self.lost
    }
}

/// Puts messages together from pieces of any length.
#[derive(Debug, Default)]
pub struct Decoder {
    /// What was read of a message that is not whole.
    held: Vec<u8>,
    damage: Option<Damage>,
}

impl Decoder {
    /// Reads on; each whole message goes to `take`. After damage nothing is read any more: where the next
    /// message begins is not known.
    ///
    /// # Errors
    /// A message is damaged or too long, or `take` does not go on.
    pub fn push<E: From<Damage>>(
        &mut self,
        mut piece: &[u8],
        mut take: impl FnMut(&Message<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if let Some(damage) = self.damage {
            return Err(damage.into());
        }
        while !piece.is_empty() {
            match self.step(&mut piece) {
                Err(damage) => return Err(self.fail(damage).into()),
                Ok(None) => break,
                Ok(Some(Whole::Lying(bytes))) => match Message::read(bytes) {
                    Ok(message) => take(&message)?,
                    Err(damage) => return Err(self.fail(damage).into()),
                },
                Ok(Some(Whole::Held)) => {
                    let bytes = std::mem::take(&mut self.held);
                    match Message::read(&bytes) {
                        Ok(message) => take(&message)?,
                        Err(damage) => return Err(self.fail(damage).into()),
                    }
                    // The buffer is kept.
                    self.held = bytes;
                    self.held.clear();
                }
            }
        }
        Ok(())
    }

    fn fail(&mut self, damage: Damage) -> Damage {
        self.held = Vec::new();
        self.damage = Some(damage);
        damage
    }

    /// Takes bytes off the piece up to a message's end; `None` where it has no end there.
    fn step<'p>(&mut self, piece: &mut &'p [u8]) -> Result<Option<Whole<'p>>, Damage> {
        if self.held.is_empty() {
            if let Some(head) = piece.first_chunk() {
                let total = length(head)?;
                if let Some((message, rest)) = piece.split_at_checked(total) {
                    *piece = rest;
                    return Ok(Some(Whole::Lying(message)));
                }
            }
            self.held.extend_from_slice(piece);
            return Ok(None);
        }
        self.hold(piece, HEAD);
        let Some(head) = self.held.first_chunk() else {
            return Ok(None);
        };
        let total = length(head)?;
        self.hold(piece, total);
        Ok((self.held.len() == total).then_some(Whole::Held))
    }

    fn hold(&mut self, piece: &mut &[u8], up_to: usize) {
        let wanted = up_to.saturating_sub(self.held.len());
        let (taken, rest) = piece.split_at(wanted.min(piece.len()));
        self.held.extend_from_slice(taken);
        *piece = rest;
    }

    /// Whether the bytes so far end with a whole message, or there were none.
    #[must_use]
    pub const fn is_between(&self) -> bool {
        self.held.is_empty() && self.damage.is_none()
    }
}

/// Where a whole message is.
enum Whole<'p> {
    Held,
    Lying(&'p [u8]),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let mut out = Vec::new();
        write(
            &mut out,
            Kind::Event,
            "messageStart",
            br#"{"role":"assistant"}"#,
        );
        write(&mut out, Kind::Event, "empty", b"");
        write(
            &mut out,
            Kind::Exception,
            "throttlingException",
            br#"{"message":"slow down"}"#,
        );
        out
    }

    fn read(pieces: &[&[u8]]) -> Result<Vec<(Kind, String, String)>, Damage> {
        let mut found = Vec::new();
        let mut decoder = Decoder::default();
        for piece in pieces {
            decoder.push(piece, |message| {
                let (kind, name) = message.kind();
                let body = String::from_utf8_lossy(message.body()).into_owned();
                found.push((kind, name.to_owned(), body));
                Ok::<(), Damage>(())
            })?;
        }
        Ok(found)
    }

    /// The bytes are those of botocore's own tests of its decoder: a message without headers, and one with.
    #[test]
    fn published_messages_are_read() {
        let plain = b"\x00\x00\x00\x1d\x00\x00\x00\x00\xfdR\x8cZ{'foo':'bar'}\xc3e96";
        let message = Message::read(plain).unwrap();
        assert_eq!(message.body(), b"{'foo':'bar'}");
        assert_eq!(message.kind(), (Kind::Event, ""));
        let typed = b"\x00\x00\x00=\x00\x00\x00 \x07\xfd\x83\x96\x0ccontent-type\x07\x00\x10application/json{'foo':'bar'}\x8d\x9c\x08\xb1";
        let message = Message::read(typed).unwrap();
        assert_eq!(message.header(b"content-type"), b"application/json");
        assert_eq!(message.body(), b"{'foo':'bar'}");
    }

    #[test]
    fn messages_are_whole_wherever_they_are_cut() {
        let bytes = sample();
        let whole = read(&[&bytes]).unwrap();
        assert_eq!(whole.len(), 3);
        assert_eq!(whole[0].1, "messageStart");
        assert_eq!(whole[2].0, Kind::Exception);
        assert_eq!(whole[2].1, "throttlingException");
        for at in 0..bytes.len() {
            assert_eq!(read(&[&bytes[..at], &bytes[at..]]).unwrap(), whole, "{at}");
        }
        let pieces: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(read(&pieces).unwrap(), whole);
    }

    #[test]
    fn a_place_is_between_messages_only() {
        let bytes = sample();
        let mut ends = vec![0];
        while let Some(head) = bytes
            .get(ends[ends.len() - 1]..)
            .and_then(<[u8]>::first_chunk)
        {
            ends.push(ends[ends.len() - 1] + length(head).unwrap());
        }
        for step in [1, 5, 12, 13, 400] {
            let mut place = Place::default();
            let mut at = 0;
            for piece in bytes.chunks(step) {
                place.pass(piece);
                at += piece.len();
                assert_eq!(place.is_between(), ends.contains(&at), "{step} {at}");
            }
        }
        let mut place = Place::default();
        place.pass(b"data: a\n\ndata: b\n\n");
        assert!(!place.is_between());
    }

    #[test]
    fn a_changed_bit_is_noticed_and_nothing_is_read_after_it() {
        let bytes = sample();
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert!(read(&[&damaged]).is_err(), "{at}");
        }
        let mut decoder = Decoder::default();
        let mut damaged = bytes.clone();
        damaged[20] ^= 1;
        let mut taken = 0;
        for piece in [&damaged, &bytes] {
            let pushed: Result<(), Damage> = decoder.push(piece, |_| {
                taken += 1;
                Ok(())
            });
            assert_eq!(pushed, Err(Damage::Checksum));
        }
        assert_eq!(taken, 0);
        assert!(!decoder.is_between());
    }

    #[test]
    fn a_length_beyond_all_is_refused_before_it_comes() {
        let mut head = Vec::new();
        head.extend_from_slice(&u32::MAX.to_be_bytes());
        head.extend_from_slice(&0_u32.to_be_bytes());
        let sum = crc32fast::hash(&head);
        head.extend_from_slice(&sum.to_be_bytes());
        assert_eq!(read(&[&head]), Err(Damage::TooLong));
        let mut short = Vec::new();
        short.extend_from_slice(&15_u32.to_be_bytes());
        short.extend_from_slice(&0_u32.to_be_bytes());
        let sum = crc32fast::hash(&short);
        short.extend_from_slice(&sum.to_be_bytes());
        assert_eq!(read(&[&short]), Err(Damage::Length));
    }

    #[test]
    fn a_payload_is_put_in_anothers_place() {
        let bytes = sample();
        let first = length(bytes.first_chunk().unwrap()).unwrap();
        let changed = with_payload(&bytes[..first], b"{}");
        let message = Message::read(&changed).unwrap();
        assert_eq!(message.kind(), (Kind::Event, "messageStart"));
        assert_eq!(message.body(), b"{}");
    }
}
