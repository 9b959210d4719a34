//! Which texts are known, and whether anything was found in them: a table of a fixed size, made of lines of the
//! processor's cache. A text is looked for in one line and noted in the same, so that a new one costs a line that is
//! far away once. Nothing grows while calls wait.

use std::sync::{
    OnceLock,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use zerocopy::FromZeros;

/// Lines of four texts each, in 64 bytes: 4 MB.
const LINES: usize = 1 << 16;
/// Texts of a line.
const EACH: usize = 4;
/// Where a new text gets a place in a full line. Those before it are kept for texts that were asked for again, so that
/// many texts that come once do not drive out those that come with each turn.
const ENTRY: usize = EACH / 2;

/// Two words for each text, none being 0. Those of two texts may be mixed up while two calls write: what comes of that
/// is a hash like any other.
type Line = [AtomicU64; 2 * EACH];

/// What the lowest bits of a hash say instead.
const CLEAN: u64 = 0b01;
const FOUND: u64 = 0b10;
const SAYS: u64 = CLEAN | FOUND;

/// The table, made with the first text: many gateways have no guardrails. `None` where there is no memory for it.
#[derive(Default)]
pub(super) struct Known(OnceLock<Option<Box<[Line]>>>);

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Known").finish_non_exhaustive()
    }
}

impl Known {
    fn line(&self, hash: u128) -> Option<&Line> {
        let make = || <[Line]>::new_box_zeroed_with_elems(LINES).ok();
        let lines = self.0.get_or_init(make).as_deref()?;
        lines.get((hash >> 64) as usize % LINES)
    }

    /// Whether something was found in a text; `None` where that is not known.
    pub(super) fn found(&self, hash: u128) -> Option<bool> {
        let (low, high) = (hash as u64 & !SAYS, (hash >> 64) as u64);
        let line = self.line(hash)?;
        let mut each = (0..EACH).filter_map(|at| Some((at, says(line, at, (low, high))?)));
        let (at, says) = each.next()?;
        if at > 0 {
            move_to(line, at - 1, at);
            put(line, at - 1, (low | says, high));
        }
        match says {
            CLEAN => Some(false),
            FOUND => Some(true),
            _ => None,
        }
    }

    /// Notes whether something was found in a text.
    pub(super) fn note(&self, hash: u128, found: bool) {
        let (low, high) = (hash as u64 & !SAYS, (hash >> 64) as u64);
        let Some(line) = self.line(hash) else { return };
        let has =
            |at: &usize| says(line, *at, (low, high)).is_some() || line[2 * at].load(Relaxed) == 0;
        let at = (0..EACH).find(has).unwrap_or_else(|| {
            (ENTRY + 1..EACH)
                .rev()
                .for_each(|at| move_to(line, at - 1, at));
            ENTRY
        });
        put(line, at, (low | if found { FOUND } else { CLEAN }, high));
    }
}

/// What a place says of this text, if it is there. Read with the hash: the next moment it may be another text's place.
fn says(line: &Line, at: usize, (low, high): (u64, u64)) -> Option<u64> {
    let there = line[2 * at].load(Relaxed);
    let same = there & !SAYS == low && line[2 * at + 1].load(Relaxed) == high;
    (same && there != 0).then_some(there & SAYS)
}

fn put(line: &Line, at: usize, (low, high): (u64, u64)) {
    line[2 * at].store(low, Relaxed);
    line[2 * at + 1].store(high, Relaxed);
}

/// Copies the text of one place to another.
fn move_to(line: &Line, from: usize, to: usize) {
    let there = (
        line[2 * from].load(Relaxed),
        line[2 * from + 1].load(Relaxed),
    );
    put(line, to, there);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hash of this number that lies in the one line.
    const fn hash(number: u64) -> u128 {
        (number as u128 * LINES as u128) << 64 | (number as u128) << 2
    }

    #[test]
    fn what_was_noted_is_known_and_nothing_else() {
        let known = Known::default();
        assert_eq!(known.found(0), None, "of a place that is empty");
        known.note(7 << 64, true);
        for number in 1..=4 {
            known.note(hash(number), number % 2 == 0);
        }
        for number in (1..=4).chain([4, 1, 3, 2]) {
            assert_eq!(known.found(hash(number)), Some(number % 2 == 0), "{number}");
            assert_eq!(
                known.found(hash(number) + (4 << 64)),
                None,
                "of another line"
            );
            assert_eq!(known.found(hash(number) + 8), None, "of the same line");
        }
        known.note(hash(3), true);
        assert_eq!(known.found(hash(3)), Some(true));
        assert_eq!(known.found(7 << 64), Some(true));
    }

    #[test]
    fn those_that_come_again_outlast_those_that_come_once() {
        let known = Known::default();
        for number in 1..=4 {
            known.note(hash(number), false);
        }
        for _ in 0..EACH {
            assert_eq!(
                (known.found(hash(2)), known.found(hash(4))),
                (Some(false), Some(false))
            );
        }
        for number in 10..100 {
            known.note(hash(number), false);
            assert_eq!(known.found(hash(number)), Some(false));
        }
        for number in 100..200 {
            known.note(hash(number), false);
        }
        let left: Vec<u64> = (1..200)
            .filter(|number| known.found(hash(*number)).is_some())
            .collect();
        assert_eq!(left.len(), EACH);
        assert!(left.contains(&199) && left.contains(&198), "{left:?}");
    }

    #[test]
    fn many_at_once_never_know_what_nobody_noted() {
        let known = Known::default();
        std::thread::scope(|scope| {
            for of in 0..4 {
                let known = &known;
                scope.spawn(move || {
                    for number in 1..20_000 {
                        let mine = number * 4 + of;
                        known.note(hash(mine), mine % 3 == 0);
                        let found = known.found(hash(mine));
                        assert!(found.is_none_or(|found| found == (mine % 3 == 0)), "{mine}");
                        assert_eq!(known.found(hash(1_000_000 + mine)), None);
                    }
                });
            }
        });
    }
}
