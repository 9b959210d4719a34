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

use super::lead::Lead;
use crate::alphabet::{Before, CODE, CODES, PAD, WORDS, frequency};

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

    /// The openings of a pattern, with what must stand before.
    pub(crate) fn of_pattern(dfa: &DFA) -> Vec<(Before, Self)> {
        let mut walk = Walk::new(dfa);
        let mut openings = Vec::new();
        for before in Before::ALL {
            match walk.openings(before) {
                Some(found) => openings.extend(found.into_iter().map(|found| (before, found))),
                // The automaton could not be followed: anything may begin anywhere.
                None => openings.push((before, Self { codes: [ALL; 3] })),
            }
        }
        openings
    }
}

/// Whether every match of a pattern begins with [`RUN`] letters, digits or `_`.
pub(crate) fn begins_with_run(dfa: &DFA) -> bool {
    let mut walk = Walk::new(dfa);
    Before::ALL
        .into_iter()
        .all(|before| walk.run(before).unwrap_or(false))
}

/// The codes that the fourth and the fifth byte of a match may have.
pub(crate) fn later(dfa: &DFA) -> [u64; 2] {
    let mut walk = Walk::new(dfa);
    let each = Before::ALL.map(|before| walk.later(before).unwrap_or([ALL; 2]));
    each.iter()
        .fold([0; 2], |[a, b], [fourth, fifth]| [a | fourth, b | fifth])
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

    fn later(&mut self, before: Before) -> Option<[u64; 2]> {
        let config = start::Config::new()
            .look_behind(before.sample())
            .anchored(Anchored::Yes);
        let mut states = vec![self.dfa.start_state(&mut self.cache, &config).ok()?];
        let mut later = [0; 5];
        for codes in &mut later {
            if states.iter().any(|state| state.is_match()) {
                return Some([ALL; 2]);
            }
            let reached = self.step(&states)?;
            *codes = reached.values().fold(0, |any, codes| any | codes);
            states = reached.into_keys().flatten().collect();
            states.sort_unstable();
            states.dedup();
        }
        let [.., fourth, fifth] = later;
        // What matched four bytes needs no fifth.
        let short = states.iter().any(|state| state.is_match());
        Some([fourth, if short { ALL } else { fifth }])
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
