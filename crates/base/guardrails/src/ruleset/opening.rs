//! The first three bytes that a pattern can match, as sets of codes.

use std::collections::BTreeMap;

use regex_automata::{
    Anchored,
    hybrid::{
        LazyStateID,
        dfa::{Cache, DFA},
    },
    util::start,
};

use super::{
    columns::{self, Places, SEEN},
    lead::Lead,
    shape::{KINDS, LONG, MARKS, MOST, Shapes},
};
use crate::alphabet::{Before, CODE, CODES, PAD, WORDS, frequency, frequency_of};

/// An automaton that may be in more states after some bytes is not followed any further.
const STATES: usize = 48;

/// Three sets of codes: any of the first, then any of the second, then any of the third.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Opening {
    /// A bit for each code.
    pub(crate) codes: [u64; 3],
}

const PADDED: u64 = 1 << PAD;
const ALL: u64 = u64::MAX;

impl Opening {
    /// How often it occurs, for each byte of text: an estimate.
    pub(crate) fn cost(&self) -> f64 {
        let often = |codes: &u64| -> f64 {
            let each = (0..CODES as u8).filter(|code| codes >> code & 1 == 1);
            each.map(frequency).sum()
        };
        self.codes.iter().map(often).product()
    }

    /// The openings of a lead's strings.
    pub(crate) fn of_lead(lead: &Lead) -> Vec<Self> {
        let of = |string: &[u8]| {
            let mut codes = [ALL; 3];
            for (code, byte) in codes.iter_mut().zip(string) {
                // Leads are without case.
                *code = 1 << CODE[usize::from(byte.to_ascii_lowercase())]
                    | 1 << CODE[usize::from(byte.to_ascii_uppercase())];
            }
            Self { codes }
        };
        lead.strings.iter().map(|string| of(string)).collect()
    }

    /// The openings of a pattern, with what must stand before; and the bytes that may stand at each of a
    /// match's first places.
    pub(super) fn of_pattern(dfa: &DFA) -> (Vec<(Before, Self)>, Places) {
        let mut walk = Walk::new(dfa);
        let mut openings = Vec::new();
        for before in Before::ALL {
            match walk.openings(before) {
                Some(found) => openings.extend(found.into_iter().map(|found| (before, found))),
                // The automaton could not be followed: anything may begin anywhere.
                None => openings.push((before, Self { codes: [ALL; 3] })),
            }
        }
        let mut places = [u128::MAX; SEEN];
        walk.places(&mut places);
        (openings, places)
    }
}

/// A byte that occurs near the beginning of every match, or one of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Need {
    /// The bytes: marks. The same one twice where there is one.
    pub(super) marks: [u8; 2],
    /// Among so many bytes from the beginning on.
    pub(super) within: u8,
}

impl Need {
    /// Whether it is met at a place, or may be by what comes after the text.
    pub(crate) fn is_met(self, text: &[u8], at: usize) -> bool {
        let [one, two] = self.marks;
        let within = usize::from(self.within);
        let ahead = text.get(at..).unwrap_or_default();
        // All of the few bytes, without a way out: that is a few instructions.
        match (KEPT.get(within), ahead.first_chunk::<SEEN>()) {
            (Some(kept), Some(ahead)) => ahead.iter().zip(kept).fold(false, |any, (byte, kept)| {
                any | ((*byte == one) | (*byte == two)) & *kept
            }),
            _ => ahead.get(..within).is_none_or(|near| {
                near.iter()
                    .fold(false, |any, byte| any | (*byte == one) | (*byte == two))
            }),
        }
    }

    /// What a pattern needs: of several, that which is met least.
    pub(super) fn of(dfa: &DFA) -> Option<Self> {
        let mut walk = Walk::new(dfa);
        let each = NEEDED.iter().filter_map(|(marks, most)| {
            let within = walk.within(*marks, *most)?;
            Some(Self {
                marks: *marks,
                within,
            })
        });
        each.min_by(|one, other| one.often().total_cmp(&other.often()))
    }

    /// About how often it is met.
    fn often(&self) -> f64 {
        let [one, two] = self.marks.map(columns::bit);
        frequency_of(one | two) * f64::from(self.within)
    }
}

/// For each count, which of [`SEEN`] bytes are among so many.
static KEPT: [[bool; SEEN]; SEEN + 1] = {
    let mut kept = [[false; SEEN]; SEEN + 1];
    let mut count = 0;
    while count <= SEEN {
        let mut at = 0;
        while at < count {
            kept[count][at] = true;
            at += 1;
        }
        count += 1;
    }
    kept
};

