//! Which rules the next bytes rule out, for many rules at once.
//!
//! A number may be the beginning of a hundred things. For each of the first places of a match, each byte that
//! may stand there has a set of rules, one bit for each; the sets of the bytes that do, laid on one another,
//! leave the few rules that are worth running.
//!
//! Rules have other places here than in their set: those that begin alike stand side by side, so that what may
//! begin somewhere lies within few words.

use super::{
    gate::List,
    opening::Need,
    shape::{self, SHAPES, Shape, Shapes},
};
use crate::{alphabet::Before, plan::Plan};

/// So many bytes from a place on are looked at.
pub(crate) const SEEN: usize = 16;
/// Those beyond ASCII have the set of byte 0, so that no look has to tell them apart.
const BYTES: usize = 256;
/// What stands before a place: five kinds, [`Before::ALL`].
const BEFORE: usize = Before::ALL.len();
/// The sets.
#[derive(Debug)]
pub(crate) struct Columns {
    /// For each 64 rules.
    words: Box<[Sets]>,
    /// For each 64 rules, those that may begin with a number of each [`Shape`].
    shapes: Box<[[u64; SHAPES]]>,
    /// For each rule, its place in the set, and a byte that must be near.
    rules: Box<[(u16, Option<Need>)]>,
}

/// Of 64 rules, those that a byte leaves. A text has few different bytes, and what they need lies close together.
#[derive(Debug)]
#[repr(align(128))]
struct Sets {
    /// For each byte, at each place.
    bytes: [[u64; SEEN]; BYTES],
    /// For each kind of byte before.
    before: [u64; BEFORE],
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

/// A place where something may begin.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) at: usize,
    /// Whether nothing comes after the text.
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

/// Those of some rules that the next bytes leave.
#[inline]
fn narrowed(sets: &Sets, rules: u64, ahead: &[u8]) -> u64 {
    let set = |place: usize, byte: u8| sets.bytes[usize::from(byte)][place % SEEN];
    let Some(ahead) = ahead.first_chunk::<SEEN>() else {
        let each = ahead.iter().enumerate().take(SEEN);
        return each.fold(rules, |left, (place, byte)| left & set(place, *byte));
    };
    // Some at a time: how soon nothing is left cannot be foretold. The bytes that chose the list rule out few
    // of it, and are looked at last.
    let mut left = rules;
    for places in [3..7, 7..SEEN, 0..3] {
        for place in places {
            left &= set(place, ahead[place]);
        }
        if left == 0 {
            break;
        }
    }
    left
}

impl Columns {
    /// Of rules in the [order](in_order) that they have here.
    pub(crate) fn new(rules: &[Beginning]) -> Self {
        let words = rules.chunks(64).map(|rules| {
            let set = |fits: &dyn Fn(&Beginning) -> bool| {
                let each = (0..).zip(rules).filter(|(_, rule)| fits(rule));
                each.fold(0, |set, (at, _)| set | 1_u64 << at)
            };
            let mut sets = Sets {
                bytes: [[0; SEEN]; BYTES],
                before: Before::ALL.map(|kind| set(&|rule| rule.before & kind.bit() != 0)),
                short: std::array::from_fn(|len| set(&|rule| rule.least <= len)),
            };
            for (byte, places) in (0..=u8::MAX).zip(&mut sets.bytes) {
                for (at, slot) in places.iter_mut().enumerate() {
                    *slot = set(&|rule| rule.places[at] & bit(byte) != 0);
                }
            }
            sets
        });
        let shapes = rules.chunks(64).map(|rules| {
            let mut sets = [0; SHAPES];
            for (index, set) in sets.iter_mut().enumerate() {
                let each = (0..).zip(rules);
                let each = each.filter(|(_, rule)| shape::has(&rule.shapes, index));
                *set = each.fold(0, |set, (at, _)| set | 1_u64 << at);
            }
            sets
        });
        Self {
            words: words.collect(),
            shapes: shapes.collect(),
            rules: rules.iter().map(|rule| (rule.rule, rule.need)).collect(),
        }
    }

    /// A bit for each rule of which this holds.
    pub(crate) fn bits(&self, mut holds: impl FnMut(u16) -> bool) -> Box<[u64]> {
        let set = |rules: &[(u16, Option<Need>)]| {
            let each = (0..).zip(rules).filter(|(_, (rule, _))| holds(*rule));
            each.fold(0, |set, (at, _)| set | 1_u64 << at)
        };
        self.rules.chunks(64).map(set).collect()
    }

    /// Calls `each` with the rules of a list that are asked and may begin at a place, as far as the next
    /// bytes tell. Beyond the text's end anything may come, unless it ends there.
    pub(crate) fn each(
        &self,
        list: &List,
        plan: &Plan,
        Place { text, at, ends }: Place<'_>,
        mut each: impl FnMut(u16),
    ) {
        let before = at.checked_sub(1).and_then(|at| text.get(at)).copied();
        let before = Before::of(before) as usize;
        let ahead = text.get(at..).unwrap_or_default();
        let digit = matches!(ahead, [b'0'..=b'9', ..]);
        let mut shape = None;
        for (word, rules) in &list.rules {
            let at_word = usize::from(*word);
            let (Some(sets), Some(shapes)) = (self.words.get(at_word), self.shapes.get(at_word))
            else {
                continue;
            };
            let mut left = rules & plan.asked(*word) & sets.before[before];
            if ends && let Some(enough) = sets.short.get(ahead.len()) {
                left &= enough;
            }
            let mut left = narrowed(sets, left, ahead);
            // At most places nothing is left: for these no shape is reckoned.
            if left != 0 && digit {
                let shape = *shape.get_or_insert_with(|| Shape::of(ahead));
                left &= shape.map_or(u64::MAX, |shape| shapes[shape.index() % SHAPES]);
            }
            while left != 0 {
                let rule = word * 64 + left.trailing_zeros() as u16;
                left &= left - 1;
                if let Some((rule, need)) = self.rules.get(usize::from(rule))
                    && need.is_none_or(|need| need.is_met(text, at))
                {
                    each(*rule);
                }
            }
        }
    }
}
