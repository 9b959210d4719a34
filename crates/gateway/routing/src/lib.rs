//! Which of several places answers a call, and what happens when one does not.
//!
//! A [`Place`] is one provider as it has been doing: its breaker, and which of its keys are cooling down. A
//! [`VirtualModel`] is a name under which several models stand; it puts them in an order for each call. [`Retry`]
//! says whether and when a failed call is tried once more. A [`Rule`] sends calls elsewhere, or refuses them, by
//! an expression over the call.
//!
//! All of it is one replica's own view, kept in atomics: replicas need not agree about a provider's health, and
//! no call waits for another. No sockets, no clock: callers bring the time.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod breaker;
mod chance;
mod latency;
mod model;
mod place;
mod retry;
mod rule;

use std::collections::HashMap;

use tidegate_provider::Provider;
use tidegate_types::ProviderName;

pub use breaker::State;
pub use chance::Affinity;
pub use model::{Choose, Target, VirtualModel};
pub use place::{Cooldown, Failure, Place};
pub use retry::{Policy, Retry};
pub use rule::{Asked, Rule, RuleError, Then};

/// All that calls are routed by.
#[derive(Debug, Default)]
pub struct Routing {
    places: HashMap<ProviderName, Place>,
    models: Vec<VirtualModel>,
    rules: Vec<Rule>,
    chooses: bool,
    /// When a call is tried once more.
    pub retry: Retry,
}

impl Routing {
    /// For these providers.
    #[must_use]
    pub fn new(
        providers: &[Provider],
        models: Vec<VirtualModel>,
        rules: Vec<Rule>,
        policy: Policy,
    ) -> Self {
        let place = |provider: &Provider| {
            let place = Place::new(provider.keys().len(), &policy.cooldown);
            (provider.name.clone(), place)
        };
        let chooses = models.iter().any(|model| model.targets.len() > 1)
            || providers.iter().any(|provider| provider.keys().len() > 1);
        Self {
            chooses,
            places: providers.iter().map(place).collect(),
            models,
            rules,
            retry: Retry::new(policy),
        }
    }

    /// Whether there is anything to choose for a call: several targets under a name, or several keys of a provider.
    /// Where not, nobody has to know which conversation it belongs to.
    #[must_use]
    pub const fn chooses(&self) -> bool {
        self.chooses
    }

    /// How a provider has been doing.
    #[must_use]
    pub fn place(&self, provider: &ProviderName) -> Option<&Place> {
        self.places.get(provider)
    }

    /// The virtual model of that name.
    #[must_use]
    pub fn model(&self, name: &str) -> Option<&VirtualModel> {
        self.models.iter().find(|model| model.name.as_str() == name)
    }

    /// All virtual models, in the order of the config.
    #[must_use]
    pub fn models(&self) -> &[VirtualModel] {
        &self.models
    }

    /// All rules, in the order of the config.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }
}
