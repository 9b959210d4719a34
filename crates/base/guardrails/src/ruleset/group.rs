//! Many rules at one place, asked together.
//!
//! A number may be the beginning of dozens of things. One automaton for all rules that begin with a class
//! of bytes says in one run which of them match there; only those are then run alone. It is anchored:
//! all its patterns advance together, so that its states stay few.

use regex_automata::{
    Anchored, MatchKind,
    hybrid::dfa::{Cache, DFA},
    nfa::thompson::{self, NFA, WhichCaptures},
    util::start,
};
use regex_syntax::hir::Hir;

/// Bytes of states that one thread keeps of a group.
const CACHE: usize = 8 * 1024 * 1024;
/// Bytes of the largest automaton without states; a larger group is not made.
const LARGEST: usize = 32 * 1024 * 1024;
/// So few rules are asked one by one.
const FEW: usize = 2;

/// Rules that are asked together.
#[derive(Debug)]
pub(crate) struct Group {
    dfa: DFA,
    /// The rule of each pattern.
    rules: Box<[u16]>,
    /// Whether each rule of the set is in it.
    members: Box<[bool]>,
}

/// The memory that a group needs.
#[derive(Debug)]
pub(crate) struct Asked {
    cache: Option<Box<Cache>>,
    /// A bit for each rule of the set that matched.
    matched: Box<[u64]>,
}

impl Group {
    /// A group of these rules of a set of so many. `None` if it is not worth it, or too large.
    pub(crate) fn new(members: &[(u16, &Hir)], rules: usize) -> Option<Self> {
        if members.len() <= FEW {
            return None;
        }
        let hirs: Vec<&Hir> = members.iter().map(|(_, hir)| *hir).collect();
        let nfa = thompson::Compiler::new()
            .configure(
                NFA::config()
                    .utf8(false)
                    .which_captures(WhichCaptures::None)
                    .nfa_size_limit(Some(LARGEST)),
            )
            .build_many_from_hir(&hirs)
            .ok()?;
        let dfa = DFA::builder()
            .configure(
                DFA::config()
                    .match_kind(MatchKind::All)
                    .cache_capacity(CACHE)
                    .skip_cache_capacity_check(true)
                    .minimum_cache_clear_count(None),
            )
            .build_from_nfa(nfa)
            .ok()?;
        let mut within = vec![false; rules];
        for (rule, _) in members {
            if let Some(within) = within.get_mut(usize::from(*rule)) {
                *within = true;
            }
        }
        Some(Self {
            dfa,
            rules: members.iter().map(|(rule, _)| *rule).collect(),
            members: within.into(),
        })
    }

    /// Whether so many rules at a place are worth asking together.
    pub(crate) fn pays(&self, rules: usize) -> bool {
        rules > FEW
    }

    /// Whether a rule is known to begin nothing at the place that was asked about last.
    pub(crate) fn rules_out(&self, rule: u16, asked: &Asked) -> bool {
        self.members
            .get(usize::from(rule))
            .is_some_and(|member| *member)
            && asked
                .matched
                .get(usize::from(rule / 64))
                .is_none_or(|word| word >> (rule % 64) & 1 == 0)
    }

    /// Asks which rules match at a place of a text, looking at `most` bytes. `false`: that does not
    /// decide it.
    pub(crate) fn ask(
        &self,
        text: &[u8],
        at: usize,
        most: usize,
        ends: bool,
        asked: &mut Asked,
    ) -> bool {
        asked.matched.fill(0);
        let Asked { cache, matched } = asked;
        let cache = cache.get_or_insert_with(|| Box::new(self.dfa.create_cache()));
        let before = at.checked_sub(1).and_then(|at| text.get(at)).copied();
        let config = start::Config::new()
            .look_behind(before)
            .anchored(Anchored::Yes);
        let Ok(mut state) = self.dfa.start_state(cache, &config) else {
            return false;
        };
        let end = text.len().min(at.saturating_add(most));
        for byte in text.get(at..end).unwrap_or_default() {
            let Ok(next) = self.dfa.next_state(cache, state, *byte) else {
                return false;
            };
            state = next;
            if state.is_tagged() {
                if state.is_dead() {
                    return true;
                }
                self.note(cache, state, matched);
            }
        }
        if !ends || end < text.len() {
            return false;
        }
        let Ok(last) = self.dfa.next_eoi_state(cache, state) else {
            return false;
        };
        self.note(cache, last, matched);
        true
    }

    fn note(&self, cache: &Cache, state: regex_automata::hybrid::LazyStateID, matched: &mut [u64]) {
        if !state.is_match() {
            return;
        }
        for each in 0..self.dfa.match_len(cache, state) {
            let pattern = self.dfa.match_pattern(cache, state, each);
            if let Some(rule) = self.rules.get(pattern.as_usize())
                && let Some(word) = matched.get_mut(usize::from(rule / 64))
            {
                *word |= 1 << (rule % 64);
            }
        }
    }
}

impl Asked {
    /// For a set of this many rules.
    pub(crate) fn new(rules: usize) -> Self {
        Self {
            cache: None,
            matched: vec![0; rules.div_ceil(64)].into(),
        }
    }

    /// Bytes of memory.
    pub(crate) fn memory(&self) -> usize {
        self.cache.as_ref().map_or(0, |cache| cache.memory_usage())
    }
}
