//! How each provider has been doing, for the console and `/readyz`.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use tidegate_control::ProviderHealth;
use tidegate_types::{ProviderName, Timestamp};

/// The last good and the last bad news of each provider.
#[derive(Debug, Default)]
pub(crate) struct Health {
    providers: HashMap<ProviderName, Arc<State>>,
}

/// Good news comes with every call and only stores two numbers; bad news is rare and has words.
#[derive(Debug, Default)]
struct State {
    healthy: AtomicBool,
    /// Microseconds since the epoch; 0: never.
    success: AtomicI64,
    error: Mutex<Option<(Timestamp, &'static str)>>,
}

impl Health {
    /// What `previous` knows of a provider is still known.
    pub(crate) fn new<'a>(
        names: impl Iterator<Item = &'a ProviderName>,
        previous: Option<&Self>,
    ) -> Self {
        let state = |name: &ProviderName| {
            let known = previous.and_then(|previous| previous.providers.get(name));
            (name.clone(), known.cloned().unwrap_or_default())
        };
        Self {
            providers: names.map(state).collect(),
        }
    }

    /// A provider answered.
    pub(crate) fn good(&self, provider: &ProviderName, now: Timestamp) {
        if let Some(state) = self.providers.get(provider) {
            state.success.store(now.micros(), Ordering::Relaxed);
            state.healthy.store(true, Ordering::Relaxed);
        }
    }

    /// A provider failed; `what` is for people and holds neither credential nor content.
    pub(crate) fn bad(&self, provider: &ProviderName, now: Timestamp, what: &'static str) {
        let Some(state) = self.providers.get(provider) else {
            return;
        };
        state.healthy.store(false, Ordering::Relaxed);
        // A poisoned lock means that a thread died here: health is then not worth dying for.
        if let Ok(mut error) = state.error.lock() {
            *error = Some((now, what));
        }
    }

    /// What is known of a provider; `None` before the first call.
    pub(crate) fn of(&self, provider: &ProviderName) -> Option<ProviderHealth> {
        let state = self.providers.get(provider)?;
        let success = state.success.load(Ordering::Relaxed);
        let error = state.error.lock().ok().and_then(|error| *error);
        (success != 0 || error.is_some()).then(|| ProviderHealth {
            healthy: state.healthy.load(Ordering::Relaxed),
            last_success_at: (success != 0).then(|| Timestamp::from_micros(success)),
            last_error_at: error.map(|(at, _)| at),
            last_error: error.map(|(_, what)| what.to_owned()),
        })
    }
}
