//! Rules, compiled: checked one by one, immutable, shared by all texts.

mod allowlist;
mod columns;
mod digest;
mod gate;
mod lead;
mod list;
mod opening;
mod pairs;
mod pattern;
mod runs;
mod secret;
mod shape;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

pub(crate) use self::{
    allowlist::{AllowList, Seen},
    columns::{Begins, Columns, There},
    gate::{Gate, Passed},
    lead::Lead,
    list::Passing,
    pairs::Pairs,
    pattern::{Pattern, begins_with_context},
    runs::Runs,
    secret::{GroupCache, Secret},
};
use self::{
    columns::{Beginning, bit, in_order},
    gate::Entry,
    opening::{Need, Opening, begins_with_run, shapes},
    shape::Shapes,
};
use crate::{
    alphabet::{Before, frequency_of},
    finding::RuleIndex,
    limits::Limits,
    rule::{Allow, Rule, RuleId, Specificity},
    scratch::Pool,
};

/// A name may have this many bytes.
const NAME: usize = 64;
/// A beginning that is rarer than this, for each byte of text, needs nothing better to be found by.
const RARE: f64 = 1e-4;
/// A lead must be this much rarer than the beginning.
const RARER: f64 = 0.25;

/// Why a rule cannot be used, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rule {rule}: {reason}")]
pub struct RuleError {
    /// The rule's name.
    pub rule: RuleId,
    /// Its place among the rules given, from 0.
    pub at: usize,
    /// The reason, and what to do about it. Never more than some hundred bytes.
    pub reason: Box<str>,
}

/// A compiled rule.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) rule: Rule,
    pub(crate) pattern: Pattern,
    pub(crate) allow: Vec<Arc<AllowList>>,
    /// What finds it in a whole text, where its beginning occurs too often.
    pub(crate) lead: Option<Lead>,
    /// Bytes that a candidate may cover before it matched.
    pub(crate) hold: usize,
}

/// A set of rules. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Ruleset(Arc<Inner>);

/// Where a scan writes down what passes.
#[derive(Debug, Default)]
pub(crate) struct Slate {
    pub(crate) passed: Passed,
    pub(crate) pairs: Pairs,
}

#[derive(Debug)]
struct Inner {
    rules: Box<[Compiled]>,
    whole: Gate,
    runs: Runs,
    pieces: Gate,
    columns: Columns,
    limits: Limits,
    fingerprint: [u8; 32],
    pool: Pool,
}

impl Ruleset {
    /// Compiles them all, in their order.
    ///
    /// # Errors
    /// Every rule that cannot be used, each with its reason; then there is no set.
    pub fn compile(rules: Vec<Rule>, limits: &Limits) -> Result<Self, Vec<RuleError>> {
        Self::compile_while(rules, limits, &|| true)
    }

    /// The same, but asks before each rule whether to go on: this crate has no clock.
    ///
    /// # Errors
    /// As [`Self::compile`], and the first rule that was not compiled when the answer was no.
    pub fn compile_while(
        rules: Vec<Rule>,
        limits: &Limits,
        go_on: &dyn Fn() -> bool,
    ) -> Result<Self, Vec<RuleError>> {
        let most = limits.rules.min(usize::from(u16::MAX));
        if let Some(rule) = rules.get(most) {
            let reason = format!("there are {} rules, {most} are allowed", rules.len());
            return Err(vec![error(&rule.id, most, reason)]);
        }
        let fingerprint = digest::fingerprint(&rules, limits);
        let mut compiled = Vec::with_capacity(rules.len());
        let mut errors = Vec::new();
        let (mut names, mut lists, mut size) = (HashSet::new(), HashMap::new(), 0);
        for (at, rule) in rules.into_iter().enumerate() {
            if !go_on() {
                errors.push(error(
                    &rule.id,
                    at,
                    "compiling took too long: use fewer rules",
                ));
                break;
            }
            if !names.insert(rule.id.clone()) {
                errors.push(error(
                    &rule.id,
                    at,
                    "another rule has this name: rename one",
                ));
                continue;
            }
            match compile(rule, limits, &mut lists) {
                Ok(rule) => {
                    size += rule.pattern.size;
                    if size > limits.compiled_together {
                        let reason = "with it the compiled rules take too much memory: use fewer";
                        errors.push(error(&rule.rule.id, at, reason));
                        break;
                    }
                    compiled.push(rule);
                }
                Err((id, reason)) => errors.push(error(&id, at, reason)),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let (whole, runs, pieces, columns) = gates(&mut compiled);
        Ok(Self(Arc::new(Inner {
            pool: Pool::new(compiled.len(), limits.caches),
            rules: compiled.into(),
            whole,
            runs,
            pieces,
            columns,
            limits: *limits,
            fingerprint,
        })))
    }

    /// A hash of all that decides what is found: rules, their order, limits. The same in every process
    /// of the same build.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        self.0.fingerprint
    }

    /// How many rules there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.rules.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.rules.is_empty()
    }

