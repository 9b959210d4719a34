//! The rule files as their author wrote them, examples and all.

#![allow(
    clippy::panic,
    dead_code,
    reason = "helpers of tests may stop them; each user needs a part"
)]

use std::collections::BTreeMap;

use serde::Deserialize;
use tidegate_guardrails::secrets::FILES;

use super::samples::{Numbers, expand};

#[derive(Deserialize)]
struct File {
    rules: Vec<Written>,
}

#[derive(Deserialize)]
pub(crate) struct Written {
    pub(crate) id: String,
    pub(crate) description: String,
    pub(crate) regex: String,
    #[serde(default)]
    pub(crate) entropy: f64,
    pub(crate) keywords: Vec<String>,
    #[serde(default)]
    pub(crate) allowlists: Vec<Allow>,
    pub(crate) tidegate: Ours,
}

#[derive(Deserialize)]
pub(crate) struct Allow {
    #[serde(default)]
    pub(crate) regexes: Vec<String>,
    #[serde(default)]
    pub(crate) stopwords: Vec<String>,
}

#[derive(Deserialize)]
pub(crate) struct Ours {
    pub(crate) specificity: String,
    pub(crate) check: Option<String>,
    pub(crate) score: f64,
    pub(crate) examples: Vec<String>,
    pub(crate) counterexamples: Vec<String>,
}

/// A text, and whether its rule must find something in it.
pub(crate) struct Sample {
    pub(crate) rule: String,
    pub(crate) finds: bool,
    pub(crate) text: String,
}

/// Every rule, in the order of the files.
pub(crate) fn rules() -> Vec<(&'static str, Written)> {
    FILES
        .iter()
        .flat_map(|(name, text)| {
            let file: File = toml::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            file.rules.into_iter().map(move |rule| (*name, rule))
        })
        .collect()
}

/// Every example and counterexample, as texts.
pub(crate) fn samples(seed: u64) -> Vec<Sample> {
    let mut all = Vec::new();
    for (_, rule) in rules() {
        let mut numbers = Numbers::new(&rule.id, seed);
        let by_kind = BTreeMap::from([
            (true, &rule.tidegate.examples),
            (false, &rule.tidegate.counterexamples),
        ]);
        for (finds, templates) in by_kind {
            for template in templates {
                let text = expand(template, &mut numbers);
                let rule = rule.id.clone();
                all.push(Sample { rule, finds, text });
            }
        }
    }
    all
}
