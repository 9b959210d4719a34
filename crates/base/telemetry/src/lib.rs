//! What the gateway shows of itself: metrics, logs, trace context, and the stopwatch behind
//! `tidegate_overhead_seconds`. The only place where metric names are written.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod log;
mod metrics;
mod stopwatch;
mod trace;

pub use log::{Format, LogError, init};
pub use metrics::{
    CONTENT_TYPE, Ending, Gaps, InFlight, Metrics, Observation, RefusedBy, SpanFate,
};
pub use stopwatch::{Stopwatch, Waiting};
pub use trace::{Sampling, SpanId, TraceContext, TraceId};
