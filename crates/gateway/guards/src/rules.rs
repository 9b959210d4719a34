//! All rules there are: our own and the operator's, compiled once; and the words and patterns of the
//! guardrails themselves, compiled when these change.

use std::collections::BTreeMap;

use tidegate_governance::guardrail::{Detect, Group, Guardrail, Tools};
use tidegate_guardrails::{
    Limits, RuleError, RuleIndex, Ruleset, pii,
    rule::{Kind, Rule, Specificity},
    secrets,
};

use crate::{judge::Set, policy::Problem};

/// The most words and patterns of one guardrail.
const MAX_TERMS: usize = 500;
/// The longest word or pattern, in bytes.
const LONGEST_TERM: usize = 1_024;

/// Our own rules and the operator's, compiled.
#[derive(Debug, Clone)]
pub struct Base {
    set: Ruleset,
    /// From here on they are the operator's.
    own: usize,
}

impl Base {
    /// Compiles our rules and the operator's. It takes seconds.
    ///
    /// # Errors
    /// Rules that do not compile; ours do.
    pub fn compile(own: Vec<Rule>, limits: &Limits) -> Result<Self, Vec<RuleError>> {
        let mut rules = secrets::rules();
        rules.extend(pii::rules());
        let first = rules.len();
        rules.extend(own);
        Ok(Self {
            set: Ruleset::compile(rules, limits)?,
            own: first,
        })
    }

    /// The rules.
    #[must_use]
    pub const fn set(&self) -> &Ruleset {
        &self.set
    }

    /// The group that a rule of the set belongs to.
    #[must_use]
    pub fn group(&self, at: RuleIndex, rule: &Rule) -> Group {
        let own = usize::from(at.0) >= self.own;
        match (own, rule.kind, rule.specificity) {
            (true, ..) => Group::Own,
            (false, Kind::Personal, _) => Group::Personal,
            (false, _, Specificity::Generic) => Group::GenericSecrets,
            (false, ..) => Group::Secrets,
        }
    }
}

/// All rules that guardrails are about.
#[derive(Debug)]
pub(crate) struct Rules {
    base: Base,
    terms: Option<Ruleset>,
    /// What the terms are called in the log.
    labels: Vec<String>,
    /// Of both sets.
    fingerprint: Vec<u8>,
    /// Whose the terms are.
    of: BTreeMap<String, Vec<RuleIndex>>,
}

impl Rules {
    /// With the words and patterns of these guardrails. Those of one that do not compile are left out, and
    /// said.
    pub(crate) fn new(
        base: Base,
        guardrails: &[Guardrail],
        limits: &Limits,
    ) -> (Self, Vec<(String, Problem)>) {
        let (mut rules, mut labels) = (Vec::new(), Vec::new());
        let (mut of, mut problems) = (BTreeMap::new(), Vec::new());
        for guardrail in guardrails {
            match terms(&guardrail.definition.detect, limits) {
                Ok(own) => {
                    let first = rules.len();
                    for (label, pattern) in own {
                        rules.push(rule(rules.len(), pattern));
                        labels.push(label);
                    }
                    let indices = (first..rules.len()).filter_map(|at| u16::try_from(at).ok());
                    let indices: Vec<_> = indices.map(RuleIndex).collect();
                    of.insert(guardrail.name.clone(), indices);
                }
                Err(problem) => problems.push((guardrail.name.clone(), problem)),
            }
        }
        let terms = match rules.is_empty() {
            true => None,
            false => match Ruleset::compile(rules, limits) {
                Ok(set) => Some(set),
                Err(errors) => {
                    let what = errors.iter().map(ToString::to_string).collect::<Vec<_>>();
                    let problem = Problem::new("detect", what.join("; "));
                    problems.push((String::new(), problem));
                    None
                }
            },
        };
        let sets = [Some(base.set()), terms.as_ref()].into_iter().flatten();
        let rules = Self {
            fingerprint: sets.flat_map(|set| set.fingerprint().to_vec()).collect(),
            base,
            terms,
            labels,
            of,
        };
        (rules, problems)
    }

