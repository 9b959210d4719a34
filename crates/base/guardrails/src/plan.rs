//! Which rules of a set are asked, and whether text waits for them.

use crate::{finding::RuleIndex, rule::Rule, ruleset::Ruleset};

/// What a rule does on one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Mode {
    /// It is not asked.
    #[default]
    Off,
    /// Its findings are told, perhaps after the text has passed: it never holds text back.
    Watch,
    /// Text that may be the beginning of a finding waits until it is known.
    Hold,
}

/// What each rule of a set does. Made once for each policy, shared by all texts.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    modes: Box<[Mode]>,
    scores: Box<[f32]>,
    /// A bit for each rule that is asked, at its place in the columns.
    asked: Box<[u64]>,
}

impl Plan {
    /// Asks for each rule of the set what it is to do.
    pub fn new(set: &Ruleset, mut mode: impl FnMut(RuleIndex, &Rule) -> Mode) -> Self {
        let modes: Box<[Mode]> = set.rules().map(|(at, rule)| mode(at, rule)).collect();
        let mode = |rule: u16| modes.get(usize::from(rule)).copied().unwrap_or_default();
        Self {
            scores: modes.iter().map(|_| 0.0).collect(),
            asked: set.columns().bits(|rule| mode(rule) != Mode::Off),
            modes,
        }
    }

    /// Every rule does the same.
    #[must_use]
    pub fn all(set: &Ruleset, mode: Mode) -> Self {
        Self::new(set, |_, _| mode)
    }

    /// A match of this rule with a lower score than this is none.
    pub fn at_least(&mut self, rule: RuleIndex, score: f32) {
        if let Some(least) = self.scores.get_mut(usize::from(rule.0)) {
            *least = score;
        }
    }

    /// What this rule does; a rule that the plan does not know: nothing.
    #[must_use]
    pub fn mode(&self, rule: RuleIndex) -> Mode {
        self.modes
            .get(usize::from(rule.0))
            .copied()
            .unwrap_or_default()
    }

    /// The score that a match of this rule needs.
    #[must_use]
    pub fn least(&self, rule: RuleIndex) -> f32 {
        self.scores.get(usize::from(rule.0)).copied().unwrap_or(0.0)
    }

    /// Whether it asks nothing at all.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.asked.iter().all(|set| *set == 0)
    }

    /// Which of 64 rules are asked.
    pub(crate) fn asked(&self, word: u16) -> u64 {
        self.asked.get(usize::from(word)).copied().unwrap_or(0)
    }
}
