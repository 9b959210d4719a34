//! The second look: at what a text says once disguises are taken off.
//!
//! Letters from other alphabets that look like ours, full-width forms, marks without width and foreign
//! digits are folded; base64, hexadecimal and percent encoding are decoded, once, within a budget.
//! Findings are told at their places in the text as it was.
//!
//! In streams ([`DeepStream`]) folding is done as characters come, exactly. Encodings are not decoded
//! there, since nothing says where one begins until it has ended. Not covered anywhere: encodings in
//! encodings, compression, letters spelt out or spaced out.

mod decode;
mod fold;
mod stream;

use self::fold::Folded;
pub use self::stream::DeepStream;
use crate::{
    finding::Finding,
    merge::{Raw, merge},
    plan::{Mode, Plan},
    ruleset::Ruleset,
    scratch::Scratch,
    walk::Counters,
};

/// How far the second look goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depth {
    /// Whether disguised characters are folded.
    pub fold: bool,
    /// Bytes that are decoded at most; 0: nothing is.
    pub decode: usize,
}

impl Default for Depth {
    fn default() -> Self {
        Self {
            fold: true,
            decode: 256 * 1024,
        }
    }
}

impl Ruleset {
    /// Everything that [`Ruleset::scan`] finds, and what it finds in the text without disguise, merged, in
    /// the order of the text. What was not decoded because the budget was used up counts as degraded.
    #[must_use]
    pub fn scan_deep(
        &self,
        plan: &Plan,
        text: &str,
        depth: Depth,
        scratch: &mut Scratch,
    ) -> (Vec<Finding>, Counters) {
        let (plain, mut counters) = self.scan_counted(plan, text, scratch);
        let mut more = Vec::new();
        if let Some(folded) = depth.fold.then(|| Folded::of(text)).flatten() {
            let (found, counted) = self.scan_counted(plan, folded.text(), scratch);
            add(&mut counters, counted);
            more.extend(
                found.into_iter().map(|finding| {
                    moved(finding, |at| folded.map.start(at), |at| folded.map.end(at))
                }),
            );
        }
        let mut budget = depth.decode;
        for part in decode::parts(text).take_while(|_| depth.decode > 0) {
            if part.len() > budget {
                counters.degraded += 1;
                break;
            }
            budget -= part.len();
            let Some(decoded) = part.decoded() else {
                continue;
            };
            let (found, counted) = self.scan_counted(plan, &decoded.text, scratch);
            add(&mut counters, counted);
            more.extend(
                found
                    .into_iter()
                    .map(|finding| moved(finding, |at| decoded.start(at), |at| decoded.end(at))),
            );
        }
        if more.is_empty() {
            return (plain, counters);
        }
        (self.joined(plan, plain.into_iter().chain(more)), counters)
    }

    /// Merges findings of several looks at the same text: those of rules that hold, and those of rules
    /// that watch.
    fn joined(&self, plan: &Plan, findings: impl Iterator<Item = Finding>) -> Vec<Finding> {
        let (mut held, mut watched) = (Vec::new(), Vec::new());
        for finding in findings {
            for raw in self.raws(&finding) {
                match plan.mode(raw.rule) {
                    Mode::Hold => held.push(raw),
                    Mode::Watch => watched.push(raw),
                    Mode::Off => {}
                }
            }
        }
        let mut all = merge(&mut held, u64::MAX);
        watched.retain(|raw| {
            !all.iter().any(|finding| {
                let more = self
                    .rule(finding.rule)
                    .is_some_and(|rule| rule.specificity > raw.specificity);
                more && raw.overlaps(&finding.span)
            })
        });
        all.append(&mut merge(&mut watched, u64::MAX));
        all.sort_by_key(|finding| (finding.span.start, finding.span.end, finding.rule));
        all
    }

    /// What each rule of a merged finding found.
    fn raws(&self, finding: &Finding) -> Vec<Raw> {
        let each = finding.rules().filter_map(|at| {
            Some(Raw {
                rule: at,
                span: finding.span.clone(),
                score: if at == finding.rule {
                    finding.score
                } else {
                    0.0
                },
                specificity: self.rule(at)?.specificity,
            })
        });
        each.collect()
    }
}

fn add(counters: &mut Counters, more: Counters) {
    counters.cap_released += more.cap_released;
    counters.degraded += more.degraded;
}

fn moved(finding: Finding, start: impl Fn(u64) -> u64, end: impl Fn(u64) -> u64) -> Finding {
    Finding {
        span: start(finding.span.start)..end(finding.span.end),
        ..finding
    }
}

#[cfg(test)]
mod tests;
