//! The scanner itself: where rules begin, what becomes of the candidates, and which text is settled.
//! It sees a text as far as it is there; a whole text is one that ends where it is.
//!
//! For each rule, candidates are taken in the order of their beginnings. One that matches is a finding or
//! is known to be something else, and the rule goes on after its end; or it is too weak, and the rule
//! goes on at the next place. That does not depend on where the text was cut.

use crate::{
    finding::{Finding, RuleIndex},
    merge::{Raw, merge},
    plan::{Mode, Plan},
    ruleset::{Begins, Compiled, Pairs, Passing, Ruleset, Slate},
    run::{Fate, Track, View},
    scratch::Scratch,
    verify::{BEFORE, Verdict, verify},
};

/// Bytes that every rule may look at, however short a text is.
const EFFORT: u64 = 64 * 1024;

/// What happened that a policy may want to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Candidates given up because they grew past the bound without a match.
    pub cap_released: u64,
    /// Candidates that were never followed, because their rule had too many or cost too much. Where
    /// this is not 0, the text was not checked completely.
    pub degraded: u64,
}

/// A candidate that waits: for more text, or for an older one of its rule.
#[derive(Debug, Clone)]
struct Waiting {
    rule: u16,
    track: Track,
    fate: Fate,
}

/// The state of a scan.
#[derive(Debug, Clone, Default)]
pub(crate) struct Walk {
    /// In the order of their beginnings.
    waiting: Vec<Waiting>,
    /// Where rules go on after a finding.
    resume: Vec<(u16, u64)>,
    /// Where the next candidates may begin.
    next: u64,
    /// Findings of rules that hold, and of those that watch, not yet told.
    held: Vec<Raw>,
    watched: Vec<Raw>,
    /// What rules that hold found, as long as a finding of one that watches may overlap it.
    spans: Vec<Raw>,
    pub(crate) counters: Counters,
}

/// What a walk needs and does not own.
#[derive(Clone, Copy)]
pub(crate) struct Ground<'a> {
    pub(crate) set: &'a Ruleset,
    pub(crate) plan: &'a Plan,
    pub(crate) view: View<'a>,
    /// Whether the text is there as a whole, and not in pieces.
    pub(crate) whole: bool,
}

impl Walk {
    /// Looks at the text that is there.
    pub(crate) fn advance(&mut self, ground: Ground<'_>, scratch: &mut Scratch) {
        let Ground { set, view, .. } = ground;
        for waiting in &mut self.waiting {
            if let (Fate::Live, Some(compiled)) = (waiting.fate, set.compiled(waiting.rule)) {
                let rule = (waiting.rule, compiled);
                waiting.fate = waiting.track.follow(rule, view, set.limits(), scratch);
            }
        }
        self.settle_waiting(ground, scratch);
        let len = view.text.len();
        let to = if view.ends {
            len
        } else {
            len.saturating_sub(2)
        };
        let from = view.local(self.next);
        let mut slate = scratch.slate.take().unwrap_or_default();
        let Slate { passed, pairs } = &mut *slate;
        set.pieces()
            .each(view.text.as_bytes(), from, to, passed, |places| {
                self.places(places, pairs, ground, scratch);
            });
        scratch.slate = Some(slate);
        self.next = self.next.max(view.global(to));
    }

    /// The same for a text that is all there, which may be searched for what gives rules away.
    pub(crate) fn whole(&mut self, ground: Ground<'_>, scratch: &mut Scratch) {
        let text = ground.view.text;
        scratch.begin();
        scratch.used(text.len());
        let mut slate = scratch.slate.take().unwrap_or_default();
        let Slate { passed, pairs } = &mut *slate;
        let (set, bytes) = (ground.set, text.as_bytes());
        set.whole().each(bytes, 0, bytes.len(), passed, |places| {
            self.places(places, pairs, ground, scratch);
        });
        set.runs().each(bytes, |places| {
            self.places(places, pairs, ground, scratch);
        });
        scratch.slate = Some(slate);
        self.next = ground.view.global(text.len());
    }

    /// Places where something may begin.
    fn places(
        &mut self,
        places: Passing<'_>,
        pairs: &mut Pairs,
        ground: Ground<'_>,
        scratch: &mut Scratch,
    ) {
        let Ground {
            set, plan, view, ..
        } = ground;
        let mut each = |at, begins| match begins {
            Begins::Match(rule) => self.consider(rule, at, ground, scratch),
            Begins::Lead(rule) => self.walk_back(rule, at, ground, scratch),
        };
        set.columns()
            .each(places, pairs, plan, view.there(), &mut each);
    }

