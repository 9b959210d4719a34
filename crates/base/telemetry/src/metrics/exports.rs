//! What became of what was to be exported to a collector.

use super::{Metrics, labels};

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFate {
    /// The collector took it.
    Exported,
    /// The collector did not take it.
    Failed,
    /// Too many waited.
    QueueFull,
}

impl ExportFate {
    /// The label's value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exported => "exported",
            Self::Failed => "failed",
            Self::QueueFull => "queue_full",
        }
    }

    const fn label(self) -> labels::Export {
        labels::Export {
            fate: self.as_str(),
        }
    }
}

impl Metrics {
    /// Counts spans that were to be exported, by what became of them.
    pub fn spans(&self, fate: ExportFate, count: u64) {
        self.spans.get_or_create(&fate.label()).inc_by(count);
    }

    /// Counts pushes of metrics, by what became of them.
    pub fn otlp_metrics(&self, fate: ExportFate) {
        self.otlp_metrics.get_or_create(&fate.label()).inc();
    }

    /// Counts records of the process's log that were to be exported, by what became of them.
    pub fn otlp_logs(&self, fate: ExportFate, count: u64) {
        self.otlp_logs.get_or_create(&fate.label()).inc_by(count);
    }
}
