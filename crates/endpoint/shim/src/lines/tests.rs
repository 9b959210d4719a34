//! Lines pass whole or in parts, and what is dropped leaves nothing that could be read.

use proptest::prelude::*;

use super::{Fate, Judge, LONGEST, Lines};

#[derive(Default)]
struct Made {
    holds: bool,
    drops: bool,
    long: bool,
    seen: Vec<Vec<u8>>,
}

impl Judge for Made {
    fn holds(&self) -> bool {
        self.holds
    }

    fn looks_on(&self) -> bool {
        false
    }

    fn line(&mut self, line: &[u8]) -> Fate {
        self.seen.push(line.to_vec());
        if self.drops && line.starts_with(b"x") {
            Fate::Drop
        } else {
            Fate::Pass
        }
    }

    fn long(&mut self) -> bool {
        self.long
    }
}

proptest! {
    #[test]
    fn what_passes_is_byte_exact(
        bytes in prop::collection::vec(prop::sample::select(b"xy\n\r{\xff".to_vec()), 0..200),
        cuts in prop::collection::vec(1_usize..20, 1..20),
        holds in any::<bool>(),
    ) {
        let mut judge = Made { holds, ..Made::default() };
        let mut lines = Lines::default();
        let mut out = Vec::new();
        let mut rest = bytes.as_slice();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (now, later) = rest.split_at((*cut).min(rest.len()));
            lines.feed(now, &mut judge, &mut out);
            if !holds {
                let passed = bytes.len() - later.len();
                prop_assert_eq!(out.len(), passed, "nothing waits");
            }
            rest = later;
        }
        lines.finish(&mut judge, &mut out);
        prop_assert_eq!(&out, &bytes);
        prop_assert_eq!(judge.seen.concat(), bytes);
    }

    #[test]
    fn what_is_dropped_is_gone_however_it_comes(
        bytes in prop::collection::vec(prop::sample::select(b"xyz\n".to_vec()), 0..60),
        cut in 1_usize..9,
    ) {
        let mut judge = Made { holds: true, drops: true, ..Made::default() };
        let mut lines = Lines::default();
        let mut out = Vec::new();
        for part in bytes.chunks(cut) {
            lines.feed(part, &mut judge, &mut out);
        }
        lines.finish(&mut judge, &mut out);
        let kept = bytes.split_inclusive(|b| *b == b'\n').filter(|line| !line.starts_with(b"x"));
        prop_assert_eq!(out, kept.flatten().copied().collect::<Vec<_>>());
    }
}

#[test]
fn what_passed_before_it_was_looked_into_does_not_pass_again() {
    let mut judge = Made::default();
    let mut lines = Lines::default();
    let mut out = Vec::new();
    assert!(lines.all_passed());
    lines.saw(b"a\nb", &mut judge, &mut out);
    judge.holds = true;
    assert!(lines.all_passed() && out.is_empty());
    lines.feed(b"c", &mut judge, &mut out);
    assert!(!lines.all_passed() && out.is_empty());
    lines.feed(b"\n", &mut judge, &mut out);
    assert_eq!(out, b"c\n");
    assert_eq!(judge.seen, [b"a\n".to_vec(), b"bc\n".to_vec()]);
}

#[test]
fn a_line_that_is_denied_in_its_midst_is_no_message() {
    let mut judge = Made::default();
    let mut lines = Lines::default();
    let mut out = Vec::new();
    lines.feed(b"x{}", &mut judge, &mut out);
    judge.drops = true;
    judge.holds = true;
    lines.feed(b"\ny\n", &mut judge, &mut out);
    assert_eq!(out, b"x{}!\ny\n");
}

#[test]
fn lines_that_are_too_long_pass_or_do_not() {
    let long = vec![b'y'; LONGEST];
    for (passes, expected) in [(true, LONGEST * 2 + 4), (false, 2)] {
        let mut judge = Made {
            holds: true,
            long: passes,
            ..Made::default()
        };
        let mut lines = Lines::default();
        let mut out = Vec::new();
        for part in [&long[..], &long, b"y\nz\n"] {
            lines.feed(part, &mut judge, &mut out);
        }
        assert_eq!(out.len(), expected);
        assert!(out.ends_with(b"z\n"));
        assert_eq!(judge.seen, [b"z\n".to_vec()]);
    }
}
