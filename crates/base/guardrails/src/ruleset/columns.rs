//! Which rules the next bytes rule out, for many rules at once.
//!
//! A number may be the beginning of a hundred things. For each of the first places of a match, each byte that
//! may stand there has a set of rules, one bit for each; the sets of the bytes that do, laid on one another,
//! leave the few rules that are worth running.

use std::ops::Range;

use super::{gate::List, opening::Need};
use crate::{alphabet::Before, plan::Plan};

/// So many bytes from a place on are looked at.
pub(crate) const SEEN: usize = 16;
/// The bytes that chose the list, which rule out few of it: they are looked at last.
const KNOWN: usize = 3;
/// Bytes that are told apart: all of ASCII, and one for all beyond it, which the first shares.
const BYTES: usize = 128;
/// What stands before a place: five kinds, [`Before::ALL`].
const BEFORE: usize = Before::ALL.len();
/// Sets for one word of rules.
const SETS: usize = BEFORE + SEEN * BYTES;

/// The sets.
#[derive(Debug)]
pub(crate) struct Columns {
    /// For each 64 rules, the sets of what may stand before, then those of each byte at each place.
    words: Box<[[u64; SETS]]>,
    /// For each rule, a byte that must be near.
    needs: Box<[Option<Need>]>,
}

/// The bytes that may stand at each of a match's first places, a bit for each.
pub(crate) type Places = [u128; SEEN];
/// What a rule may begin with.
#[derive(Debug)]
pub(crate) struct Beginning {
    pub(crate) places: Places,
    /// What may stand before, a bit for each [`Before`].
    pub(crate) before: u8,
    /// A byte that must be near.
    pub(crate) need: Option<Need>,
}

/// The bit of a byte.
pub(super) const fn bit(byte: u8) -> u128 {
    1 << index(byte)
}

const fn index(byte: u8) -> u8 {
    if byte.is_ascii() { byte } else { 0 }
}

/// Those of some rules that the bytes at these places leave.
#[inline]
fn narrowed(sets: &[u64; SETS], rules: u64, ahead: &[u8], places: Range<usize>) -> u64 {
    let mut left = rules;
    let bytes = ahead.get(places.start..).unwrap_or_default();
    for (place, byte) in places.zip(bytes) {
        if left == 0 {
            break;
        }
        let set = BEFORE + place * BYTES + usize::from(index(*byte));
        left &= sets.get(set).copied().unwrap_or(u64::MAX);
    }
    left
}

impl Columns {
    pub(crate) fn new(rules: &[Beginning]) -> Self {
        let words = rules.chunks(64).map(|rules| {
            let mut sets = [0; SETS];
            let set = |fits: &dyn Fn(&Beginning) -> bool| {
                let each = (0..).zip(rules).filter(|(_, rule)| fits(rule));
                each.fold(0, |set, (at, _)| set | 1_u64 << at)
            };
            let (before, bytes) = sets.split_at_mut(BEFORE);
            for (slot, kind) in before.iter_mut().zip(Before::ALL) {
                *slot = set(&|rule| rule.before & kind.bit() != 0);
            }
            for (at, slot) in bytes.iter_mut().enumerate() {
                let (place, byte) = (at / BYTES, at % BYTES);
                *slot = set(&|rule| {
                    rule.places
                        .get(place)
                        .is_some_and(|bytes| bytes >> byte & 1 == 1)
                });
            }
            sets
        });
        Self {
            words: words.collect(),
            needs: rules.iter().map(|rule| rule.need).collect(),
        }
    }

    /// Calls `each` with the rules of a list that are asked and may begin at a place, as far as the next
    /// bytes tell. Beyond the text's end anything may come.
    pub(crate) fn each(
        &self,
        list: &List,
        plan: &Plan,
        text: &[u8],
        at: usize,
        mut each: impl FnMut(u16),
    ) {
        let before = at.checked_sub(1).and_then(|at| text.get(at)).copied();
        let before = Before::of(before) as usize;
        let ahead = text.get(at..).unwrap_or_default();
        for (word, rules) in &list.rules {
            let Some(sets) = self.words.get(usize::from(*word)) else {
                continue;
            };
            let mut left = rules & plan.asked(*word) & sets[before];
            left = narrowed(sets, left, ahead, KNOWN..SEEN);
            left = narrowed(sets, left, ahead, 0..KNOWN);
            while left != 0 {
                let rule = word * 64 + left.trailing_zeros() as u16;
                left &= left - 1;
                let need = self.needs.get(usize::from(rule)).copied().flatten();
                if need.is_none_or(|need| need.is_met(text, at)) {
                    each(rule);
                }
            }
        }
    }
}
