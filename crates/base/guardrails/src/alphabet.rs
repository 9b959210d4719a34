//! Bytes told apart only as far as it helps to see quickly where nothing can begin.
//!
//! 64 codes of 6 bits, so that three bytes make an index of 18 bits: each letter, digits, `_`, the marks
//! that formats use most, one code for the rest of ASCII and one for all beyond it.

/// How many codes there are.
pub(crate) const CODES: usize = 64;
/// What stands for the byte after the last one. No byte has it.
pub(crate) const PAD: u8 = 63;
/// A byte of a character that is not ASCII.
pub(crate) const BEYOND: u8 = 62;
/// Any other byte.
const REST: u8 = 61;
/// Codes below are of bytes that ASCII's `\w` matches.
pub(crate) const WORDS: u8 = 54;
/// Digits.
const DIGITS: u8 = 52;
/// `_`.
const LINE: u8 = 53;
/// Marks with a code of their own, from [`WORDS`] on. Frequent ones and those that formats use.
const MARKS: &[u8; 7] = b" -./:@=";

/// What a pattern can see of the byte before it, as `regex-automata` tells starts apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Before {
    /// Nothing: the text begins here.
    Start = 0,
    /// A byte that is no word's.
    Other = 1,
    /// A letter, a digit, `_`.
    Word = 2,
    /// `\n`.
    Feed = 3,
    /// `\r`.
    Return = 4,
}

impl Before {
    /// All of them.
    pub(crate) const ALL: [Self; 5] = [
        Self::Start,
        Self::Other,
        Self::Word,
        Self::Feed,
        Self::Return,
    ];

    /// What this byte is to a pattern that begins after it.
    #[inline]
    pub(crate) fn of(byte: Option<u8>) -> Self {
        byte.map_or(Self::Start, |byte| BEFORE[usize::from(byte)])
    }

    /// A byte that is that.
    pub(crate) const fn sample(self) -> Option<u8> {
        match self {
            Self::Start => None,
            Self::Other => Some(b' '),
            Self::Word => Some(b'a'),
            Self::Feed => Some(b'\n'),
            Self::Return => Some(b'\r'),
        }
    }

    /// Its bit in a mask.
    pub(crate) const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Bytes that [`are_all`] looks at.
pub(crate) const BLOCK: usize = 8;

/// Whether all bytes are letters, digits or one of these marks: all at once, since in most texts it cannot be
/// foretold which of them is not.
#[inline]
pub(crate) fn are_all<const MARKS: usize>(block: [u8; BLOCK], marks: [u8; MARKS]) -> bool {
    const fn each(byte: u8) -> u64 {
        u64::from_ne_bytes([byte; BLOCK])
    }
    const HIGH: u64 = each(0x80);
    let block = u64::from_ne_bytes(block);
    // Seven bits each, so that no sum is carried into the next byte; the eighth says what came of it.
    let seven = block & !HIGH;
    let least = |bytes: u64, least: u8| bytes + each(0x80 - least);
    let lower = seven | each(0x20);
    let letter = least(lower, b'a') & !least(lower, b'z' + 1);
    let digit = least(seven, b'0') & !least(seven, b'9' + 1);
    let is = |mark: u8| !((seven ^ each(mark)) + each(0x7f));
    let mark = marks.into_iter().fold(0, |any, mark| any | is(mark));
    (letter | digit | mark) & !block & HIGH == HIGH
}

/// What each byte is to a pattern that begins after it.
static BEFORE: [Before; 256] = {
    let mut kinds = [Before::Other; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = match byte as u8 {
            b'\n' => Before::Feed,
            b'\r' => Before::Return,
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => Before::Word,
            _ => Before::Other,
        };
        byte += 1;
    }
    kinds
};

/// The code of each byte.
pub(crate) static CODE: [u8; 256] = codes();

const fn codes() -> [u8; 256] {
    let mut codes = [REST; 256];
    let mut at = 128;
    while at < 256 {
        codes[at] = BEYOND;
        at += 1;
    }
    at = 0;
    while at < 26 {
        codes[b'a' as usize + at] = at as u8;
        codes[b'A' as usize + at] = 26 + at as u8;
        at += 1;
    }
    at = 0;
    while at < 10 {
        codes[b'0' as usize + at] = DIGITS;
        at += 1;
    }
    codes[b'_' as usize] = LINE;
    at = 0;
    while at < MARKS.len() {
        codes[MARKS[at] as usize] = WORDS + at as u8;
        at += 1;
    }
    codes
}

/// About how often a byte of this code occurs in prose, code and JSON, in parts of a thousand. Only
/// estimates of what is worth looking for depend on it.
pub(crate) fn frequency(code: u8) -> f64 {
    const LETTERS: [u8; 26] = [
        60, 12, 26, 30, 95, 18, 16, 30, 56, 2, 6, 32, 20, 54, 58, 18, 2, 50, 52, 72, 22, 8, 12, 3,
        14, 1,
    ];
    let letter = |at: u8| f64::from(LETTERS.get(usize::from(at)).copied().unwrap_or(1));
    let thousandths = match code {
        0..=25 => letter(code),
        26..=51 => 1.0 + letter(code - 26) / 20.0,
        DIGITS => 40.0,
        WORDS => 150.0,
        REST => 50.0,
        BEYOND => 5.0,
        PAD => 0.1,
        _ => 10.0,
    };
    thousandths / 1000.0
}

/// About how often one of these bytes occurs; the first bit is of all beyond ASCII too.
pub(crate) fn frequency_of(bytes: u128) -> f64 {
    let mut sharing = [0_u32; CODES];
    for byte in 0..128 {
        sharing[usize::from(CODE[byte])] += 1;
    }
    let each = (0..128).filter(|byte| bytes >> byte & 1 == 1).map(|byte| {
        let code = CODE[byte];
        frequency(code) / f64::from(sharing[usize::from(code)])
    });
    let beyond = if bytes & 1 == 1 {
        frequency(BEYOND)
    } else {
        0.0
    };
    each.sum::<f64>() + beyond
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_told_as_its_bytes_are() {
        for byte in 0..=u8::MAX {
            for at in 0..BLOCK {
                let mut block = *b"aZ-09zAb";
                block[at] = byte;
                let fits = |marks: &[u8]| {
                    let mut bytes = block.iter();
                    bytes.all(|byte| byte.is_ascii_alphanumeric() || marks.contains(byte))
                };
                assert_eq!(are_all(block, []), fits(b""), "{byte} at {at}");
                assert_eq!(are_all(block, *b"-_"), fits(b"-_"), "{byte} at {at}");
            }
        }
    }

    #[test]
    fn codes_tell_words_apart_as_patterns_do() {
        for byte in 0..=u8::MAX {
            let code = CODE[usize::from(byte)];
            assert_ne!(code, PAD);
            let word = byte.is_ascii_alphanumeric() || byte == b'_';
            assert_eq!(code < WORDS, word, "{byte}");
            assert_eq!(Before::of(Some(byte)) == Before::Word, word);
        }
    }
}
