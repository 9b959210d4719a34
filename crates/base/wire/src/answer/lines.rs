//! Server-sent events, line by line and without holding any (WHATWG HTML §9.2.6): what `data:`
//! lines carry goes to the tap as it comes, the rest is passed over.

use super::{facts::Facts, tap::Tap};

const FIELD: &[u8] = b"data:";
const BOM: &[u8] = b"\xEF\xBB\xBF";
const DONE: &[u8] = b"[DONE]";

/// Where in a line the next byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// This many bytes of the line were read, and all are the beginning of `data:`.
    Name(usize),
    /// Right after the colon of `data:`.
    Colon,
    Data,
    /// In a line that carries no data.
    Other,
}

/// The state between two chunks.
#[derive(Debug)]
pub(super) struct Lines {
    place: Place,
    /// The last byte was a CR: an LF right after it belongs to it.
    after_cr: bool,
    /// How many bytes of a byte order mark were seen, until it is ruled out.
    bom: Option<usize>,
    /// The event has data.
    has_data: bool,
    /// The beginning of its data.
    head: [u8; DONE.len()],
    head_length: usize,
}

impl Default for Lines {
    fn default() -> Self {
        Self {
            place: Place::Name(0),
            after_cr: false,
            bom: Some(0),
            has_data: false,
            head: [0; DONE.len()],
            head_length: 0,
        }
    }
}

impl Lines {
    pub(super) fn feed(&mut self, chunk: &[u8], tap: &mut Tap, facts: &mut Facts) {
        let mut rest = self.after_bom(chunk);
        while let Some(&byte) = rest.first() {
            if std::mem::take(&mut self.after_cr) && byte == b'\n' {
                rest = &rest[1..];
                continue;
            }
            match self.place {
                Place::Name(read) => {
                    // The usual case at once: a whole name in this chunk.
                    if read == 0 && rest.starts_with(FIELD) {
                        self.place = Place::Colon;
                        rest = &rest[FIELD.len()..];
                        continue;
                    }
                    rest = self.name(read, byte, rest, tap, facts);
                }
                Place::Colon => {
                    self.begin_data(tap);
                    rest = rest.strip_prefix(b" ").unwrap_or(rest);
                }
                Place::Data => {
                    let end = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
                    self.data(&rest[..end], tap, facts);
                    rest = self.line_end(&rest[end..]);
                }
                Place::Other => {
                    let end = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
                    rest = self.line_end(&rest[end..]);
                }
            }
        }
    }

    fn name<'a>(
        &mut self,
        read: usize,
        byte: u8,
        rest: &'a [u8],
        tap: &mut Tap,
        facts: &mut Facts,
    ) -> &'a [u8] {
        if byte == b'\n' || byte == b'\r' {
            if read == 0 {
                self.dispatch(tap, facts);
            } else if read == FIELD.len() - 1 {
                // `data` without a colon is an empty line of data.
                self.begin_data(tap);
            }
            return self.line_end(rest);
        }
        if byte != FIELD[read] {
            self.place = Place::Other;
            return rest;
        }
        self.place = if read + 1 == FIELD.len() {
            Place::Colon
        } else {
            Place::Name(read + 1)
        };
        &rest[1..]
    }

    fn begin_data(&mut self, tap: &mut Tap) {
        self.place = Place::Data;
        if std::mem::replace(&mut self.has_data, true) {
            return;
        }
        self.head_length = 0;
        tap.reset();
    }

    fn data(&mut self, bytes: &[u8], tap: &mut Tap, facts: &mut Facts) {
        if let Some(free) = self.head.get_mut(self.head_length..) {
            let taken = free.len().min(bytes.len());
            free[..taken].copy_from_slice(&bytes[..taken]);
            self.head_length += taken;
        }
        tap.feed(bytes, facts);
    }

    /// Takes the line's end, if it is there.
    fn line_end<'a>(&mut self, rest: &'a [u8]) -> &'a [u8] {
        let Some((&byte, after)) = rest.split_first() else {
            return rest;
        };
        self.after_cr = byte == b'\r';
        self.place = Place::Name(0);
        after
    }

    fn dispatch(&mut self, tap: &mut Tap, facts: &mut Facts) {
        if std::mem::take(&mut self.has_data) {
            let done = self.head_length == DONE.len() && self.head == *DONE;
            facts.event(done);
            tap.reset();
        }
    }

    fn after_bom<'a>(&mut self, chunk: &'a [u8]) -> &'a [u8] {
        let Some(seen) = self.bom else { return chunk };
        let left = &BOM[seen..];
        if chunk.starts_with(left) {
            self.bom = None;
            return &chunk[left.len()..];
        }
        if left.starts_with(chunk) {
            self.bom = Some(seen + chunk.len());
            return &[];
        }
        // Half a mark is not one: those bytes begin a line that is no field we know.
        self.bom = None;
        if seen > 0 {
            self.place = Place::Other;
        }
        chunk
    }
}
