//! The call is over and its bill is final.

use smallvec::SmallVec;
use tidegate_governance::{
    ledger::Charge,
    record::{Record, SharedRecorder},
};

use crate::{Facts, Timing};

/// A settled call: its charges wait to be recorded with its log row.
#[derive(Debug)]
#[must_use = "a settled call must be recorded, or its spend is lost"]
pub struct Settled {
    charges: SmallVec<[Charge; 4]>,
}

impl Settled {
    pub(super) const fn new(charges: SmallVec<[Charge; 4]>) -> Self {
        Self { charges }
    }

    /// Hands log row and charges to the store, safe against a crash of this process.
    pub fn record(self, recorder: &SharedRecorder, facts: &mut Facts, timing: Timing) {
        recorder.record(Record {
            row: facts.row(timing),
            charges: self.charges,
        });
    }
}
