//! Where a rule may begin, told by three bytes and the one before them.
//!
//! Texts are mostly made of places where nothing can begin. One bit for each combination of three
//! [codes](crate::alphabet) says so without running a pattern: 64 KB that stay in the processor's
//! nearest caches. The combinations are worked out on each pattern's own automaton, so that the answer
//! never leaves out a place where it could match; it may be too generous.

use std::collections::HashMap;

use super::opening::Opening;
use crate::alphabet::{CODE, CODES, PAD, WORDS};

/// A rule that may begin at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Entry {
    /// Its place in the set.
    pub(crate) rule: u16,
    /// What must stand before, one bit for each [`crate::alphabet::Before`]; or [`Entry::LEAD`].
    pub(crate) before: u8,
}

impl Entry {
    /// The three bytes are not its beginning, but its [lead](super::lead::Lead).
    pub(crate) const LEAD: u8 = 0x80;
}

const PAIRS: usize = CODES * CODES;

/// The table.
pub(crate) struct Gate {
    /// For each pair of codes, a bit for each third one; once for places inside words, once for others.
    bits: Box<[[u64; PAIRS]; 2]>,
    /// For each three codes, which of the lists.
    index: Box<[u16]>,
    lists: Vec<Box<[Entry]>>,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let passing = self.bits.iter().flatten().map(|row| row.count_ones());
        f.debug_struct("Gate")
            .field("passing", &passing.sum::<u32>())
            .field("lists", &self.lists.len())
            .finish_non_exhaustive()
    }
}

impl Gate {
    /// The gate of these openings.
    pub(crate) fn new(openings: &[(Entry, Opening)]) -> Self {
        let mut gate = Self {
            bits: Box::new([[0; PAIRS]; 2]),
            index: vec![0; PAIRS * CODES].into(),
            lists: vec![Box::default()],
        };
        let mut known = HashMap::new();
        known.insert(Vec::new(), 0);
        for first in 0..CODES {
            let from_first: Vec<&(Entry, Opening)> = openings
                .iter()
                .filter(|(_, opening)| opening.codes[0] >> first & 1 == 1)
                .collect();
            if from_first.is_empty() {
                continue;
            }
            for second in 0..CODES {
                gate.fill(first * CODES + second, second, &from_first, &mut known);
            }
        }
        gate
    }

    fn fill(
        &mut self,
        pair: usize,
        second: usize,
        openings: &[&(Entry, Opening)],
        known: &mut HashMap<Vec<Entry>, u16>,
    ) {
        let openings: Vec<&&(Entry, Opening)> = openings
            .iter()
            .filter(|(_, opening)| opening.codes[1] >> second & 1 == 1)
            .collect();
        let any = openings
            .iter()
            .fold(0, |any, (_, opening)| any | opening.codes[2]);
        for third in (0..CODES).filter(|third| any >> third & 1 == 1) {
            let list = joined(
                openings
                    .iter()
                    .filter(|(_, opening)| opening.codes[2] >> third & 1 == 1)
                    .map(|(entry, _)| *entry),
            );
            let word = crate::alphabet::Before::Word.bit() | Entry::LEAD;
            let planes = [
                list.iter()
                    .any(|entry| entry.before & !crate::alphabet::Before::Word.bit() != 0),
                list.iter().any(|entry| entry.before & word != 0),
            ];
            for (plane, wanted) in self.bits.iter_mut().zip(planes) {
                if let Some(row) = plane.get_mut(pair) {
                    *row |= u64::from(wanted) << third;
                }
            }
            let next = u16::try_from(known.len()).unwrap_or(u16::MAX);
            let at = *known.entry(list).or_insert_with_key(|list| {
                self.lists.push(list.clone().into());
                next
            });
            if let Some(index) = self.index.get_mut(pair * CODES + third) {
                *index = at;
            }
        }
    }

    /// Calls `hit` with every place in `from..to` of the text where something may begin, and with
    /// what. Places at the end look past it; no byte is there.
    pub(crate) fn each(
        &self,
        text: &[u8],
        from: usize,
        to: usize,
        mut hit: impl FnMut(usize, &[Entry]),
    ) {
        let code = |at: usize| -> u32 {
            let byte = text.get(at).and_then(|byte| CODE.get(usize::from(*byte)));
            byte.copied().unwrap_or(PAD).into()
        };
        // The last four codes: that before the place, the place, the two after it. Before the text's
        // beginning there is no word.
        let before = from.checked_sub(1).map_or(u32::from(WORDS), code);
        let mut window = before << 12 | code(from) << 6 | code(from + 1);
        let inner = to.min(text.len().saturating_sub(2));
        let ahead = text.get(from.saturating_add(2)..).unwrap_or_default();
        for (at, byte) in (from..inner).zip(ahead) {
            window = (window << 6 | u32::from(CODE[usize::from(*byte)])) & 0xff_ffff;
            if self.passes(window) {
                hit(at, self.entries(window));
            }
        }
        for at in inner.max(from)..to {
            window = (window << 6 | code(at + 2)) & 0xff_ffff;
            if self.passes(window) {
                hit(at, self.entries(window));
            }
        }
    }

    #[inline]
    fn passes(&self, window: u32) -> bool {
        let plane = &self.bits[usize::from(window >> 18 < u32::from(WORDS))];
        plane[(window >> 6) as usize % PAIRS] >> (window & 63) & 1 == 1
    }

    fn entries(&self, window: u32) -> &[Entry] {
        let at = (window & 0x3_ffff) as usize;
        let list = self.index.get(at).copied().unwrap_or(0);
        self.lists.get(usize::from(list)).map_or(&[], |list| list)
    }
}

/// One entry for each rule and manner.
fn joined(entries: impl Iterator<Item = Entry>) -> Vec<Entry> {
    let mut joined: Vec<Entry> = Vec::new();
    for entry in entries {
        let same = |other: &&mut Entry| {
            other.rule == entry.rule && (other.before ^ entry.before) & Entry::LEAD == 0
        };
        match joined.iter_mut().find(same) {
            Some(other) => other.before |= entry.before,
            None => joined.push(entry),
        }
    }
    joined.sort_by_key(|entry| (entry.rule, entry.before));
    joined
}