/// Marks that numbers and addresses are written with, and those between a name and its value; and among how
/// many bytes they are looked for.
const NEEDED: &[([u8; 2], u8); 7] = &[
    (*b"--", SEEN as u8),
    (*b"..", SEEN as u8),
    (*b"::", SEEN as u8),
    (*b"//", SEEN as u8),
    (*b"@@", SEEN as u8),
    (*b"==", SEEN as u8),
    (*b"=:", 64),
];

/// The shapes of numbers that a pattern's matches may begin with; all where that cannot be told.
pub(crate) fn shapes(dfa: &DFA) -> Shapes {
    Walk::new(dfa).shapes().unwrap_or([u64::MAX; LONG + 1])
}

/// Whether every match of a pattern begins with [`RUN`] letters, digits or `_`.
pub(crate) fn begins_with_run(dfa: &DFA) -> bool {
    let mut walk = Walk::new(dfa);
    Before::ALL
        .into_iter()
        .all(|before| walk.run(before).unwrap_or(false))
}

/// So many letters and digits in a row are rare in most texts.
pub(crate) const RUN: usize = 16;
const WORD: u64 = (1 << WORDS) - 1;

/// Follows a pattern's automaton for some bytes, all bytes of a code at once.
struct Walk<'a> {
    dfa: &'a DFA,
    cache: Cache,
    /// For each code, bytes that the automaton tells apart.
    bytes: Vec<Vec<u8>>,
}

/// The states that may be reached by a code.
type States = Vec<LazyStateID>;

impl<'a> Walk<'a> {
    fn new(dfa: &'a DFA) -> Self {
        let mut bytes = vec![Vec::new(); CODES];
        let mut classes: Vec<Vec<u8>> = vec![Vec::new(); CODES];
        for byte in 0..=u8::MAX {
            let code = usize::from(CODE[usize::from(byte)]);
            let class = dfa.byte_classes().get(byte);
            if !classes[code].contains(&class) {
                classes[code].push(class);
                bytes[code].push(byte);
            }
        }
        Self {
            dfa,
            cache: dfa.create_cache(),
            bytes,
        }
    }

    fn openings(&mut self, before: Before) -> Option<Vec<Opening>> {
        let config = start::Config::new()
            .look_behind(before.sample())
            .anchored(Anchored::Yes);
        let start = self.dfa.start_state(&mut self.cache, &config).ok()?;
        let mut openings = Vec::new();
        for (states, first) in self.step(&[start])? {
            for (states, second) in self.step(&states)? {
                let third = match states.iter().any(|state| state.is_match()) {
                    // It matched one byte, whatever comes next.
                    true => ALL,
                    false => self
                        .step(&states)?
                        .values()
                        .fold(0, |any, codes| any | codes),
                };
                openings.push(Opening {
                    codes: [first, second, third | PADDED],
                });
            }
            openings.push(Opening {
                codes: [first, PADDED, PADDED],
            });
        }
        Some(openings)
    }

    /// As far as the automaton can be followed; `None`: that is not to the end.
    fn places(&mut self, places: &mut Places) -> Option<()> {
        let mut states = self.starts()?;
        for place in places {
            states.sort_unstable();
            states.dedup();
            // What has matched needs no more bytes.
            if states.len() > STATES || states.iter().any(|state| state.is_match()) {
                return None;
            }
            let mut reached = States::new();
            let mut leads = [None; 256];
            let mut bytes = 0;
            for byte in 0..=u8::MAX {
                let class = usize::from(self.dfa.byte_classes().get(byte));
                let known = leads.get(class).copied().flatten();
                let on = match known {
                    Some(on) => on,
                    None => self.leads_on(&states, byte, &mut reached)?,
                };
                if let Some(slot) = leads.get_mut(class) {
                    *slot = Some(on);
                }
                bytes |= if on { columns::bit(byte) } else { 0 };
            }
            if self.cache.clear_count() > 0 {
                return None;
            }
            *place = bytes;
            states = reached;
        }
        Some(())
    }

    /// Whether a byte leads on from any of these states; adds where to.
    fn leads_on(&mut self, states: &States, byte: u8, reached: &mut States) -> Option<bool> {
        let mut on = false;
        for state in states {
            let state = self.dfa.next_state(&mut self.cache, *state, byte).ok()?;
            if !state.is_dead() {
                on = true;
                reached.push(state);
            }
        }
        Some(on)
    }

    /// Among how many bytes of every match one of these is, if that is not more than `most`.
    fn within(&mut self, needed: [u8; 2], most: u8) -> Option<u8> {
        // Each of the marks has a code of its own.
        let needed = needed.map(|byte| usize::from(CODE[usize::from(byte)]));
        let mut states = self.starts()?;
        for within in 1..=most {
            if states.len() > STATES {
                return None;
            }
            let mut reached = States::new();
            for code in (0..CODES).filter(|code| !needed.contains(code)) {
                for byte in self.bytes[code].clone() {
                    self.leads_on(&states, byte, &mut reached)?;
                }
            }
            reached.sort_unstable();
            reached.dedup();
            let matches = |state: &LazyStateID| {
                let end = self.dfa.next_eoi_state(&mut self.cache, *state);
                state.is_match() || end.map_or(true, |end| end.is_match())
            };
            if reached.iter().any(matches) || self.cache.clear_count() > 0 {
                return None;
            }
            if reached.is_empty() {
                return Some(within);
            }
            states = reached;
        }
        None
    }

