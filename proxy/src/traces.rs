//! Exports a span for each governed call, by OTLP over HTTP, named by OpenTelemetry's conventions for
//! generative AI. Never a prompt, an answer, or what a guardrail found.
//!
//! Calls hand over what is known of them and go on: the span is made and sent by a task of its own, in batches, and the
//! call is measured there for the conventions' metrics. Nothing waits for a collector; what finds the queue full, and what
//! a collector does not take, is counted.

mod measure;
pub(crate) mod names;
mod send;
mod span;

use std::{sync::Arc, time::Duration};

use tidegate_pipeline::{Facts, Timing};
use tidegate_telemetry::{ExportFate, Metrics, Sampling, SpanId, TraceContext};
use tidegate_types::NodeId;
use tokio::{
    sync::{Mutex, mpsc, watch},
    task::JoinHandle,
    time::{Instant, sleep_until, timeout_at},
};

use crate::{
    call::Call,
    config::{OtlpSection, ProviderConfig},
    otlp::{
        Collector, logs,
        push::{self, Meters},
    },
};
use send::Exporter;
use span::Servers;

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
    /// Whether calls become spans.
    spans: bool,
    /// Whether all calls are measured, those without a span too.
    measured: bool,
    metrics: Arc<Metrics>,
}

/// What metrics and the log come out of: it outlives configurations.
#[derive(Debug, Clone)]
pub(crate) struct Outlets {
    pub(crate) meters: Arc<Meters>,
    /// The log's events; absent where the log is another program's.
    pub(crate) logs: Option<(Arc<logs::Queue>, logs::Events)>,
}

/// A call that ended, as its span needs it.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Whether it becomes a span.
    spanned: bool,
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
    /// With the tasks that export.
    ///
    /// # Errors
    /// A CA bundle cannot be used, or the exporter not be made.
    pub(crate) fn start(
        config: &OtlpSection,
        providers: &[ProviderConfig],
        node: NodeId,
        outlets: &Outlets,
    ) -> anyhow::Result<(Self, Exporting)> {
        let (queue, ended) = mpsc::channel(QUEUE);
        let metrics = Arc::clone(&outlets.meters.metrics);
        let collector = Collector::new(config)?;
        let servers = Arc::new(span::servers(providers));
        let (closing, closed) = watch::channel(false);
        let meters = config.signals.metrics.then(|| Arc::clone(&outlets.meters));
        let exporter = Exporter::new(
            collector.clone(),
            Arc::clone(&servers),
            node,
            Arc::clone(&metrics),
        )?;
        let measuring = Measuring {
            meters: meters.clone(),
            servers,
            metrics: Arc::clone(&metrics),
            exporter: Arc::new(Mutex::new(exporter)),
        };
        let mut tasks = vec![tokio::spawn(export(ended, closed, measuring))];
        let (retired, retiring) = watch::channel(false);
        if let Some(meters) = meters {
            let collector = collector.clone();
            tasks.push(push::start(
                config,
                collector,
                node,
                meters,
                retiring.clone(),
            ));
        }
        let logs = outlets.logs.as_ref();
        if let (Some((_, events)), true) = (logs, config.signals.logs) {
            let events = Arc::clone(events);
            let metrics = Arc::clone(&metrics);
            tasks.push(logs::start(collector, node, events, metrics, retiring));
        }
        let traces = Self {
            queue,
            sampling: if config.signals.traces {
                Sampling::part(config.sample)
            } else {
                Sampling::part(0.0)
            },
            spans: config.signals.traces,
            measured: config.signals.metrics,
            metrics,
        };
        let exporting = Exporting {
            closing,
            retired,
            tasks,
            logs: config.signals.logs,
        };
        Ok((traces, exporting))
    }

    /// Which of the traces that begin here are exported.
    pub(crate) const fn sampling(&self) -> Sampling {
        self.sampling
    }

    /// A call ended. Of callers that nobody can name there are no spans: else anyone could fill a collector.
    pub(crate) fn end(&self, mut call: Call) {
        let spanned = self.spans && call.trace.sampled;
        if call.facts.key.is_none() || !(spanned || self.measured) {
            return;
        }
        call.facts.content = None;
        let ended = Ended {
            spanned,
            timing: call.timing(),
            facts: call.facts,
            trace: call.trace,
            parent: call.parent,
            sent_at: call.measured.sent_at,
            upstream_error: call.measured.upstream_error,
        };
        if self.queue.try_send(ended).is_err() {
            self.metrics.spans(ExportFate::QueueFull, 1);
        }
    }
}

