//! The number of a check-in. It rises over restarts, crashes included: by it the gateway tells one device
//! from two copies of it.

use tidegate_types::Timestamp;

/// How many numbers are written down at once: not every check-in writes the disk.
pub(crate) const BLOCK: u64 = 100;

#[derive(Debug)]
pub(crate) struct Sequence {
    /// The last that was used.
    last: u64,
    /// Up to here it is written down.
    kept: u64,
}

impl Sequence {
    /// After `kept`, which the last run wrote down. Where that was lost, or is that of a backup, the clock
    /// stands in: a device makes less than one check-in a second, so seconds since 1970 are ahead of all its
    /// numbers.
    pub(crate) fn after(kept: u64, now: Timestamp) -> Self {
        let clock = u64::try_from(now.seconds()).unwrap_or(0);
        let last = kept.max(clock);
        Self { last, kept: last }
    }

    /// The next number, and up to where to write it down before it is used.
    pub(crate) const fn next(&mut self) -> (u64, Option<u64>) {
        self.last = self.last.saturating_add(1);
        if self.last <= self.kept {
            return (self.last, None);
        }
        self.kept = self.last.saturating_add(BLOCK - 1);
        (self.last, Some(self.kept))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Crashes at any moment, clocks that are set to anything: no number is used twice, and they rise.
        #[test]
        fn no_number_is_used_twice(runs in prop::collection::vec((0..400_u32, any::<u32>()), 1..20)) {
            let (mut disk, mut last, mut writes, mut used) = (0, 0, 0_u32, 0_u32);
            for (check_ins, clock) in runs {
                let now = Timestamp::from_micros(i64::from(clock) * 1_000_000);
                let mut sequence = Sequence::after(disk, now);
                for _ in 0..check_ins {
                    let (number, keep) = sequence.next();
                    if let Some(keep) = keep {
                        disk = keep;
                        writes += 1;
                    }
                    prop_assert!(number > last && number <= disk);
                    last = number;
                    used += 1;
                }
                writes -= u32::from(check_ins > 0);
            }
            prop_assert!(writes <= used / 100);
        }
    }

    #[test]
    fn a_state_from_a_backup_goes_on_ahead() {
        let monday = Timestamp::from_micros(1_000_000_000_000);
        let mut sequence = Sequence::after(0, monday);
        let used: BTreeSet<u64> = (0..1_000).map(|_| sequence.next().0).collect();
        let tuesday = Timestamp::from_micros(1_086_400_000_000);
        let restored = Sequence::after(0, tuesday).next().0;
        assert!(used.iter().all(|number| *number < restored));
    }
}