    /// The states before the first byte, whatever stands before it.
    fn starts(&mut self) -> Option<States> {
        let mut states = States::new();
        for before in Before::ALL {
            let config = start::Config::new()
                .look_behind(before.sample())
                .anchored(Anchored::Yes);
            states.push(self.dfa.start_state(&mut self.cache, &config).ok()?);
        }
        states.sort_unstable();
        states.dedup();
        Some(states)
    }

    fn shapes(&mut self) -> Option<Shapes> {
        // Of the bytes of each kind, and of digits, those that the automaton tells apart.
        let mut marks: [Vec<u8>; MARKS] = Default::default();
        let mut digits = Vec::new();
        for byte in 0..=u8::MAX {
            let kind = match byte.is_ascii_digit() {
                true => &mut digits,
                false => &mut marks[usize::from(KINDS[usize::from(byte)])],
            };
            let classes = self.dfa.byte_classes();
            if kind
                .iter()
                .all(|known| classes.get(*known) != classes.get(byte))
            {
                kind.push(byte);
            }
        }
        let mut shapes = [0; LONG + 1];
        let mut states = self.starts()?;
        for first in 1..=LONG {
            states = self.reach(&states, &digits)?;
            if states.iter().any(|state| state.is_match()) {
                shapes[first..].fill(u64::MAX);
                return Some(shapes);
            }
            if first == LONG {
                shapes[LONG] = if states.is_empty() { 0 } else { u64::MAX };
                continue;
            }
            for (kind, bytes) in marks.iter().enumerate() {
                let reached = self.reach(&states, bytes)?;
                shapes[first] |= self.counts(reached, &digits, &marks)? << (kind * (MOST + 1));
            }
        }
        Some(shapes)
    }

    /// How many digits may follow from these states, a bit for each count, before a byte that is none.
    fn counts(&mut self, mut states: States, digits: &[u8], marks: &[Vec<u8>]) -> Option<u64> {
        let mut counts = 0;
        for count in 0..=MOST {
            if states.iter().any(|state| state.is_match()) {
                let more = (1 << (MOST + 1)) - (1 << count);
                return Some(counts | more);
            }
            let goes_on = count == MOST
                || marks.iter().try_fold(false, |any, bytes| {
                    Some(any || !self.reach(&states, bytes)?.is_empty())
                })?;
            counts |= u64::from(goes_on && !states.is_empty()) << count;
            states = self.reach(&states, digits)?;
        }
        Some(counts)
    }

    /// The states that some bytes lead to; `None` where the automaton cannot be followed.
    fn reach(&mut self, states: &States, bytes: &[u8]) -> Option<States> {
        let mut reached = States::new();
        for byte in bytes {
            self.leads_on(states, *byte, &mut reached)?;
        }
        reached.sort_unstable();
        reached.dedup();
        (reached.len() <= STATES && self.cache.clear_count() == 0).then_some(reached)
    }

    fn run(&mut self, before: Before) -> Option<bool> {
        let config = start::Config::new()
            .look_behind(before.sample())
            .anchored(Anchored::Yes);
        let mut states = vec![self.dfa.start_state(&mut self.cache, &config).ok()?];
        for _ in 0..RUN {
            let reached = self.step(&states)?;
            if reached.values().any(|codes| codes & !WORD != 0) {
                return Some(false);
            }
            states = reached.into_keys().flatten().collect();
            states.sort_unstable();
            states.dedup();
            if states.iter().any(|state| state.is_match()) {
                return Some(false);
            }
        }
        Some(true)
    }

    /// The codes that lead on from these states, by where to. `None` if the automaton's memory was
    /// emptied meanwhile, and its states mean nothing any more.
    fn step(&mut self, states: &[LazyStateID]) -> Option<BTreeMap<States, u64>> {
        let mut reached: BTreeMap<States, u64> = BTreeMap::new();
        for code in 0..CODES {
            let mut next = States::new();
            for byte in &self.bytes[code] {
                for state in states {
                    let state = self.dfa.next_state(&mut self.cache, *state, *byte).ok()?;
                    if !state.is_dead() && !next.contains(&state) {
                        next.push(state);
                    }
                }
            }
            if !next.is_empty() {
                next.sort_unstable();
                *reached.entry(next).or_default() |= 1 << code;
            }
        }
        (self.cache.clear_count() == 0).then_some(reached)
    }
}
