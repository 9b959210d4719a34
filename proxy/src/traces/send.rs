//! Sends spans to a collector, over the client that speaks to all services.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{Resource, trace::SpanExporter as _};
use tidegate_telemetry::{Metrics, SpanFate};
use tidegate_types::NodeId;
use tokio::time::timeout;

use super::{
    Ended, names,
    span::{self, Server, Servers},
};
use crate::{
    config::{OtlpSection, ProviderConfig},
    services::Client,
};

/// How long one try may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a batch is tried again, where the collector says that it may be.
const AGAIN: Duration = Duration::from_secs(10);
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What sends batches of spans.
#[derive(Debug)]
pub(super) struct Exporter {
    to: SpanExporter,
    scope: InstrumentationScope,
    servers: Servers,
    metrics: Arc<Metrics>,
    failing: bool,
}

impl Exporter {
    /// # Errors
    /// A CA bundle cannot be used, a header is none, or the environment asks for what the exporter cannot do.
    pub(super) fn new(
        config: &OtlpSection,
        providers: &[ProviderConfig],
        node: NodeId,
        metrics: Arc<Metrics>,
    ) -> anyhow::Result<Self> {
        let client = Client::trusting(config.ca.as_deref()).context("telemetry.otlp_ca")?;
        let headers = config.headers.iter().map(|(name, value)| {
            let mut value = HeaderValue::from_str(value.expose())?;
            value.set_sensitive(true);
            anyhow::Ok((name.clone(), value))
        });
        let headers = headers.collect::<anyhow::Result<_>>()?;
        let mut to = SpanExporter::builder()
            .with_http()
            .with_http_client(Collector { client, headers })
            .with_endpoint(format!("{}/v1/traces", config.url))
            .with_protocol(Protocol::HttpBinary)
            .with_timeout(AGAIN)
            .build()
            .context("telemetry.otlp cannot be exported to")?;
        // What `OTEL_RESOURCE_ATTRIBUTES` says of where the process runs is kept.
        let resource = Resource::builder()
            .with_service_name("tidegate")
            .with_attribute(KeyValue::new("service.version", VERSION))
            .with_attribute(KeyValue::new("service.instance.id", node.to_string()));
        to.set_resource(&resource.build());
        let scope = InstrumentationScope::builder("tidegate").with_version(VERSION);
        let servers = providers.iter().map(|provider| {
            let server = Server {
                name: names::provider(&provider.endpoint, provider.dialect),
                address: provider.endpoint.host().to_owned(),
                port: provider.endpoint.port(),
            };
            (provider.name.clone(), server)
        });
        Ok(Self {
            to,
            scope: scope.build(),
            servers: servers.collect(),
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
                self.metrics.spans(SpanFate::Exported, count);
                if std::mem::take(&mut self.failing) {
                    tracing::info!("the collector takes spans again");
                }
            }
            Err(error) => {
                self.metrics.spans(SpanFate::Failed, count);
                // Once, and not for each batch of an evening.
                if !std::mem::replace(&mut self.failing, true) {
                    tracing::warn!(%error, "spans are dropped: the collector does not take them");
                }
            }
        }
    }
}

/// The collector, as the exporter speaks to it.
#[derive(Debug)]
struct Collector {
    client: Client,
    headers: Vec<(HeaderName, HeaderValue)>,
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        for (name, value) in &self.headers {
            request.headers_mut().insert(name.clone(), value.clone());
        }
        let sent = timeout(PATIENCE, self.client.send(request)).await?;
        Ok(sent.inspect_err(|error| tracing::debug!(%error, "the collector cannot be reached"))?)
    }
}
