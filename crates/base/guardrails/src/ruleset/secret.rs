//! Where in a match the secret is.
//!
//! Most patterns need no search for their groups: the group is all of the match, or begins with it and ends
//! where a shorter pattern does.

use std::ops::Range;

use regex_automata::{
    Anchored, Input, PatternID,
    hybrid::dfa::DFA,
    nfa::thompson::{NFA, backtrack::BoundedBacktracker, pikevm::PikeVM},
};
use regex_syntax::hir::{Hir, HirKind};

use super::pattern::{automaton, states};
use crate::limits::Limits;

/// How a rule's secret is found.
#[derive(Debug)]
pub(crate) enum Secret {
    /// It is the match.
    Whole,
    /// It begins where the match does, and is what this matches: what follows may be nothing.
    Head(Box<DFA>),
    /// It is a group.
    Group(Box<Groups>),
}

/// What finds groups: fast where the match is short, always else.
#[derive(Debug)]
pub(crate) struct Groups {
    wanted: usize,
    count: usize,
    short: BoundedBacktracker,
    long: PikeVM,
}

/// What finding secrets needs and leaves to the next one.
pub(crate) type GroupCache = Option<regex_automata::nfa::thompson::backtrack::Cache>;

impl Secret {
    pub(super) fn of(hir: &Hir, group: u8, nfa: &NFA, limits: &Limits) -> Result<Self, String> {
        if hir.properties().explicit_captures_len() == 0 {
            return Ok(Self::Whole);
        }
        match head(hir, group) {
            Some(None) => return Ok(Self::Whole),
            Some(Some(head)) => {
                let head = states(automaton(&head, limits)?)?;
                return Ok(Self::Head(Box::new(head)));
            }
            None => {}
        }
        let cannot = |error: &dyn std::fmt::Display| format!("its groups cannot be run: {error}");
        Ok(Self::Group(Box::new(Groups {
            wanted: group.into(),
            count: nfa.group_info().group_len(PatternID::ZERO),
            short: BoundedBacktracker::new_from_nfa(nfa.clone()).map_err(|error| cannot(&error))?,
            long: PikeVM::new_from_nfa(nfa.clone()).map_err(|error| cannot(&error))?,
        })))
    }
}

impl Groups {
    /// The wanted group of a match, or the first that took part.
    pub(crate) fn find(
        &self,
        text: &str,
        matched: Range<usize>,
        cache: &mut GroupCache,
    ) -> Option<Range<usize>> {
        let input = Input::new(text).range(matched).anchored(Anchored::Yes);
        let mut slots = vec![None; self.count * 2];
        let cache = cache.get_or_insert_with(|| self.short.create_cache());
        cache.reset(&self.short);
        if self
            .short
            .try_search_slots(cache, &input, &mut slots)
            .is_err()
        {
            // Too long for it.
            let mut cache = self.long.create_cache();
            self.long.search_slots(&mut cache, &input, &mut slots);
        }
        let (pairs, _) = slots.as_chunks::<2>();
        let mut groups = pairs
            .iter()
            .map(|[start, end]| Some(start.as_ref()?.get()..end.as_ref()?.get()));
        match self.wanted {
            0 => groups.skip(1).flatten().find(|group| !group.is_empty()),
            wanted => groups.nth(wanted).flatten(),
        }
    }
}

/// If the secret begins where the match does, and what comes after it may always be nothing: what ends where
/// the secret ends; none if that is the pattern itself.
///
/// The first way to match is taken, and every way to match the secret goes on to a way to match the
/// whole. So the secret of the whole is that of its first part alone.
fn head(hir: &Hir, group: u8) -> Option<Option<Hir>> {
    let parts = match hir.kind() {
        HirKind::Concat(parts) => parts.as_slice(),
        _ => std::slice::from_ref(hir),
    };
    let is_group = |part: &Hir| matches!(part.kind(), HirKind::Capture(_));
    let at = parts.iter().position(|part| !is_look(part))?;
    let group_at = parts.get(at)?;
    let first = group <= 1 && is_group(group_at);
    if !first
        || group_at
            .properties()
            .minimum_len()
            .is_none_or(|least| least == 0)
    {
        return None;
    }
    let after = parts.get(at + 1..)?;
    let looks = after.iter().take_while(|part| is_look(part)).count();
    let rest = after.get(looks..)?;
    if rest.is_empty() {
        return Some(None);
    }
    let may_be_nothing = |part: &Hir| match part.kind() {
        HirKind::Repetition(repetition) => repetition.min == 0,
        _ => false,
    };
    let head = parts.get(..=at + looks)?;
    rest.iter()
        .all(may_be_nothing)
        .then(|| Some(Hir::concat(head.to_vec())))
}

/// Whether it only looks at what is around.
fn is_look(part: &Hir) -> bool {
    matches!(part.kind(), HirKind::Look(_))
}
