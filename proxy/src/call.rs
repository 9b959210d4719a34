//! What is known of the call in hand, and what becomes of its connection.

use std::time::Duration;

use http::{HeaderMap, HeaderName};
use pingora_core::protocols::http::ServerSession;
use tidegate_pipeline::{Facts, Timing};
use tidegate_telemetry::{SpanId, Stopwatch, TraceContext};
use tidegate_types::RequestId;
pub(crate) use tidegate_wire::headers::text;

use crate::{gateway::Gateway, observe::Measured};

/// W3C Trace Context.
pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
pub(crate) const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
/// What becomes of the client's connection after a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The answer is incomplete and must look so: the connection breaks.
    Abort,
    /// The answer is complete, but the connection cannot serve another call.
    Close,
    /// The connection can serve the next call.
    Reuse,
}

/// What is known of the call in hand.
pub(crate) struct Call {
    pub(crate) facts: Facts,
    pub(crate) watch: Stopwatch,
    /// The call's own span.
    pub(crate) trace: TraceContext,
    /// The caller's span, where it sent one.
    pub(crate) parent: Option<SpanId>,
    pub(crate) measured: Measured,
    /// Whether it was seen to that a copy goes to the shadow target, if there is one.
    pub(crate) shadowed: bool,
    /// It is a WebSocket, and the calls on it are told of, not itself.
    pub(crate) carries: bool,
}

impl Call {
    /// A call has arrived, with these headers.
    pub(crate) fn begin(gateway: &Gateway, headers: &HeaderMap) -> Self {
        let arrived = gateway.clock.now();
        let caller = TraceContext::parse(text(headers.get(&TRACEPARENT)))
            .map(|caller| caller.with_state(text(headers.get(&TRACESTATE))));
        let trace = match (&caller, &gateway.traces) {
            (Some(caller), _) => caller.child(),
            (None, Some(traces)) => TraceContext::sampled_root(traces.sampling()),
            (None, None) => TraceContext::new_root(),
        };
        let id = RequestId::from_parts(arrived, fastrand::u128(..));
        let mut facts = Facts::new(id, arrived);
        facts.trace_id = Some(trace.trace.to_bytes());
        Self {
            facts,
            watch: Stopwatch::start(),
            trace,
            parent: caller.map(|caller| caller.span),
            measured: Measured::default(),
            shadowed: false,
            carries: false,
        }
    }

    /// Notes that a piece of the answer came.
    pub(crate) fn piece(&mut self) {
        self.watch.mark_first_byte();
        if self.facts.streamed {
            self.measured.piece(self.watch.elapsed());
        }
    }

    /// The durations so far.
    pub(crate) fn timing(&self) -> Timing {
        timing(&self.watch)
    }
}

/// The durations so far.
pub(crate) fn timing(watch: &Stopwatch) -> Timing {
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    Timing {
        duration_us: micros(watch.elapsed()),
        overhead_us: micros(watch.overhead()),
        ttft_us: watch.first_byte().map(micros),
    }
}

/// The request's target in origin form: path and query.
pub(crate) fn target(client: &ServerSession) -> String {
    let uri = &client.req_header().uri;
    let whole = uri.path_and_query().map(http::uri::PathAndQuery::as_str);
    whole.unwrap_or_else(|| uri.path()).to_owned()
}
