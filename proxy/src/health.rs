//! How each provider has been doing, for the console and `/readyz`.

use std::{collections::HashMap, sync::Mutex};

use tidegate_control::ProviderHealth;
use tidegate_types::{ProviderName, Timestamp};

/// The last good and the last bad news of each provider.
#[derive(Debug, Default)]
pub(crate) struct Health {
    providers: Mutex<HashMap<ProviderName, ProviderHealth>>,
}

impl Health {
    /// A provider answered. Cheap when nothing changed within the second.
    pub(crate) fn good(&self, provider: &ProviderName, now: Timestamp) {
        self.note(provider, |health| {
            health.healthy = true;
            health.last_success_at = Some(now);
        });
    }

    /// A provider failed; `what` is for people and holds neither credential nor content.
    pub(crate) fn bad(&self, provider: &ProviderName, now: Timestamp, what: &str) {
        self.note(provider, |health| {
            health.healthy = false;
            health.last_error_at = Some(now);
            health.last_error = Some(what.to_owned());
        });
    }

    /// What is known of a provider.
    pub(crate) fn of(&self, provider: &ProviderName) -> Option<ProviderHealth> {
        self.providers.lock().ok()?.get(provider).cloned()
    }

    fn note(&self, provider: &ProviderName, change: impl FnOnce(&mut ProviderHealth)) {
        // A poisoned lock means that a thread died here: health is then not worth dying for.
        let Ok(mut providers) = self.providers.lock() else {
            return;
        };
        if let Some(health) = providers.get_mut(provider) {
            return change(health);
        }
        let mut health = ProviderHealth {
            healthy: true,
            last_success_at: None,
            last_error_at: None,
            last_error: None,
        };
        change(&mut health);
        providers.insert(provider.clone(), health);
    }
}
