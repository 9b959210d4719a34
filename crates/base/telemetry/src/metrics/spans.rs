//! What became of spans that were to be exported.

/// What became of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanFate {
    /// The collector took it.
    Exported,
    /// The collector did not take it.
    Failed,
    /// Too many waited.
    QueueFull,
}

impl SpanFate {
    /// The label's value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exported => "exported",
            Self::Failed => "failed",
            Self::QueueFull => "queue_full",
        }
    }
}
