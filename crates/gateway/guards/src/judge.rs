//! What is done about what was found: by all guardrails together, the strongest action wins.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tidegate_governance::guardrail::{Action, Phase, Replacement};
use tidegate_guardrails::{Counters, Finding, RuleIndex};
use tidegate_pipeline::guard::{RuleName, Stop};
use tidegate_texts::channel::Kind;

use crate::{
    outcome::{Deed, Outcome},
    policy::{Duty, Phased, Pick, Ready},
    replace,
    rules::Rules,
    vault::Vault,
};

/// What one call's watches share.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) duty: Arc<Duty>,
    pub(crate) rules: Arc<Rules>,
    pub(crate) hash_key: [u8; 32],
    open: Mutex<Open>,
}

/// What changes as the call goes on.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) vault: Vault,
    pub(crate) prompt: Outcome,
    pub(crate) answer: Outcome,
    /// The request is a stream: what is to be put back may come when the answer has begun.
    pub(crate) uploading: bool,
    /// The guardrail that let nothing pass any more.
    pub(crate) blocked: Option<RuleName>,
}

/// Which set a finding's rule is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Set {
    Base,
    Terms,
}

/// What becomes of a finding's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It stays.
    Stays,
    /// Another stands in its place.
    Becomes(Box<str>),
    /// Nothing passes any more.
    Blocked,
}

impl Open {
    /// What was done in a direction.
    pub(crate) const fn outcome(&mut self, phase: Phase) -> &mut Outcome {
        match phase {
            Phase::Prompt => &mut self.prompt,
            Phase::Answer => &mut self.answer,
        }
    }
}

impl Bench {
    pub(crate) fn new(duty: Arc<Duty>, rules: Arc<Rules>, hash_key: [u8; 32]) -> Self {
        Self {
            duty,
            rules,
            hash_key,
            open: Mutex::new(Open {
                vault: Vault::default(),
                prompt: Outcome::new(Phase::Prompt),
                answer: Outcome::new(Phase::Answer),
                uploading: false,
                blocked: None,
            }),
        }
    }

    /// Nobody panics while holding it; if someone did, the counts would be off, no more.
    pub(crate) fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the answer may have placeholders in it.
    pub(crate) fn may_restore(&self) -> bool {
        let open = self.open();
        !open.vault.is_empty() || (open.uploading && self.duty.restores)
    }

    pub(crate) fn phased(&self, phase: Phase) -> &Phased {
        match phase {
            Phase::Prompt => &self.duty.prompt,
            Phase::Answer => &self.duty.answer,
        }
    }

    /// Nobody can look. Those that let nothing pass unseen stop the call, the others note it.
    ///
    /// # Errors
    /// One of them stops the call.
    pub(crate) fn failed(&self, phase: Phase, error: &'static str) -> Result<(), Stop> {
        let mut open = self.open();
        let mut closed = false;
        for ready in &self.phased(phase).ready {
            let definition = &ready.definition;
            let stops = ready.is_closed();
            closed |= stops;
            open.outcome(phase).note(Deed {
                guardrail: &ready.name,
                detector: "",
                action: if stops { "refused" } else { "bypassed" },
                shadow: definition.shadow,
                error: Some(error),
                place: None,
            });
        }
        if closed {
            Err(Stop::Failed(error))
        } else {
            Ok(())
        }
    }

    /// Something in it is no text: it passes unread, and those who looked note it.
    pub(crate) fn unscanned(&self, phase: Phase) {
        self.unread(phase, "binary");
    }

    /// A look at a text fell short of all of it.
    pub(crate) fn fell_short(&self, phase: Phase, counters: Counters) {
        if counters.cap_released > 0 {
            self.unread(phase, "cap_released");
        }
        if counters.degraded > 0 {
            self.unread(phase, "degraded");
        }
    }

