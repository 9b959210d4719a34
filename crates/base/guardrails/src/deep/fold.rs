//! Characters as what they look like.

use unicode_normalization::UnicodeNormalization;

/// Whether a character looks like others.
pub(super) fn changes(character: char) -> bool {
    if character.is_ascii()
        || matches!(character, '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
    {
        return false;
    }
    if is_invisible(character) || digit(character).is_some() {
        return true;
    }
    let mut each = std::iter::once(character).nfkc();
    each.next().map(alike) != Some(character) || each.next().is_some()
}

/// Appends what a character looks like.
pub(super) fn look(character: char, folded: &mut String) {
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
