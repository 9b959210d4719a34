//! What sends telemetry away: with each configuration another, while the ones before send what their calls left.

use std::sync::{Mutex, PoisonError};

use crate::traces::{Exporting, Outlets};

/// All that still send; the last one takes what comes.
#[derive(Debug)]
pub(super) struct Exporters {
    all: Mutex<Vec<Exporting>>,
    outlets: Outlets,
}

impl Exporters {
    pub(super) const fn new(outlets: Outlets) -> Self {
        let all = Mutex::new(Vec::new());
        Self { all, outlets }
    }

    /// One more. Those that are done are forgotten: they end by themselves, with the last call that began with them.
    pub(super) fn begin(&self, exporting: Option<Exporting>) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().for_each(Exporting::retire);
        all.retain(|one| !one.is_finished());
        if let Some((queue, _)) = &self.outlets.logs {
            let wanted = exporting.as_ref().is_some_and(Exporting::sends_logs);
            queue.wanted(wanted, &self.outlets.meters.metrics);
        }
        all.extend(exporting);
    }

    /// Sends what waits, and takes no more.
    pub(super) async fn finish(&self) {
        let all = std::mem::take(&mut *self.all.lock().unwrap_or_else(PoisonError::into_inner));
        futures::future::join_all(all.into_iter().map(Exporting::finish)).await;
    }
}
