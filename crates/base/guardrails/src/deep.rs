//! The second look: at what a text says once disguises are taken off.
//!
//! Letters from other alphabets that look like ours, full-width forms, marks without width and foreign
//! digits are folded; percent encoding, base64 and hexadecimal digits are decoded, also in each other, twice
//! unless said otherwise. Findings are told at their places in the text as it was.
//!
//! A whole text ([`Ruleset::scan_deep`]) and one that comes in pieces ([`DeepStream`]) are seen through by the
//! same means, byte by byte, so that they say the same. Not covered anywhere: compression, other character
//! sets, letters spelt out or spaced out.

mod clear;
mod decode;
mod fold;
mod map;
mod percent;
mod run;
mod stream;

pub use self::stream::DeepStream;
use self::{
    clear::Through,
    decode::{Chunk, Decoder},
    run::Places,
};
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
    /// How often what was decoded is decoded again: 1 is once, 0 not at all.
    pub levels: u8,
    /// Bytes of base64 and hexadecimal digits that are decoded at most, at each level.
    pub decode: usize,
}

impl Default for Depth {
    fn default() -> Self {
        Self {
            fold: true,
            levels: 2,
            decode: 4 * 1024 * 1024,
        }
    }
}

impl Depth {
    /// No second look.
    pub const NONE: Self = Self {
        fold: false,
        levels: 0,
        decode: 0,
    };

    const fn through(self) -> Through {
        Through {
            fold: self.fold,
            percent: self.levels > 0,
        }
    }

    const fn budget(self) -> usize {
        if self.levels > 0 { self.decode } else { 0 }
    }

    /// For what was decoded.
    const fn inner(self) -> Self {
        Self {
            levels: self.levels.saturating_sub(1),
            ..self
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
        for part in depth.through().parts(text) {
            let (mut found, counted) = self.scan_counted(plan, &part.text, scratch);
            add(&mut counters, counted);
            found.retain(|finding| {
                part.believed.contains(&finding.span.start)
                    && part.believed.contains(&finding.span.end)
            });
            more.extend(
                found
                    .into_iter()
                    .map(|finding| moved(finding, |at| part.map.start(at), |at| part.map.end(at))),
            );
        }
        let mut decoder = Decoder::new(depth.budget());
        let mut look = |chunk: Chunk| {
            let places = Places::of(&chunk);
            let (found, counted) = self.scan_deep(plan, &chunk.text, depth.inner(), scratch);
            add(&mut counters, counted);
            more.extend(found.into_iter().map(|finding| places.moved(finding)));
        };
        decoder.whole(text, &mut look);
        counters.degraded += u64::from(decoder.is_spent());
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
