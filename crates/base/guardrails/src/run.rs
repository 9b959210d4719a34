//! One candidate: a rule's automaton, run from where the candidate begins, as far as the text goes.

use regex_automata::{Anchored, hybrid::LazyStateID, util::start};

use crate::{
    limits::Limits,
    ruleset::{Compiled, There},
    scratch::Scratch,
};

/// A candidate that may still become a match. Places are bytes from the text's beginning.
#[derive(Debug, Clone)]
pub(crate) struct Track {
    /// Where it begins.
    pub(crate) start: u64,
    /// Bytes up to here were looked at.
    at: u64,
    /// Where the longest match so far ends.
    last: Option<u64>,
    /// The automaton's state, and which memory it is a state of.
    state: LazyStateID,
    memory: (u64, usize),
}

/// What became of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is none.
    Dead,
    /// It is a match that ends here, whatever comes.
    Match(u64),
    /// More text decides.
    Live,
    /// It grew past the bound without a match, and is given up.
    Released,
}

/// As much of a text as is there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// The text from `base` on.
    pub(crate) text: &'a str,
    /// How many bytes of it came before and are gone.
    pub(crate) base: u64,
    /// Whether nothing comes after it.
    pub(crate) ends: bool,
}

impl<'a> View<'a> {
    /// What is there.
    pub(crate) fn there(&self) -> There<'a> {
        There {
            text: self.text.as_bytes(),
            ends: self.ends,
        }
    }

    /// The place in what is there.
    pub(crate) fn local(&self, at: u64) -> usize {
        usize::try_from(at.saturating_sub(self.base)).unwrap_or(usize::MAX)
    }

    /// The place in the whole text.
    pub(crate) fn global(&self, at: usize) -> u64 {
        self.base + at as u64
    }
}

impl Track {
    /// A candidate that begins here.
    pub(crate) fn new(start: u64) -> Self {
        Self {
            start,
            at: start,
            last: None,
            state: LazyStateID::default(),
            memory: (0, 0),
        }
    }

    /// Looks at all of the text that it has not seen, and books what it looked at.
    pub(crate) fn follow(
        &mut self,
        rule: (u16, &Compiled),
        view: View<'_>,
        limits: &Limits,
        scratch: &mut Scratch,
    ) -> Fate {
        let mut seen = 0;
        let fate = self.run(rule, view, limits, scratch, &mut seen);
        if let Some(spent) = scratch.spent.get_mut(usize::from(rule.0)) {
            spent.bytes += seen as u64;
        }
        fate
    }

    fn run(
        &mut self,
        (at, compiled): (u16, &Compiled),
        view: View<'_>,
        limits: &Limits,
        scratch: &mut Scratch,
        seen: &mut usize,
    ) -> Fate {
        let number = scratch.number();
        let text = view.text.as_bytes();
        let start = view.local(self.start);
        let dfa = &compiled.pattern.dfa;
        let Some(cache) = scratch.cache(at, dfa) else {
            return Fate::Dead;
        };
        let (mut state, from) = if self.memory == (number, cache.clear_count()) {
            (self.state, view.local(self.at))
        } else {
            // Its state is of another memory, or that was emptied: the bytes are there to run again.
            let before = start.checked_sub(1).and_then(|at| text.get(at)).copied();
            let config = start::Config::new()
                .look_behind(before)
                .anchored(Anchored::Yes);
            match dfa.start_state(cache, &config) {
                Ok(state) => (state, start),
                Err(_) => return Fate::Dead,
            }
        };
        let mut reached = from;
        let stops = [compiled.hold, limits.hold_long.max(compiled.hold)];
        for stop in stops.map(|hold| start.saturating_add(hold)) {
            let end = stop.min(text.len());
            for byte in text.get(reached..end).unwrap_or_default() {
                // A memory that is full is emptied, and goes on: the automaton never gives up.
                let Ok(next) = dfa.next_state(cache, state, *byte) else {
                    return Fate::Dead;
                };
                state = next;
                if state.is_tagged() {
                    if state.is_match() {
                        self.last = Some(view.global(reached));
                    } else if state.is_dead() {
                        *seen = reached - from;
                        return self.last.map_or(Fate::Dead, Fate::Match);
                    }
                }
                reached += 1;
            }
            *seen = reached - from;
            if reached == stop && self.last.is_none() {
                return Fate::Released;
            }
        }
        if let (true, Some(last)) = (reached >= start.saturating_add(stops[1]), self.last) {
            return Fate::Match(last);
        }
        if view.ends {
            if dfa
                .next_eoi_state(cache, state)
                .is_ok_and(|state| state.is_match())
            {
                self.last = Some(view.global(text.len()));
            }
            return self.last.map_or(Fate::Dead, Fate::Match);
        }
        self.at = view.global(reached);
        self.state = state;
        self.memory = (number, cache.clear_count());
        Fate::Live
    }
}
