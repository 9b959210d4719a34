//! Runs of one encoding.

use super::{Chunk, Encoding, Line, SHORTEST};
use crate::alphabet::{BLOCK, are_all};

/// No digit.
pub(super) const NONE: u8 = 0xff;
/// The digits of base64, in both alphabets, that are neither letter nor number.
pub(super) const MARKS: [u8; 4] = *b"+-/_";
/// The value of each digit of base64, in both alphabets.
pub(super) static DIGITS: [u8; 256] = digits(Encoding::Base64);
static HEX: [u8; 256] = digits(Encoding::Hex);

/// How many digits tools write into a line: `base64`, PEM, `xxd -p`. Whole bytes end with each of them.
const LINES: [u32; 3] = [76, 64, 60];

const fn digits(encoding: Encoding) -> [u8; 256] {
    let mut digits = [NONE; 256];
    let mut at = 0;
    while at < 26 {
        let value = at as u8;
        match encoding {
            Encoding::Base64 => {
                digits[b'A' as usize + at] = value;
                digits[b'a' as usize + at] = 26 + value;
            }
            Encoding::Hex if at < 6 => {
                digits[b'A' as usize + at] = 10 + value;
                digits[b'a' as usize + at] = 10 + value;
            }
            Encoding::Hex => {}
        }
        at += 1;
    }
    at = 0;
    while at < 10 {
        digits[b'0' as usize + at] = match encoding {
            Encoding::Base64 => 52 + at as u8,
            Encoding::Hex => at as u8,
        };
        at += 1;
    }
    if matches!(encoding, Encoding::Base64) {
        digits[b'+' as usize] = 62;
        digits[b'-' as usize] = 62;
        digits[b'/' as usize] = 63;
        digits[b'_' as usize] = 63;
    }
    digits
}

/// Whether a byte is a hexadecimal digit.
pub(super) fn is_hex(byte: u8) -> bool {
    HEX[usize::from(byte)] != NONE
}

/// Bytes that digits say, some digits making some bytes.
fn decoded<const DIGITS: usize, const BYTES: usize, const TIMES: usize>(
    digits: &[u8; SHORTEST],
    bits: u32,
    values: &[u8; 256],
) -> [[u8; BYTES]; TIMES] {
    const { assert!(DIGITS * TIMES == SHORTEST && BYTES < size_of::<u32>()) }
    let mut decoded = [[0; BYTES]; TIMES];
    for (digits, bytes) in digits.as_chunks::<DIGITS>().0.iter().zip(&mut decoded) {
        let value = |byte: &u8| u32::from(values[usize::from(*byte)]);
        let all = digits.iter().fold(0, |all, byte| all << bits | value(byte));
        for (byte, at) in bytes.iter_mut().rev().zip(0..) {
            [*byte, ..] = (all >> (8 * at)).to_le_bytes();
        }
    }
    decoded
}

/// Whether bytes are text, of which the last character may not be whole.
fn is_text<const BYTES: usize>(bytes: &[[u8; BYTES]]) -> bool {
    let bytes = bytes.as_flattened();
    // Most that are none are known by the first two.
    if let [first, second, ..] = bytes
        && (!begins_text(*first) || first.is_ascii() != (second & 0xc0 != 0x80))
    {
        return false;
    }
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_some() => return false,
        Err(error) => {
            let whole = bytes.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(whole).unwrap_or_default()
        }
    };
    let is_none = |character: char| character.is_control() && !character.is_ascii_whitespace();
    !valid.chars().any(is_none)
}

/// Whether a character of text may begin with a byte.
const fn begins_text(byte: u8) -> bool {
    match byte {
        0x80..0xc2 | 0xf5.. => false,
        _ => !byte.is_ascii_control() || byte.is_ascii_whitespace(),
    }
}

/// Where the next mark is.
fn next_mark(digits: &[u8]) -> Option<usize> {
    let blocks = digits.as_chunks().0.iter();
    let full = blocks.take_while(|block| are_all(**block, []));
    let full = full.count() * BLOCK;
    let mut rest = digits.get(full..)?.iter();
    rest.position(|byte| !byte.is_ascii_alphanumeric())
        .map(|at| full + at)
}

/// A run of one encoding at a time.
#[derive(Debug, Clone)]
pub(super) struct Lane {
    encoding: Encoding,
    state: State,
    run: Run,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The next digit begins a run.
    Ready,
    /// In digits that are no text.
    Waits,
    /// In a run.
    Runs,
    /// In a run, after a line; `\r` came of its end.
    Returned,
    /// In a run, after a line's end.
    Fed,
}

/// What is known of a run.
#[derive(Debug, Clone, Default)]
struct Run {
    start: u64,
    /// Its first digits, to begin again among them.
    first: [u8; SHORTEST],
    /// Digits of it, and of its last line.
    len: u64,
    line: u32,
    /// Bits that are no byte yet.
    bits: u32,
    open: u32,
    /// Bytes that are no character yet.
    bytes: [u8; 4],
    held: usize,
    /// Bytes of text, those handed on included.
    decoded: u64,
    text: String,
    lines: Vec<Line>,
    told: bool,
}