    /// Candidates of a rule whose lead stands at a place.
    fn walk_back(&mut self, rule: u16, lead: usize, ground: Ground<'_>, scratch: &mut Scratch) {
        if ground.plan.mode(RuleIndex(rule)) == Mode::Off {
            return;
        }
        let Some(found) = ground
            .set
            .compiled(rule)
            .and_then(|rule| rule.lead.as_ref())
        else {
            return;
        };
        let text = ground.view.text.as_bytes();
        let Some(last) = lead.checked_sub(found.least) else {
            return;
        };
        let tried = scratch.tried.get(usize::from(rule)).copied().unwrap_or(0);
        let least = lead.saturating_sub(found.most).max(tried);
        let between = text.get(least..lead).unwrap_or_default().iter().rev();
        let run = between.take_while(|byte| found.between[usize::from(**byte)]);
        let first = lead - run.count();
        for at in first..=last {
            self.consider(rule, at, ground, scratch);
        }
        scratch.goes_on(rule, last + 1);
    }

    /// A candidate of a rule at a place, unless the rule is off or goes on later.
    fn consider(&mut self, at: u16, place: usize, ground: Ground<'_>, scratch: &mut Scratch) {
        let Ground { set, view, .. } = ground;
        let Some(compiled) = set.compiled(at) else {
            return;
        };
        let start = view.global(place);
        if self.resumes(at) > start {
            return;
        }
        let limits = set.limits();
        let older = self
            .waiting
            .iter()
            .filter(|waiting| waiting.rule == at)
            .count();
        // In streams, the number of candidates bounds the effort.
        let most = EFFORT + (limits.effort as u64) * (view.text.len() as u64);
        let spent = scratch.candidate(at);
        if older >= limits.live || (ground.whole && spent > most) {
            self.counters.degraded += 1;
            return;
        }
        let mut track = Track::new(start);
        let fate = track.follow((at, compiled), view, limits, scratch);
        match fate {
            Fate::Dead => {}
            Fate::Released => self.counters.cap_released += 1,
            Fate::Match(end) if older == 0 => {
                self.settle((at, compiled), start, end, ground, scratch);
            }
            Fate::Match(_) | Fate::Live => self.waiting.push(Waiting {
                rule: at,
                track,
                fate,
            }),
        }
    }

    fn resumes(&self, rule: u16) -> u64 {
        let known = self.resume.iter().find(|(known, _)| *known == rule);
        known.map_or(0, |(_, at)| *at)
    }

    /// A match: a finding, if it stands the tests.
    fn settle(
        &mut self,
        (at, compiled): (u16, &Compiled),
        start: u64,
        end: u64,
        ground: Ground<'_>,
        scratch: &mut Scratch,
    ) {
        let Ground { plan, view, .. } = ground;
        let rule = RuleIndex(at);
        if let Some(spent) = scratch.spent.get_mut(usize::from(at)) {
            spent.matches += 1;
        }
        let matched = view.local(start)..view.local(end);
        match verify((at, compiled), view.text, matched, scratch) {
            Verdict::Weak => return,
            Verdict::Finding(span, score) if score >= plan.least(rule) => {
                let raw = Raw {
                    rule,
                    span: view.global(span.start)..view.global(span.end),
                    score,
                    specificity: compiled.rule.specificity,
                };
                match plan.mode(rule) {
                    Mode::Hold => {
                        self.spans.push(raw.clone());
                        self.held.push(raw);
                    }
                    Mode::Watch => self.watched.push(raw),
                    Mode::Off => {}
                }
            }
            Verdict::Finding(..) | Verdict::Refused => {}
        }
        let next = self.next.min(start);
        self.resume
            .retain(|(known, until)| *known != at && *until > next);
        self.resume.push((at, end));
        self.waiting
            .retain(|waiting| waiting.rule != at || waiting.track.start >= end);
    }

    /// Settles what waited and need not any more: for each rule, the oldest first.
    fn settle_waiting(&mut self, ground: Ground<'_>, scratch: &mut Scratch) {
        let counters = &mut self.counters;
        self.waiting.retain(|waiting| match waiting.fate {
            Fate::Dead => false,
            Fate::Released => {
                counters.cap_released += 1;
                false
            }
            Fate::Match(_) | Fate::Live => true,
        });
        let mut at = 0;
        while let Some(waiting) = self.waiting.get(at) {
            let rule = waiting.rule;
            let earlier = self.waiting.get(..at).unwrap_or_default();
            let oldest = earlier.iter().all(|earlier| earlier.rule != rule);
            let (Fate::Match(end), true, Some(compiled)) =
                (waiting.fate, oldest, ground.set.compiled(rule))
            else {
                at += 1;
                continue;
            };
            let start = self.waiting.remove(at).track.start;
            self.settle((rule, compiled), start, end, ground, scratch);
        }
    }

