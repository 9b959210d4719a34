//! Where a rule may begin, told by three bytes and the one before them.
//!
//! Texts are mostly made of places where nothing can begin. One bit for each combination of three
//! [codes](crate::alphabet) says so without running a pattern: 64 KB that stay in the processor's
//! nearest caches. The combinations are worked out on each pattern's own automaton, so that the answer
//! never leaves out a place where it could match; it may be too generous.

#[cfg(target_arch = "x86_64")]
mod wide;

use std::{collections::HashMap, ops::Range};

use super::{
    columns::{self, Beginning},
    list::{LATER, List, Passing},
    opening::Opening,
};
use crate::alphabet::{CODE, CODES, PAD, WORDS, frequency_of};
#[cfg(target_arch = "x86_64")]
use crate::vbmi::Vbmi;

/// A rule that may begin at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Entry {
    /// Its place in the columns; of a [lead](Entry::LEAD), in the set.
    pub(super) rule: u16,
    /// What must stand before, one bit for each [`crate::alphabet::Before`]; or [`Entry::LEAD`].
    pub(super) before: u8,
}

impl Entry {
    /// The three bytes are not its beginning, but its [lead](super::lead::Lead).
    pub(super) const LEAD: u8 = 0x80;
}

const PAIRS: usize = CODES * CODES;
/// So many places are looked at before those that pass are.
const AT_ONCE: usize = 3_840;
/// What is written past the last one that passes is overwritten by the next.
const ROOM: usize = AT_ONCE + 64;

/// For each pair of codes, a bit for each third one; once for places that are not inside words, once for those
/// that are.
type Bits = [[u64; PAIRS]; 2];

/// For each three codes, which of the lists. One more is there for those who read two at once.
type Index = [u16; PAIRS * CODES + 1];

/// Places that passed, and room for as many as are looked at together. Handed on from text to text, since to clear it
/// takes longer than to look at a short piece.
#[derive(Debug)]
pub(crate) struct Passed {
    /// Places, counted from the first that was looked at.
    places: [u16; ROOM],
    /// Of those that fit, the list of each.
    lists: [u16; ROOM],
}

impl Default for Passed {
    fn default() -> Self {
        Self {
            places: [0; ROOM],
            lists: [0; ROOM],
        }
    }
}

/// The table.
pub(crate) struct Gate {
    bits: Box<Bits>,
    index: Box<Index>,
    lists: Vec<List>,
    /// Few bytes of which one stands in all that may begin: a term or two.
    rare: Option<Rare>,
    #[cfg(target_arch = "x86_64")]
    vbmi: Option<Vbmi>,
}

