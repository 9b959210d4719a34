//! Findings that overlap become one.

use std::{cmp::Reverse, ops::Range};

use crate::{
    finding::{Finding, RuleIndex},
    rule::Specificity,
};

/// What one rule found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Raw {
    pub(crate) rule: RuleIndex,
    pub(crate) span: Range<u64>,
    pub(crate) score: f32,
    pub(crate) specificity: Specificity,
}

impl Raw {
    pub(crate) fn overlaps(&self, other: &Range<u64>) -> bool {
        self.span.start < other.end && other.start < self.span.end
    }

    /// Which of several names them all. Scores lie between 0 and 1, so that their bits sort like them.
    fn rank(&self) -> (Specificity, u32, u64, Reverse<RuleIndex>) {
        let len = self.span.end - self.span.start;
        let score = self.score.max(0.0).to_bits();
        (self.specificity, score, len, Reverse(self.rule))
    }
}

/// Merges what overlaps, in the order of the text. What ends after `known` stays in `raws`, together with
/// what it overlaps: more may come that overlaps it.
pub(crate) fn merge(raws: &mut Vec<Raw>, known: u64) -> Vec<Finding> {
    raws.sort_by_key(|raw| (raw.span.start, Reverse(raw.span.end), raw.rule));
    let mut findings = Vec::new();
    let mut left = Vec::new();
    let mut cluster: Vec<Raw> = Vec::new();
    let mut end = 0;
    let mut close = |cluster: &mut Vec<Raw>, end: u64| {
        if end > known {
            left.append(cluster);
        } else {
            findings.extend(one(cluster, end));
            cluster.clear();
        }
    };
    for raw in raws.drain(..) {
        if raw.span.start >= end {
            close(&mut cluster, end);
        }
        end = end.max(raw.span.end);
        cluster.push(raw);
    }
    close(&mut cluster, end);
    *raws = left;
    findings
}

fn one(cluster: &[Raw], end: u64) -> Option<Finding> {
    let start = cluster.first()?.span.start;
    let best = cluster.iter().max_by_key(|raw| raw.rank())?;
    let mut also: Vec<RuleIndex> = cluster
        .iter()
        .map(|raw| raw.rule)
        .filter(|rule| *rule != best.rule)
        .collect();
    also.sort_unstable();
    also.dedup();
    Some(Finding {
        rule: best.rule,
        span: start..end,
        score: best.score,
        also,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(rule: u16, span: Range<u64>, score: f32, specificity: Specificity) -> Raw {
        Raw {
            rule: RuleIndex(rule),
            span,
            score,
            specificity,
        }
    }

    #[test]
    fn the_most_specific_names_all_that_overlap() {
        let mut raws = vec![
            raw(2, 14..30, 0.9, Specificity::Generic),
            raw(0, 10..15, 0.5, Specificity::Assigned),
            raw(1, 30..40, 0.5, Specificity::Specific),
            raw(3, 50..60, 0.5, Specificity::Specific),
        ];
        let found = merge(&mut raws, 45);
        let spans: Vec<_> = found.iter().map(|each| each.span.clone()).collect();
        assert_eq!(spans, [10..30, 30..40]);
        assert_eq!(found[0].rule, RuleIndex(0));
        assert_eq!(found[0].also, [RuleIndex(2)]);
        assert_eq!(raws.len(), 1, "what ends later waits");
        assert_eq!(merge(&mut raws, u64::MAX).len(), 1);
    }

    #[test]
    fn the_surest_then_the_longest_comes_first() {
        let mut raws = vec![
            raw(0, 0..9, 0.5, Specificity::Specific),
            raw(1, 1..4, 1.0, Specificity::Specific),
        ];
        assert_eq!(merge(&mut raws, 9)[0].rule, RuleIndex(1));
        let mut raws = vec![
            raw(0, 0..4, 0.5, Specificity::Specific),
            raw(1, 1..9, 0.5, Specificity::Specific),
        ];
        assert_eq!(merge(&mut raws, 9)[0].rule, RuleIndex(1));
    }
}
