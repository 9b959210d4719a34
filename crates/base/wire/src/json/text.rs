//! JSON strings: finding their end fast, and decoding the few that are read.

mod run;

use std::borrow::Cow;

use super::Fault;
use run::{run, short};

/// A string as it stands in a body: between its quotes, escapes not yet decoded, valid as to
/// escapes, control characters and UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<'a> {
    /// Between the quotes.
    pub raw: &'a [u8],
    /// Offset of the opening quote in the body.
    pub at: usize,
    /// Whether there is a backslash in it.
    pub escaped: bool,
}

/// The offset of the next quote or backslash from `at` on, or the length. For answers, which are
/// not validated.
pub(crate) fn find_quote_or_escape(bytes: &[u8], at: usize) -> usize {
    let mut at = at;
    loop {
        let (next, _) = run(bytes, at);
        match bytes.get(next) {
            Some(b'"' | b'\\') | None => return next,
            Some(_) => at = next + 1,
        }
    }
}

/// Reads the string whose opening quote is at `at`.
#[inline]
pub(super) fn read(bytes: &[u8], at: usize) -> Result<Text<'_>, Fault> {
    let start = at + 1;
    // Most are names and words of a format, and known at one look.
    if let Some(length) = short(bytes, start) {
        let raw = &bytes[start..start + length];
        let escaped = false;
        return Ok(Text { raw, at, escaped });
    }
    read_long(bytes, at)
}

fn read_long(bytes: &[u8], at: usize) -> Result<Text<'_>, Fault> {
    let start = at + 1;
    let mut end = start;
    let mut escaped = false;
    let mut high = false;
    loop {
        let (stop, run_high) = run(bytes, end);
        high |= run_high;
        match bytes.get(stop) {
            Some(b'"') => {
                let raw = &bytes[start..stop];
                if high && let Err(error) = str::from_utf8(raw) {
                    return Err(Fault::Utf8 {
                        at: start + error.valid_up_to(),
                    });
                }
                return Ok(Text { raw, at, escaped });
            }
            Some(b'\\') => {
                escaped = true;
                end = after_escape(bytes, stop)?;
            }
            Some(_) => {
                return Err(Fault::Syntax {
                    at: stop,
                    expected: "an escaped control character",
                });
            }
            None => {
                return Err(Fault::Syntax {
                    at: stop,
                    expected: "the end of a string",
                });
            }
        }
    }
}

fn after_escape(bytes: &[u8], at: usize) -> Result<usize, Fault> {
    match bytes.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => match bytes.get(at + 2..at + 6) {
            Some(hex) if hex.iter().all(u8::is_ascii_hexdigit) => Ok(at + 6),
            _ => Err(Fault::Syntax {
                at,
                expected: "four hexadecimal digits",
            }),
        },
        _ => Err(Fault::Syntax {
            at,
            expected: "an escape",
        }),
    }
}

impl<'a> Text<'a> {
    /// Offset after the closing quote.
    #[must_use]
    pub fn end(self) -> usize {
        self.at + self.raw.len() + 2
    }

    /// The text that is meant.
    ///
    /// # Errors
    /// Half of a surrogate pair.
    pub fn decode(self) -> Result<Cow<'a, str>, Fault> {
        let text = str::from_utf8(self.raw).map_err(|error| Fault::Utf8 {
            at: self.at + 1 + error.valid_up_to(),
        })?;
        if self.escaped {
            self.unescape(text).map(Cow::Owned)
        } else {
            Ok(Cow::Borrowed(text))
        }
    }

    fn unescape(self, text: &str) -> Result<String, Fault> {
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        while let Some(at) = memchr::memchr(b'\\', &text.as_bytes()[from..]) {
            let at = from + at;
            let (meant, length) = unescape_one(&text.as_bytes()[at..]).ok_or(Fault::Surrogate {
                at: self.at + 1 + at,
            })?;
            out.push_str(&text[from..at]);
            out.push(meant);
            from = at + length;
        }
        out.push_str(&text[from..]);
        Ok(out)
    }
}

/// Decodes the escape at the start of `bytes`, which was validated; `None` for a lone surrogate.
fn unescape_one(bytes: &[u8]) -> Option<(char, usize)> {
    let plain = match bytes.get(1)? {
        b'u' => {
            let first = hex(bytes, 0)?;
            let Some(high @ 0xD800..=0xDBFF) = Some(first) else {
                return char::from_u32(first).map(|c| (c, 6));
            };
            let low = hex(bytes, 6).filter(|low| (0xDC00..=0xDFFF).contains(low))?;
            let point = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
            return char::from_u32(point).map(|c| (c, 12));
        }
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        &other => char::from(other),
    };
    Some((plain, 2))
}

/// The value of `\uXXXX` at `at`.
fn hex(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    u32::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
}

/// Appends `text` as a JSON string, quotes included.
pub fn push_string(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let mut from = 0;
    out.push(b'"');
    loop {
        let (stop, _) = run(bytes, from);
        out.extend_from_slice(&bytes[from..stop]);
        let Some(&byte) = bytes.get(stop) else {
            break;
        };
        push_escape(out, byte);
        from = stop + 1;
    }
    out.push(b'"');
}

/// Appends a quote, a backslash or a control character as an escape (RFC 8259 §7), the short one where there is one.
fn push_escape(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => {
            let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(&digits);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}
