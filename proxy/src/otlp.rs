//! OpenTelemetry's protocol: the collector, as everything that is sent to it needs it, and what is pushed besides
//! spans (`traces`): metrics and the process's own log.
//!
//! Spans go by `opentelemetry-otlp`'s exporter. Its exporters of metrics and logs take only what the SDK of that library
//! has counted and written itself; ours are counted and written already, so they are put into the protocol's messages
//! as they are, and go over the same client with the same headers.

mod exposition;
pub(crate) mod genai;
pub(crate) mod logs;
mod message;
pub(crate) mod push;

use std::time::Duration;

use anyhow::{Context, ensure};
use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, header};
use opentelemetry::KeyValue;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_proto::tonic::resource::v1::Resource as ResourceMessage;
use opentelemetry_sdk::Resource;
use prost::Message;
use tidegate_types::NodeId;
use tokio::time::timeout;

use crate::{config::OtlpSection, services::Client};

/// How long one try may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The collector, as exporters speak to it.
#[derive(Debug, Clone)]
pub(crate) struct Collector {
    client: Client,
    headers: Vec<(HeaderName, HeaderValue)>,
    url: String,
}

impl Collector {
    /// # Errors
    /// A CA bundle cannot be used, or a header is none.
    pub(crate) fn new(config: &OtlpSection) -> anyhow::Result<Self> {
        let client = Client::trusting(config.ca.as_deref()).context("telemetry.otlp_ca")?;
        let headers = config.headers.iter().map(|(name, value)| {
            let mut value = HeaderValue::from_str(value.expose())?;
            value.set_sensitive(true);
            anyhow::Ok((name.clone(), value))
        });
        Ok(Self {
            client,
            headers: headers.collect::<anyhow::Result<_>>()?,
            url: config.url.clone(),
        })
    }

    /// Where a signal goes: `traces`, `metrics`, `logs`.
    pub(crate) fn endpoint(&self, signal: &str) -> String {
        format!("{}/v1/{signal}", self.url)
    }

    /// Sends a message, once.
    ///
    /// # Errors
    /// The collector does not take it.
    async fn push(&self, signal: &str, message: &impl Message) -> anyhow::Result<()> {
        let request = Request::post(self.endpoint(signal))
            .header(header::CONTENT_TYPE, "application/x-protobuf")
            .body(Bytes::from(message.encode_to_vec()))?;
        let sent = self.send_bytes(request).await;
        let status = sent.map_err(|error| anyhow::anyhow!("{error}"))?.status();
        ensure!(status.is_success(), "the collector answered {status}");
        Ok(())
    }
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

/// Who sends. What `OTEL_RESOURCE_ATTRIBUTES` says of where the process runs is kept.
pub(crate) fn resource(node: NodeId) -> Resource {
    Resource::builder()
        .with_service_name("tidegate")
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attribute(KeyValue::new("service.instance.id", node.to_string()))
        .build()
}

fn resource_message(resource: &Resource) -> ResourceMessage {
    let attributes = resource.iter();
    ResourceMessage {
        attributes: attributes
            .map(|(key, value)| message::text(key.as_str(), &value.as_str()))
            .collect(),
        ..ResourceMessage::default()
    }
}
