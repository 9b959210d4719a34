//! What a question means, as a vector: the operator's embedding model is asked. It is asked only where nobody
//! asked the question in the same words, and where it fails or is late, there is no such answer.

use std::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use anyhow::{Context, ensure};
use http::{HeaderMap, HeaderValue, header};
use serde::Deserialize;
use serde_json::json;
use tidegate_cache::{Cache, Vector};
use tidegate_engines::Request;
use tidegate_pipeline::stage::Recalled;
use tidegate_provider::Provider;
use tokio::sync::Semaphore;

use crate::{
    call::Call,
    config::{ProviderConfig, SemanticConfig},
    gateway::Gateway,
    services::Client,
};

/// More questions than these are not embedded at once: those beyond are misses.
const AT_ONCE: usize = 64;

/// Asks the embedding model.
pub(crate) struct Embedder {
    client: Client,
    url: String,
    provider: Provider,
    model: String,
    timeout: Duration,
    places: Semaphore,
    /// It failed when it was last asked: the log says so once.
    failing: AtomicBool,
}

impl fmt::Debug for Embedder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Embedder({})", self.model)
    }
}

/// An answer of `/v1/embeddings`.
#[derive(Deserialize)]
struct Embedded {
    data: Vec<One>,
}

#[derive(Deserialize)]
struct One {
    embedding: Vec<f32>,
}

impl Embedder {
    /// Asks a model of this provider.
    ///
    /// # Errors
    /// The provider's CA bundle cannot be used.
    pub(crate) fn new(
        semantic: &SemanticConfig,
        config: &ProviderConfig,
        provider: &Provider,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            client: Client::trusting(config.ca.as_deref())?,
            url: format!("{}/v1/embeddings", provider.endpoint),
            provider: provider.clone(),
            model: semantic.model.clone(),
            timeout: semantic.timeout,
            places: Semaphore::new(AT_ONCE),
            failing: AtomicBool::default(),
        })
    }

    async fn vector(&self, text: &str) -> Option<Vector> {
        let _place = self.places.try_acquire().ok()?;
        let asked = tokio::time::timeout(self.timeout, self.ask(text)).await;
        let (vector, failed) = match asked {
            Ok(Ok(vector)) => (Some(vector), None),
            Ok(Err(error)) => (None, Some(error.to_string())),
            Err(_) => (None, Some("it did not answer in time".to_owned())),
        };
        let before = self.failing.swap(failed.is_some(), Ordering::Relaxed);
        match failed {
            Some(why) if !before => tracing::warn!(why, "the embedding model fails"),
            None if before => tracing::info!("the embedding model answers again"),
            _ => {}
        }
        vector
    }

    async fn ask(&self, text: &str) -> anyhow::Result<Vector> {
        let body = json!({ "model": self.model, "input": text, "encoding_format": "float" });
        let mut headers = HeaderMap::new();
        let json = HeaderValue::from_static("application/json");
        headers.insert(header::CONTENT_TYPE, json);
        // Each time: a token that is renewed is another one later.
        let key = self.provider.keys().first();
        self.provider.authorize(key, &mut headers);
        let named = headers.iter();
        let request = Request {
            url: self.url.clone(),
            headers: named
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            body: body.to_string().into(),
        };
        let (status, body) = self.client.post(request).await?;
        ensure!(status.is_success(), "it answered with status {status}");
        let read: Embedded = serde_json::from_slice(&body).context("its answer cannot be read")?;
        let first = read.data.into_iter().next();
        first
            .and_then(|one| Vector::new(one.embedding))
            .context("its answer has no vector in it")
    }
}

/// Goes on where nobody asked the same: somebody may have meant it. The model's time limit is short, so the
/// client is not watched meanwhile.
pub(crate) async fn recall<'s, 'r>(
    gateway: &Gateway,
    cache: &Cache,
    recalled: Recalled<'s, 'r>,
    call: &mut Call,
) -> Recalled<'s, 'r> {
    let (Some(embedder), Recalled::Missed(missed)) = (&gateway.embedder, &recalled) else {
        return recalled;
    };
    let Some(text) = missed.meaning() else {
        return recalled;
    };
    let asked = call.watch.wait(Box::pin(embedder.vector(text)));
    match (asked.await, recalled) {
        (Some(vector), Recalled::Missed(missed)) => {
            missed.recall_meaning(cache, vector, &mut call.facts)
        }
        (_, recalled) => recalled,
    }
}
