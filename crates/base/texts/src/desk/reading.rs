//! One frame being read: what the walk finds goes to the desk, what the desk says goes into the marks.

use std::ops::Range;

use tidegate_wire::json::Ends;

use super::Desk;
use crate::{
    fault::Fault,
    frame::{Echo, Marks},
    walk::{Finish, Spot, Visit},
    watch::Watcher,
};

/// One frame being read.
pub(crate) struct Reading<'r> {
    pub(crate) desk: &'r mut Desk,
    pub(crate) watcher: &'r mut dyn Watcher,
    pub(crate) body: &'r [u8],
    /// What is known of it.
    pub(crate) ends: &'r Ends,
    pub(crate) marks: &'r mut Marks,
    /// How many texts it had.
    pub(crate) texts: usize,
}

impl Reading<'_> {
    /// Shows a text that is written in a way that cannot be written again.
    pub(crate) fn only(&mut self, spot: &Spot, text: &str) {
        if self.goes_on() {
            self.desk.only(self.watcher, spot, text);
        }
    }

    /// Whether another text may be shown; counts it.
    fn goes_on(&mut self) -> bool {
        let limit = self.desk.limits.texts;
        if self.desk.stopped || self.desk.fault.is_some() {
            return false;
        }
        self.texts += 1;
        if self.texts > limit {
            self.desk.fault = Some(Fault::Texts { limit });
        }
        self.texts <= limit
    }
}

impl Visit for Reading<'_> {
    fn text(&mut self, spot: Spot) {
        if !self.goes_on() {
            return;
        }
        let raw: &[u8] = self.body.get(spot.raw.clone()).unwrap_or_default();
        match spot.slot {
            _ if raw.is_empty() => {}
            Some(slot) => {
                let part = self.desk.live(self.watcher, raw, &spot, slot);
                self.marks.parts.extend(part);
            }
            None => {
                let splices = self.desk.one(self.watcher, raw, &spot);
                self.marks.splices.extend(splices);
            }
        }
    }

    fn unscanned(&mut self, raw: Range<usize>) {
        let report = &mut self.desk.report;
        report.unscanned_bytes = report.unscanned_bytes.saturating_add(raw.len() as u64);
    }

    fn echo(&mut self, echo: Echo) {
        self.marks.echoes.push(echo);
    }

    fn finish(&mut self, which: Finish) {
        self.marks.finishes.push(which);
    }
}
