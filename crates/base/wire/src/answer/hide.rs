//! Takes the usage report out of an `OpenAI` stream whose client did not ask for it: the chunk
//! that has nothing else is dropped, and `"usage":null` is cut from the others.

use std::{borrow::Cow, ops::Range};

use bytes::Bytes;

use super::Forward;
use crate::json::{Cursor, Members};

/// An event beyond this is forwarded as it comes, unread.
const LONGEST_EVENT: usize = 1 << 20;

/// The state between two chunks: the event that is not yet whole.
#[derive(Debug, Default)]
pub(super) struct Hider {
    /// Its beginning, as it came.
    held: Bytes,
    /// What came after that.
    more: Vec<u8>,
    /// It is too long: forwarded since.
    passing: bool,
    /// The line that is being read has bytes.
    in_line: bool,
    /// The last byte was a CR.
    after_cr: bool,
    /// The last event that ended at a CR was dropped, and an LF after it goes with it.
    dropped: bool,
}

/// What to do with a whole event.
enum Verdict {
    Cut(Range<usize>),
    Drop,
    Keep,
}

impl Hider {
    pub(super) fn push(&mut self, chunk: Bytes) -> Forward {
        let mut out = Forward::new();
        // Bytes of `chunk` before `from` are dealt with; those up to `kept` may be sent at once.
        let mut from = 0;
        let mut kept = 0;
        let mut line_start = 0;
        for end in memchr::memchr2_iter(b'\n', b'\r', &chunk) {
            let empty = line_start == end && !self.in_line;
            line_start = end + 1;
            if chunk[end] == b'\n' && std::mem::take(&mut self.after_cr) && empty {
                // The second half of CR LF; it goes where its event went.
                if kept == end && self.held.is_empty() {
                    kept = end + 1;
                    if self.dropped {
                        from = kept;
                    }
                }
                continue;
            }
            self.after_cr = chunk[end] == b'\r';
            self.in_line = false;
            if !empty {
                continue;
            }
            let verdict = self.judge(&chunk, kept, end + 1);
            self.dropped = matches!(verdict, Verdict::Drop);
            match verdict {
                Verdict::Keep => self.release(&mut out),
                Verdict::Drop => {
                    send(&mut out, &chunk, from..kept);
                    self.forget();
                    from = end + 1;
                }
                Verdict::Cut(cut) => {
                    send(&mut out, &chunk, from..kept);
                    let event = self.event(&chunk, kept, end + 1);
                    self.forget();
                    let mut left = Vec::with_capacity(event.len());
                    left.extend_from_slice(&event[..cut.start]);
                    left.extend_from_slice(&event[cut.end..]);
                    out.push(Bytes::from(left));
                    from = end + 1;
                }
            }
            self.passing = false;
            kept = end + 1;
        }
        self.in_line |= line_start < chunk.len();
        if line_start < chunk.len() {
            self.after_cr = false;
        }
        self.hold(chunk, from, kept, &mut out);
        out
    }

    /// Sends `from..kept` of the chunk and holds the rest.
    fn hold(&mut self, chunk: Bytes, from: usize, kept: usize, out: &mut Forward) {
        let rest = chunk.len() - kept;
        if rest == 0 && from == 0 {
            if !chunk.is_empty() {
                out.push(chunk);
            }
            return;
        }
        send(out, &chunk, from..kept);
        if rest == 0 {
            return;
        }
        self.dropped = false;
        if self.held.is_empty() {
            self.held = chunk.slice(kept..);
        } else {
            self.more.extend_from_slice(&chunk[kept..]);
        }
        self.passing |= self.held.len() + self.more.len() > LONGEST_EVENT;
        if self.passing {
            self.release(out);
        }
    }

    fn release(&mut self, out: &mut Forward) {
        if !self.held.is_empty() {
            out.push(std::mem::take(&mut self.held));
        }
        if !self.more.is_empty() {
            out.push(Bytes::from(std::mem::take(&mut self.more)));
        }
    }

    fn forget(&mut self) {
        self.held = Bytes::new();
        self.more.clear();
    }

    pub(super) fn end(&mut self) -> Forward {
        let mut out = Forward::new();
        self.release(&mut out);
        out
    }

    /// The whole event that ends in this chunk.
    fn event<'a>(&self, chunk: &'a Bytes, start: usize, end: usize) -> Cow<'a, [u8]> {
        if self.held.is_empty() {
            return (&chunk[start..end]).into();
        }
        let mut event = Vec::with_capacity(self.held.len() + self.more.len() + end - start);
        event.extend_from_slice(&self.held);
        event.extend_from_slice(&self.more);
        event.extend_from_slice(&chunk[start..end]);
        event.into()
    }

    fn judge(&self, chunk: &Bytes, start: usize, end: usize) -> Verdict {
        if self.passing {
            return Verdict::Keep;
        }
        judge(&self.event(chunk, start, end))
    }
}

fn send(out: &mut Forward, chunk: &Bytes, range: Range<usize>) {
    if !range.is_empty() {
        out.push(chunk.slice(range));
    }
}

/// An event that is not one line of JSON as `OpenAI` writes it is kept as it is.
fn judge(event: &[u8]) -> Verdict {
    if memchr::memmem::find(event, b"\"usage\"").is_none() {
        return Verdict::Keep;
    }
    let Some(at) = memchr::memmem::find(event, b"data:") else {
        return Verdict::Keep;
    };
    if at > 0 && !matches!(event[at - 1], b'\n' | b'\r') {
        return Verdict::Keep;
    }
    let data = &event[at + 5..];
    let data = &data[..memchr::memchr2(b'\n', b'\r', data).unwrap_or(data.len())];
    match read(data).unwrap_or_default() {
        Found {
            usage: Usage::Reported,
            no_choices: true,
            ..
        } => Verdict::Drop,
        Found {
            usage: Usage::Null,
            cut,
            ..
        } => Verdict::Cut(at + 5 + cut.start..at + 5 + cut.end),
        _ => Verdict::Keep,
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Usage {
    #[default]
    Absent,
    Null,
    Reported,
}

#[derive(Debug, Default)]
struct Found {
    usage: Usage,
    no_choices: bool,
    /// The member `usage` with one of its commas.
    cut: Range<usize>,
}

fn read(data: &[u8]) -> Option<Found> {
    let mut found = Found::default();
    let mut cursor = Cursor::new(data);
    let mut end_before = cursor.open_object().ok()?;
    let mut members = Members::First;
    let mut first = true;
    while let Some(key) = cursor.member(&mut members).ok()? {
        let start = cursor.skip(b"", &mut ()).ok()?;
        let value = cursor.slice(start);
        match key.raw {
            b"choices" => {
                found.no_choices =
                    value.len() >= 2 && value[1..value.len() - 1].trim_ascii().is_empty();
            }
            b"usage" => {
                found.usage = if value == b"null" {
                    Usage::Null
                } else {
                    Usage::Reported
                };
                // From the end of the member before, so with the comma between them; the first
                // member takes the comma after it instead.
                found.cut = end_before..cursor.at();
                if first && cursor.peek() == Some(b',') {
                    found.cut.end = cursor.at() + 1;
                }
            }
            _ => {}
        }
        end_before = cursor.at();
        first = false;
    }
    Some(found)
}
