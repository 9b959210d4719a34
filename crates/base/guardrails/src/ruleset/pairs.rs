//! Places and the rules that may begin there, 64 rules to a pair: written down and left out without a branch.

use super::list::{FEW, Few};

/// So many pairs are looked at together.
const ROOM: usize = 256;
/// What is written past the last pair is overwritten by the next.
const BEYOND: usize = ROOM + FEW;

/// Pairs of a place and a set of rules, in the order of the places. Handed on from text to text, since to clear it
/// takes longer than to look at a short piece.
#[derive(Debug)]
pub(crate) struct Pairs {
    keys: [Key; BEYOND],
    /// A bit for each rule that may begin there.
    rules: [u64; BEYOND],
    len: usize,
}

/// A place, and which 64 rules, in one number. No text is longer than 48 bits say.
#[derive(Debug, Clone, Copy, Default)]
struct Key(u64);

impl Key {
    fn new(place: usize, word: u16) -> Self {
        Self((place as u64) << u16::BITS | u64::from(word))
    }

    fn parts(self) -> (usize, u16) {
        ((self.0 >> u16::BITS) as usize, self.0 as u16)
    }
}

impl Default for Pairs {
    fn default() -> Self {
        Self {
            keys: [Key::default(); BEYOND],
            rules: [0; BEYOND],
            len: 0,
        }
    }
}

impl Pairs {
    /// Whether there is room for those of one more place.
    pub(super) const fn has_room(&self) -> bool {
        self.len <= ROOM
    }

    /// Those of a place. Nothing is written where there is no room.
    #[inline]
    pub(super) fn write(&mut self, place: usize, few: &Few) {
        let range = self.len..self.len + FEW;
        if let (Some(keys), Some(rules)) =
            (self.keys.get_mut(range.clone()), self.rules.get_mut(range))
        {
            keys.copy_from_slice(&few.words.map(|word| Key::new(place, word)));
            rules.copy_from_slice(&few.rules);
            self.len += usize::from(few.len);
        }
    }

    /// Leaves of each pair what is said, and no pair of which nothing is left.
    #[inline]
    pub(super) fn narrow(&mut self, mut left: impl FnMut(usize, u16, u64) -> u64) {
        let mut kept = 0;
        for at in 0..self.len.min(BEYOND) {
            let key = self.keys[at];
            let (place, word) = key.parts();
            let left = left(place, word, self.rules[at]);
            // No more is kept than was read.
            let to = kept.min(at);
            (self.keys[to], self.rules[to]) = (key, left);
            kept += usize::from(left != 0);
        }
        self.len = kept;
    }

    /// Takes out all of them.
    #[inline]
    pub(super) fn drain(&mut self) -> impl Iterator<Item = (usize, u16, u64)> {
        let len = std::mem::take(&mut self.len);
        let each = self.keys.iter().zip(&self.rules).take(len);
        each.map(|(key, rules)| {
            let (place, word) = key.parts();
            (place, word, *rules)
        })
    }
}
