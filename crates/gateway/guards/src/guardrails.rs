//! The gateway's guard.

use std::{fmt, sync::Arc};

use quick_cache::sync::Cache;
use tidegate_governance::guardrail::{Guardrail, Phase};
use tidegate_guardrails::Limits;
use tidegate_pipeline::guard::{CallView, Guard, Sentry};

use crate::{
    cache::{FoundBefore, Tenant},
    judge::Bench,
    policy::{Concerns, Duty, Pick, Problem, Ready},
    rules::{Base, Rules},
    sentry::Local,
};

/// What is kept between calls, whatever the guardrails are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept {
    before: Arc<FoundBefore>,
}

/// What shapes guardrails besides what admins write.
#[derive(Clone)]
pub struct Settings {
    /// The installation's own key for hashes of redacted values.
    pub hash_key: [u8; 32],
    /// How much rules may cost.
    pub limits: Limits,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").finish_non_exhaustive()
    }
}

/// All guardrails that are in force.
#[derive(Debug)]
pub struct Guardrails {
    ready: Vec<Arc<Ready>>,
    rules: Arc<Rules>,
    kept: Kept,
    hash_key: [u8; 32],
    /// What those do together that concern a call, by their numbers.
    duties: Cache<Numbers, Arc<Duty>>,
}

/// Which of all guardrails, a bit each.
type Numbers = [u64; 4];

/// The most guardrails that are asked.
const MAX: usize = 256;
/// How many different sets of guardrails are kept ready.
const DUTIES: usize = 256;

impl Guardrails {
    /// Makes guardrails ready. Those with a fault are left out and said: one must not switch off the others.
    pub(crate) fn new(
        guardrails: &[Guardrail],
        base: Base,
        kept: Kept,
        settings: &Settings,
    ) -> (Self, Vec<Arc<Ready>>, Vec<(String, Problem)>) {
        let on = guardrails.iter().filter(|guardrail| guardrail.enabled);
        let on: Vec<Guardrail> = on.take(MAX).cloned().collect();
        let (rules, mut problems) = Rules::new(base, &on, &settings.limits);
        let faulty: Vec<String> = problems.iter().map(|(name, _)| name.clone()).collect();
        let mut ready = Vec::new();
        for guardrail in on.iter().filter(|on| !faulty.contains(&on.name)) {
            match Ready::compile(guardrail, &rules) {
                Ok(compiled) => ready.push(Arc::new(compiled)),
                Err(problem) => problems.push((guardrail.name.clone(), problem)),
            }
        }
        let asks = |ready: &Arc<Ready>| matches!(ready.pick, Pick::Engine(_));
        let (asking, ready) = ready.into_iter().partition(asks);
        let guard = Self {
            ready,
            rules: Arc::new(rules),
            kept,
            hash_key: settings.hash_key,
            duties: Cache::new(DUTIES),
        };
        (guard, asking, problems)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ready.is_empty()
    }

    /// Those that concern a call.
    fn concerned(&self, call: &CallView<'_>) -> Numbers {
        let mut numbers = Numbers::default();
        for (number, ready) in self.ready.iter().enumerate() {
            let on = match ready.concerns(call) {
                Concerns::Yes => true,
                Concerns::No => false,
                // A condition that fails: a guardrail that must not be missed is asked.
                Concerns::Unknown => ready.is_closed(),
            };
            if let (true, Some(word)) = (on, numbers.get_mut(number / 64)) {
                *word |= 1 << (number % 64);
            }
        }
        numbers
    }

    fn duty(&self, numbers: Numbers) -> Arc<Duty> {
        if let Some(duty) = self.duties.get(&numbers) {
            return duty;
        }
        let on = |number: &usize| {
            let word = numbers.get(number / 64).copied().unwrap_or_default();
            word >> (number % 64) & 1 == 1
        };
        let ready: Vec<_> = (0..self.ready.len())
            .filter(on)
            .filter_map(|number| self.ready.get(number).cloned())
            .collect();
        let duty = Arc::new(Duty::new(&ready, &self.rules));
        self.duties.insert(numbers, Arc::clone(&duty));
        duty
    }
}

impl Guard for Guardrails {
    fn post(&self, call: &CallView<'_>) -> Option<Box<dyn Sentry>> {
        let numbers = self.concerned(call);
        if numbers == Numbers::default() {
            return None;
        }
        let duty = self.duty(numbers);
        let who = call.team.map_or(call.key.uuid(), |team| team.uuid());
        let tenant = |phase| {
            let (secret, rules) = (&self.hash_key, self.rules.fingerprint());
            Tenant::new(secret, who.as_u128(), (phase, &numbers), rules)
        };
        let prompts = tenant(Phase::Prompt);
        // What was an answer comes back in the next prompt: where the same is looked for, it is known.
        let answers = if duty.looks_alike() {
            prompts
        } else {
            tenant(Phase::Answer)
        };
        let bench = Bench::new(duty, Arc::clone(&self.rules), self.hash_key);
        Some(Box::new(Local {
            bench: Arc::new(bench),
            tenant: prompts,
            answers,
            before: Arc::clone(&self.kept.before),
            ends: call.ends.cloned(),
            operation: call.operation,
            streamed: call.streamed,
            opaque: false,
            upload: None,
            rewriter: None,
        }))
    }
}