impl Lane {
    pub(super) fn new(encoding: Encoding) -> Self {
        Self {
            encoding,
            state: State::Ready,
            run: Run::default(),
        }
    }

    /// The first byte of what is ahead. Says how many bytes more are known to be of a run.
    pub(super) fn step(&mut self, at: u64, ahead: &[u8], hand: &mut dyn FnMut(Chunk)) -> usize {
        let Some(&byte) = ahead.first() else {
            return 0;
        };
        let digits = match self.encoding {
            Encoding::Base64 => &DIGITS,
            Encoding::Hex => &HEX,
        };
        let value = digits[usize::from(byte)];
        if value == NONE {
            self.state = match (self.state, byte) {
                (State::Runs, b'\r') if self.wraps() => State::Returned,
                (State::Runs, b'\n') if self.wraps() => State::Fed,
                (State::Returned, b'\n') => State::Fed,
                _ => {
                    self.end(hand);
                    State::Ready
                }
            };
            return 0;
        }
        match self.state {
            State::Waits => {
                if self.is_mark(byte) {
                    self.state = State::Ready;
                }
                return 0;
            }
            State::Ready if !self.may_begin(ahead) => {
                self.state = self.after(byte);
                return 0;
            }
            State::Ready => self.run.begin(at),
            State::Returned => {
                self.end(hand);
                self.run.begin(at);
            }
            State::Fed => {
                self.run.line = 0;
                self.run.lines.push(Line {
                    decoded: self.run.decoded,
                    original: at,
                });
            }
            State::Runs => {}
        }
        self.state = State::Runs;
        if !self.run.digit(self.encoding, byte, value) {
            return self.fail(byte, hand);
        }
        match self.run.len {
            len if len == SHORTEST as u64 => SHORTEST,
            len if len > SHORTEST as u64 => 1,
            _ => 0,
        }
    }

    /// Where in a run of digits that is all there something first begins that [may](Self::may_begin) be text.
    pub(super) fn first_text(&self, run: &[u8]) -> Option<usize> {
        let mut at = 0;
        loop {
            let ahead = run.get(at..)?;
            let many = ahead.first_chunk()?;
            at += match self.encoding {
                Encoding::Base64 if self.says_text(many) => return Some(at),
                // The next beginning is after the next mark.
                Encoding::Base64 => 1 + next_mark(ahead)?,
                // A digit begins nothing where those after it are too few, nor do they.
                Encoding::Hex => match many.iter().rposition(|byte| !is_hex(*byte)) {
                    Some(other) => 1 + other,
                    None if self.says_text(many) => return Some(at),
                    None => ahead.iter().position(|byte| !is_hex(*byte))?,
                },
            };
        }
    }

    /// Goes on in a run in which nothing was text so far, after this byte of it.
    pub(super) fn goes_on_after(&mut self, before: Option<u8>) {
        let begins = before.is_none_or(|byte| match self.encoding {
            Encoding::Base64 => self.is_mark(byte),
            Encoding::Hex => !is_hex(byte),
        });
        self.state = if begins { State::Ready } else { State::Waits };
    }

    /// Whether enough digits are ahead, and text as far as that, or may be: lines that are shorter than a run do
    /// not go on.
    fn may_begin(&self, ahead: &[u8]) -> bool {
        let Some(many) = ahead.first_chunk::<SHORTEST>() else {
            return ahead.iter().all(|byte| self.is_digit(*byte));
        };
        let digits = match self.encoding {
            Encoding::Base64 => {
                let (blocks, _) = many.as_chunks();
                blocks.iter().all(|block| are_all(*block, MARKS))
            }
            Encoding::Hex => many.iter().all(|byte| is_hex(*byte)),
        };
        digits && self.says_text(many)
    }

    fn is_digit(&self, byte: u8) -> bool {
        match self.encoding {
            Encoding::Base64 => DIGITS[usize::from(byte)] != NONE,
            Encoding::Hex => is_hex(byte),
        }
    }

    /// Whether these digits are text, as far as they go: what [`Run::digit`] tells of them one by one.
    fn says_text(&self, digits: &[u8; SHORTEST]) -> bool {
        match self.encoding {
            Encoding::Base64 => is_text(&decoded::<4, 3, { SHORTEST / 4 }>(digits, 6, &DIGITS)),
            Encoding::Hex => is_text(&decoded::<2, 1, { SHORTEST / 2 }>(digits, 4, &HEX)),
        }
    }

    /// What follows a digit that no run goes on with.
    fn after(&self, byte: u8) -> State {
        match self.is_mark(byte) {
            true => State::Ready,
            false => State::Waits,
        }
    }

    fn wraps(&self) -> bool {
        LINES.contains(&self.run.line)
    }

    fn is_mark(&self, byte: u8) -> bool {
        self.encoding == Encoding::Base64 && !byte.is_ascii_alphanumeric()
    }

