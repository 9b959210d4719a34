//! Parts of a text that are encoded text: base64 (of both alphabets), hexadecimal, percent.

use std::ops::Range;

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// Shorter runs hold no secret that a rule would know.
const SHORTEST: usize = 24;
/// So much of a part is decoded to see whether it is text at all.
const HEAD: usize = 64;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Base64,
    Hex,
    Percent,
}

/// A part that may be encoded text.
#[derive(Debug)]
pub(super) struct Part<'a> {
    text: &'a str,
    at: usize,
    encoding: Encoding,
}

/// A part, decoded.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) text: String,
    at: usize,
    len: usize,
    encoding: Encoding,
    /// Percent: where each byte stood.
    places: Vec<usize>,
}

/// The parts of a text that decode to text as far as their beginnings tell.
pub(super) fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    let percent = runs(text, |byte| !byte.is_ascii_whitespace() && byte.is_ascii())
        .filter(|range| has_escape(text.as_bytes().get(range.clone()).unwrap_or_default()))
        .map(|range| (range, Encoding::Percent));
    let dense = runs(text, |byte| {
        byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte)
    });
    let dense = dense
        .filter(|range| range.len() >= SHORTEST)
        .flat_map(|range| {
            let bytes = text.as_bytes().get(range.clone()).unwrap_or_default();
            let hex = bytes.iter().all(u8::is_ascii_hexdigit);
            [
                hex.then(|| (range.clone(), Encoding::Hex)),
                Some((range, Encoding::Base64)),
            ]
        });
    percent
        .chain(dense.flatten())
        .filter_map(move |(range, encoding)| {
            let part = Part {
                text: text.get(range.clone())?,
                at: range.start,
                encoding,
            };
            part.is_text().then_some(part)
        })
}

/// Runs of bytes of a kind.
fn runs(text: &str, kind: impl Fn(u8) -> bool) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + bytes.get(at..)?.iter().position(|byte| kind(*byte))?;
        let rest = bytes.get(start..)?;
        let len = rest
            .iter()
            .position(|byte| !kind(*byte))
            .unwrap_or(rest.len());
        at = start + len;
        Some(start..at)
    })
}

/// Whether there is an escape, such as `%41`.
fn has_escape(bytes: &[u8]) -> bool {
    memchr::memchr_iter(b'%', bytes).any(|at| escaped(bytes, at).is_some())
}

fn escaped(bytes: &[u8], at: usize) -> Option<u8> {
    match bytes.get(at..at + 3)? {
        [b'%', high, low] => pair(*high, *low),
        _ => None,
    }
}

fn pair(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

impl Part<'_> {
    /// Bytes of it.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether its first bytes are text once decoded.
    fn is_text(&self) -> bool {
        if self.encoding == Encoding::Percent {
            return true;
        }
        let head = self
            .text
            .get(..HEAD.min(self.text.len()))
            .unwrap_or_default();
        let Some(bytes) = bytes(self.encoding, head) else {
            return false;
        };
        let valid = match std::str::from_utf8(&bytes) {
            Ok(text) => Some(text),
            // Cut within a character.
            Err(error) if error.error_len().is_none() => bytes
                .get(..error.valid_up_to())
                .and_then(|bytes| std::str::from_utf8(bytes).ok()),
            Err(_) => None,
        };
        let plain = |each: char| !each.is_control() || each.is_whitespace();
        valid.is_some_and(|text| !text.is_empty() && text.chars().all(plain))
    }

    /// What it says.
    pub(super) fn decoded(&self) -> Option<Decoded> {
        let mut places = Vec::new();
        let bytes = match self.encoding {
            Encoding::Percent => {
                let all = self.text.as_bytes();
                let mut bytes = Vec::with_capacity(all.len());
                let mut at = 0;
                while let Some(byte) = all.get(at) {
                    places.push(at);
                    let escaped = escaped(all, at);
                    bytes.push(escaped.unwrap_or(*byte));
                    at += if escaped.is_some() { 3 } else { 1 };
                }
                bytes
            }
            encoding => bytes(encoding, self.text)?,
        };
        Some(Decoded {
            text: String::from_utf8(bytes).ok()?,
            at: self.at,
            len: self.text.len(),
            encoding: self.encoding,
            places,
        })
    }
}

fn bytes(encoding: Encoding, text: &str) -> Option<Vec<u8>> {
    if encoding == Encoding::Hex {
        let (pairs, _) = text.as_bytes().as_chunks::<2>();
        return pairs.iter().map(|[high, low]| pair(*high, *low)).collect();
    }
    // A single digit at the end says nothing.
    let len = text.len() - usize::from(text.len() % 4 == 1);
    let text = text.get(..len)?;
    let engine = if text.contains(['-', '_']) {
        &URL_SAFE
    } else {
        &STANDARD
    };
    engine.decode(text).ok()
}

impl Decoded {
    /// Where what begins there begins in the text as it was.
    pub(super) fn start(&self, at: u64) -> u64 {
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        let inner = match self.encoding {
            Encoding::Base64 => at.saturating_mul(8) / 6,
            Encoding::Hex => at.saturating_mul(2),
            Encoding::Percent => self.places.get(at).copied().unwrap_or(self.len),
        };
        (self.at + inner.min(self.len)) as u64
    }

    /// Where what ends there ends.
    pub(super) fn end(&self, at: u64) -> u64 {
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        let inner = match self.encoding {
            Encoding::Base64 => at.saturating_mul(8).div_ceil(6),
            Encoding::Hex => at.saturating_mul(2),
            Encoding::Percent => self.places.get(at).copied().unwrap_or(self.len),
        };
        (self.at + inner.min(self.len)) as u64
    }
}
