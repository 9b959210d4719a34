//! What a guardrail picks of all rules.

use std::collections::BTreeMap;

use tidegate_governance::guardrail::{Detect, Tools};
use tidegate_guardrails::{RuleIndex, rule::Kind};

use super::Problem;
use crate::{rules::Rules, tools::ToolNames};

/// What a guardrail looks for.
#[derive(Debug)]
pub(crate) enum Pick {
    /// Rules of the base set, and how sure each must be.
    Base(BTreeMap<RuleIndex, f32>),
    /// Its own rules in the set of terms.
    Terms(Vec<RuleIndex>),
    /// Tools' names, and its own rules over arguments in the set of terms.
    Tools(ToolNames, Vec<RuleIndex>),
    /// A service, by name.
    Engine(String),
}

impl Pick {
    pub(super) fn of(name: &str, detect: &Detect, rules: &Rules) -> Result<Self, Problem> {
        Ok(match detect {
            Detect::Rules { min_score, .. } => {
                if !(0.0..=1.0).contains(min_score) {
                    return Err(Problem::new("detect.min_score", "it is from 0 to 1"));
                }
                let picked = base(detect, rules)?;
                if picked.is_empty() {
                    let what = "it picks no rule: name groups or rules";
                    return Err(Problem::new("detect.groups", what));
                }
                Self::Base(picked.into_iter().map(|rule| (rule, *min_score)).collect())
            }
            Detect::Terms { words, patterns } => {
                if words.is_empty() && patterns.is_empty() {
                    let what = "name words or patterns to look for";
                    return Err(Problem::new("detect.words", what));
                }
                Self::Terms(rules.terms_of(name))
            }
            Detect::Tools(Tools { names, arguments }) => {
                if names.is_empty() && arguments.is_empty() {
                    let what = "name tools, or patterns of arguments";
                    return Err(Problem::new("detect.names", what));
                }
                Self::Tools(ToolNames::new(names), rules.terms_of(name))
            }
            Detect::Engine { engine, .. } => Self::Engine(engine.clone()),
        })
    }
}

fn base(detect: &Detect, all: &Rules) -> Result<Vec<RuleIndex>, Problem> {
    let Detect::Rules {
        groups,
        rules,
        except,
        regions,
        ..
    } = detect
    else {
        return Ok(Vec::new());
    };
    for (field, names) in [("detect.rules", rules), ("detect.except", except)] {
        if let Some(unknown) = names.iter().find(|name| all.find(name).is_none()) {
            let what =
                format!("there is no rule `{unknown}`; the list of detectors names them all");
            return Err(Problem::new(field, what));
        }
    }
    let chosen = |index: &RuleIndex| {
        let Some(rule) = all.base().rule(*index) else {
            return false;
        };
        let named = rules.iter().any(|name| **name == *rule.id);
        let group = all.group(*index, rule);
        let local = rule.kind != Kind::Personal
            || regions.is_empty()
            || rule.regions.is_empty()
            || rule
                .regions
                .iter()
                .any(|at| regions.iter().any(|of| of == at));
        let left_out = except.iter().any(|name| **name == *rule.id);
        (named || (groups.contains(&group) && local)) && !left_out
    };
    Ok(all
        .base()
        .rules()
        .map(|(at, _)| at)
        .filter(chosen)
        .collect())
}
