//! Exports a span for each governed call, by OTLP over HTTP, named by OpenTelemetry's conventions for
//! generative AI. Never a prompt, an answer, or what a guardrail found.
//!
//! Calls hand over what is known of them and go on: the span is made and sent by a task of its own, in batches.
//! Nothing waits for a collector; what finds the queue full, and what a collector does not take, is counted.

mod names;
mod send;
mod span;

use std::{sync::Arc, time::Duration};

use tidegate_pipeline::{Facts, Timing};
use tidegate_telemetry::{Metrics, Sampling, SpanFate, SpanId, TraceContext};
use tidegate_types::NodeId;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{Instant, sleep_until, timeout},
};

use crate::{
    call::Call,
    config::{OtlpSection, ProviderConfig},
};
use send::Exporter;

/// How many calls wait at most.
const QUEUE: usize = 4_096;
/// How many spans leave together at most.
const BATCH: usize = 512;
/// For so long spans are gathered.
const TOGETHER: Duration = Duration::from_secs(1);
/// At shutdown: how long the last spans may take.
const FLUSH: Duration = Duration::from_secs(5);

/// Where calls that ended are handed over.
#[derive(Debug)]
pub(crate) struct Traces {
    queue: mpsc::Sender<Ended>,
    sampling: Sampling,
    metrics: Arc<Metrics>,
}

/// A call that ended, as its span needs it.
#[derive(Debug)]
pub(crate) struct Ended {
    /// What is known of it, without content.
    facts: Facts,
    /// Its span.
    trace: TraceContext,
    /// The caller's.
    parent: Option<SpanId>,
    timing: Timing,
    /// When the request was sent upstream, since arrival.
    sent_at: Option<Duration>,
    /// How the upstream failed.
    upstream_error: Option<&'static str>,
}

impl Traces {
    /// With the task that exports.
    ///
    /// # Errors
    /// A CA bundle cannot be used, or the exporter not be made.
    pub(crate) fn start(
        config: &OtlpSection,
        providers: &[ProviderConfig],
        node: NodeId,
        metrics: Arc<Metrics>,
    ) -> anyhow::Result<(Self, Exporting)> {
        let (queue, ended) = mpsc::channel(QUEUE);
        let exporter = Exporter::new(config, providers, node, Arc::clone(&metrics))?;
        let (closing, closed) = watch::channel(false);
        let task = tokio::spawn(export(ended, closed, exporter));
        let sampling = Sampling::part(config.sample);
        let traces = Self {
            queue,
            sampling,
            metrics,
        };
        Ok((traces, Exporting { closing, task }))
    }

    /// Which of the traces that begin here are exported.
    pub(crate) const fn sampling(&self) -> Sampling {
        self.sampling
    }

    /// A call ended. Of callers that nobody can name there are no spans: else anyone could fill a collector.
    pub(crate) fn end(&self, mut call: Call) {
        if !call.trace.sampled || call.facts.key.is_none() {
            return;
        }
        call.facts.content = None;
        let ended = Ended {
            timing: call.timing(),
            facts: call.facts,
            trace: call.trace,
            parent: call.parent,
            sent_at: call.measured.sent_at,
            upstream_error: call.measured.upstream_error,
        };
        if self.queue.try_send(ended).is_err() {
            self.metrics.spans(SpanFate::QueueFull, 1);
        }
    }
}

/// The task that exports.
#[derive(Debug)]
pub(crate) struct Exporting {
    closing: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Exporting {
    /// Sends what waits, and takes no more.
    pub(crate) async fn finish(self) {
        let Self { closing, mut task } = self;
        closing.send_replace(true);
        match timeout(FLUSH, &mut task).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "spans were not exported to the end"),
            Err(_) => {
                task.abort();
                tracing::warn!("the last spans were not exported: the collector takes too long");
            }
        }
    }
}

async fn export(
    mut ended: mpsc::Receiver<Ended>,
    mut closing: watch::Receiver<bool>,
    mut exporter: Exporter,
) {
    let mut batch = Vec::new();
    loop {
        let mut due = None;
        while batch.len() < BATCH {
            let room = BATCH - batch.len();
            tokio::select! {
                taken = ended.recv_many(&mut batch, room) => match taken {
                    0 => break,
                    _ => due = due.or_else(|| Some(Instant::now() + TOGETHER)),
                },
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => break,
                // What waits still comes, and then the end of it.
                _ = closing.changed(), if !ended.is_closed() => ended.close(),
            }
        }
        if batch.is_empty() {
            return;
        }
        exporter.send(std::mem::take(&mut batch)).await;
    }
}

#[cfg(test)]
mod tests {
    use tidegate_telemetry::Stopwatch;
    use tidegate_types::{KeyId, RequestId, Timestamp};

    use super::*;
    use crate::observe::Measured;

    fn call() -> Call {
        let at = Timestamp::from_micros(1);
        let mut facts = Facts::new(RequestId::from_parts(at, 1), at);
        facts.key = Some(KeyId::from_parts(at, 2));
        Call {
            facts,
            watch: Stopwatch::start(),
            trace: TraceContext::sampled_root(Sampling::part(1.0)),
            parent: None,
            measured: Measured::default(),
            carries: false,
        }
    }

    #[test]
    fn what_finds_the_queue_full_is_counted_and_nothing_waits() {
        let (queue, mut waiting) = mpsc::channel(1);
        let traces = Traces {
            queue,
            sampling: Sampling::part(1.0),
            metrics: Arc::new(Metrics::new("1")),
        };
        for _ in 0..3 {
            traces.end(call());
        }
        let mut unsampled = call();
        unsampled.trace.sampled = false;
        traces.end(unsampled);
        let counted = r#"tidegate_otlp_spans_total{fate="queue_full"} 2"#;
        assert!(
            traces.metrics.encode().contains(counted),
            "{}",
            traces.metrics.encode()
        );
        assert!(waiting.try_recv().is_ok() && waiting.try_recv().is_err());
    }
}
