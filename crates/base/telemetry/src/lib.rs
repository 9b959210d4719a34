//! What the gateway shows of itself: metrics, logs, trace context, and the stopwatch behind
//! `tidegate_overhead_seconds`. The only place where metric names are written.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod log;
mod metrics;
mod stopwatch;
mod trace;

pub use log::{Event, Field, Format, LogError, Sink, init};
pub use metrics::{
    AddressRefusal, CONTENT_TYPE, Ending, ExportFate, Gaps, InFlight, Metrics, Observation,
    RefusedBy, ShadowFate,
};
pub use stopwatch::{Stopwatch, Waiting};
pub use trace::{Sampling, SpanId, TraceContext, TraceId};
pub use tracing::Level;
