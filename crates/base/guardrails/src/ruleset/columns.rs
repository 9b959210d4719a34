//! Which rules the next bytes rule out, for many rules at once.
//!
//! A number may be the beginning of a hundred things. For each of the first places of a match, each byte that
//! may stand there has a set of rules, one bit for each; the sets of the bytes that do, laid on one another,
//! leave the few rules that are worth running.
//!
//! Rules have other places here than in their set: those that begin alike stand side by side, so that what may
//! begin somewhere lies within few words.

use super::{
    list::{List, Passing},
    opening::Need,
    pairs::Pairs,
    shape::{self, SHAPES, Shape, Shapes},
};
use crate::{alphabet::Before, plan::Plan};

/// Of so many bytes from a place on something is known.
pub(crate) const SEEN: usize = 16;
/// The columns: of the byte before a place, and of those from there on.
const COLUMNS: usize = SEEN;
/// Those beyond ASCII have the set of byte 0, so that no look has to tell them apart.
const BYTES: usize = 256;
/// The columns that are looked at first: the places before the fourth chose the list, and rule out few of it.
const FIRST: [usize; 5] = [0, 4, 5, 6, 7];
/// And those that are looked at then.
const THEN: [usize; 11] = [1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15];
/// Fewer places than this are looked at one by one.
const MANY: usize = 3;

/// The sets.
#[derive(Debug)]
pub(crate) struct Columns {
    /// For each 64 rules.
    words: Box<[Sets]>,
    /// For each 64 rules, what they are where a text begins or ends.
    ends: Box<[Ends]>,
    /// For each 64 rules, those that may begin with a number of each [`Shape`].
    shapes: Box<[[u64; SHAPES]]>,
    /// For each rule, its place in the set, and a byte that must be near.
    rules: Box<[(u16, Option<Need>)]>,
}

/// Of 64 rules, those that a byte leaves. A text has few different bytes, and what they need lies close together.
#[derive(Debug)]
#[repr(align(128))]
struct Sets {
    /// For each byte, in each column.
    bytes: [[u64; COLUMNS]; BYTES],
}

/// Of 64 rules, those that a text's beginning and its end leave.
#[derive(Debug)]
struct Ends {
    /// Those that nothing need stand before.
    start: u64,
    /// For each count of bytes, those that so few are enough for.
    short: [u64; SEEN],
}

/// The bytes that may stand at each of a match's first places, a bit for each.
pub(crate) type Places = [u128; SEEN];
/// What a rule may begin with.
#[derive(Debug)]
pub(crate) struct Beginning {
    /// The rule's place in its set.
    pub(crate) rule: u16,
    pub(crate) places: Places,
    /// Bytes of the shortest match.
    pub(crate) least: usize,
    /// What may stand before, a bit for each [`Before`].
    pub(crate) before: u8,
    /// How a number that it begins with may begin.
    pub(crate) shapes: Shapes,
    /// A byte that must be near.
    pub(crate) need: Option<Need>,
}

/// What may begin at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begins {
    /// A match of this rule.
    Match(u16),
    /// What gives a match of this rule away: its [lead](super::lead::Lead).
    Lead(u16),
}

/// A text as far as it is there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct There<'a> {
    pub(crate) text: &'a [u8],
    /// Whether nothing comes after it.
    pub(crate) ends: bool,
}

/// Puts rules side by side that begin alike: first those that may begin with a digit, which are most of what
/// begins at one place.
pub(super) fn in_order(rules: &mut [Beginning]) {
    let digits = (b'0'..=b'9').fold(0, |digits, byte| digits | bit(byte));
    rules.sort_by_key(|rule| (rule.places[0] & digits == 0, rule.places, rule.rule));
}

/// The bit of a byte.
pub(super) const fn bit(byte: u8) -> u128 {
    1 << index(byte)
}

/// Its place among 128: those beyond ASCII share the first.
pub(super) const fn index(byte: u8) -> u8 {
    if byte.is_ascii() { byte } else { 0 }
}

impl Sets {
    /// Those of some rules that the bytes around a place leave, by some columns.
    #[inline(always)]
    fn narrowed<const SOME: usize>(
        &self,
        rules: u64,
        columns: [usize; SOME],
        around: &[u8; COLUMNS],
    ) -> u64 {
        columns.into_iter().fold(rules, |left, column| {
            left & self.bytes[usize::from(around[column])][column]
        })
    }

    /// The same by the columns from this one on, as far as bytes are there.
    fn narrowed_by(&self, rules: u64, from: usize, bytes: &[u8]) -> u64 {
        let each = (from..COLUMNS).zip(bytes);
        each.fold(rules, |left, (column, byte)| {
            left & self.bytes[usize::from(*byte)][column]
        })
    }
}

impl Columns {
    /// Of rules in the [order](in_order) that they have here.
    pub(crate) fn new(rules: &[Beginning]) -> Self {
        let words = rules.chunks(64).map(|rules| {
            let mut sets = Sets {
                bytes: [[0; COLUMNS]; BYTES],
            };
            for (byte, [before, places @ ..]) in (0..=u8::MAX).zip(&mut sets.bytes) {
                let kind = Before::of(Some(byte)).bit();
                *before = set(rules, |rule| rule.before & kind != 0);
                for (at, slot) in places.iter_mut().enumerate() {
                    *slot = set(rules, |rule| rule.places[at] & bit(byte) != 0);
                }
            }
            sets
        });
        let ends = rules.chunks(64).map(|rules| Ends {
            start: set(rules, |rule| rule.before & Before::Start.bit() != 0),
            short: std::array::from_fn(|len| set(rules, |rule| rule.least <= len)),
        });
        let shapes = rules.chunks(64).map(|rules| {
            let mut sets = [0; SHAPES];
            for (index, slot) in sets.iter_mut().enumerate() {
                *slot = set(rules, |rule| shape::has(&rule.shapes, index));
            }
            sets
        });
        Self {
            words: words.collect(),
            ends: ends.collect(),
            shapes: shapes.collect(),
            rules: rules.iter().map(|rule| (rule.rule, rule.need)).collect(),
        }
    }

