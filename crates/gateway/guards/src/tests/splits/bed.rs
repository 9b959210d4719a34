//! What all cases share: a text for each rule, guardrails of all rules, and how much is tried.

use std::{
    env,
    sync::{Arc, LazyLock},
};

use tidegate_governance::guardrail::Phase;
use tidegate_guardrails::Finding;
use tidegate_texts::stream::Rewriter;
use tidegate_wire::route::Operation;

use super::{cuts::Dice, files, provider::Way};
use crate::{
    cache::{FoundBefore, Tenant},
    judge::Bench,
    policy::{Duty, Ready},
    rules::Rules,
    sentry::Local,
    watching::AnswerWatcher,
};

/// Personal data, made up: a rule, and a text in which it finds something, in each line.
const PERSONAL: &str = include_str!("personal.tsv");

/// A rule, and a text that has what it looks for.
pub(super) struct Sample {
    pub(super) rule: String,
    pub(super) text: String,
}

/// What is done about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    Redact,
    Block,
}

/// What all cases share.
pub(super) struct Bed {
    pub(super) rules: Arc<Rules>,
    pub(super) samples: Vec<Sample>,
    redact: Arc<Duty>,
    block: Arc<Duty>,
}

pub(super) static BED: LazyLock<Bed> = LazyLock::new(|| {
    let base = super::super::workshop().base().unwrap();
    let (rules, problems) = Rules::new(base, &[], &Default::default());
    assert_eq!(problems, []);
    let duty = |action: &str| {
        let all = format!(
            r#"{{"detect":{{"kind":"rules","groups":["secrets","generic_secrets","personal"],
            "min_score":0.0}},"action":{{"do":"{action}"}}}}"#
        );
        let ready = Ready::compile(&super::super::guardrail("g", &all), &rules).unwrap();
        Arc::new(Duty::new(&[Arc::new(ready)], &rules))
    };
    Bed {
        redact: duty("redact"),
        block: duty("block"),
        samples: samples(Effort::read().seed),
        rules: Arc::new(rules),
    }
});

fn samples(seed: u64) -> Vec<Sample> {
    let secrets = files::samples(seed).into_iter();
    let secrets = secrets.filter(|sample| sample.finds).map(|sample| Sample {
        rule: sample.rule,
        text: sample.text,
    });
    let personal = PERSONAL.lines().filter_map(|line| line.split_once('\t'));
    let personal = personal.map(|(rule, text)| Sample {
        rule: rule.to_owned(),
        text: text.to_owned(),
    });
    secrets.chain(personal).collect()
}

/// How much is tried.
pub(super) struct Effort {
    pub(super) seed: u64,
    pub(super) rounds: usize,
    rule: Option<String>,
}

impl Effort {
    pub(super) fn read() -> Self {
        let number = |name| env::var(name).ok().map(|text| text.parse().unwrap());
        Self {
            seed: number("TIDEGATE_SPLITS_SEED").unwrap_or(1),
            rounds: number("TIDEGATE_SPLITS_ROUNDS").map_or(1, |rounds: u64| rounds as usize),
            rule: env::var("TIDEGATE_SPLITS_RULE").ok(),
        }
    }

    /// A text for each rule: which of its texts, the seed says.
    pub(super) fn samples(&self) -> impl Iterator<Item = &'static Sample> {
        let groups = BED.samples.chunk_by(|one, next| one.rule == next.rule);
        let asked =
            |group: &&[Sample]| self.rule.as_ref().is_none_or(|rule| group[0].rule == *rule);
        let pick = |group: &'static [Sample]| {
            &group[Dice::new(self.seed, &group[0].rule, 0).roll(group.len())]
        };
        groups.filter(asked).map(pick)
    }
}

impl Bed {
    /// What is found in a text that is there as a whole.
    pub(super) fn scan(&self, text: &str) -> Vec<Finding> {
        let (found, _) = crate::scan::whole(&self.rules, &self.block.answer, text);
        found.into_iter().map(|(_, finding)| finding).collect()
    }

    pub(super) fn sentry(&self, way: Way, done: Done) -> Local {
        let duty = match done {
            Done::Redact => &self.redact,
            Done::Block => &self.block,
        };
        let bench = Bench::new(Arc::clone(duty), Arc::clone(&self.rules), [7; 32]);
        let bench = Arc::new(bench);
        let tenant = Tenant::new(&[7; 32], 1, (Phase::Answer, &[1]), &[]);
        let before = Arc::new(FoundBefore::default());
        let watcher = AnswerWatcher {
            bench: Arc::clone(&bench),
            tenant,
            before: Arc::clone(&before),
        };
        Local {
            bench,
            tenant,
            answers: tenant,
            before,
            ends: None,
            operation: Operation::ChatCompletions.into(),
            streamed: true,
            opaque: false,
            upload: None,
            rewriter: Some(Rewriter::new(way.protocol(), way.framing(), watcher)),
        }
    }
}