    /// The rule at this place.
    #[must_use]
    pub fn rule(&self, at: RuleIndex) -> Option<&Rule> {
        self.compiled(at.0).map(|compiled| &compiled.rule)
    }

    /// All rules in their order.
    pub fn rules(&self) -> impl Iterator<Item = (RuleIndex, &Rule)> {
        (0..)
            .zip(&self.0.rules)
            .map(|(at, compiled)| (RuleIndex(at), &compiled.rule))
    }

    /// The place of the rule with this name.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<RuleIndex> {
        self.rules()
            .find(|(_, rule)| *rule.id == *id)
            .map(|(at, _)| at)
    }

    /// The bounds that it keeps to.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Where scratch memory comes from.
    #[must_use]
    pub fn pool(&self) -> &Pool {
        &self.0.pool
    }

    pub(crate) fn compiled(&self, at: u16) -> Option<&Compiled> {
        self.0.rules.get(usize::from(at))
    }

    /// Where rules may begin in a text that is all there.
    pub(crate) fn whole(&self) -> &Gate {
        &self.0.whole
    }

    /// Which rules the next bytes rule out.
    pub(crate) fn columns(&self) -> &Columns {
        &self.0.columns
    }

    /// Which of them begin with a long run of letters and digits; they are not at that gate.
    pub(crate) fn runs(&self) -> &Runs {
        &self.0.runs
    }

    /// Where rules may begin in a text that comes in pieces.
    pub(crate) fn pieces(&self) -> &Gate {
        &self.0.pieces
    }
}

fn error(rule: &str, at: usize, reason: impl Into<Box<str>>) -> RuleError {
    // Names come from files: a long one is cut, so that errors stay short.
    let end = rule.floor_char_boundary(NAME);
    RuleError {
        rule: rule.get(..end).unwrap_or_default().into(),
        at,
        reason: reason.into(),
    }
}

type Lists = HashMap<Allow, Arc<AllowList>>;

fn compile(rule: Rule, limits: &Limits, lists: &mut Lists) -> Result<Compiled, (RuleId, String)> {
    match parts(&rule, limits, lists) {
        Ok((pattern, allow)) => Ok(Compiled {
            hold: match rule.specificity {
                Specificity::Specific => limits.hold_long.max(limits.hold),
                Specificity::Assigned | Specificity::Generic => limits.hold,
            },
            lead: None,
            rule,
            pattern,
            allow,
        }),
        Err(reason) => Err((rule.id, reason)),
    }
}

fn parts(
    rule: &Rule,
    limits: &Limits,
    lists: &mut Lists,
) -> Result<(Pattern, Vec<Arc<AllowList>>), String> {
    if rule.id.is_empty() || rule.id.len() > NAME {
        return Err(format!("a name has 1 to {NAME} bytes"));
    }
    if !(0.0..=1.0).contains(&rule.score) {
        return Err("a score lies between 0 and 1".into());
    }
    let pattern = Pattern::compile(&rule.pattern, rule.secret_group, limits)?;
    let groups = pattern
        .dfa
        .get_nfa()
        .group_info()
        .group_len(regex_automata::PatternID::ZERO);
    if usize::from(rule.secret_group) >= groups.max(1) {
        return Err(format!(
            "the secret is said to be group {}, and the last group is {}",
            rule.secret_group,
            groups.saturating_sub(1)
        ));
    }
    let mut allow = Vec::new();
    for list in &rule.allow {
        let compiled = match lists.get(list) {
            Some(known) => Arc::clone(known),
            None => Arc::new(AllowList::compile(list, limits)?),
        };
        lists.insert(list.clone(), Arc::clone(&compiled));
        allow.push(compiled);
    }
    Ok((pattern, allow))
}

