//! Sends the process's own log to a collector: the events that standard error shows, masked in the same way, with the
//! ids of the call that they belong to. Nothing waits for it: what finds the queue full is counted.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use opentelemetry_proto::tonic::{
    collector::logs::v1::ExportLogsServiceRequest,
    common::v1::any_value::Value,
    logs::v1::{LogRecord, ResourceLogs, ScopeLogs, SeverityNumber},
};
use tidegate_telemetry::{Event, ExportFate, Field, Level, Metrics, Sink, SpanId, TraceId};
use tidegate_types::{Clock, NodeId, Timestamp};
use tokio::{
    sync::{Mutex, mpsc, watch},
    task::JoinHandle,
    time::{Instant, sleep_until},
};

use super::{
    Collector,
    message::{any, attribute, nanos, scope, text},
    resource, resource_message,
};

/// How many events wait at most.
const QUEUE: usize = 4_096;
/// How many leave together at most.
const BATCH: usize = 512;
/// For so long they are gathered.
const TOGETHER: Duration = Duration::from_secs(1);
/// What the exporter and the client below it say of themselves is not sent: it would make more of it.
const OWN: &[&str] = &["tidegate::otlp", "hyper", "h2", "rustls", "opentelemetry"];

tokio::task_local! {
    /// The trace and the span of the call in hand.
    pub(crate) static CALL: (TraceId, SpanId);
}

/// Events on their way to a collector.
#[derive(Debug)]
pub(crate) struct Queue {
    events: mpsc::Sender<(Timestamp, Event)>,
    clock: Arc<dyn Clock>,
    wanted: AtomicBool,
    metrics: OnceLock<Arc<Metrics>>,
}

/// The other end of it: of all exporters, one at a time.
pub(crate) type Events = Arc<Mutex<mpsc::Receiver<(Timestamp, Event)>>>;

/// Both ends. Until an exporter starts, nothing is taken.
pub(crate) fn queue(clock: Arc<dyn Clock>) -> (Arc<Queue>, Events) {
    let (sender, receiver) = mpsc::channel(QUEUE);
    let queue = Queue {
        events: sender,
        clock,
        wanted: AtomicBool::new(false),
        metrics: OnceLock::new(),
    };
    (Arc::new(queue), Arc::new(Mutex::new(receiver)))
}

impl Queue {
    /// Whether somebody takes events now.
    pub(crate) fn wanted(&self, wanted: bool, metrics: &Arc<Metrics>) {
        self.metrics.get_or_init(|| Arc::clone(metrics));
        self.wanted.store(wanted, Ordering::Relaxed);
    }
}

impl Sink for Queue {
    fn wants(&self, target: &str) -> bool {
        let own = || OWN.iter().any(|own| target.starts_with(own));
        self.wanted.load(Ordering::Relaxed) && !own()
    }

    fn take(&self, event: Event) {
        if self.events.try_send((self.clock.now(), event)).is_err()
            && let Some(metrics) = self.metrics.get()
        {
            metrics.otlp_logs(ExportFate::QueueFull, 1);
        }
    }

    fn call(&self) -> Option<(TraceId, SpanId)> {
        CALL.try_with(|ids| *ids).ok()
    }
}

/// Starts to send; what waits when `closing` says so, and then no more.
pub(crate) fn start(
    collector: Collector,
    node: NodeId,
    events: Events,
    metrics: Arc<Metrics>,
    mut closing: watch::Receiver<bool>,
) -> JoinHandle<()> {
    let resource = resource_message(&resource(node));
    tokio::spawn(async move {
        let mut events = events.lock().await;
        let (mut batch, mut failing, mut last) = (Vec::new(), false, false);
        while !last {
            let mut due = None;
            while batch.len() < BATCH && !last {
                let room = BATCH - batch.len();
                tokio::select! {
                    taken = events.recv_many(&mut batch, room) => match taken {
                        0 => last = true,
                        _ => due = due.or_else(|| Some(Instant::now() + TOGETHER)),
                    },
                    () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => break,
                    _ = closing.wait_for(|&closing| closing) => last = true,
                }
            }
            if batch.is_empty() {
                continue;
            }
            let count = u64::try_from(batch.len()).unwrap_or(u64::MAX);
            let records = std::mem::take(&mut batch).into_iter().map(record);
            let message = ExportLogsServiceRequest {
                resource_logs: vec![ResourceLogs {
                    resource: Some(resource.clone()),
                    scope_logs: vec![ScopeLogs {
                        scope: Some(scope()),
                        log_records: records.collect(),
                        ..ScopeLogs::default()
                    }],
                    ..ResourceLogs::default()
                }],
            };
            match collector.push("logs", &message).await {
                Ok(()) => {
                    metrics.otlp_logs(ExportFate::Exported, count);
                    if std::mem::take(&mut failing) {
                        tracing::info!("the collector takes logs again");
                    }
                }
                Err(error) => {
                    metrics.otlp_logs(ExportFate::Failed, count);
                    if !std::mem::replace(&mut failing, true) {
                        tracing::warn!(%error, "logs are dropped: the collector does not take them");
                    }
                }
            }
        }
    })
}

fn record((at, event): (Timestamp, Event)) -> LogRecord {
    let severity = match event.level {
        Level::ERROR => SeverityNumber::Error,
        Level::WARN => SeverityNumber::Warn,
        Level::INFO => SeverityNumber::Info,
        Level::DEBUG => SeverityNumber::Debug,
        Level::TRACE => SeverityNumber::Trace,
    };
    let field = |(name, field): (&'static str, Field)| {
        let value = match field {
            Field::Bool(value) => Value::BoolValue(value),
            Field::Float(value) => Value::DoubleValue(value),
            Field::Int(value) => Value::IntValue(value),
            Field::Text(value) => Value::StringValue(value),
        };
        attribute(name, value)
    };
    let mut attributes = vec![text("tidegate.target", event.target)];
    attributes.extend(event.fields.into_iter().map(field));
    let (trace_id, span_id) = event.call.unzip();
    LogRecord {
        time_unix_nano: nanos(at),
        observed_time_unix_nano: nanos(at),
        severity_number: severity.into(),
        severity_text: event.level.as_str().to_owned(),
        body: Some(any(Value::StringValue(event.message))),
        attributes,
        trace_id: trace_id
            .map(|id| id.to_bytes().to_vec())
            .unwrap_or_default(),
        span_id: span_id.map(|id| id.to_bytes().to_vec()).unwrap_or_default(),
        ..LogRecord::default()
    }
}
