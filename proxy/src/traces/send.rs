//! Sends spans to a collector, over the client that speaks to all services.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use opentelemetry::InstrumentationScope;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::trace::SpanExporter as _;
use tidegate_telemetry::{ExportFate, Metrics};
use tidegate_types::NodeId;

use super::{
    Ended,
    span::{self, Servers},
};
use crate::otlp::{Collector, resource};

/// How long a batch is tried again, where the collector says that it may be.
const AGAIN: Duration = Duration::from_secs(10);
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What sends batches of spans.
#[derive(Debug)]
pub(super) struct Exporter {
    to: SpanExporter,
    scope: InstrumentationScope,
    servers: Arc<Servers>,
    metrics: Arc<Metrics>,
    failing: bool,
}

impl Exporter {
    /// # Errors
    /// The environment asks for what the exporter cannot do.
    pub(super) fn new(
        collector: Collector,
        servers: Arc<Servers>,
        node: NodeId,
        metrics: Arc<Metrics>,
    ) -> anyhow::Result<Self> {
        let endpoint = collector.endpoint("traces");
        let mut to = SpanExporter::builder()
            .with_http()
            .with_http_client(collector)
            .with_endpoint(endpoint)
            .with_protocol(Protocol::HttpBinary)
            .with_timeout(AGAIN)
            .build()
            .context("telemetry.otlp cannot be exported to")?;
        to.set_resource(&resource(node));
        let scope = InstrumentationScope::builder("tidegate").with_version(VERSION);
        Ok(Self {
            to,
            scope: scope.build(),
            servers,
            metrics,
            failing: false,
        })
    }

    /// Sends a batch, or gives it up.
    pub(super) async fn send(&mut self, batch: Vec<Ended>) {
        let spans: Vec<_> = batch
            .iter()
            .map(|ended| span::of(ended, &self.servers, &self.scope))
            .collect();
        drop(batch);
        let count = u64::try_from(spans.len()).unwrap_or(u64::MAX);
        match self.to.export(spans).await {
            Ok(()) => {
                self.metrics.spans(ExportFate::Exported, count);
                if std::mem::take(&mut self.failing) {
                    tracing::info!("the collector takes spans again");
                }
            }
            Err(error) => {
                self.metrics.spans(ExportFate::Failed, count);
                // Once, and not for each batch of an evening.
                if !std::mem::replace(&mut self.failing, true) {
                    tracing::warn!(%error, "spans are dropped: the collector does not take them");
                }
            }
        }
    }
}
