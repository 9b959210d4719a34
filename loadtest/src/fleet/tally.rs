//! What the simulated devices count together.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;

/// What is counted.
#[derive(Debug)]
pub(super) struct Tally(Mutex<Counts>);

/// The counts.
#[derive(Debug)]
pub(super) struct Counts {
    /// Micros from the first byte sent to the last byte of the answer, of check-ins that do not wait.
    pub(super) latency: Histogram<u64>,
    pub(super) check_ins: u64,
    /// Bytes of both directions, heads included: of check-ins that brought no policy, and how many those
    /// were; and of those that did.
    pub(super) quiet: (u64, u64),
    pub(super) news: (u64, u64),
    pub(super) policies: u64,
    pub(super) uploads: u64,
    /// Connections that broke, answers that were cut, and statuses from 500 on: each was tried again.
    pub(super) broken: u64,
    pub(super) failed: u64,
    /// Refusals of devices that did nothing wrong, by status.
    pub(super) refused: HashMap<u16, u64>,
    /// Policies that were older than what the device had.
    pub(super) older: u64,
    pub(super) requests_made: u64,
    /// Devices that started anew with another clock.
    pub(super) clocks_set: u64,
    /// Copies: refused, and served.
    pub(super) copies_refused: u64,
    pub(super) copies_served: u64,
    /// When a revision came to a device.
    deliveries: Vec<(u64, Instant)>,
}

impl Tally {
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self(Mutex::new(Counts {
            latency: Histogram::new_with_bounds(1, 600_000_000, 3)?,
            check_ins: 0,
            quiet: (0, 0),
            news: (0, 0),
            policies: 0,
            uploads: 0,
            broken: 0,
            failed: 0,
            refused: HashMap::new(),
            older: 0,
            requests_made: 0,
            clocks_set: 0,
            copies_refused: 0,
            copies_served: 0,
            deliveries: Vec::new(),
        })))
    }

    pub(super) fn count<T>(&self, change: impl FnOnce(&mut Counts) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Counts {
    pub(super) fn answered(&mut self, took: Option<Duration>, bytes: u64, news: bool) {
        self.check_ins += 1;
        let sum = if news {
            &mut self.news
        } else {
            &mut self.quiet
        };
        (sum.0, sum.1) = (sum.0 + bytes, sum.1 + 1);
        if let Some(took) = took {
            let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
            self.latency.saturating_record(micros.max(1));
        }
    }

    pub(super) fn delivered(&mut self, revision: u64, at: Instant) {
        self.policies += 1;
        self.deliveries.push((revision, at));
    }

    /// Micros from a decision to its arrival at a device.
    pub(super) fn delivery(
        &self,
        decided: &HashMap<u64, Instant>,
    ) -> anyhow::Result<Histogram<u64>> {
        let mut delivery = Histogram::new_with_bounds(1, 600_000_000, 3)?;
        for (revision, at) in &self.deliveries {
            if let Some(decided) = decided.get(revision) {
                let took = at.saturating_duration_since(*decided).as_micros();
                delivery.saturating_record(u64::try_from(took).unwrap_or(u64::MAX).max(1));
            }
        }
        Ok(delivery)
    }
}
