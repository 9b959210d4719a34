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
mod shadow;

use std::collections::HashMap;

use tidegate_provider::Provider;
use tidegate_types::ProviderName;

pub use breaker::State;
pub use chance::Affinity;
pub use model::{Choose, Target, VirtualModel};
pub use place::{Cooldown, Failure, Place};
pub use retry::{Policy, Retry};
pub use rule::{Asked, Rule, RuleError, Then};
pub use shadow::Shadow;

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

    /// Goes on from what another one knows, of the configuration before this one: cooldowns, breakers and retries
    /// saved up, and how long targets took. `providers` finds a provider as it is now and as it was; what is not the
    /// same any more begins anew.
    pub fn follow<'a>(
        &self,
        before: &Self,
        providers: impl Fn(&ProviderName) -> Option<(&'a Provider, &'a Provider)>,
    ) {
        self.retry.follow(&before.retry);
        for (name, place) in &self.places {
            if let (Some(old), Some((now, was))) = (before.places.get(name), providers(name)) {
                place.follow(old, now, was);
            }
        }
        for target in self.models.iter().flat_map(|model| &model.targets) {
            let same_place =
                providers(&target.provider).is_some_and(|(now, was)| now.endpoint == was.endpoint);
            let mut olds = before.models.iter().flat_map(|model| &model.targets);
            let old = olds.find(|old| old.provider == target.provider && old.model == target.model);
            if let Some(old) = old.filter(|_| same_place) {
                target.follow(old);
            }
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tidegate_provider::{ClearText, Endpoint};
    use tidegate_types::Mono;
    use tidegate_wire::Dialect;

    use super::*;

    fn at(base: &str) -> Provider {
        let endpoint = Endpoint::parse(base, ClearText::Loopback).unwrap();
        Provider::new("p".parse().unwrap(), Dialect::OpenAi, endpoint, None).unwrap()
    }

    fn fastest(provider: &Provider, models: [&str; 2]) -> Routing {
        let target = |model: &str| Target::new(provider.name.clone(), model.parse().unwrap(), 1);
        let model = VirtualModel {
            name: "quick".parse().unwrap(),
            choose: Choose::Fastest,
            targets: models.map(target).into(),
            shadow: None,
        };
        let providers = std::slice::from_ref(provider);
        Routing::new(providers, vec![model], Vec::new(), Policy::default())
    }

    #[test]
    fn what_a_target_took_is_known_after_a_change() {
        let (here, elsewhere) = (at("https://a.example.com"), at("https://b.example.com"));
        let old = fastest(&here, ["slow", "quick"]);
        let now = Mono(1_000_000_000);
        for target in &old.models[0].targets {
            let took = if target.model.as_str() == "slow" {
                900
            } else {
                10
            };
            target.measure(Duration::from_millis(took), now);
        }
        let slow_firsts = |provider: &Provider, models| {
            let new = fastest(provider, models);
            new.follow(&old, |_| Some((provider, &here)));
            let order = |_: &u32| new.models[0].order(None, now)[0].model.as_str() == "slow";
            (0..400).filter(order).count()
        };
        // 3 in 100 try another; of two that nobody knows each is first half of the time.
        assert!(slow_firsts(&here, ["quick", "slow"]) < 60);
        assert!(slow_firsts(&elsewhere, ["quick", "slow"]) > 100);
    }
}