/// The gates for whole texts and for pieces; which rules are found by a lead or a run instead; and what all
/// begin with.
fn gates(rules: &mut [Compiled]) -> (Gate, Runs, Gate, Columns) {
    let (mut whole, mut runs, mut pieces) = (Vec::new(), Vec::new(), Vec::new());
    let mut beginnings: Vec<Beginning> = Vec::new();
    for (at, compiled) in (0..).zip(rules) {
        // Most patterns care little for what stands before.
        let mut entries: HashMap<Opening, u8> = HashMap::new();
        let mut cost = 0.0;
        let (openings, places) = Opening::of_pattern(&compiled.pattern.dfa);
        for (before, opening) in openings {
            cost += opening.cost() * often(before);
            *entries.entry(opening).or_default() |= before.bit();
        }
        // The gate sees some bytes behind, too, of which the first two rule out most.
        let [_, _, _, fourth, fifth, ..] = places;
        cost *= frequency_of(fourth).min(1.0) * frequency_of(fifth).min(1.0);
        let entries: Vec<(Entry, Opening)> = entries
            .into_iter()
            .map(|(opening, before)| (Entry { rule: at, before }, opening))
            .collect();
        let before = entries.iter().fold(0, |any, (entry, _)| any | entry.before);
        let number = places[0] & bit(b'1') != 0;
        let digits = (b'0'..=b'9').fold(0, |digits, byte| digits | bit(byte));
        // Texts are full of numbers that are none of those that rules look for, and of words that name no value.
        beginnings.push(Beginning {
            rule: at,
            places,
            least: compiled.pattern.least,
            before,
            shapes: if places[0] & digits != 0 {
                shapes(&compiled.pattern.dfa)
            } else {
                Shapes::default()
            },
            need: (number || cost > RARE)
                .then(|| Need::of(&compiled.pattern.dfa))
                .flatten(),
        });
        let first = compiled.pattern.leads.drain(..).next();
        compiled.lead = first.filter(|lead| cost > RARE && lead.cost < cost * RARER);
        if let Some(lead) = &compiled.lead {
            whole.extend(Opening::of_lead(lead).into_iter().map(|opening| {
                let before = Entry::LEAD;
                (Entry { rule: at, before }, opening)
            }));
        } else if cost > RARE && begins_with_run(&compiled.pattern.dfa) {
            runs.push((at, before));
        } else {
            whole.extend(entries.iter().copied());
        }
        pieces.extend(entries);
    }
    in_order(&mut beginnings);
    let places: HashMap<u16, u16> = (0..)
        .zip(&beginnings)
        .map(|(at, beginning)| (beginning.rule, at))
        .collect();
    let seat = |rule: &mut u16| {
        if let Some(place) = places.get(rule) {
            *rule = *place;
        }
    };
    let begins = |entry: &&mut (Entry, Opening)| entry.0.before != Entry::LEAD;
    whole
        .iter_mut()
        .chain(&mut pieces)
        .filter(begins)
        .for_each(|(entry, _)| seat(&mut entry.rule));
    runs.iter_mut().for_each(|(rule, _)| seat(rule));
    (
        Gate::new(&whole, &beginnings),
        Runs::new(&runs),
        Gate::new(&pieces, &beginnings),
        Columns::new(&beginnings),
    )
}

/// How often a byte of this kind stands before a place: an estimate.
fn often(before: Before) -> f64 {
    match before {
        Before::Word => 0.75,
        Before::Other => 0.25,
        Before::Start | Before::Feed | Before::Return => 0.02,
    }
}

#[cfg(test)]
mod tests;
