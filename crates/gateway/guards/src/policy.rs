//! Guardrails made ready: which calls each concerns, which rules it is about, and what all of them that
//! concern a call do together.

mod duty;
mod pick;
mod problem;
mod scope;

use std::ops::RangeInclusive;

use tidegate_governance::guardrail::{Action, Definition, Detect, Guardrail, OnFailure, Streamed};
use tidegate_pipeline::guard::{CallView, RuleName};

use crate::{condition::Condition, rules::Rules};

pub(crate) use duty::{Duty, Phased};
pub(crate) use pick::Pick;
pub use problem::Problem;

/// A guardrail made ready.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) name: RuleName,
    pub(crate) definition: Definition,
    pub(crate) pick: Pick,
    condition: Option<Condition>,
}

/// Whether a guardrail concerns a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Concerns {
    Yes,
    No,
    /// Its condition cannot be worked out.
    Unknown,
}

impl Ready {
    /// Makes a guardrail ready.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn compile(guardrail: &Guardrail, rules: &Rules) -> Result<Self, Problem> {
        let definition = guardrail.definition.clone();
        check(&definition)?;
        let condition = match definition.condition.trim() {
            "" => None,
            text => {
                let compiled = Condition::compile(text);
                Some(compiled.map_err(|error| Problem::new("condition", error.to_string()))?)
            }
        };
        Ok(Self {
            name: RuleName::new(&guardrail.name),
            pick: Pick::of(&guardrail.name, &definition.detect, rules)?,
            definition,
            condition,
        })
    }

    /// Whether nothing passes that it could not look at.
    pub(crate) fn is_closed(&self) -> bool {
        let definition = &self.definition;
        definition.on_failure == OnFailure::Closed
            && definition.action.holds()
            && !definition.shadow
    }

    /// The service that it asks; empty where it asks none.
    pub(crate) fn service(&self) -> &str {
        match &self.pick {
            Pick::Engine(name) => name,
            _ => "",
        }
    }

    /// How answers that are streams wait for its service.
    pub(crate) const fn streamed(&self) -> Streamed {
        match self.definition.detect {
            Detect::Engine { stream, .. } => stream,
            _ => Streamed::Buffer,
        }
    }

    /// Whether it concerns a call.
    pub(crate) fn concerns(&self, call: &CallView<'_>) -> Concerns {
        if !scope::covers(&self.definition.scope, call) || !sampled(self.definition.sample, call) {
            return Concerns::No;
        }
        match self
            .condition
            .as_ref()
            .map(|condition| condition.holds(call))
        {
            None | Some(Some(true)) => Concerns::Yes,
            Some(Some(false)) => Concerns::No,
            Some(None) => Concerns::Unknown,
        }
    }
}

fn check(definition: &Definition) -> Result<(), Problem> {
    if !(1..=100).contains(&definition.sample) {
        return Err(Problem::new(
            "sample",
            "it is from 1 to 100, in a hundred calls",
        ));
    }
    if !definition.prompts && !definition.answers {
        let what = "prompts, answers or both must be looked at: it would do nothing";
        return Err(Problem::new("prompts", what));
    }
    if let (Detect::Tools(_), false) = (&definition.detect, definition.answers) {
        let what = "tools are called in answers: these must be looked at";
        return Err(Problem::new("answers", what));
    }
    match definition.detect {
        Detect::Engine { stream, .. } => check_stream(definition, stream),
        _ => Ok(()),
    }
}

/// How little and how much a service may be asked about at a time, in characters.
const CHARACTERS: RangeInclusive<u32> = 50..=100_000;

fn check_stream(definition: &Definition, stream: Streamed) -> Result<(), Problem> {
    let problem = |what: &str| Err(Problem::new("detect.stream", what));
    let (characters, overlap, passed) = match stream {
        Streamed::Buffer => return Ok(()),
        Streamed::Window {
            characters,
            overlap,
        } => (characters, overlap, false),
        Streamed::Async { characters } => (characters, 0, true),
    };
    if !CHARACTERS.contains(&characters) {
        return problem("a service is asked about 50 to 100,000 characters at a time");
    }
    if overlap > characters / 2 {
        return problem("it sees at most half of what is new to it again");
    }
    match definition.action {
        Action::Redact { .. } | Action::Restore if passed && !definition.shadow => {
            problem("what has passed cannot be replaced: log, flag or block, or use windows")
        }
        _ => Ok(()),
    }
}

/// By the call's id, so that prompt and answer share one fate.
fn sampled(of_hundred: u8, call: &CallView<'_>) -> bool {
    of_hundred >= 100 || {
        let hash = blake3::hash(call.id.uuid().as_bytes());
        let drawn = hash
            .as_bytes()
            .first_chunk()
            .map(|bytes| u64::from_le_bytes(*bytes));
        drawn.unwrap_or_default() % 100 < u64::from(of_hundred)
    }
}