    pub(crate) const fn base(&self) -> &Ruleset {
        self.base.set()
    }

    pub(crate) const fn terms(&self) -> Option<&Ruleset> {
        self.terms.as_ref()
    }

    pub(crate) fn group(&self, at: RuleIndex, rule: &Rule) -> Group {
        self.base.group(at, rule)
    }

    /// What a rule is called in the log.
    pub(crate) fn name(&self, set: Set, rule: RuleIndex) -> &str {
        match set {
            Set::Base => self.base().rule(rule).map_or("", |rule| &rule.id),
            Set::Terms => self
                .labels
                .get(usize::from(rule.0))
                .map_or("", String::as_str),
        }
    }

    /// The rule of that name in the base set.
    pub(crate) fn find(&self, name: &str) -> Option<RuleIndex> {
        self.base().find(name)
    }

    /// Tells sets of rules apart.
    pub(crate) fn fingerprint(&self) -> &[u8] {
        &self.fingerprint
    }

    /// The words and patterns of a guardrail.
    pub(crate) fn terms_of(&self, guardrail: &str) -> Vec<RuleIndex> {
        self.of.get(guardrail).cloned().unwrap_or_default()
    }
}

/// The words and patterns of one guardrail with what each is called, tried.
fn terms(detect: &Detect, limits: &Limits) -> Result<Vec<(String, String)>, Problem> {
    let (words, patterns, field): (&[String], &[String], _) = match detect {
        Detect::Terms { words, patterns } => (words, patterns, "detect.patterns"),
        Detect::Tools(Tools { arguments, .. }) => (&[], arguments, "detect.arguments"),
        Detect::Rules { .. } | Detect::Engine { .. } => return Ok(Vec::new()),
    };
    if words.len() + patterns.len() > MAX_TERMS {
        return Err(Problem::new(field, "it has at most 500 words and patterns"));
    }
    let long = |text: &String| text.trim().is_empty() || text.len() > LONGEST_TERM;
    if words.iter().chain(patterns).any(long) {
        let what = "each word or pattern has 1 to 1,024 bytes";
        return Err(Problem::new(field, what));
    }
    let words = words.iter().map(|word| (word.clone(), word_pattern(word)));
    let patterns = (1..).zip(patterns);
    let patterns = patterns.map(|(at, pattern)| (format!("pattern {at}"), pattern.clone()));
    let terms: Vec<(String, String)> = words.chain(patterns).collect();
    let rules = terms.iter().enumerate();
    let rules = rules.map(|(at, (_, pattern))| rule(at, pattern.clone()));
    match Ruleset::compile(rules.collect(), limits) {
        Ok(_) => Ok(terms),
        Err(errors) => {
            let what = errors.iter().map(|error| match terms.get(error.at) {
                Some((label, _)) => format!("{label}: {}", error.reason),
                None => error.reason.to_string(),
            });
            Err(Problem::new(field, what.collect::<Vec<_>>().join("; ")))
        }
    }
}

/// A word or phrase whatever its case, not as a part of a longer word; any space for a space. Where it begins
/// or ends with a letter beyond ASCII, what stands beside that makes no difference.
fn word_pattern(word: &str) -> String {
    let edge = |c: Option<char>| match c {
        Some(c) if c.is_ascii_alphanumeric() || c == '_' => r"(?-u:\b)",
        _ => "",
    };
    let word = word.trim();
    let parts = word.split_whitespace().map(regex_syntax::escape);
    let joined = parts.collect::<Vec<_>>().join(r"\s{1,8}");
    let (start, end) = (edge(word.chars().next()), edge(word.chars().next_back()));
    format!("{start}(?iu:{joined}){end}")
}

fn rule(at: usize, pattern: String) -> Rule {
    Rule {
        id: format!("term-{at}").into(),
        description: "A term of a guardrail.".into(),
        kind: Kind::Term,
        specificity: Specificity::Specific,
        pattern: pattern.into(),
        secret_group: 0,
        keywords: Vec::new(),
        entropy: None,
        allow: Vec::new(),
        check: None,
        score: 1.0,
        context: None,
        regions: &[],
    }
}
