//! Where texts and streams are cut: numbers that are the same every time.

use std::collections::BTreeSet;

/// Numbers that follow from a seed, a name and a round (splitmix64).
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64, name: &str, round: usize) -> Self {
        let start = seed ^ (round as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = name.bytes().fold(start, |state, byte| {
            (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(mixed)
    }

    /// From 0 to one less than this.
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) as usize) % sides.max(1)
    }

    /// All of these, or so many of them, in their order.
    pub(super) fn some(&mut self, places: &[usize], most: usize) -> Vec<usize> {
        if places.len() <= most {
            return places.to_vec();
        }
        let mut chosen = BTreeSet::new();
        while chosen.len() < most {
            chosen.insert(places[self.roll(places.len())]);
        }
        chosen.into_iter().collect()
    }

    /// So many places in a stream of this length, or fewer where two fall together.
    pub(super) fn bytes(&mut self, length: usize, count: usize) -> Vec<usize> {
        let places = (0..count).map(|_| self.roll(length + 1));
        places.collect::<BTreeSet<_>>().into_iter().collect()
    }
}

/// The places between characters, the beginning and the end among them: events may be empty.
pub(super) fn places(text: &str) -> Vec<usize> {
    let inside = text.char_indices().map(|(at, _)| at);
    inside.chain([text.len()]).collect()
}

/// The pieces between cuts that are in order.
pub(super) fn pieces<'t>(text: &'t str, cuts: &[usize]) -> Vec<&'t str> {
    let ends = cuts.iter().copied().chain([text.len()]);
    let mut from = 0;
    ends.map(|end| {
        let piece = &text[from..end];
        from = end;
        piece
    })
    .collect()
}
