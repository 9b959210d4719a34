//! The scanner against the slow reference, and against itself on every cut.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;

use crate::{
    Finding, Limits, Mode, Plan, Ruleset, Stream,
    reference::Reference,
    samples::{TEXTS, rules},
};

fn set(limits: &Limits) -> Ruleset {
    Ruleset::compile(rules(), limits).unwrap()
}

/// Compiled once: cases are many.
static USUAL: LazyLock<Ruleset> = LazyLock::new(|| set(&Limits::default()));
/// With bounds that are soon reached.
static SHORT: LazyLock<[Ruleset; 4]> = LazyLock::new(|| {
    [4, 7, 12, 25].map(|hold| {
        set(&Limits {
            hold,
            hold_long: hold * 2,
            ..Limits::default()
        })
    })
});

pub(super) fn scan(set: &Ruleset, plan: &Plan, text: &str) -> Vec<Finding> {
    let mut scratch = set.pool().take();
    let found = set.scan(plan, text, &mut scratch);
    set.pool().give(scratch);
    found
}

/// The findings of a stream that is cut there, told as they come, and checks what streams promise.
pub(super) fn cut(set: &Ruleset, plan: &Arc<Plan>, text: &str, cuts: &[usize]) -> Vec<Finding> {
    let mut stream = set.stream(Arc::clone(plan));
    let (mut found, mut decided, mut from) = (Vec::new(), 0, 0);
    let mut look = |stream: &mut Stream, found: &mut Vec<Finding>| {
        for finding in stream.findings() {
            assert!(finding.span.end <= stream.decided(), "told before decided");
            assert!(
                finding.span.start >= decided,
                "{finding:?} told after {decided} passed"
            );
            found.push(finding);
        }
        assert!(stream.decided() >= decided);
        decided = stream.decided();
        assert!(text.is_char_boundary(usize::try_from(decided).unwrap()));
    };
    for at in cuts.iter().copied().chain([text.len()]) {
        if at > from && text.is_char_boundary(at) {
            stream.push(&text[from..at]);
            from = at;
            look(&mut stream, &mut found);
        }
    }
    stream.finish();
    look(&mut stream, &mut found);
    assert_eq!(stream.decided(), text.len() as u64);
    found
}

fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => proptest::sample::select(&TEXTS[..]).prop_map(str::to_owned),
        1 => proptest::sample::select(&TEXTS[..]).prop_flat_map(|text| {
            // A near miss: a character less.
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            proptest::sample::select(places).prop_map(move |at| {
                text.char_indices()
                    .filter(|(place, _)| *place != at)
                    .map(|(_, each)| each)
                    .collect::<String>()
            })
        }),
        1 => "[a-z0-9@.=_ -]{0,12}",
        1 => "\\PC{0,4}",
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn finds_what_the_reference_finds(text in texts()) {
        static REFERENCE: LazyLock<Reference<'static>> = LazyLock::new(|| Reference::new(&USUAL));
        let plan = Plan::all(&USUAL, Mode::Hold);
        prop_assert_eq!(scan(&USUAL, &plan, &text), REFERENCE.scan(&plan, &text));
    }

    #[test]
    fn cuts_change_nothing(
        text in texts(),
        cuts in proptest::collection::btree_set(0_usize..200, 0..30),
        hold in 0_usize..8,
    ) {
        let set = SHORT.get(hold).unwrap_or(&USUAL);
        let plan = Arc::new(Plan::all(set, Mode::Hold));
        let whole = scan(set, &plan, &text);
        let cuts: Vec<usize> = cuts.into_iter().collect();
        prop_assert_eq!(&cut(set, &plan, &text, &cuts), &whole);
        let each: Vec<usize> = (0..text.len()).collect();
        prop_assert_eq!(&cut(set, &plan, &text, &each), &whole);
    }

    #[test]
    fn watching_finds_the_same_and_holds_nothing(
        text in texts(),
        modes in proptest::collection::vec(0_u8..3, 13),
    ) {
        let set = &*USUAL;
        let plan = Arc::new(Plan::new(set, |at, _| match modes[usize::from(at.0)] {
            0 => Mode::Off,
            1 => Mode::Watch,
            _ => Mode::Hold,
        }));
        let whole = scan(set, &plan, &text);
        let mut stream = set.stream(Arc::clone(&plan));
        let mut found = Vec::new();
        for each in text.chars() {
            stream.push(each.encode_utf8(&mut [0; 4]));
            found.append(&mut stream.findings());
            if !modes.contains(&2) {
                prop_assert_eq!(stream.held(), 0);
            }
        }
        stream.finish();
        found.append(&mut stream.findings());
        found.sort_by_key(|finding| (finding.span.start, finding.span.end, finding.rule));
        prop_assert_eq!(found, whole);
    }
}

/// No prefix of a match leaves a byte of it undecided to be sent.
/// Whatever of a text has come, a finding's own part of it is not decided before its end; `decided` tells up to where
/// a stream is that got so much.
pub(crate) fn is_held(text: &str, finding: &Finding, decided: impl Fn(&str) -> u64) {
    let end = usize::try_from(finding.span.end).unwrap();
    for prefix in (0..end).filter(|at| text.is_char_boundary(*at)) {
        let decided = decided(&text[..prefix]);
        assert!(
            decided <= finding.span.start,
            "{text:?}: {decided} of {prefix} decided, a finding begins at {}",
            finding.span.start
        );
    }
}

#[test]
fn a_live_candidate_is_never_released() {
    let set = &*USUAL;
    let plan = Arc::new(Plan::all(set, Mode::Hold));
    let mut seen = 0;
    for text in TEXTS {
        let text = format!("größe so: {text} und");
        for finding in scan(set, &plan, &text) {
            seen += 1;
            is_held(&text, &finding, |come| {
                let mut stream = set.stream(Arc::clone(&plan));
                stream.push(come);
                stream.decided()
            });
        }
    }
    assert!(seen > 15, "only {seen} findings");
}
