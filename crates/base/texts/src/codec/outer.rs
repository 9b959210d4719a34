//! The first level: UTF-8, and the escapes of a JSON string (RFC 8259 §7).

use super::Chars;

/// The beginning of a character that is cut.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Utf8 {
    bytes: [u8; 4],
    length: u8,
}

impl Utf8 {
    /// Takes the next byte of a cut character; `None` where it does not go on with it.
    fn take(&mut self, byte: u8) -> Option<Option<char>> {
        let at = usize::from(self.length);
        *self.bytes.get_mut(at)? = byte;
        match str::from_utf8(self.bytes.get(..=at)?) {
            Ok(text) => {
                self.length = 0;
                Some(text.chars().next())
            }
            Err(error) if error.error_len().is_none() => {
                self.length += 1;
                Some(None)
            }
            Err(_) => {
                self.length = 0;
                None
            }
        }
    }

    fn begin(&mut self, bytes: &[u8]) {
        self.length = 0;
        for (place, byte) in self.bytes.iter_mut().zip(bytes) {
            *place = *byte;
            self.length += 1;
        }
    }
}

/// Reads bytes that stand as they are; `base` is the offset of the first.
pub(super) fn utf8(state: &mut Utf8, bytes: &[u8], base: usize, out: &mut impl Chars) {
    let mut rest = bytes;
    let mut at = base;
    while state.length > 0
        && let Some((&byte, after)) = rest.split_first()
    {
        match state.take(byte) {
            Some(Some(char)) => out.char(at..at + 1, char),
            Some(None) => out.part(at..at + 1),
            // It begins something else, and is read again.
            None => break,
        }
        rest = after;
        at += 1;
    }
    while !rest.is_empty() {
        let error = match str::from_utf8(rest) {
            Ok(text) => return out.run(at, text),
            Err(error) => error,
        };
        let (valid, after) = rest.split_at(error.valid_up_to());
        if !valid.is_empty() {
            out.run(at, str::from_utf8(valid).unwrap_or_default());
            at += valid.len();
        }
        let odd = error.error_len().unwrap_or(after.len());
        if error.error_len().is_none() {
            state.begin(after);
        }
        out.part(at..at + odd);
        at += odd;
        rest = after.get(odd..).unwrap_or_default();
    }
}

/// Reads the inside of a JSON string, whose escapes are whole.
pub(super) fn unescape(state: &mut Utf8, high: &mut u16, raw: &[u8], out: &mut impl Chars) {
    let valid = str::from_utf8(raw).ok();
    let mut at = 0;
    while let Some(rest) = raw.get(at..)
        && !rest.is_empty()
    {
        let plain = memchr::memchr(b'\\', rest).unwrap_or(rest.len());
        if plain > 0 {
            *high = 0;
            match valid.and_then(|text| text.get(at..at + plain)) {
                Some(text) => out.run(at, text),
                None => utf8(state, rest.get(..plain).unwrap_or_default(), at, out),
            }
            at += plain;
            continue;
        }
        at += escape(high, rest, at, out);
    }
}

/// Reads the escape that `rest` begins with; gives its length.
fn escape(high: &mut u16, rest: &[u8], at: usize, out: &mut impl Chars) -> usize {
    let before = std::mem::take(high);
    let meant = match rest.get(1) {
        Some(b'u') => {
            let unit = rest.get(2..6).and_then(hex);
            match unit.map(|unit| Unit::of(before, unit)) {
                Some(Unit::Char(char)) => out.char(at..at + 6, char),
                Some(Unit::High(unit)) => {
                    *high = unit;
                    out.part(at..at + 6);
                }
                Some(Unit::Lone) => out.part(at..at + 6),
                None => {
                    out.part(at..at + 1);
                    return 1;
                }
            }
            return 6;
        }
        Some(&other) => short(char::from(other)),
        None => {
            out.part(at..at + 1);
            return 1;
        }
    };
    out.char(at..at + 2, meant);
    2
}

/// What a backslash and this mean; itself, where that is nothing known.
pub(super) const fn short(char: char) -> char {
    match char {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        other => other,
    }
}

fn hex(digits: &[u8]) -> Option<u16> {
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u16::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
}

/// What a UTF-16 unit is after the one before it.
pub(super) enum Unit {
    Char(char),
    High(u16),
    Lone,
}

impl Unit {
    /// `high`: the first half that stands right before, or 0.
    pub(super) fn of(high: u16, unit: u16) -> Self {
        match unit {
            0xD800..=0xDBFF => Self::High(unit),
            0xDC00..=0xDFFF if high != 0 => {
                let point =
                    0x1_0000 + ((u32::from(high) - 0xD800) << 10) + (u32::from(unit) - 0xDC00);
                char::from_u32(point).map_or(Self::Lone, Self::Char)
            }
            _ => char::from_u32(u32::from(unit)).map_or(Self::Lone, Self::Char),
        }
    }
}
