//! A text as it is meant: escapes of percent encoding decoded, characters as what they look like.

use super::{
    fold::{changes, look},
    map::Map,
    percent::{Escape, escape},
};

/// So much text around a change is looked at again in a whole text: what a rule may need to see.
const AROUND: usize = 2 * 1024;
/// In what was cut out of a text, nothing is believed that begins or ends so near to the cuts.
const MARGIN: u64 = 160;

/// What is seen through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Through {
    /// Characters that look like others.
    pub(super) fold: bool,
    /// Percent encoding.
    pub(super) percent: bool,
}

/// A part of a text in which something changes.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) text: String,
    pub(super) map: Map,
    /// Findings are believed between these places of `text`.
    pub(super) believed: std::ops::RangeInclusive<u64>,
}

/// A character of a text, and how many bytes say it.
#[derive(Debug, Clone, Copy)]
enum Said {
    /// It is what it is.
    Plainly(usize),
    /// It is meant to be this one.
    Otherwise(char, usize),
}

impl Through {
    /// The first place where a text is meant otherwise. What may go on after its end is meant as it is.
    pub(super) fn first(self, text: &str) -> Option<usize> {
        let mut at = 0;
        loop {
            at += self.plain(text.get(at..)?);
            match self.said(text.get(at..)?)? {
                Said::Plainly(len) => at += len,
                Said::Otherwise(..) => return Some(at),
            }
        }
    }

    /// How many bytes at a text's beginning are surely meant as they are.
    fn plain(self, text: &str) -> usize {
        let looks = |byte: u8| (self.percent & (byte == b'%')) | (self.fold & !byte.is_ascii());
        let mut at = 0;
        // Many bytes at once, without a way out in between, is what processors do fast.
        for many in text.as_bytes().chunks(64) {
            if many.iter().fold(false, |any, byte| any | looks(*byte)) {
                let first = many.iter().position(|byte| looks(*byte));
                return at + first.unwrap_or(many.len());
            }
            at += many.len();
        }
        at
    }

    /// The character that a text begins with.
    fn said(self, text: &str) -> Option<Said> {
        let character = text.chars().next()?;
        if character == '%' {
            return Some(match escape(text.as_bytes()) {
                Escape::Of(meant, len) => Said::Otherwise(meant, len),
                Escape::Sign | Escape::Open => Said::Plainly(1),
            });
        }
        let len = character.len_utf8();
        Some(if changes(character) {
            Said::Otherwise(character, len)
        } else {
            Said::Plainly(len)
        })
    }

    /// Appends a text as it is meant.
    pub(super) fn append(self, text: &str, map: &mut Map, meant: &mut String) {
        let mut rest = text;
        loop {
            let (same, tail) = rest.split_at(self.plain(rest));
            meant.push_str(same);
            map.skip(same.len());
            rest = match self.said(tail) {
                None => return,
                Some(Said::Plainly(len)) => {
                    let (same, after) = tail.split_at(len);
                    meant.push_str(same);
                    map.skip(len);
                    after
                }
                Some(Said::Otherwise(character, len)) => {
                    let before = meant.len();
                    if self.fold {
                        look(character, meant);
                    } else {
                        meant.push(character);
                    }
                    map.change(len, meant.len() - before);
                    tail.get(len..).unwrap_or_default()
                }
            };
        }
    }

    /// The parts of a whole text in which something changes, with what is around.
    pub(super) fn parts(self, text: &str) -> impl Iterator<Item = Part> {
        let mut next = 0;
        std::iter::from_fn(move || {
            let first = next + self.first(text.get(next..)?)?;
            let start = text.floor_char_boundary(first.saturating_sub(AROUND).max(next));
            let mut end = first;
            // As long as the next change is near, it is the same part.
            loop {
                let near = text.ceil_char_boundary((end + 2 * AROUND).min(text.len()));
                let Some(more) = text.get(end..near).and_then(|near| self.first(near)) else {
                    break;
                };
                let at = end + more;
                end = at + self.said(text.get(at..)?).map_or(1, Said::len);
            }
            let end = text.ceil_char_boundary((end + AROUND).min(text.len()));
            next = end;
            let mut map = Map::from(start as u64);
            let mut meant = String::with_capacity(end - start);
            self.append(text.get(start..end)?, &mut map, &mut meant);
            let least = if start == 0 { 0 } else { MARGIN };
            let most = if end == text.len() { 0 } else { MARGIN };
            let most = (meant.len() as u64).saturating_sub(most);
            Some(Part {
                believed: least..=most,
                text: meant,
                map,
            })
        })
    }
}

impl Said {
    const fn len(self) -> usize {
        match self {
            Self::Plainly(len) | Self::Otherwise(_, len) => len,
        }
    }
}
