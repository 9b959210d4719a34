//! Edits of a text, made in the bytes that wrote it.

use std::{collections::VecDeque, ops::Range};

use tidegate_wire::json::push_string;

use super::{Class, Codec, Sink, State, decode};
use crate::{frame::Splice, watch::Edit};

/// The edits of one text that are still to be made, in their order.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    edits: VecDeque<Edit>,
    /// The replacement of the first one was written already.
    written: bool,
    /// What is left of a number or word goes with its beginning.
    swallow: bool,
}

impl Pending {
    pub(crate) fn extend(&mut self, edits: impl IntoIterator<Item = Edit>) {
        self.edits.extend(edits);
    }

    /// Whether a text before `to` (or the character there, with `open`) may be touched.
    pub(crate) fn touches(&self, to: u64, open: bool) -> bool {
        let first = self.edits.front();
        self.swallow
            || first.is_some_and(|edit| edit.span.start < to || (open && edit.span.start == to))
    }

    /// The edit that the character at `at` falls under.
    fn under(&mut self, at: u64) -> Option<&Edit> {
        while self.edits.front().is_some_and(|edit| edit.span.end <= at) {
            self.edits.pop_front();
            self.written = false;
        }
        self.edits.front().filter(|edit| edit.span.start <= at)
    }

    /// Where the next edit begins.
    fn next(&self) -> u64 {
        self.edits.front().map_or(u64::MAX, |edit| edit.span.start)
    }
}

struct Rewrite<'r> {
    codec: Codec,
    at: u64,
    base: usize,
    pending: &'r mut Pending,
    out: &'r mut Vec<Splice>,
}

impl Rewrite<'_> {
    fn cut(&mut self, raw: Range<usize>, with: &[u8]) {
        let span = self.base + raw.start..self.base + raw.end;
        match self.out.last_mut() {
            Some(last) if last.span.end == span.start => {
                last.span.end = span.end;
                last.with.extend_from_slice(with);
            }
            _ => self.out.push(Splice {
                span,
                with: with.to_vec(),
            }),
        }
    }

    /// The replacement of the edit in force, if it was not written yet.
    fn replacement(&mut self, class: Class) -> Vec<u8> {
        let mut out = Vec::new();
        if !std::mem::replace(&mut self.pending.written, true)
            && let Some(edit) = self.pending.edits.front()
        {
            write(self.codec, class, &edit.with, &mut out);
        }
        out
    }
}

impl Sink for Rewrite<'_> {
    fn run(&mut self, at: usize, text: &str) {
        self.pending.swallow = false;
        let end = self.at + text.len() as u64;
        let mut raw = at;
        while self.at < end {
            let under = self.pending.under(self.at).map(|edit| edit.span.end);
            let to = under.unwrap_or_else(|| self.pending.next()).min(end);
            let done = text.len() - usize::try_from(end - self.at).unwrap_or_default();
            // An edit that splits a character takes it whole: what is left must stay UTF-8.
            let stop = usize::try_from(to - self.at).map_or(text.len(), |length| done + length);
            let length = ceil(text, stop) - done;
            if under.is_some() {
                let with = self.replacement(Class::Content);
                self.cut(raw..raw + length, &with);
            }
            raw += length;
            self.at += length as u64;
        }
    }

    fn part(&mut self, raw: Range<usize>, class: Class) {
        if !matches!(class, Class::Literal { .. }) {
            self.pending.swallow = false;
        }
        if self.pending.swallow {
            return self.cut(raw, b"");
        }
        let at = self.at;
        if self.pending.under(at).is_none() {
            return;
        }
        if class == Class::Structure {
            return;
        }
        // A number that is touched at its beginning becomes a string, whole.
        let swallow = matches!(class, Class::Literal { first: true });
        let mut with = self.replacement(class);
        if swallow && with.is_empty() {
            with.extend_from_slice(b"null");
        }
        self.pending.swallow = swallow;
        self.cut(raw, &with);
    }

    fn done(&mut self, char: char) {
        self.at += char.len_utf8() as u64;
    }
}

fn ceil(text: &str, at: usize) -> usize {
    (at..text.len())
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(text.len())
}

/// Makes the edits that fall into a piece of a text. The piece stands at `base` of the frame, begins at
/// `from` of its text, and `state` is the decoder's before it.
pub(crate) fn rewrite(
    codec: Codec,
    mut state: State,
    from: u64,
    (base, raw): (usize, &[u8]),
    pending: &mut Pending,
    out: &mut Vec<Splice>,
) {
    let mut sink = Rewrite {
        codec,
        at: from,
        base,
        pending,
        out,
    };
    decode(codec, &mut state, raw, &mut sink);
}

/// Writes a text as its codec wants it.
fn write(codec: Codec, class: Class, text: &str, out: &mut Vec<u8>) {
    match (codec, class) {
        // In the middle of a number only a digit leaves JSON.
        (Codec::Nested | Codec::Value, Class::Literal { first: false }) => out.push(b'1'),
        (Codec::Nested, Class::Literal { .. }) => {
            let mut inner = Vec::with_capacity(text.len() + 2);
            push_string(&mut inner, text);
            escape(&inner, out);
        }
        (Codec::Value, Class::Literal { .. }) => push_string(out, text),
        (Codec::Nested, _) => {
            let mut inner = Vec::with_capacity(text.len() + 2);
            escape(text.as_bytes(), &mut inner);
            escape(&inner, out);
        }
        (Codec::Json | Codec::Value, _) => escape(text.as_bytes(), out),
        (Codec::Raw, _) => out.extend_from_slice(text.as_bytes()),
    }
}

/// As [`push_string`], without the quotes.
fn escape(text: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    push_string(out, str::from_utf8(text).unwrap_or_default());
    out.pop();
    if out.len() > start {
        out.remove(start);
    }
}
