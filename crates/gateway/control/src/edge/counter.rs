//! The numbers of a device's check-ins. They rise; a number that does not is said by a copy of the
//! device, or by a network that delivered something late or twice.
//!
//! - A number above the last one is *new*.
//! - The last number once more, with the same bytes, is the same check-in *again*: its answer got lost.
//!   After a restart the gateway knows the last number and not its bytes, and lets it pass once.
//! - A number below the last one that was never seen is *late*: the device gave up on that connection
//!   and went on. It is refused, and says nothing about the device; each number can be late once.
//! - Everything else was said before by somebody, so there are two: a *copy*.
//! - An agent that does not count says 0, which is always new.

/// How a check-in's number stands to those before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    New,
    Again,
    Late,
    Copied,
}

/// The numbers of one device.
#[derive(Debug, Clone)]
pub(super) struct Counter {
    last: u64,
    /// Bit n: the number `last - n` was seen.
    seen: u64,
    /// Of the bytes that the last number came with, where this process got them.
    digest: Option<u64>,
}

impl Counter {
    /// As it is known from before: all below the last one counts as seen.
    pub(super) const fn at(last: u64) -> Self {
        Self {
            last,
            seen: u64::MAX,
            digest: None,
        }
    }

    /// The last number.
    pub(super) const fn last(&self) -> u64 {
        self.last
    }

    /// Takes a number.
    pub(super) fn take(&mut self, number: u64, digest: u64) -> Number {
        if number == 0 {
            return Number::New;
        }
        if number > self.last {
            let further = number - self.last;
            self.seen = if further < 64 {
                self.seen << further | 1
            } else {
                1
            };
            (self.last, self.digest) = (number, Some(digest));
            return Number::New;
        }
        if number == self.last {
            if self.digest.is_some_and(|known| known != digest) {
                return Number::Copied;
            }
            self.digest = Some(digest);
            return Number::Again;
        }
        let bit = match self.last - number {
            back @ 0..64 => 1_u64 << back,
            _ => return Number::Copied,
        };
        if self.seen & bit != 0 {
            return Number::Copied;
        }
        self.seen |= bit;
        Number::Late
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise_and_a_lost_answer_is_asked_for_again() {
        let mut counter = Counter::at(0);
        assert_eq!(counter.take(1, 10), Number::New);
        assert_eq!(counter.take(1, 10), Number::Again);
        assert_eq!(counter.take(1, 11), Number::Copied, "other bytes");
        assert_eq!(counter.take(5, 12), Number::New);
        assert_eq!(counter.take(1, 10), Number::Copied, "a replay");
        assert_eq!(counter.last(), 5);
        assert_eq!(counter.take(0, 9), Number::New, "does not count");
        assert_eq!(counter.last(), 5);
    }

    #[test]
    fn a_number_is_late_once() {
        let mut counter = Counter::at(7);
        assert_eq!(counter.take(9, 1), Number::New);
        assert_eq!(counter.take(8, 2), Number::Late);
        assert_eq!(counter.take(8, 2), Number::Copied);
        assert_eq!(counter.take(7, 2), Number::Copied, "seen before");
        assert_eq!(counter.take(1_000, 3), Number::New);
        assert_eq!(counter.take(900, 3), Number::Copied, "too long ago");
        assert_eq!(counter.take(937, 3), Number::Late);
    }

    #[test]
    fn after_a_restart_the_last_number_passes_whatever_it_came_with() {
        let mut counter = Counter::at(7);
        assert_eq!(counter.take(7, 1), Number::Again);
        assert_eq!(counter.take(7, 2), Number::Copied);
        assert_eq!(counter.take(6, 1), Number::Copied);
        assert_eq!(Counter::at(7).take(u64::MAX, 1), Number::New);
    }
}
