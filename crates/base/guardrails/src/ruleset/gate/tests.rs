//! Looking at many places at once tells what looking at each tells.

use proptest::{collection::vec, prelude::*};

use super::*;

/// A gate where a place passes by its three codes, as a hash of them says.
fn gate(seed: u64, one_in: u64) -> Gate {
    let mut gate = Gate::new(&[], &[]);
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

fn each(gate: &Gate, text: &[u8], range: Range<usize>) -> Vec<(u32, u32)> {
    let places = range
        .clone()
        .map(|at| ((at - range.start) as u32, window(text, at)));
    places.filter(|(_, window)| gate.passes(*window)).collect()
}

fn at_once(gate: &Gate, text: &[u8], range: Range<usize>) -> Vec<(u32, u32)> {
    let mut passed = Passed {
        places: [0; ROOM],
        windows: [0; ROOM],
    };
    let count = gate.pass(text, range, &mut passed);
    let all = passed.places.into_iter().zip(passed.windows);
    all.take(count).collect()
}

#[cfg(target_arch = "x86_64")]
#[test]
fn some_machine_looks_at_many_at_once() {
    if Wide::detect().is_none() {
        eprintln!("SKIPPED: this processor has no AVX-512 with VBMI");
        return;
    }
    let text = [b'a'; 100];
    let mut passed = Passed {
        places: [0; ROOM],
        windows: [0; ROOM],
    };
    let (looked, count) = gate(0, 1).pass_many(&text, &(1..98), &mut passed);
    assert_eq!((looked, count), (48, 48));
}

proptest! {
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
            at = range.end;
        }
    }
}
