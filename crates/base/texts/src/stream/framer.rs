//! Finds where frames end, whatever the chunks.

use tidegate_wire::eventstream;

use super::Framing;
use crate::fault::Fault;

/// What a scan found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// A frame ends after so many bytes.
    Frame(usize),
    /// It goes on after these.
    More,
}

/// The state between two chunks.
#[derive(Debug)]
pub(super) enum Framer {
    Array(Array),
    Envelope(Envelope),
    Lines,
    Message(Message),
    Sse(Sse),
    /// It ends where the stream ends.
    Whole,
}

impl Framer {
    pub(super) fn of(framing: &Framing) -> Self {
        match framing {
            Framing::Array => Self::Array(Array::default()),
            Framing::Envelopes => Self::Envelope(Envelope::default()),
            Framing::EventStream => Self::Message(Message::default()),
            Framing::Lines => Self::Lines,
            Framing::Sse => Self::Sse(Sse::default()),
            Framing::Opaque | Framing::Whole(_) => Self::Whole,
        }
    }

    /// Reads on.
    pub(super) fn scan(&mut self, bytes: &[u8], limit: usize) -> Result<Cut, Fault> {
        match self {
            Self::Array(array) => Ok(array.scan(bytes)),
            Self::Envelope(envelope) => {
                envelope.scan(bytes, |head| super::envelope::length(*head, limit))
            }
            Self::Lines => {
                Ok(memchr::memchr(b'\n', bytes).map_or(Cut::More, |at| Cut::Frame(at + 1)))
            }
            Self::Message(message) => message.scan(bytes, |head| message_length(head, limit)),
            Self::Sse(sse) => Ok(sse.scan(bytes)),
            Self::Whole => Ok(Cut::More),
        }
    }
}

/// The length of the message that begins so.
fn message_length(head: &[u8; eventstream::HEAD], limit: usize) -> Result<usize, Fault> {
    let total = eventstream::length(head)?;
    if total > limit {
        return Err(Fault::Frame { limit });
    }
    Ok(total)
}

/// Events end at an empty line. Lines end at CR, LF, or both.
#[derive(Debug, Default)]
pub(super) struct Sse {
    in_line: bool,
    after_cr: bool,
    between: bool,
}

impl Sse {
    fn scan(&mut self, bytes: &[u8]) -> Cut {
        let late_lf = self.after_cr && self.between && bytes.first() == Some(&b'\n');
        if late_lf {
            // The second half of the empty line's CR LF, which left already.
            self.after_cr = false;
            return Cut::Frame(1);
        }
        self.between = false;
        let mut line = 0;
        for end in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            let empty = line == end && !self.in_line;
            line = end + 1;
            let is_lf = bytes.get(end) == Some(&b'\n');
            if is_lf && std::mem::take(&mut self.after_cr) && empty {
                continue;
            }
            self.after_cr = !is_lf;
            self.in_line = false;
            if empty {
                self.between = true;
                let both = !is_lf && bytes.get(line) == Some(&b'\n');
                self.after_cr &= !both;
                return Cut::Frame(line + usize::from(both));
            }
        }
        if line < bytes.len() {
            self.in_line = true;
            self.after_cr = false;
        }
        Cut::More
    }
}

/// Elements end where their brackets close.
#[derive(Debug, Default)]
pub(super) struct Array {
    depth: u32,
    /// What an element's brackets close to: 1 in an array, 0 where there is none.
    base: u32,
    started: bool,
    in_string: bool,
    after_escape: bool,
}

impl Array {
    fn scan(&mut self, bytes: &[u8]) -> Cut {
        for (at, &byte) in bytes.iter().enumerate() {
            if self.in_string {
                match byte {
                    _ if self.after_escape => self.after_escape = false,
                    b'\\' => self.after_escape = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => {
                    if !std::mem::replace(&mut self.started, true) {
                        self.base = u32::from(byte == b'[');
                    }
                    self.depth = self.depth.saturating_add(1);
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == self.base && byte == b'}' {
                        return Cut::Frame(at + 1);
                    }
                }
                _ => {}
            }
        }
        Cut::More
    }
}

/// Length, length of the headers, checksum of both.
pub(super) type Message = Counted<12>;
/// Flags, length.
pub(super) type Envelope = Counted<{ tidegate_wire::surface::frames::HEAD }>;

/// The length of a frame is in its first bytes.
#[derive(Debug)]
pub(super) struct Counted<const HEAD: usize> {
    head: [u8; HEAD],
    read: usize,
    length: usize,
}

impl<const HEAD: usize> Default for Counted<HEAD> {
    fn default() -> Self {
        Self {
            head: [0; HEAD],
            read: 0,
            length: 0,
        }
    }
}

impl<const HEAD: usize> Counted<HEAD> {
    fn scan(
        &mut self,
        bytes: &[u8],
        length: impl Fn(&[u8; HEAD]) -> Result<usize, Fault>,
    ) -> Result<Cut, Fault> {
        let mut taken = 0;
        while self.read < HEAD {
            let (Some(&byte), Some(place)) = (bytes.get(taken), self.head.get_mut(self.read))
            else {
                return Ok(Cut::More);
            };
            *place = byte;
            self.read += 1;
            taken += 1;
            if self.read == HEAD {
                self.length = length(&self.head)?;
            }
        }
        let left = self.length.saturating_sub(self.read);
        if bytes.len() - taken < left {
            self.read += bytes.len() - taken;
            return Ok(Cut::More);
        }
        self.read = 0;
        Ok(Cut::Frame(taken + left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(mut framer: Framer, bytes: &[u8], step: usize) -> Vec<String> {
        let mut found = Vec::new();
        let mut partial = Vec::new();
        for chunk in bytes.chunks(step) {
            let mut rest = chunk;
            while !rest.is_empty() {
                match framer.scan(rest, 1 << 20).unwrap() {
                    Cut::Frame(length) => {
                        partial.extend_from_slice(&rest[..length]);
                        found.push(String::from_utf8(std::mem::take(&mut partial)).unwrap());
                        rest = &rest[length..];
                    }
                    Cut::More => {
                        partial.extend_from_slice(rest);
                        rest = b"";
                    }
                }
            }
        }
        found.push(String::from_utf8(partial).unwrap());
        // A line feed that came late is a frame of its own.
        found.retain(|frame| frame != "\n");
        found
    }

    #[test]
    fn events_end_at_empty_lines_however_they_are_written() {
        let stream = b"data: a\n\ndata: b\r\n\r\ndata: c\r\r: note\n\ndata: d\n";
        for step in 1..stream.len() {
            let found = cut(Framer::of(&Framing::Sse), stream, step);
            let found: Vec<_> = found.iter().map(|frame| frame.trim_ascii()).collect();
            assert_eq!(
                found,
                ["data: a", "data: b", "data: c", ": note", "data: d"],
                "{step}"
            );
        }
    }

    #[test]
    fn elements_end_where_their_brackets_close() {
        let stream = br#"[{"a":"}\"{"},
{"b":[{}]}
]"#;
        for step in 1..stream.len() {
            let found = cut(Framer::of(&Framing::Array), stream, step);
            assert_eq!(
                found,
                [r#"[{"a":"}\"{"}"#, ",\n{\"b\":[{}]}", "\n]"],
                "{step}"
            );
        }
        let found = cut(Framer::of(&Framing::Array), br#"{"error":{}}"#, 5);
        assert_eq!(found, [r#"{"error":{}}"#, ""]);
    }
}
