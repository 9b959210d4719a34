//! Characters as what they look like, and where they stood.

use std::collections::VecDeque;

use unicode_normalization::UnicodeNormalization;

/// A text as it looks.
#[derive(Debug)]
pub(super) struct Folded {
    text: String,
    pub(super) map: Map,
}

/// From places in a folded text to places in the text as it was.
#[derive(Debug, Clone, Default)]
pub(super) struct Map {
    /// Characters that were changed, in their order.
    changes: VecDeque<Change>,
    /// Bytes so far, of both.
    folded: u64,
    original: u64,
}

#[derive(Debug, Clone, Copy)]
struct Change {
    folded: u64,
    folded_end: u64,
    original: u64,
    original_end: u64,
}

impl Folded {
    /// `None` if nothing in the text changes.
    pub(super) fn of(text: &str) -> Option<Self> {
        let first = first_change(text)?;
        let (same, rest) = text.split_at(first);
        let mut map = Map::default();
        map.same(same);
        let mut folded = String::with_capacity(text.len());
        folded.push_str(same);
        map.fold(rest, &mut folded);
        Some(Self { text: folded, map })
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

/// The first character that changes.
pub(super) fn first_change(text: &str) -> Option<usize> {
    let beyond = text.bytes().position(|byte| !byte.is_ascii())?;
    let rest = text.get(beyond..)?;
    let mut each = rest.char_indices();
    each.find(|(_, character)| changes(*character))
        .map(|(at, _)| beyond + at)
}

impl Map {
    /// This much is the same in both.
    pub(super) fn same(&mut self, text: &str) {
        self.skip(text.len() as u64);
    }

    /// This many bytes are the same in both.
    pub(super) fn skip(&mut self, len: u64) {
        self.folded += len;
        self.original += len;
    }

    /// Appends the text as it looks.
    pub(super) fn fold(&mut self, text: &str, folded: &mut String) {
        for character in text.chars() {
            let len = character.len_utf8() as u64;
            if character.is_ascii() || !changes(character) {
                folded.push(character);
                self.skip(len);
                continue;
            }
            let before = folded.len();
            look(character, folded);
            let change = Change {
                folded: self.folded,
                folded_end: self.folded + (folded.len() - before) as u64,
                original: self.original,
                original_end: self.original + len,
            };
            self.folded = change.folded_end;
            self.original = change.original_end;
            self.changes.push_back(change);
        }
    }

    /// Where what begins there began.
    pub(super) fn start(&self, at: u64) -> u64 {
        let after = self.changes.partition_point(|change| change.folded <= at);
        match after.checked_sub(1).and_then(|last| self.changes.get(last)) {
            Some(last) if at < last.folded_end => last.original,
            Some(last) => last.original_end + (at - last.folded_end),
            None => self.before_all(at),
        }
    }

    /// Where what ends there ended.
    pub(super) fn end(&self, at: u64) -> u64 {
        let after = self.changes.partition_point(|change| change.folded < at);
        match after.checked_sub(1).and_then(|last| self.changes.get(last)) {
            Some(last) if at < last.folded_end => last.original_end,
            Some(last) => last.original_end + (at - last.folded_end),
            None => self.before_all(at),
        }
    }

    /// Up to where the text as it was is decided, if the folded one is up to there: never in a
    /// character, nor past one without width that may be part of what comes.
    pub(super) fn decided(&self, at: u64) -> u64 {
        let after = self.changes.partition_point(|change| change.folded < at);
        match after.checked_sub(1).and_then(|last| self.changes.get(last)) {
            Some(last) if at < last.folded_end => last.original,
            Some(last) => last.original_end + (at - last.folded_end),
            None => self.before_all(at),
        }
    }

    fn before_all(&self, at: u64) -> u64 {
        // Before the first change that is known, both run alike.
        self.changes.front().map_or_else(
            || (self.original + at).saturating_sub(self.folded),
            |first| (first.original + at).saturating_sub(first.folded),
        )
    }

    /// Forgets what nobody will ask for: everything before this place of the folded text.
    pub(super) fn forget(&mut self, at: u64) {
        // The last one before stays, for what lies between it and the next.
        while self.changes.get(1).is_some_and(|next| next.folded_end < at) {
            self.changes.pop_front();
        }
    }
}

fn changes(character: char) -> bool {
    if character.is_ascii()
        || matches!(character, '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
    {
        return false;
    }
    let mut folded = String::new();
    look(character, &mut folded);
    let mut chars = folded.chars();
    chars.next() != Some(character) || chars.next().is_some()
}

/// Appends what a character looks like.
fn look(character: char, folded: &mut String) {
    if is_invisible(character) {
        return;
    }
    if let Some(digit) = digit(character) {
        folded.push(digit);
        return;
    }
    for each in std::iter::once(character).nfkc() {
        folded.push(alike(each));
    }
}

/// Nothing is seen of it: joiners, directions, variants, soft hyphens, tags.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

/// Decimal digits of other scripts, by the first of each ten.
fn digit(character: char) -> Option<char> {
    const ZEROS: [u32; 22] = [
        0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6,
        0xe50, 0xed0, 0xf20, 0x1040, 0x17e0, 0x1810, 0x1946, 0x19d0, 0xa620,
    ];
    let scalar = u32::from(character);
    ZEROS
        .iter()
        .filter_map(|zero| scalar.checked_sub(*zero))
        .find(|value| *value < 10)
        .and_then(|value| char::from_digit(value, 10))
}

/// The ASCII character that looks the same, if there is one: Cyrillic, Greek, Armenian, dashes, quotes are
/// left. Only those that are hard to tell apart in common fonts.
fn alike(character: char) -> char {
    match character {
        'а' | 'α' => 'a',
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'с' | 'ϲ' => 'c',
        'С' | 'Ϲ' => 'C',
        'ԁ' => 'd',
        'е' | 'ε' => 'e',
        'Е' | 'Ε' => 'E',
        'һ' => 'h',
        'Н' | 'Η' => 'H',
        'і' | 'ι' | 'ı' => 'i',
        'І' | 'Ι' => 'I',
        'ј' => 'j',
        'Ј' => 'J',
        'к' | 'κ' => 'k',
        'К' | 'Κ' => 'K',
        'ӏ' | 'ǀ' => 'l',
        'М' | 'Μ' => 'M',
        'Ν' => 'N',
        'ո' => 'n',
        'о' | 'ο' | 'օ' => 'o',
        'О' | 'Ο' | 'Օ' => 'O',
        'р' | 'ρ' => 'p',
        'Р' | 'Ρ' => 'P',
        'ԛ' => 'q',
        'ѕ' => 's',
        'Ѕ' => 'S',
        'т' => 't',
        'Т' | 'Τ' => 'T',
        'υ' | 'ս' => 'u',
        'ν' | 'ѵ' => 'v',
        'ԝ' => 'w',
        'х' | 'χ' => 'x',
        'Х' | 'Χ' => 'X',
        'у' | 'γ' => 'y',
        'У' | 'Υ' => 'Y',
        'Ζ' => 'Z',
        'ɡ' => 'g',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2043}' | '\u{2e3a}' => '-',
        '\u{2044}' | '\u{2215}' => '/',
        '\u{2024}' | '\u{3002}' => '.',
        other => other,
    }
}