/// The tasks that export.
#[derive(Debug)]
pub(crate) struct Exporting {
    closing: watch::Sender<bool>,
    retired: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    logs: bool,
}

impl Exporting {
    /// Whether nothing is left to send and nobody to send for.
    pub(crate) fn is_finished(&self) -> bool {
        self.tasks.iter().all(JoinHandle::is_finished)
    }

    /// Whether the log is sent.
    pub(crate) const fn sends_logs(&self) -> bool {
        self.logs
    }

    /// Another one takes over: metrics and the log are its from now on. Calls that began with this one still become
    /// spans here.
    pub(crate) fn retire(&self) {
        self.retired.send_replace(true);
    }

    /// Sends what waits, and takes no more.
    pub(crate) async fn finish(self) {
        self.closing.send_replace(true);
        self.retire();
        let deadline = Instant::now() + FLUSH;
        for mut task in self.tasks {
            match timeout_at(deadline, &mut task).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!(%error, "not everything was exported"),
                Err(_) => {
                    task.abort();
                    tracing::warn!("the last was not exported: the collector takes too long");
                }
            }
        }
    }
}

/// What the task does with calls.
struct Measuring {
    meters: Option<Arc<Meters>>,
    servers: Arc<Servers>,
    metrics: Arc<Metrics>,
    exporter: Arc<Mutex<Exporter>>,
}

/// Measures calls as they come, and sends spans beside it: a collector that takes long costs spans, and no measure.
async fn export(
    mut ended: mpsc::Receiver<Ended>,
    mut closing: watch::Receiver<bool>,
    measuring: Measuring,
) {
    let (mut fresh, mut batch) = (Vec::new(), Vec::new());
    let mut due = None;
    let mut sending: Option<JoinHandle<()>> = None;
    loop {
        let full = batch.len() >= BATCH;
        let busy = sending.is_some();
        tokio::select! {
            taken = ended.recv_many(&mut fresh, BATCH) => {
                if taken == 0 {
                    break;
                }
                measuring.take(&mut fresh, &mut batch);
                due = due.or_else(|| (!batch.is_empty()).then(|| Instant::now() + TOGETHER));
            }
            () = finished(&mut sending), if busy => sending = None,
            () = sleep_until(if full { Instant::now() } else { due.unwrap_or_else(Instant::now) }),
                if due.is_some() && !busy =>
            {
                let rest = batch.split_off(batch.len().min(BATCH));
                let leaving = std::mem::replace(&mut batch, rest);
                due = (!batch.is_empty()).then(Instant::now);
                sending = Some(tokio::spawn(send(Arc::clone(&measuring.exporter), leaving)));
            }
            // What waits still comes, and then the end of it.
            _ = closing.changed(), if !ended.is_closed() => ended.close(),
        }
    }
    finished(&mut sending).await;
    while !batch.is_empty() {
        let rest = batch.split_off(batch.len().min(BATCH));
        let leaving = std::mem::replace(&mut batch, rest);
        send(Arc::clone(&measuring.exporter), leaving).await;
    }
}

async fn send(exporter: Arc<Mutex<Exporter>>, batch: Vec<Ended>) {
    exporter.lock().await.send(batch).await;
}

/// Resolves when nothing is being sent.
async fn finished(sending: &mut Option<JoinHandle<()>>) {
    if let Some(task) = sending
        && let Err(error) = task.await
    {
        tracing::error!(%error, "spans were not exported");
    }
}

impl Measuring {
    fn take(&self, fresh: &mut Vec<Ended>, batch: &mut Vec<Ended>) {
        for ended in fresh.drain(..) {
            if let Some(meters) = &self.meters
                && let Some(done) = measure::of(&ended, &self.servers)
            {
                meters.genai.record(&done);
            }
            if !ended.spanned {
                continue;
            }
            if batch.len() < QUEUE {
                batch.push(ended);
            } else {
                self.metrics.spans(ExportFate::QueueFull, 1);
            }
        }
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
            shadowed: false,
            carries: false,
        }
    }

    #[test]
    fn what_finds_the_queue_full_is_counted_and_nothing_waits() {
        let (queue, mut waiting) = mpsc::channel(1);
        let traces = Traces {
            queue,
            sampling: Sampling::part(1.0),
            spans: true,
            measured: false,
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
