//! What all guardrails that concern a call do together.

use std::sync::Arc;

use tidegate_governance::guardrail::{Action, Phase};
use tidegate_guardrails::{Mode, Plan, RuleIndex, Ruleset};

use super::{Pick, Ready};
use crate::rules::Rules;

/// What those guardrails do that concern a call.
#[derive(Debug)]
pub(crate) struct Duty {
    pub(crate) prompt: Phased,
    pub(crate) answer: Phased,
    /// Whether something may be taken out that is to be put back.
    pub(crate) restores: bool,
    alike: bool,
}

/// In one direction.
#[derive(Debug)]
pub(crate) struct Phased {
    /// Those that look, in their order.
    pub(crate) ready: Vec<Arc<Ready>>,
    /// What of the base set is looked for; `None`: nothing.
    pub(crate) base: Option<Arc<Plan>>,
    /// What of the terms.
    pub(crate) terms: Option<Arc<Plan>>,
}

impl Duty {
    pub(crate) fn new(ready: &[Arc<Ready>], rules: &Rules) -> Self {
        let of = |phase| Phased::new(phase, ready, rules);
        let (prompt, answer) = (of(Phase::Prompt), of(Phase::Answer));
        Self {
            alike: prompt.base == answer.base && prompt.terms == answer.terms,
            prompt,
            answer,
            restores: ready.iter().any(|ready| {
                ready.definition.action == Action::Restore && !ready.definition.shadow
            }),
        }
    }

    /// Whether the same is looked for in both directions.
    pub(crate) const fn looks_alike(&self) -> bool {
        self.alike
    }
}

impl Phased {
    fn new(phase: Phase, ready: &[Arc<Ready>], rules: &Rules) -> Self {
        let looks = |ready: &&Arc<Ready>| match phase {
            // What tools an agent may use is decided where the model calls them.
            Phase::Prompt => ready.definition.prompts && !matches!(ready.pick, Pick::Tools(..)),
            Phase::Answer => ready.definition.answers,
        };
        let ready: Vec<_> = ready.iter().filter(looks).cloned().collect();
        let base = plan(rules.base(), &ready, |pick, rule| match pick {
            Pick::Base(picked) => picked.get(&rule).copied(),
            _ => None,
        });
        let terms = rules.terms().and_then(|terms| {
            plan(terms, &ready, |pick, rule| match pick {
                Pick::Terms(own) | Pick::Tools(_, own) => own.contains(&rule).then_some(0.0),
                _ => None,
            })
        });
        Self { ready, base, terms }
    }

    /// Whether nobody looks.
    pub(crate) fn is_idle(&self) -> bool {
        self.ready.is_empty()
    }
}

/// Which rules of a set are looked for, how sure each must be, and which of them hold text back.
fn plan(
    set: &Ruleset,
    ready: &[Arc<Ready>],
    least: impl Fn(&Pick, RuleIndex) -> Option<f32>,
) -> Option<Arc<Plan>> {
    let holds = |ready: &Ready| ready.definition.action.holds() && !ready.definition.shadow;
    let mode = |rule| {
        let theirs = ready
            .iter()
            .filter(|ready| least(&ready.pick, rule).is_some());
        match theirs.map(|ready| holds(ready)).max() {
            None => Mode::Off,
            Some(false) => Mode::Watch,
            Some(true) => Mode::Hold,
        }
    };
    let mut plan = Plan::new(set, |rule, _| mode(rule));
    for (rule, _) in set.rules() {
        let scores = ready.iter().filter_map(|ready| least(&ready.pick, rule));
        plan.at_least(rule, scores.fold(1.0, f32::min));
    }
    (!plan.is_idle()).then(|| Arc::new(plan))
}
