//! What providers said about themselves, for a while: descriptions for an hour, keys for five minutes, so
//! that a key that was taken back is not believed for longer. In bounded memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http::StatusCode;
use tidegate_types::Mono;

use crate::{Client, Endpoint, IdentityError, Issuer, discovery::Metadata, keys::Keys};

/// How long a description is believed.
const DESCRIPTION: Duration = Duration::from_secs(60 * 60);

/// How long keys are believed.
const KEYS: Duration = Duration::from_secs(5 * 60);

/// Keys are asked for because of a token at most once in this time: tokens must not make us ask.
const ANEW: Duration = Duration::from_secs(30);

/// Providers that are remembered at once.
const MOST: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<HashMap<String, Known>>);

#[derive(Debug, Default)]
struct Known {
    metadata: Option<(Mono, Arc<Metadata>)>,
    keys: Option<(Mono, Arc<Keys>)>,
    asked_anew: Option<Mono>,
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what is known of a provider; where there is no room, all others are forgotten, which
    /// costs them one request each.
    fn note(&self, issuer: &Issuer, change: impl FnOnce(&mut Known)) {
        let mut known = self.lock();
        if known.len() >= MOST && !known.contains_key(issuer.as_str()) {
            known.clear();
        }
        change(known.entry(issuer.as_str().to_owned()).or_default());
    }

    pub(super) fn forget(&self, issuer: &Issuer) {
        self.lock().remove(issuer.as_str());
    }

    pub(super) async fn metadata(
        &self,
        client: &Client,
        issuer: &Issuer,
        now: Mono,
    ) -> Result<Arc<Metadata>, IdentityError> {
        let fresh = |known: &Known| {
            let (at, metadata) = known.metadata.as_ref()?;
            (now.since(*at) < DESCRIPTION).then(|| Arc::clone(metadata))
        };
        if let Some(metadata) = self.lock().get(issuer.as_str()).and_then(fresh) {
            return Ok(metadata);
        }
        let body = document(client, "description", &issuer.configuration()?).await?;
        let metadata = Arc::new(Metadata::parse(&body, issuer)?);
        self.note(issuer, |known| {
            known.metadata = Some((now, Arc::clone(&metadata)));
        });
        Ok(metadata)
    }

    pub(super) async fn keys(
        &self,
        client: &Client,
        issuer: &Issuer,
        metadata: &Metadata,
        now: Mono,
    ) -> Result<Arc<Keys>, IdentityError> {
        let fresh = |known: &Known| {
            let (at, keys) = known.keys.as_ref()?;
            (now.since(*at) < KEYS).then(|| Arc::clone(keys))
        };
        if let Some(keys) = self.lock().get(issuer.as_str()).and_then(fresh) {
            return Ok(keys);
        }
        let body = document(client, "key set", &metadata.jwks).await?;
        let keys = Arc::new(Keys::parse(&body)?);
        self.note(issuer, |known| known.keys = Some((now, Arc::clone(&keys))));
        Ok(keys)
    }

    /// The keys as they are now, unless they were asked for anew a moment ago.
    pub(super) async fn newer_keys(
        &self,
        client: &Client,
        issuer: &Issuer,
        metadata: &Metadata,
        now: Mono,
    ) -> Result<Arc<Keys>, IdentityError> {
        self.note(issuer, |known| {
            let lately = |at: Mono| now.since(at) < ANEW;
            if !known.asked_anew.is_some_and(lately) {
                known.asked_anew = Some(now);
                known.keys = None;
            }
        });
        self.keys(client, issuer, metadata, now).await
    }
}

async fn document(
    client: &Client,
    what: &'static str,
    endpoint: &Endpoint,
) -> Result<bytes::Bytes, IdentityError> {
    let answer = client.get(what, endpoint, None).await?;
    if answer.status == StatusCode::OK {
        return Ok(answer.body);
    }
    Err(IdentityError::Unusable {
        what,
        reason: format!("it answers {}", answer.status.as_u16()),
    })
}