    /// A bit for each rule of which this holds.
    pub(crate) fn bits(&self, mut holds: impl FnMut(u16) -> bool) -> Box<[u64]> {
        let words = self.rules.chunks(64);
        words
            .map(|rules| set(rules, |(rule, _)| holds(*rule)))
            .collect()
    }

    /// Calls `each` with what is asked and may begin at these places, as far as the next bytes tell: of one rule in
    /// the order of the text. Beyond the text's end anything may come, unless it ends there.
    ///
    /// Neither how many sets of rules a place has nor when none is left can be foretold, and wrong guesses cost more
    /// than all else here. So places and sets are written down and narrowed without a branch.
    pub(crate) fn each(
        &self,
        passing: Passing<'_>,
        pairs: &mut Pairs,
        plan: &Plan,
        there: There<'_>,
        each: &mut dyn FnMut(usize, Begins),
    ) {
        let text = there.text;
        if passing.len() < MANY {
            for (at, list) in passing.each() {
                self.look(at, list, plan, there, each);
            }
            return;
        }
        for (at, list) in passing.each() {
            let few = list.few().filter(|_| around(text, at).is_some());
            if few.is_none() || !pairs.has_room() {
                self.narrow(pairs, plan, text, each);
            }
            match few {
                Some(few) => pairs.write(at, few),
                None => self.look(at, list, plan, there, each),
            }
        }
        self.narrow(pairs, plan, text, each);
    }

    /// Calls `each` with what is left of pairs that have all bytes around them that are looked at.
    fn narrow(
        &self,
        pairs: &mut Pairs,
        plan: &Plan,
        text: &[u8],
        each: &mut dyn FnMut(usize, Begins),
    ) {
        let of = |at: usize, word: u16| around(text, at).zip(self.words.get(usize::from(word)));
        pairs.narrow(|at, word, rules| {
            of(at, word).map_or(0, |(around, sets)| {
                sets.narrowed(rules & plan.asked(word), FIRST, around)
            })
        });
        pairs.narrow(|at, word, rules| {
            of(at, word).map_or(0, |(around, sets)| sets.narrowed(rules, THEN, around))
        });
        for (at, word, rules) in pairs.drain() {
            self.left((word, rules), text, at, each);
        }
    }

    /// Looks at one place.
    fn look(
        &self,
        at: usize,
        list: &List,
        plan: &Plan,
        there: There<'_>,
        each: &mut dyn FnMut(usize, Begins),
    ) {
        let text = there.text;
        for lead in list.leads() {
            each(at, Begins::Lead(*lead));
        }
        let around = around(text, at);
        for (word, rules) in list.sets() {
            let rules = rules & plan.asked(word);
            let left = match (around, self.words.get(usize::from(word))) {
                (_, None) => continue,
                (None, Some(sets)) => self.narrowed_at_edge((word, rules), sets, there, at),
                (Some(around), Some(sets)) => match sets.narrowed(rules, FIRST, around) {
                    0 => 0,
                    left => sets.narrowed(left, THEN, around),
                },
            };
            self.left((word, left), text, at, each);
        }
    }

    /// What is left at a place that the text's beginning or end is near to.
    fn narrowed_at_edge(
        &self,
        (word, rules): (u16, u64),
        sets: &Sets,
        there: There<'_>,
        at: usize,
    ) -> u64 {
        let Some(ends) = self.ends.get(usize::from(word)) else {
            return 0;
        };
        let ahead = there.text.get(at..).unwrap_or_default();
        let enough = ends.short.get(ahead.len()).filter(|_| there.ends);
        let rules = rules & enough.copied().unwrap_or(u64::MAX);
        let before = at
            .checked_sub(1)
            .and_then(|before| there.text.get(before..));
        match before {
            Some(around) => sets.narrowed_by(rules, 0, around),
            None => sets.narrowed_by(rules & ends.start, 1, ahead),
        }
    }

    /// Calls `each` with those of the rules that a number's shape leaves and that have near what they need.
    fn left(
        &self,
        (word, mut left): (u16, u64),
        text: &[u8],
        at: usize,
        each: &mut dyn FnMut(usize, Begins),
    ) {
        let ahead = text.get(at..).unwrap_or_default();
        // At most places nothing is left: for these no shape is reckoned.
        if left != 0
            && matches!(ahead, [b'0'..=b'9', ..])
            && let Some(shapes) = self.shapes.get(usize::from(word))
        {
            left &= Shape::of(ahead).map_or(u64::MAX, |shape| shapes[shape.index() % SHAPES]);
        }
        while left != 0 {
            let rule = word * 64 + left.trailing_zeros() as u16;
            left &= left - 1;
            if let Some((rule, need)) = self.rules.get(usize::from(rule))
                && need.is_none_or(|need| need.is_met(text, at))
            {
                each(at, Begins::Match(*rule));
            }
        }
    }
}

/// A bit for each of at most 64 of which this holds.
fn set<T>(rules: &[T], mut holds: impl FnMut(&T) -> bool) -> u64 {
    let each = (0..).zip(rules).filter(|(_, rule)| holds(rule));
    each.fold(0, |set, (at, _)| set | 1 << at)
}

/// The byte before a place and those from there on that are looked at, where all of them are there.
#[inline(always)]
fn around(text: &[u8], at: usize) -> Option<&[u8; COLUMNS]> {
    text.get(at.checked_sub(1)?..)?.first_chunk()
}
