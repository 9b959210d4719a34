//! Pushes metrics to a collector, at intervals: what `/metrics` shows, and the conventions' histograms of generative AI.
//!
//! Everything is counted since the start of the process, so a push that failed costs nothing: the next one says it all.

use std::sync::Arc;

use opentelemetry_proto::tonic::{
    collector::metrics::v1::ExportMetricsServiceRequest,
    metrics::v1::{ResourceMetrics, ScopeMetrics},
    resource::v1::Resource,
};
use tidegate_telemetry::{ExportFate, Metrics};
use tidegate_types::{Clock, NodeId, Timestamp};
use tokio::{sync::watch, task::JoinHandle};

use super::{
    Collector, exposition,
    genai::GenAi,
    message::{Span, nanos, scope},
    resource, resource_message,
};
use crate::config::OtlpSection;

/// What is pushed, since the process started.
#[derive(Debug)]
pub(crate) struct Meters {
    pub(crate) genai: GenAi,
    pub(crate) metrics: Arc<Metrics>,
    clock: Arc<dyn Clock>,
    since: Timestamp,
}

impl Meters {
    pub(crate) fn new(metrics: Arc<Metrics>, clock: Arc<dyn Clock>) -> Self {
        Self {
            genai: GenAi::default(),
            metrics,
            since: clock.now(),
            clock,
        }
    }

    fn message(&self, resource: Resource) -> ExportMetricsServiceRequest {
        let span = Span {
            start: nanos(self.since),
            now: nanos(self.clock.now()),
        };
        let mut metrics = self.genai.metrics(span);
        metrics.extend(exposition::metrics(&self.metrics.encode(), span));
        ExportMetricsServiceRequest {
            resource_metrics: vec![ResourceMetrics {
                resource: Some(resource),
                scope_metrics: vec![ScopeMetrics {
                    scope: Some(scope()),
                    metrics,
                    ..ScopeMetrics::default()
                }],
                ..ResourceMetrics::default()
            }],
        }
    }
}

/// Starts to push; once more when `closing` says so, and then no more.
pub(crate) fn start(
    config: &OtlpSection,
    collector: Collector,
    node: NodeId,
    meters: Arc<Meters>,
    mut closing: watch::Receiver<bool>,
) -> JoinHandle<()> {
    let every = config.interval;
    let resource = resource_message(&resource(node));
    tokio::spawn(async move {
        let mut failing = false;
        loop {
            let last = tokio::select! {
                () = tokio::time::sleep(every) => false,
                _ = closing.wait_for(|&closing| closing) => true,
            };
            let message = meters.message(resource.clone());
            let pushed = collector.push("metrics", &message).await;
            let fate = match &pushed {
                Ok(()) => ExportFate::Exported,
                Err(_) => ExportFate::Failed,
            };
            meters.metrics.otlp_metrics(fate);
            match pushed {
                Ok(()) if std::mem::take(&mut failing) => {
                    tracing::info!("the collector takes metrics again");
                }
                Err(error) if !std::mem::replace(&mut failing, true) => {
                    tracing::warn!(%error, "metrics are not pushed: the collector does not take them");
                }
                _ => {}
            }
            if last {
                return;
            }
        }
    })
}
