//! Looking at many places at once tells what looking at each tells.

use proptest::{collection::vec, prelude::*};

use std::sync::LazyLock;

use super::*;
use crate::{Limits, Mode, Plan, Ruleset, reference::Reference, rule::Rule, samples};

/// Sets of a term or two, as guardrails have them, and what is rare in all that they find.
static TERMS: LazyLock<Vec<(Ruleset, Option<Rare>)>> = LazyLock::new(|| {
    let rare = |bytes: &[u8; 3], behind| {
        Some(Rare {
            bytes: *bytes,
            behind,
        })
    };
    let sets: [(&[&str], Option<Rare>); 6] = [
        (&[r"(?-u:\b)(?iu:tide\-gate)(?-u:\b)"], rare(b"---", 4)),
        (&[r"(?iu:tap)"], rare(b"PpP", 2)),
        (&[r"ga-te", r"ti-de"], rare(b"---", 2)),
        (&[r"[a-z]{0,9}-x"], None),
        (&[r"ti-", r"tide"], rare(b"-d-", 2)),
        (&[r"[a-e]{2}dg[a-e]{2}e-x?"], rare(b"---", 7)),
    ];
    let each = sets.map(|(patterns, rare)| {
        let rules = (0..).zip(patterns).map(|(at, pattern)| Rule {
            id: format!("term-{at}").into(),
            pattern: (*pattern).into(),
            ..samples::rules().remove(0)
        });
        (
            Ruleset::compile(rules.collect(), &Limits::default()).unwrap(),
            rare,
        )
    });
    each.into()
});

#[test]
fn the_rarest_byte_of_a_term_is_known() {
    for (set, rare) in TERMS.iter() {
        let patterns = set.rules().map(|(_, rule)| &rule.pattern);
        assert_eq!(
            set.pieces().rare,
            *rare,
            "{:?}",
            patterns.collect::<Vec<_>>()
        );
    }
}

/// A gate where a place passes by its three codes, as a hash of them says, and by the bytes behind.
fn gate(seed: u64, one_in: u64) -> Gate {
    let mut gate = Gate::new(&[], &[]);
    let hash = |at: usize| (at as u64 ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let list = |list: usize| {
        let later = |at: usize| [0, 1].map(|half| hash(list + 7 * (2 * at + half)));
        List::default().with(std::array::from_fn(later))
    };
    gate.lists = (0..7).map(list).collect();
    for (at, list) in gate.index.iter_mut().enumerate() {
        *list = (hash(at) >> 40) as u16 % 7;
    }
    for (plane, rows) in gate.bits.iter_mut().enumerate() {
        for (pair, row) in rows.iter_mut().enumerate() {
            for third in 0..CODES {
                let place = (plane * PAIRS + pair) * CODES + third;
                let hash = (place as u64 ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
                *row |= u64::from(hash.is_multiple_of(one_in)) << third;
            }
        }
    }
    gate
}

fn each(gate: &Gate, text: &[u8], range: Range<usize>) -> Vec<u16> {
    let passes = |at: &usize| gate.passes(window(text, *at));
    let places = range.clone().filter(passes);
    places.map(|at| (at - range.start) as u16).collect()
}

/// Those that fit, and the list of each.
fn fitting(gate: &Gate, text: &[u8], range: Range<usize>) -> Vec<(u16, u16)> {
    let passed = each(gate, text, range.clone()).into_iter();
    let whole = |place: u16| range.start + usize::from(place);
    let passed = passed.map(|place| (place, gate.list(window(text, whole(place)))));
    let fits = |(place, list): &(u16, u16)| gate.fits(usize::from(*list), text, whole(*place));
    passed.filter(fits).collect()
}

fn fitting_at_once(gate: &Gate, text: &[u8], range: Range<usize>) -> Vec<(u16, u16)> {
    let mut passed = Passed::default();
    let count = gate.pass(text, range.clone(), &mut passed);
    let fit = gate.fit(text, range.start, &mut passed, count);
    passed
        .places
        .into_iter()
        .zip(passed.lists)
        .take(fit)
        .collect()
}

fn at_once(gate: &Gate, text: &[u8], range: Range<usize>) -> Vec<u16> {
    let mut passed = Passed::default();
    let count = gate.pass(text, range, &mut passed);
    passed.places.into_iter().take(count).collect()
}

#[cfg(target_arch = "x86_64")]
#[test]
fn some_machine_looks_at_many_at_once() {
    if Vbmi::detect().is_none() {
        eprintln!("SKIPPED: this processor has no AVX-512 with VBMI");
        return;
    }
    let text = [b'a'; 100];
    let mut passed = Passed::default();
    let (looked, count) = gate(0, 1).pass_many(&text, &(1..98), &mut passed);
    assert_eq!((looked, count), (64, 64));
    let text = [b'a'; AT_ONCE + 9];
    let gate = gate(0, 1);
    let count = gate.pass(&text, 1..1 + AT_ONCE, &mut passed);
    assert_eq!(gate.fit_many(&text, 1, &mut passed, count).0, AT_ONCE);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn a_rare_byte_finds_every_term(
        pieces in vec(proptest::sample::select(&[
            "tide-gate", "TIDE-", "ti-", "tap", "TAP", "-", "ga-te", "x", " ", "abdgcde-x", "ga", "t", "é", "p",
        ][..]), 0..9),
        at in 0_usize..6,
    ) {
        let text = pieces.concat();
        let (set, _) = &TERMS[at];
        let plan = Plan::all(set, Mode::Hold);
        let found = set.scan(&plan, &text, &mut set.pool().take());
        prop_assert_eq!(found, Reference::new(set).scan(&plan, &text));
    }

    #[test]
    fn what_lies_across_blocks_is_found(
        blocks in 1_usize..3,
        back in 0_usize..40,
        seed in proptest::sample::select(&["abc-x", "a-x-x", "--x", "é-x", "-"][..]),
    ) {
        let text = ".".repeat(blocks * AT_ONCE - back) + seed + ".-x and more";
        let (set, rare) = &TERMS[3];
        prop_assert_eq!(*rare, None);
        let plan = Plan::all(set, Mode::Hold);
        let found = set.scan(&plan, &text, &mut set.pool().take());
        prop_assert_eq!(found, Reference::new(set).scan(&plan, &text));
    }

    #[test]
    fn the_same_places_pass(
        text in vec(prop_oneof![any::<u8>(), b' '..b'~', Just(b' ')], 0..600),
        from in 0_usize..4,
        seed in any::<u64>(),
        one_in in prop_oneof![Just(1_u64), 2_u64..20],
    ) {
        let gate = gate(seed, one_in);
        let end = text.len().saturating_sub(2);
        let mut at = from;
        while at < end {
            let range = at..end.min(at + AT_ONCE);
            prop_assert_eq!(at_once(&gate, &text, range.clone()), each(&gate, &text, range.clone()));
            prop_assert_eq!(fitting_at_once(&gate, &text, range.clone()), fitting(&gate, &text, range.clone()));
            at = range.end;
        }
    }
}
