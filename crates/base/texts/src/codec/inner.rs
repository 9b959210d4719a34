//! The second level: JSON as text. What stands in its strings is undone; numbers, words and the marks
//! between them are text as they stand, but are known for what they are. Nothing is refused: a model
//! may write arguments that are no JSON, and they may be cut off.

use std::ops::Range;

use super::{
    Chars, Class, Sink,
    outer::{Unit, short},
};

/// Where in the JSON the next character is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Mode {
    #[default]
    Between,
    Literal,
    String,
    /// After a backslash.
    Escape,
    /// After `\u` and some digits.
    Hex {
        digits: u8,
        unit: u16,
    },
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Nesting {
    mode: Mode,
    /// The first half of a surrogate pair; 0: none.
    high: u16,
}

pub(super) struct Inner<'s, S> {
    state: &'s mut Nesting,
    sink: &'s mut S,
    open: &'s mut bool,
}

impl<'s, S: Sink> Inner<'s, S> {
    pub(super) const fn new(state: &'s mut Nesting, sink: &'s mut S, open: &'s mut bool) -> Self {
        Self { state, sink, open }
    }

    fn whole(&mut self, raw: Range<usize>, class: Class, char: char) {
        *self.open = false;
        self.sink.part(raw, class);
        self.sink.done(char);
    }

    /// Part of an escape.
    fn unfinished(&mut self, raw: Range<usize>) {
        *self.open = true;
        self.sink.part(raw, Class::Content);
    }

    fn between(&mut self, raw: Range<usize>, char: char, first: bool) {
        let mark = matches!(
            char,
            '{' | '}' | '[' | ']' | ':' | ',' | ' ' | '\n' | '\r' | '\t'
        );
        let class = if mark || char == '"' {
            Class::Structure
        } else {
            Class::Literal { first }
        };
        self.state.mode = match char {
            '"' => Mode::String,
            _ if mark => Mode::Between,
            _ => Mode::Literal,
        };
        self.whole(raw, class, char);
    }

    fn in_string(&mut self, raw: Range<usize>, char: char) {
        match char {
            '"' => {
                self.state.mode = Mode::Between;
                self.state.high = 0;
                self.whole(raw, Class::Structure, char);
            }
            '\\' => {
                self.state.mode = Mode::Escape;
                self.unfinished(raw);
            }
            _ => {
                self.state.high = 0;
                self.whole(raw, Class::Content, char);
            }
        }
    }

    fn hex(&mut self, raw: Range<usize>, char: char, digits: u8, unit: u16) {
        let Some(digit) = char.to_digit(16) else {
            self.state.mode = Mode::String;
            self.state.high = 0;
            return self.in_string(raw, char);
        };
        let unit = (unit << 4) | u16::try_from(digit).unwrap_or_default();
        if digits < 3 {
            self.state.mode = Mode::Hex {
                digits: digits + 1,
                unit,
            };
            return self.unfinished(raw);
        }
        self.state.mode = Mode::String;
        match Unit::of(std::mem::take(&mut self.state.high), unit) {
            Unit::Char(char) => self.whole(raw, Class::Content, char),
            Unit::High(high) => {
                self.state.high = high;
                self.unfinished(raw);
            }
            Unit::Lone => self.unfinished(raw),
        }
    }
}

impl<S: Sink> Chars for Inner<'_, S> {
    fn run(&mut self, at: usize, text: &str) {
        let mut from = 0;
        while let Some(rest) = text.get(from..)
            && let Some(char) = rest.chars().next()
        {
            let plain = if self.state.mode == Mode::String {
                memchr::memchr2(b'"', b'\\', rest.as_bytes()).unwrap_or(rest.len())
            } else {
                0
            };
            if plain > 0 {
                self.state.high = 0;
                *self.open = false;
                self.sink
                    .run(at + from, rest.get(..plain).unwrap_or_default());
                from += plain;
            } else {
                self.char(at + from..at + from + char.len_utf8(), char);
                from += char.len_utf8();
            }
        }
    }

    fn char(&mut self, raw: Range<usize>, char: char) {
        match self.state.mode {
            Mode::Between => self.between(raw, char, true),
            Mode::Literal => self.between(raw, char, false),
            Mode::String => self.in_string(raw, char),
            Mode::Escape if char == 'u' => {
                self.state.mode = Mode::Hex { digits: 0, unit: 0 };
                self.unfinished(raw);
            }
            Mode::Escape => {
                self.state.mode = Mode::String;
                self.state.high = 0;
                self.whole(raw, Class::Content, short(char));
            }
            Mode::Hex { digits, unit } => self.hex(raw, char, digits, unit),
        }
    }

    fn part(&mut self, raw: Range<usize>) {
        *self.open = true;
        let class = match self.state.mode {
            Mode::Between | Mode::Literal => Class::Literal { first: false },
            _ => Class::Content,
        };
        self.sink.part(raw, class);
    }
}
