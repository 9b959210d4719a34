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
    clear::{Part, Through},
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

/// A set of rules that looks at a text, by itself or with others.
#[derive(Debug)]
pub struct Look<'a> {
    /// The set.
    pub set: &'a Ruleset,
    /// What is looked for.
    pub plan: &'a Plan,
    /// Of the set's [pool](Ruleset::pool).
    pub scratch: &'a mut Scratch,
}

/// What one set found so far.
struct Found {
    plain: Vec<Finding>,
    more: Vec<Finding>,
    counters: Counters,
}

/// What each set finds by [`Ruleset::scan_deep`]. The text is seen through and decoded once for all of them.
#[must_use]
pub fn together(looks: &mut [Look<'_>], text: &str, depth: Depth) -> Vec<(Vec<Finding>, Counters)> {
    let plain = looks.iter_mut().map(|look| {
        let (plain, counters) = look.set.scan_counted(look.plan, text, look.scratch);
        Found {
            plain,
            more: Vec::new(),
            counters,
        }
    });
    let mut all: Vec<Found> = plain.collect();
    for part in depth.through().parts(text) {
        for (look, found) in looks.iter_mut().zip(&mut all) {
            found.in_part(look, &part);
        }
    }
    let mut decoder = Decoder::new(depth.budget());
    decoder.whole(text, &mut |chunk: Chunk| {
        let places = Places::of(&chunk);
        let inside = together(looks, &chunk.text, depth.inner());
        for (found, (inside, counted)) in all.iter_mut().zip(inside) {
            add(&mut found.counters, counted);
            let moved = inside.into_iter().map(|finding| places.moved(finding));
            found.more.extend(moved);
        }
    });
    let each = looks.iter().zip(all);
    each.map(|(look, mut found)| {
        found.counters.degraded += u64::from(decoder.is_spent());
        if found.more.is_empty() {
            return (found.plain, found.counters);
        }
        let findings = found.plain.into_iter().chain(found.more);
        (look.set.joined(look.plan, findings), found.counters)
    })
    .collect()
}

impl Found {
    /// What is in a part of the text that says something else than it seems.
    fn in_part(&mut self, look: &mut Look<'_>, part: &Part) {
        let (mut found, counted) = look.set.scan_counted(look.plan, &part.text, look.scratch);
        add(&mut self.counters, counted);
        found.retain(|finding| {
            part.believed.contains(&finding.span.start) && part.believed.contains(&finding.span.end)
        });
        let place = |finding| moved(finding, |at| part.map.start(at), |at| part.map.end(at));
        self.more.extend(found.into_iter().map(place));
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
        let look = Look {
            set: self,
            plan,
            scratch,
        };
        let found = together(&mut [look], text, depth);
        found.into_iter().next().unwrap_or_default()
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
