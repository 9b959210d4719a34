//! One pattern, parsed and compiled: the automaton that candidates run on, the groups, and what to look
//! for in a whole text to find where it may begin.

use regex_automata::{
    hybrid::dfa::DFA,
    nfa::thompson::{self, NFA, WhichCaptures},
};
use regex_syntax::{
    Parser, ParserBuilder,
    hir::{Hir, HirKind},
};

use super::{
    lead::{Lead, leads},
    secret::Secret,
};
use crate::limits::Limits;

/// How deep a pattern may nest.
const DEPTH: u32 = 64;
/// A leading optional part that may cover this many bytes is context, not the thing itself.
const CONTEXT: u32 = 8;
/// Bytes of states that one thread keeps of one rule, unless its smallest possible number needs more.
const CACHE: usize = 256 * 1024;

/// A pattern, compiled.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// Anchored, leftmost-first: what begins at a place, or does not.
    pub(crate) dfa: DFA,
    /// Where the secret is in a match.
    pub(crate) secret: Secret,
    /// Bytes of the shortest text that it matches.
    pub(crate) least: usize,
    /// What may be looked for instead of its beginning, the rarest first.
    pub(crate) leads: Vec<Lead>,
    /// What it was compiled from.
    #[cfg(test)]
    pub(crate) hir: Hir,
    /// Bytes of memory.
    pub(crate) size: usize,
}

impl Pattern {
    /// A rule's pattern; `group` is where its secret is, 0: the first group that took part.
    ///
    /// # Errors
    /// What is wrong with it, and what to do.
    pub(crate) fn compile(pattern: &str, group: u8, limits: &Limits) -> Result<Self, String> {
        if pattern.len() > limits.pattern {
            return Err(format!(
                "its pattern has {} bytes, {} are allowed: split the rule",
                pattern.len(),
                limits.pattern
            ));
        }
        let parsed = parser()
            .parse(pattern)
            .map_err(|error| format!("its pattern cannot be read: {}", short(&error)))?;
        match parsed.properties().minimum_len() {
            None => return Err("its pattern can never match: correct or remove it".into()),
            Some(0) => {
                return Err(
                    "its pattern matches nothing at all, so everywhere: let it need \
                     a byte at least"
                        .into(),
                );
            }
            Some(_) => {}
        }
        if parsed.properties().look_set().contains_word_unicode() {
            return Err(
                "it asks for word boundaries of Unicode, which cannot be followed byte by \
                 byte: write (?-u:\\b) for \\b"
                    .into(),
            );
        }
        let hir = without_context(parsed);
        let nfa = automaton(&hir, limits)?;
        let dfa = states(nfa.clone())?;
        let secret = Secret::of(&hir, group, &nfa, limits)?;
        Ok(Self {
            size: nfa.memory_usage() + dfa.memory_usage(),
            least: hir.properties().minimum_len().unwrap_or(0),
            leads: leads(&hir, limits.hold_long),
            dfa,
            secret,
            #[cfg(test)]
            hir,
        })
    }
}

/// The automaton of a pattern or of a part of it.
pub(super) fn automaton(hir: &Hir, limits: &Limits) -> Result<NFA, String> {
    let compiled = thompson::Compiler::new()
        .configure(
            NFA::config()
                .utf8(false)
                .which_captures(WhichCaptures::All)
                .nfa_size_limit(Some(limits.compiled)),
        )
        .build_from_hir(hir);
    compiled.map_err(|error| {
        format!(
            "its pattern does not compile: {}; use smaller counts or plainer classes",
            short(&error)
        )
    })
}

/// The same, as an automaton whose states are worked out as they are needed.
pub(super) fn states(nfa: NFA) -> Result<DFA, String> {
    DFA::builder()
        .configure(
            DFA::config()
                .cache_capacity(CACHE)
                .skip_cache_capacity_check(true)
                .minimum_cache_clear_count(None),
        )
        .build_from_nfa(nfa)
        .map_err(|error| format!("its pattern cannot be run: {}", short(&error)))
}

fn parser() -> Parser {
    ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .nest_limit(DEPTH)
        .build()
}

/// Whether a pattern begins with context that is dropped.
pub(crate) fn begins_with_context(pattern: &str) -> bool {
    let Ok(parsed) = parser().parse(pattern) else {
        return false;
    };
    matches!(parsed.kind(), HirKind::Concat(parts) if parts.first().is_some_and(is_context))
}

/// The last line of an error, which is the reason; patterns may be long, and stand in the lines before.
fn short(error: &dyn std::fmt::Display) -> String {
    let all = error.to_string();
    let last = all.lines().last().unwrap_or_default();
    last.trim_start_matches("error: ")
        .chars()
        .take(200)
        .collect()
}

/// Gitleaks' patterns begin with `[\w.-]{0,50}?` before a vendor's name. It changes nothing about
/// what is the secret, but a candidate would begin at every word. So an optional beginning is dropped
/// where a group, not the whole match, is the secret.
fn without_context(hir: Hir) -> Hir {
    if hir.properties().explicit_captures_len() == 0 {
        return hir;
    }
    let HirKind::Concat(parts) = hir.kind() else {
        return hir;
    };
    match parts.split_first() {
        Some((first, rest)) if is_context(first) => {
            let rest = Hir::concat(rest.to_vec());
            // What remains must still need something.
            match rest.properties().minimum_len() {
                Some(least) if least > 0 => rest,
                _ => hir,
            }
        }
        _ => hir,
    }
}

fn is_context(part: &Hir) -> bool {
    let HirKind::Repetition(repetition) = part.kind() else {
        return false;
    };
    repetition.min == 0
        && repetition.max.is_none_or(|max| max >= CONTEXT)
        && part.properties().explicit_captures_len() == 0
}
