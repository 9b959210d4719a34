//! What guardrails did in one direction of a call, counted for the log.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use tidegate_governance::guardrail::{Applied, Phase};
use tidegate_pipeline::guard::RuleName;
use tidegate_texts::channel::Kind;

/// Counts what was done.
#[derive(Debug)]
pub(crate) struct Outcome {
    phase: Phase,
    done: BTreeMap<Key, Count>,
    took: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    guardrail: String,
    detector: String,
    action: &'static str,
    shadow: bool,
    error: Option<&'static str>,
}

#[derive(Debug, Default)]
struct Count {
    times: u32,
    places: BTreeSet<&'static str>,
}

/// Something that was done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deed<'a> {
    pub(crate) guardrail: &'a RuleName,
    pub(crate) detector: &'a str,
    pub(crate) action: &'static str,
    pub(crate) shadow: bool,
    pub(crate) error: Option<&'static str>,
    pub(crate) place: Option<Kind>,
}

/// The most different entries of one direction.
const MAX: usize = 64;

impl Outcome {
    pub(crate) const fn new(phase: Phase) -> Self {
        Self {
            phase,
            done: BTreeMap::new(),
            took: Duration::ZERO,
        }
    }

    pub(crate) fn note(&mut self, deed: Deed<'_>) {
        let key = Key {
            guardrail: deed.guardrail.to_string(),
            detector: deed.detector.to_owned(),
            action: deed.action,
            shadow: deed.shadow,
            error: deed.error,
        };
        if self.done.len() >= MAX && !self.done.contains_key(&key) {
            return;
        }
        let count = self.done.entry(key).or_default();
        count.times = count.times.saturating_add(1);
        count.places.extend(deed.place.map(place));
    }

    /// Adds time that was taken.
    pub(crate) fn took(&mut self, time: Duration) {
        self.took += time;
    }

    /// Takes what was done.
    pub(crate) fn take(&mut self) -> Vec<Applied> {
        let micros = u64::try_from(self.took.as_micros()).unwrap_or(u64::MAX);
        self.took = Duration::ZERO;
        let done = std::mem::take(&mut self.done).into_iter();
        let applied = done.map(|(key, count)| Applied {
            guardrail: key.guardrail,
            detector: key.detector,
            phase: self.phase,
            action: key.action.to_owned(),
            shadow: key.shadow,
            count: count.times,
            places: count.places.into_iter().map(str::to_owned).collect(),
            error: key.error.map(str::to_owned),
            micros,
        });
        applied.collect()
    }
}

/// The name of a kind of text in the log.
const fn place(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Reasoning => "reasoning",
        Kind::Refusal => "refusal",
        Kind::ToolName => "tool_name",
        Kind::ToolArguments => "tool_arguments",
        Kind::ToolResult => "tool_result",
        Kind::ToolDefinition => "tool_definition",
        Kind::Citation => "citation",
        Kind::Other => "other",
    }
}
