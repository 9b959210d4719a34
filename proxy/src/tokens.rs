//! Access tokens of providers that want short-lived ones: fetched at the start, renewed ahead of their end, and never
//! on a call's way. The last good one is used until it ends; that none can be had is the provider's bad news.

mod entra;
mod google;
mod service_account;
#[cfg(test)]
mod tests;

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use http::{HeaderValue, Request, StatusCode, header};
use serde::Deserialize;
use tidegate_provider::Token;
use tidegate_types::{Clock, ProviderName, Secret, Timestamp};

pub(crate) use entra::Entra;
pub(crate) use google::{Google, is_safe};

use crate::{health::Health, services::Client};

/// A token endpoint that takes longer than this does not answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between attempts while no token can be had: at first, and at most.
const RETRY: Duration = Duration::from_secs(1);
const RETRY_MOST: Duration = Duration::from_secs(60);
/// How long the start waits for first tokens.
const FIRST: Duration = Duration::from_secs(5);
/// A longer token is none.
const LONGEST: usize = 16 << 10;

/// How a token is asked for.
#[derive(Debug)]
pub enum Grant {
    /// Microsoft Entra ID, by an app's secret.
    Entra(Entra),
    /// Google, by one of its ways.
    Google(Google),
}

/// A token, and how long it holds.
#[derive(Debug)]
struct Granted {
    token: Secret<String>,
    holds: Duration,
}

/// One token that is kept fresh.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) provider: ProviderName,
    pub(crate) grant: Arc<Grant>,
    pub(crate) token: Arc<Token>,
    pub(crate) client: Client,
}

impl Grant {
    async fn fetch(&self, client: &Client, now: Timestamp) -> anyhow::Result<Granted> {
        match self {
            Self::Entra(app) => app.fetch(client).await,
            Self::Google(google) => google.fetch(client, now).await,
        }
    }
}

impl Kept {
    /// A token for a provider, of which none is held yet. `ca` is the bundle that its provider is trusted by.
    ///
    /// # Errors
    /// The bundle cannot be used.
    pub(crate) fn new(
        provider: ProviderName,
        grant: Arc<Grant>,
        ca: Option<&Path>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            provider,
            grant,
            token: Arc::default(),
            client: Client::trusting(ca)?,
        })
    }

    /// Asks once; the token's remaining time.
    async fn renew(&self, now: Timestamp) -> anyhow::Result<Duration> {
        let asked = self.grant.fetch(&self.client, now);
        let granted = tokio::time::timeout(PATIENCE, asked)
            .await
            .context("the token endpoint did not answer in time")??;
        self.token.renew(&granted.token)?;
        Ok(granted.holds)
    }

    /// Keeps it fresh for as long as a provider has it.
    async fn keep(self, clock: Arc<dyn Clock>, health: Arc<Health>) {
        let mut pace = Pace::default();
        while Arc::strong_count(&self.token) > 1 {
            let wait = match self.renew(clock.now()).await {
                Ok(holds) => pace.renewed(clock.as_ref(), holds),
                Err(error) => {
                    let provider = &self.provider;
                    tracing::warn!(%provider, error = format!("{error:#}"), "no access token");
                    health.bad(provider, clock.now(), "no access token");
                    if pace.over(clock.as_ref()) {
                        self.token.forget();
                    }
                    pace.failed()
                }
            };
            tokio::time::sleep(wait).await;
        }
    }
}

/// Keeps tokens fresh from now on, and waits until each is held, but not long: what cannot be had now is asked for
/// again.
pub(crate) async fn keep_all(kept: Vec<Kept>, clock: &Arc<dyn Clock>, health: &Arc<Health>) {
    let tokens: Vec<_> = kept.iter().map(|kept| Arc::clone(&kept.token)).collect();
    for one in kept {
        tokio::spawn(one.keep(Arc::clone(clock), Arc::clone(health)));
    }
    let held = async {
        while !tokens.iter().all(|token| token.is_held()) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    drop(tokio::time::timeout(FIRST, held).await);
}

/// When the next attempt is due.
#[derive(Debug, Default)]
struct Pace {
    failures: u32,
    ends: Option<Timestamp>,
}

impl Pace {
    /// A token came that holds so long: it is renewed when 70 to 80 % of that are over, not by all gateways at once.
    fn renewed(&mut self, clock: &dyn Clock, holds: Duration) -> Duration {
        self.failures = 0;
        self.ends = Some(clock.now().plus(holds));
        holds.mul_f64(0.7 + 0.1 * fastrand::f64()).max(RETRY)
    }

    /// None came.
    fn failed(&mut self) -> Duration {
        let wait = RETRY
            .saturating_mul(1 << self.failures.min(6))
            .min(RETRY_MOST);
        self.failures = self.failures.saturating_add(1);
        wait.mul_f64(0.8 + 0.4 * fastrand::f64())
    }

    /// Whether the last one has ended.
    fn over(&self, clock: &dyn Clock) -> bool {
        self.ends.is_some_and(|ends| ends <= clock.now())
    }
}

/// What token endpoints answer (RFC 6749 §5.1).
#[derive(Deserialize)]
struct Answer {
    access_token: String,
    expires_in: u64,
}

/// Reads an answer of a token endpoint.
///
/// # Errors
/// It holds no token. What it says of itself is not repeated but for its status: it may hold secrets.
fn granted(status: StatusCode, body: &[u8]) -> anyhow::Result<Granted> {
    ensure!(
        status == StatusCode::OK,
        "the token endpoint answered with {status}"
    );
    let answer: Option<Answer> = serde_json::from_slice(body).ok();
    let answer = answer.context("the token endpoint's answer holds no token")?;
    whole(answer.access_token, Duration::from_secs(answer.expires_in))
}

fn whole(token: String, holds: Duration) -> anyhow::Result<Granted> {
    let fits = !token.is_empty() && token.len() <= LONGEST && !holds.is_zero();
    ensure!(
        fits,
        "the token endpoint's answer holds no token that can be used"
    );
    Ok(Granted {
        token: Secret::new(token),
        holds: holds.min(Duration::from_secs(7 * 86_400)),
    })
}

/// Posts a form to a token endpoint.
async fn post(client: &Client, url: &str, form: &[(&str, &str)]) -> anyhow::Result<Granted> {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    let request = Request::post(url)
        .header(header::CONTENT_TYPE, form)
        .body(body.into())?;
    let (head, body) = client.send(request).await?.into_parts();
    granted(head.status, &body)
}
