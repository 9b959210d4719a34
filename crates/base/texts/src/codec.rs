//! How a text is written in a frame, undone step by step, so that each character is known with the
//! bytes that wrote it.
//!
//! A decoder has a small state and goes on where the last piece of its text stopped, even inside an
//! escape or a surrogate pair that is cut over two events. Bytes that mean no character (half of a
//! surrogate pair, a byte that is no UTF-8, a broken escape) belong to the character after them: a
//! rule sees the text without them, and they go where that character goes.

mod inner;
mod outer;
mod rewrite;
#[cfg(test)]
mod tests;

use std::ops::Range;

use inner::{Inner, Nesting};
use outer::Utf8;

pub(crate) use rewrite::{Pending, rewrite};

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    /// A JSON string, without its quotes.
    Json,
    /// A JSON string that holds JSON: both levels of escapes are undone.
    Nested,
    /// As it is, in UTF-8.
    Raw,
    /// A JSON value of any kind; the escapes of its strings are undone, the rest stands as it is.
    Value,
}

/// What bytes are to the format around the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Text: may be replaced.
    Content,
    /// A number or a word of JSON: may be replaced by a string.
    Literal { first: bool },
    /// Quotes, brackets and the like of JSON: must stay.
    Structure,
}

/// Takes what a decoder finds.
trait Sink {
    /// Characters that are written as they are, from `at` on.
    fn run(&mut self, at: usize, text: &str);
    /// Bytes that belong to the next character that is done.
    fn part(&mut self, raw: Range<usize>, class: Class);
    /// A character is whole.
    fn done(&mut self, char: char);
}

/// Takes characters of one level.
trait Chars {
    /// Characters that are written as they are, from `at` on.
    fn run(&mut self, at: usize, text: &str);
    /// A character that these bytes (and parts before) write.
    fn char(&mut self, raw: Range<usize>, char: char);
    /// Bytes that belong to the next character.
    fn part(&mut self, raw: Range<usize>);
}

/// What a decoder remembers between two pieces of a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct State {
    utf8: Utf8,
    /// The first half of a surrogate pair; 0: none.
    high: u16,
    nesting: Nesting,
    /// Bytes were read that belong to the next character.
    pub(crate) open: bool,
}

/// One level: every character is content.
struct Plain<'s, S>(&'s mut S, &'s mut bool);

impl<S: Sink> Chars for Plain<'_, S> {
    fn run(&mut self, at: usize, text: &str) {
        *self.1 = false;
        self.0.run(at, text);
    }

    fn char(&mut self, raw: Range<usize>, char: char) {
        *self.1 = false;
        self.0.part(raw, Class::Content);
        self.0.done(char);
    }

    fn part(&mut self, raw: Range<usize>) {
        *self.1 = true;
        self.0.part(raw, Class::Content);
    }
}

fn decode<S: Sink>(codec: Codec, state: &mut State, raw: &[u8], sink: &mut S) {
    let State {
        utf8,
        high,
        nesting,
        open,
    } = state;
    match codec {
        Codec::Json => outer::unescape(utf8, high, raw, &mut Plain(sink, open)),
        Codec::Raw => outer::utf8(utf8, raw, 0, &mut Plain(sink, open)),
        Codec::Nested => {
            outer::unescape(utf8, high, raw, &mut Inner::new(nesting, sink, open));
        }
        Codec::Value => outer::utf8(utf8, raw, 0, &mut Inner::new(nesting, sink, open)),
    }
}

struct Collect<'s>(&'s mut String);

impl Sink for Collect<'_> {
    fn run(&mut self, _: usize, text: &str) {
        self.0.push_str(text);
    }

    fn part(&mut self, _: Range<usize>, _: Class) {}

    fn done(&mut self, char: char) {
        self.0.push(char);
    }
}

/// The text that a piece adds; `scratch` is written only where the text does not stand in the piece as
/// it is.
pub(crate) fn text<'t>(
    codec: Codec,
    state: &mut State,
    raw: &'t [u8],
    scratch: &'t mut String,
) -> &'t str {
    let plain = match codec {
        Codec::Json => !state.open && memchr::memchr(b'\\', raw).is_none(),
        Codec::Raw => !state.open,
        Codec::Nested | Codec::Value => false,
    };
    if plain && let Ok(text) = str::from_utf8(raw) {
        return text;
    }
    scratch.clear();
    decode(codec, state, raw, &mut Collect(scratch));
    scratch
}
