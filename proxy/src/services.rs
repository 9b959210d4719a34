//! Asks guardrail services of others: over pooled, verified connections, with a time limit, a limit of calls at
//! once, and a breaker that leaves a service alone that fails.

mod breaker;
mod client;

use std::{collections::HashMap, path::PathBuf, sync::Arc, time::Duration};

use tidegate_engines::{Answered, Content, Engine, Verdict};
use tidegate_guards::{Asking, Services};
use tidegate_types::Clock;
use tokio::sync::Semaphore;

use crate::config::EngineConfig;
use breaker::Breaker;
pub(crate) use client::Client;

const LATE: &str = "the service did not answer in time";
const BROKEN: &str = "the service cannot be reached";
const OPEN: &str = "the service failed too often and is left alone for a while";
const CROWDED: &str = "the service is asked about too many calls at once";
const UNASKED: &str = "the service cannot be asked about this text";
const UNKNOWN: &str = "no such service is configured";

/// The services of the configuration.
#[derive(Debug)]
pub(crate) struct Configured {
    services: HashMap<String, Service>,
    clock: Arc<dyn Clock>,
}

#[derive(Debug)]
struct Service {
    engine: Box<dyn Engine>,
    client: Client,
    timeout: Duration,
    at_once: Semaphore,
    breaker: Breaker,
}

impl Configured {
    /// # Errors
    /// A CA bundle cannot be used.
    pub(crate) fn new(engines: Vec<EngineConfig>, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let mut clients: HashMap<Option<PathBuf>, Client> = HashMap::new();
        let mut services = HashMap::new();
        for config in engines {
            let client = match clients.get(&config.ca) {
                Some(client) => client.clone(),
                None => {
                    let client = Client::trusting(config.ca.as_deref())?;
                    clients.insert(config.ca.clone(), client.clone());
                    client
                }
            };
            let service = Service {
                engine: config.engine,
                client,
                timeout: config.timeout,
                at_once: Semaphore::new(config.concurrency),
                breaker: Breaker::default(),
            };
            services.insert(config.name, service);
        }
        Ok(Self { services, clock })
    }

    async fn put(&self, name: &str, content: &Content<'_>) -> Result<Verdict, &'static str> {
        let service = self.services.get(name).ok_or(UNKNOWN)?;
        let now = self.clock.now();
        if !service.breaker.lets(now) {
            return Err(OPEN);
        }
        let request = service.engine.request(content, now).map_err(|_| UNASKED)?;
        let asked = tokio::time::timeout(service.timeout, async {
            let _place = service.at_once.acquire().await.map_err(|_| CROWDED)?;
            service.client.post(request).await.map_err(|error| {
                tracing::debug!(%error, service = name, "a guardrail service cannot be reached");
                BROKEN
            })
        });
        let said = match asked.await {
            Ok(Ok((status, body))) => {
                let answer = Answered {
                    status,
                    body: &body,
                };
                Ok(service.engine.read(content, &answer))
            }
            Ok(Err(error)) => Err(error),
            Err(_) => Err(LATE),
        };
        let failed = match &said {
            Ok(Verdict::Failed(failure)) => failure.retryable(),
            Ok(_) => false,
            Err(_) => true,
        };
        service.breaker.note(self.clock.now(), failed);
        said
    }
}

impl Services for Configured {
    fn knows(&self, name: &str) -> bool {
        self.services.contains_key(name)
    }

    fn ask<'a>(&'a self, name: &'a str, content: &'a Content<'a>) -> Asking<'a> {
        Box::pin(self.put(name, content))
    }
}