    fn unread(&self, phase: Phase, what: &str) {
        let mut open = self.open();
        for ready in &self.phased(phase).ready {
            open.outcome(phase).note(Deed {
                guardrail: &ready.name,
                detector: what,
                action: "unscanned",
                shadow: ready.definition.shadow,
                error: None,
                place: None,
            });
        }
    }

    /// What is done about a finding.
    pub(crate) fn judge(
        &self,
        phase: Phase,
        kind: Kind,
        set: Set,
        finding: &Finding,
        value: &str,
    ) -> Verdict {
        // Of what was found together only the first has a score; the others passed the plan's.
        let sure = |rule: RuleIndex, least: f32| rule != finding.rule || finding.score >= least;
        let about = |ready: &&Arc<Ready>| match (&ready.pick, set) {
            (Pick::Base(picked), Set::Base) => finding
                .rules()
                .any(|rule| picked.get(&rule).is_some_and(|&least| sure(rule, least))),
            (Pick::Terms(own), Set::Terms) => finding.rules().any(|rule| own.contains(&rule)),
            (Pick::Tools(_, own), Set::Terms) => {
                kind == Kind::ToolArguments && finding.rules().any(|rule| own.contains(&rule))
            }
            _ => false,
        };
        let ready = self.phased(phase).ready.iter().filter(about);
        let detector = self.rules.name(set, finding.rule);
        let label = match set {
            Set::Base => replace::label(detector),
            Set::Terms => "TERM".to_owned(),
        };
        self.together(phase, kind, ready, (detector, &label), value)
    }

    /// What is done about a tool that is called.
    pub(crate) fn judge_tool(&self, name: &str) -> Verdict {
        let phase = Phase::Answer;
        let denies = |ready: &&Arc<Ready>| match &ready.pick {
            Pick::Tools(names, _) => names.deny(name),
            _ => false,
        };
        let ready = self.phased(phase).ready.iter().filter(denies);
        self.together(phase, Kind::ToolName, ready, ("tool", "TOOL"), name)
    }

    fn together<'a>(
        &self,
        phase: Phase,
        kind: Kind,
        ready: impl Iterator<Item = &'a Arc<Ready>>,
        (detector, label): (&str, &str),
        value: &str,
    ) -> Verdict {
        let mut strongest: Option<&Ready> = None;
        let mut open = self.open();
        for ready in ready {
            let definition = &ready.definition;
            open.outcome(phase).note(Deed {
                guardrail: &ready.name,
                detector,
                action: definition.action.name(),
                shadow: definition.shadow,
                error: None,
                place: Some(kind),
            });
            let stronger = strongest.is_none_or(|other| {
                strength(&definition.action) > strength(&other.definition.action)
            });
            if !definition.shadow && stronger {
                strongest = Some(ready);
            }
        }
        let Some(strongest) = strongest else {
            return Verdict::Stays;
        };
        let named = |with| replace::replacement(with, label, value, &self.hash_key);
        match &strongest.definition.action {
            Action::Log | Action::Flag => Verdict::Stays,
            // A tool without its name is none: what is denied is not called.
            Action::Redact { .. } | Action::Restore if kind == Kind::ToolName => {
                open.blocked.get_or_insert_with(|| strongest.name.clone());
                Verdict::Blocked
            }
            Action::Redact { with } => Verdict::Becomes(named(*with)),
            Action::Restore if phase == Phase::Prompt => {
                let kept = open.vault.keep(label, value);
                Verdict::Becomes(kept.unwrap_or_else(|| named(Replacement::Name)))
            }
            Action::Restore => Verdict::Becomes(named(Replacement::Name)),
            Action::Block => {
                open.blocked.get_or_insert_with(|| strongest.name.clone());
                Verdict::Blocked
            }
        }
    }
}

const fn strength(action: &Action) -> u8 {
    match action {
        Action::Log => 0,
        Action::Flag => 1,
        Action::Redact { .. } => 2,
        Action::Restore => 3,
        Action::Block => 4,
    }
}