    /// Everything before is settled: as far as rules that hold are concerned, and all of them.
    fn frontiers(&self, ground: Ground<'_>, scratch: &mut Scratch) -> (u64, u64) {
        let Ground {
            set, plan, view, ..
        } = ground;
        let (mut hold, mut all) = (u64::MAX, u64::MAX);
        let mut bound = |rule: u16, at: u64| {
            match plan.mode(RuleIndex(rule)) {
                Mode::Hold => {
                    hold = hold.min(at);
                    all = all.min(at);
                }
                Mode::Watch => all = all.min(at),
                Mode::Off => {}
            };
        };
        for waiting in &self.waiting {
            bound(waiting.rule, waiting.track.start);
        }
        let len = view.text.len();
        // The last bytes may be the beginning of what only the next ones show.
        let from = view.local(self.next);
        let Slate { passed, pairs } = &mut **scratch.slate.get_or_insert_default();
        set.pieces()
            .each(view.text.as_bytes(), from, len, passed, |places| {
                let mut each = |at, begins| {
                    let start = view.global(at);
                    if let Begins::Match(rule) = begins
                        && self.resumes(rule) <= start
                    {
                        bound(rule, start);
                    }
                };
                set.columns()
                    .each(places, pairs, plan, view.there(), &mut each);
            });
        let whole = |at: u64| {
            let local = view.local(at).min(len);
            view.global(view.text.floor_char_boundary(local))
        };
        (whole(hold), whole(all))
    }

    /// Findings that nothing can change any more, and up to where the text is settled.
    pub(crate) fn told(
        &mut self,
        ground: Ground<'_>,
        scratch: &mut Scratch,
    ) -> (Vec<Finding>, u64) {
        let (hold, all) = self.frontiers(ground, scratch);
        let mut findings = merge(&mut self.held, hold);
        let pending = self.held.iter().map(|raw| raw.span.start).min();
        let decided = pending.map_or(hold, |start| hold.min(start));
        if self.watched.iter().all(|raw| raw.span.end <= all) && !self.watched.is_empty() {
            let spans = &self.spans;
            self.watched.retain(|raw| !outdone(raw, spans));
            findings.append(&mut merge(&mut self.watched, u64::MAX));
            findings.sort_by_key(|finding| (finding.span.start, finding.span.end, finding.rule));
        }
        let oldest = self.watched.iter().map(|raw| raw.span.start).min();
        let needed = oldest.map_or(all, |start| all.min(start));
        self.spans.retain(|raw| raw.span.end > needed);
        (findings, decided)
    }

    /// The first byte that is still needed.
    pub(crate) fn needed(&self) -> u64 {
        self.first().saturating_sub(BEFORE as u64 + 4)
    }

    /// How many candidates wait.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The candidates that wait: their rules and where they begin.
    pub(crate) fn waits(&self) -> impl Iterator<Item = (u16, u64)> {
        let waiting = self.waiting.iter();
        waiting.map(|waiting| (waiting.rule, waiting.track.start))
    }

    /// Whether no finding waits, and none keeps its rule from what comes next.
    pub(crate) fn is_quiet(&self) -> bool {
        self.held.is_empty()
            && self.watched.is_empty()
            && self.resume.iter().all(|(_, until)| *until <= self.next)
    }

    /// Where candidates begin that are not settled.
    fn first(&self) -> u64 {
        let first = self.waiting.first().map(|waiting| waiting.track.start);
        first.map_or(self.next, |start| start.min(self.next))
    }

    /// Findings that are yet to be told begin here at the earliest.
    pub(crate) fn oldest(&self) -> u64 {
        let untold = self.held.iter().chain(&self.watched);
        let untold = untold.map(|raw| raw.span.start).min();
        untold.map_or(self.first(), |start| start.min(self.first()))
    }
}

/// Whether a rule that holds found something more specific there.
fn outdone(raw: &Raw, spans: &[Raw]) -> bool {
    spans
        .iter()
        .any(|other| other.specificity > raw.specificity && raw.overlaps(&other.span))
}
