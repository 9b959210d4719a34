//! Bounds: what a stream holds, keeps and follows, whatever comes.

use std::sync::{Arc, LazyLock};

use crate::{
    Limits, Mode, Plan, Ruleset, Stream,
    rule::{Rule, Specificity},
    samples::rules,
};

fn set(pattern: &str, specificity: Specificity, limits: Limits) -> Ruleset {
    let rule = Rule {
        pattern: pattern.into(),
        specificity,
        ..rules().swap_remove(0)
    };
    Ruleset::compile(vec![rule], &limits).unwrap()
}

fn stream(set: &Ruleset) -> Stream {
    set.stream(Arc::new(Plan::all(set, Mode::Hold)))
}

static SMALL: LazyLock<Limits> = LazyLock::new(|| Limits {
    hold: 100,
    hold_long: 1_000,
    live: 20,
    ..Limits::default()
});

#[test]
fn what_may_go_on_for_ever_is_given_up_and_counted() {
    for (specificity, most) in [(Specificity::Assigned, 100), (Specificity::Specific, 1_000)] {
        let set = set("key [a-z]+!", specificity, *SMALL);
        let mut stream = stream(&set);
        stream.push("key ");
        for sent in 0..2_000_usize {
            stream.push("a");
            let held = if sent + 5 < most { sent + 5 } else { 0 };
            assert_eq!(stream.held(), held, "after {sent}");
        }
        assert_eq!(stream.counters().cap_released, 1);
        assert!(stream.findings().is_empty());
        stream.push("! key abc!");
        stream.finish();
        assert_eq!(stream.findings().len(), 1, "it goes on after that");
    }
}

#[test]
fn what_has_matched_goes_on_to_its_end() {
    let set = set("key [a-z]{9,}", Specificity::Generic, *SMALL);
    let mut stream = stream(&set);
    stream.push("key ");
    for _ in 0..500 {
        stream.push("a");
    }
    assert_eq!(stream.held(), 504);
    stream.push(". And so on");
    assert_eq!(stream.findings()[0].span, 0..504);
    assert_eq!(stream.decided(), stream.len());
    assert_eq!(stream.counters().cap_released, 0);
}

#[test]
fn a_secret_longer_than_every_bound_is_cut_there() {
    let set = set("key [a-z]{9,}", Specificity::Specific, *SMALL);
    let mut stream = stream(&set);
    stream.push("key ");
    for _ in 0..3_000 {
        stream.push("a");
        assert!(stream.held() < 1_000);
    }
    let found = stream.findings();
    assert_eq!(found.len(), 1);
    assert!((999..=1_000).contains(&found[0].span.end), "{found:?}");
}

#[test]
fn candidates_and_text_are_bounded() {
    // Every letter begins one.
    let set = set("[a-z]{90}=", Specificity::Specific, *SMALL);
    let mut stream = stream(&set);
    for _ in 0..5_000 {
        stream.push("abcdefgh");
        assert!(stream.walk.waiting() <= 20);
        assert!(stream.text.len() < super::SLACK + 1_000);
    }
    assert!(stream.counters().degraded > 1_000);
    stream.push(&"x".repeat(100_000));
    stream.push(" ");
    assert!(stream.text.len() < super::SLACK + 1_000);
    assert_eq!(stream.held(), 0);
}

#[test]
fn a_rule_that_costs_too_much_is_stopped_and_counted() {
    let limits = Limits {
        effort: 4,
        ..*SMALL
    };
    let set = set("[a-z]{50,90}[^a-z]{3}", Specificity::Specific, limits);
    let text = "abcdefgh".repeat(20_000);
    let mut scratch = set.pool().take();
    let plan = Plan::all(&set, Mode::Hold);
    let (_, counters) = set.scan_counted(&plan, &(text + "="), &mut scratch);
    assert!(counters.degraded > 0);
    assert!(scratch.spent[0].bytes < 4 * 160_001 + 64 * 1024 + 1_001);
}

#[test]
fn memory_that_grew_too_large_is_not_kept() {
    let limits = Limits {
        caches: 1_000,
        ..*SMALL
    };
    let set = set("key [a-z]+!", Specificity::Specific, limits);
    let plan = Plan::all(&set, Mode::Hold);
    let mut scratch = set.pool().take();
    assert!(
        set.scan(
            &plan,
            &"key abcdefghijklmnopq ".repeat(20_000),
            &mut scratch
        )
        .is_empty()
    );
    set.pool().give(scratch);
    assert_eq!(set.pool().memory(), 0);
}

#[test]
fn after_the_end_nothing_comes() {
    let set = set("key [a-z]+!", Specificity::Specific, *SMALL);
    let mut stream = stream(&set);
    assert!(stream.is_empty());
    stream.push("key a!");
    stream.finish();
    stream.push("key b!");
    stream.finish();
    assert_eq!((stream.len(), stream.held()), (6, 0));
    assert_eq!(stream.findings().len(), 1);
}
