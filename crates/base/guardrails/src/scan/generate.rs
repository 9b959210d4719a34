//! Texts that a pattern matches, made from the pattern itself.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Numbers that are the same every time.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % sides.max(1)
    }
}

/// A text that the pattern matches, but for what its look-arounds ask.
pub(super) fn matching(hir: &Hir, dice: &mut Dice) -> String {
    let mut text = Vec::new();
    append(hir, dice, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

fn append(hir: &Hir, dice: &mut Dice, text: &mut Vec<u8>) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.extend_from_slice(&literal.0),
        HirKind::Class(Class::Bytes(class)) => {
            let ascii: Vec<u8> = class
                .iter()
                .flat_map(|range| range.start()..=range.end())
                .filter(|byte| matches!(byte, b' '..=b'~' | b'\n'))
                .collect();
            text.push(ascii.get(dice.roll(ascii.len())).copied().unwrap_or(b'?'));
        }
        HirKind::Class(Class::Unicode(class)) => {
            let range = class.ranges()[dice.roll(class.ranges().len())];
            text.extend_from_slice(range.start().to_string().as_bytes());
        }
        HirKind::Repetition(repetition) => {
            let more = repetition
                .max
                .map_or(4, |max| (max - repetition.min).min(4));
            let count = repetition.min as usize + dice.roll(more as usize + 1);
            for _ in 0..count {
                append(&repetition.sub, dice, text);
            }
        }
        HirKind::Capture(capture) => append(&capture.sub, dice, text),
        HirKind::Concat(parts) => parts.iter().for_each(|part| append(part, dice, text)),
        HirKind::Alternation(parts) => append(&parts[dice.roll(parts.len())], dice, text),
    }
}
