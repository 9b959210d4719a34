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
    places: [usize; BEYOND],
    /// Which 64 rules.
    words: [u16; BEYOND],
    /// A bit for each rule that may begin there.
    rules: [u64; BEYOND],
    len: usize,
}

impl Default for Pairs {
    fn default() -> Self {
        Self {
            places: [0; BEYOND],
            words: [0; BEYOND],
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
        if let (Some(places), Some(words), Some(rules)) = (
            self.places.get_mut(range.clone()),
            self.words.get_mut(range.clone()),
            self.rules.get_mut(range),
        ) {
            places.copy_from_slice(&[place; FEW]);
            words.copy_from_slice(&few.words);
            rules.copy_from_slice(&few.rules);
            self.len += usize::from(few.len);
        }
    }

    /// Leaves of each pair what is said, and no pair of which nothing is left.
    #[inline]
    pub(super) fn narrow(&mut self, mut left: impl FnMut(usize, u16, u64) -> u64) {
        let mut kept = 0;
        for at in 0..self.len.min(BEYOND) {
            let (place, word) = (self.places[at], self.words[at]);
            let left = left(place, word, self.rules[at]);
            // No more is kept than was read.
            let to = kept.min(at);
            (self.places[to], self.words[to], self.rules[to]) = (place, word, left);
            kept += usize::from(left != 0);
        }
        self.len = kept;
    }

    /// Takes out all of them.
    #[inline]
    pub(super) fn drain(&mut self) -> impl Iterator<Item = (usize, u16, u64)> {
        let len = std::mem::take(&mut self.len);
        let each = self.places.iter().zip(&self.words).zip(&self.rules);
        each.take(len)
            .map(|((place, word), rules)| (*place, *word, *rules))
    }
}