    /// What the run says is no text from this byte on.
    fn fail(&mut self, byte: u8, hand: &mut dyn FnMut(Chunk)) -> usize {
        let waits = self.after(byte);
        if self.run.is_told() {
            self.end(hand);
            self.state = waits;
            return 0;
        }
        // Again after its first mark, and so on. What was seen is short, and of one line.
        let (start, len) = (self.run.start, self.run.seen());
        let first = self.run.first;
        let mut seen = first.get(..len).unwrap_or_default();
        while let Some(mark) = seen.iter().position(|byte| self.is_mark(*byte)) {
            seen = seen.get(mark + 1..).unwrap_or_default();
            if seen.is_empty() {
                break;
            }
            self.run.begin(start + (len - seen.len()) as u64);
            let digit = |byte: &u8| {
                let value = DIGITS[usize::from(*byte)];
                self.run.digit(self.encoding, *byte, value)
            };
            if seen.iter().all(digit) {
                self.state = State::Runs;
                return 0;
            }
        }
        self.state = waits;
        0
    }

    /// The run is over.
    pub(super) fn end(&mut self, hand: &mut dyn FnMut(Chunk)) {
        if self.runs() && self.run.is_told() {
            self.give(true, hand);
        }
        self.state = State::Ready;
    }

    /// The run is over because no more is to be decoded. The last byte may have made it one.
    pub(super) fn stop(&mut self, hand: &mut dyn FnMut(Chunk)) {
        if self.run.len > SHORTEST as u64 {
            self.end(hand);
        }
        self.state = State::Ready;
    }

    /// Hands on what was decoded.
    pub(super) fn flush(&mut self, hand: &mut dyn FnMut(Chunk)) {
        if self.runs() && self.run.is_told() && !self.run.text.is_empty() {
            self.give(false, hand);
        }
    }

    fn give(&mut self, ends: bool, hand: &mut dyn FnMut(Chunk)) {
        hand(Chunk {
            encoding: self.encoding,
            text: std::mem::take(&mut self.run.text),
            lines: std::mem::take(&mut self.run.lines),
            begins: !std::mem::replace(&mut self.run.told, true),
            ends,
        });
    }

    fn runs(&self) -> bool {
        matches!(self.state, State::Runs | State::Returned | State::Fed)
    }

    /// Whether it is in digits that are no text.
    pub(super) const fn waits(&self) -> bool {
        matches!(self.state, State::Waits)
    }

    /// Whether the next digit begins a run.
    pub(super) const fn is_ready(&self) -> bool {
        matches!(self.state, State::Ready)
    }

    /// The digits that are no text are over.
    pub(super) const fn is_over(&mut self) {
        self.state = State::Ready;
    }

    /// Whether a byte that is no digit may be part of what is decoded.
    pub(super) fn goes_on(&self) -> bool {
        matches!(self.state, State::Returned | State::Fed)
    }

    /// Where a run begins that may be one.
    pub(super) fn undecided(&self) -> Option<u64> {
        (self.runs() && !self.run.is_told()).then_some(self.run.start)
    }
}

impl Run {
    fn begin(&mut self, start: u64) {
        self.start = start;
        (self.len, self.line, self.bits, self.open) = (0, 0, 0, 0);
        (self.held, self.decoded, self.told) = (0, 0, false);
        self.text.clear();
        self.lines.clear();
        self.lines.push(Line {
            decoded: 0,
            original: start,
        });
    }

    /// Whether it is long enough.
    fn is_told(&self) -> bool {
        self.len >= SHORTEST as u64
    }

    /// How many of its first digits are kept.
    fn seen(&self) -> usize {
        usize::try_from(self.len + 1).map_or(SHORTEST, |len| len.min(SHORTEST))
    }

    /// Another digit. `false`: with it, this is no text.
    fn digit(&mut self, encoding: Encoding, byte: u8, value: u8) -> bool {
        let known = usize::try_from(self.len).ok();
        if let Some(slot) = known.and_then(|at| self.first.get_mut(at)) {
            *slot = byte;
        }
        let bits = match encoding {
            Encoding::Base64 => 6,
            Encoding::Hex => 4,
        };
        self.bits = (self.bits << bits | u32::from(value)) & 0xffff;
        self.open += bits;
        if self.open >= 8 {
            self.open -= 8;
            let [byte, ..] = (self.bits >> self.open).to_le_bytes();
            if !self.byte(byte) {
                return false;
            }
        }
        self.len += 1;
        self.line = self.line.saturating_add(1);
        true
    }

    /// Another byte of what it says.
    fn byte(&mut self, byte: u8) -> bool {
        if self.held == 0 && byte.is_ascii() {
            let is_text = !byte.is_ascii_control() || byte.is_ascii_whitespace();
            if is_text {
                self.text.push(char::from(byte));
                self.decoded += 1;
            }
            return is_text;
        }
        let Some(slot) = self.bytes.get_mut(self.held) else {
            return false;
        };
        *slot = byte;
        self.held += 1;
        let held = self.bytes.get(..self.held).unwrap_or_default();
        match std::str::from_utf8(held) {
            Ok(text) => {
                let is_text = !text.chars().any(char::is_control);
                if is_text {
                    self.text.push_str(text);
                    self.decoded += text.len() as u64;
                    self.held = 0;
                }
                is_text
            }
            Err(error) => error.error_len().is_none(),
        }
    }
}