/// Bytes of which one stands so many places behind every beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rare {
    /// The first is repeated where there are fewer.
    bytes: [u8; 3],
    behind: usize,
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
    pub(super) fn new(openings: &[(Entry, Opening)], beginnings: &[Beginning]) -> Self {
        let mut gate = Self {
            bits: Box::new([[0; PAIRS]; 2]),
            index: Box::new([0; PAIRS * CODES + 1]),
            lists: vec![List::default()],
            rare: None,
            #[cfg(target_arch = "x86_64")]
            vbmi: Vbmi::detect(),
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
        let lists = std::mem::take(&mut gate.lists).into_iter();
        gate.lists = lists.map(|list| with_later(list, beginnings)).collect();
        gate.rare = gate.rare(openings, beginnings);
        gate
    }

    /// Of the places that have few bytes, the one that has them least often.
    fn rare(&self, openings: &[(Entry, Opening)], beginnings: &[Beginning]) -> Option<Rare> {
        let mut codes = [0_u64; 3];
        for plane in self.bits.iter() {
            for (pair, thirds) in (0..).zip(plane).filter(|(_, thirds)| **thirds != 0) {
                codes[0] |= 1 << (pair / CODES);
                codes[1] |= 1 << (pair % CODES);
                codes[2] |= thirds;
            }
        }
        let places = codes.map(|codes| {
            let has = |byte: &u8| codes >> CODE[usize::from(*byte)] & 1 == 1;
            (0..=u8::MAX).filter(has).collect::<Vec<u8>>()
        });
        // A lead is not where a match begins.
        let all = |(entry, _): &(Entry, Opening)| entry.before == Entry::LEAD;
        let seen = if openings.iter().any(all) {
            3
        } else {
            columns::SEEN
        };
        let later = (3..seen).map(|place| {
            let any = beginnings
                .iter()
                .fold(0, |any, rule| any | rule.places[place]);
            let has = |byte: &u8| any & columns::bit(*byte) != 0;
            (0..=u8::MAX).filter(has).collect::<Vec<u8>>()
        });
        let often = |bytes: &Vec<u8>| {
            let each = bytes.iter().map(|byte| columns::bit(*byte));
            frequency_of(each.fold(0, |any, bit| any | bit))
        };
        let few = |(_, bytes): &(usize, Vec<u8>)| (1..=3).contains(&bytes.len());
        let (behind, bytes) = (0..)
            .zip(places.into_iter().chain(later))
            .filter(few)
            .min_by(|(_, one), (_, other)| often(one).total_cmp(&often(other)))?;
        let first = *bytes.first()?;
        let at = |at: usize| bytes.get(at).copied().unwrap_or(first);
        Some(Rare {
            bytes: [first, at(1), at(2)],
            behind,
        })
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
                let is_lead = |entry: &&Entry| entry.before == Entry::LEAD;
                self.lists.push(List::new(
                    list.iter()
                        .filter(|each| !is_lead(each))
                        .map(|each| each.rule),
                    list.iter().filter(is_lead).map(|each| each.rule),
                ));
                next
            });
            if let Some(index) = self.index.get_mut(pair * CODES + third) {
                *index = at;
            }
        }
    }

    /// Calls `hit` with all places in `from..to` of the text where something may begin, some at a time. Places at the
    /// end look past it; no byte is there.
    ///
    /// Whether a place passes cannot be foretold, and a wrong guess costs a processor more than the look. So the
    /// places that pass are written down first, without a branch, and then looked at.
    pub(crate) fn each(
        &self,
        text: &[u8],
        from: usize,
        to: usize,
        passed: &mut Passed,
        mut hit: impl FnMut(Passing<'_>),
    ) {
        if let Some(rare) = self.rare {
            self.each_rare(rare, text, from..to, &mut hit);
            return;
        }
        let inner = to.min(text.len().saturating_sub(2));
        let mut at = from;
        // Before the first place is no byte: it is looked at by itself, and all others many at once.
        if at == 0 && at < inner {
            self.look(text, at, &mut hit);
            at += 1;
        }
        while at < inner {
            let end = inner.min(at + AT_ONCE);
            let count = self.pass(text, at..end, passed);
            let fit = self.fit(text, at, passed, count);
            let (places, lists) = (passed.places.get(..fit), passed.lists.get(..fit));
            let (places, lists) = (places.unwrap_or_default(), lists.unwrap_or_default());
            hit(Passing::new(at, places, lists, &self.lists));
            at = end;
        }
        for place in inner.max(from)..to {
            self.look(text, place, &mut hit);
        }
    }

    /// The same by the bytes that stand behind every beginning.
    fn each_rare(
        &self,
        Rare { bytes, behind }: Rare,
        text: &[u8],
        range: Range<usize>,
        hit: &mut impl FnMut(Passing<'_>),
    ) {
        let [one, two, three] = bytes;
        let seen = range.end.min(text.len().saturating_sub(behind));
        let ahead = text.get(range.start + behind..seen + behind);
        for at in memchr::memchr3_iter(one, two, three, ahead.unwrap_or_default()) {
            self.look(text, range.start + at, hit);
        }
        for place in seen.max(range.start)..range.end {
            self.look(text, place, hit);
        }
    }

    /// Looks at one place.
    fn look(&self, text: &[u8], place: usize, hit: &mut impl FnMut(Passing<'_>)) {
        let window = window(text, place);
        if self.passes(window) {
            let list = usize::from(self.list(window));
            if self.fits(list, text, place) {
                hit(Passing::one(place, &self.lists[list]));
            }
        }
    }

    /// Writes down the places of a range that pass, and says how many. Two bytes more are there.
    fn pass(&self, text: &[u8], range: Range<usize>, passed: &mut Passed) -> usize {
        let (looked, mut count) = self.pass_many(text, &range, passed);
        let start = range.start + looked;
        let mut window = window(text, start) >> 6;
        let ahead = text.get(start + 2..).unwrap_or_default();
        for (place, byte) in (looked as u16..range.len() as u16).zip(ahead) {
            window = (window << 6 | u32::from(CODE[usize::from(*byte)])) & 0xff_ffff;
            passed.places[count % ROOM] = place;
            count += usize::from(self.passes(window));
        }
        count
    }

    /// The same as far as many can be looked at together; says first at how many it looked.
    #[cfg(target_arch = "x86_64")]
    fn pass_many(&self, text: &[u8], range: &Range<usize>, passed: &mut Passed) -> (usize, usize) {
        self.vbmi.map_or((0, 0), |vbmi| {
            wide::pass(vbmi, &self.bits, text, range, passed)
        })
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn pass_many(&self, _: &[u8], _: &Range<usize>, _: &mut Passed) -> (usize, usize) {
        (0, 0)
    }

    /// Leaves those that the next bytes do not rule out, each with its list, and says how many.
    fn fit(&self, text: &[u8], from: usize, passed: &mut Passed, count: usize) -> usize {
        let count = count.min(ROOM);
        let (looked, mut fit) = self.fit_many(text, from, passed, count);
        for at in looked..count {
            let place = passed.places[at];
            let whole = from + usize::from(place);
            let list = self.list(window(text, whole));
            (passed.places[fit], passed.lists[fit]) = (place, list);
            fit += usize::from(self.fits(usize::from(list), text, whole));
        }
        fit
    }

    /// The same for as many as can be looked at together; says first at how many it looked.
    #[cfg(target_arch = "x86_64")]
    fn fit_many(
        &self,
        text: &[u8],
        from: usize,
        passed: &mut Passed,
        count: usize,
    ) -> (usize, usize) {
        let text = from.checked_sub(1).and_then(|before| text.get(before..));
        self.vbmi.zip(text).map_or((0, 0), |(vbmi, text)| {
            let tables = (&*self.index, self.lists.as_slice());
            wide::fit(vbmi, tables, text, passed, count)
        })
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn fit_many(&self, _: &[u8], _: usize, _: &mut Passed, _: usize) -> (usize, usize) {
        (0, 0)
    }

    #[inline]
    fn passes(&self, window: u32) -> bool {
        let plane = &self.bits[usize::from(window >> 18 < u32::from(WORDS))];
        plane[(window >> 6) as usize % PAIRS] >> (window & 63) & 1 == 1
    }

    /// Which list says what may begin where a window passes.
    #[inline]
    fn list(&self, window: u32) -> u16 {
        self.index[(window & 0x3_ffff) as usize]
    }

    /// Whether the bytes behind the first three may be what they are.
    #[inline]
    fn fits(&self, list: usize, text: &[u8], at: usize) -> bool {
        let ahead = text.get(at + 3..).unwrap_or_default();
        let mut each = self.lists[list].later().iter().zip(ahead);
        each.all(|(bytes, byte)| {
            let byte = columns::index(*byte);
            bytes[usize::from(byte >> 6 & 1)] >> (byte & 63) & 1 == 1
        })
    }
}

/// The codes of the byte before a place, of its own and of the two after it. Before the text's beginning
/// there is no word.
#[inline]
fn window(text: &[u8], place: usize) -> u32 {
    let code = |at: usize| {
        let byte = text.get(at).map(|byte| CODE[usize::from(*byte)]);
        u32::from(byte.unwrap_or(PAD))
    };
    let before = place.checked_sub(1).map_or(u32::from(WORDS), code);
    before << 18 | code(place) << 12 | code(place + 1) << 6 | code(place + 2)
}

/// A list with the bytes that its rules may have behind the first three: most places that pass are told to be nothing
/// by these. A lead is not where a match begins, so that any may stand behind it.
fn with_later(list: List, beginnings: &[Beginning]) -> List {
    if !list.leads().is_empty() {
        return list;
    }
    let rules = list.sets().flat_map(|(word, rules)| {
        let each = (0..64).filter(move |at| rules >> at & 1 == 1);
        each.map(move |at| word * 64 + at)
    });
    let places = rules.filter_map(|rule| beginnings.get(usize::from(rule)));
    let all = places.fold([0; LATER], |mut all, rule| {
        let later = rule.places.iter().skip(3);
        all.iter_mut().zip(later).for_each(|(all, may)| *all |= may);
        all
    });
    list.with(all.map(|bytes| [bytes as u64, (bytes >> 64) as u64]))
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

#[cfg(test)]
mod tests;
