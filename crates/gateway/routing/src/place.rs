//! One provider as it has been doing: its breaker, and which of its keys are cooling down.

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tidegate_provider::{Provider, ProviderKey};
use tidegate_types::Mono;

use crate::{
    breaker::{Breaker, State, millis},
    chance::{Affinity, draw},
};

/// A provider does not say "not before tomorrow" and mean it for every key and model: longer waits are cut.
const LONGEST_COOLDOWN: Duration = Duration::from_secs(3_600);

/// The most models that are remembered as cooling down, of one provider.
const MOST_COOLING: usize = 1_024;

/// When a provider, or one of its keys, is left alone for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cooldown {
    /// How long, where the provider does not say.
    pub time: Duration,
    /// Failures in a row that open the breaker.
    pub failures: u32,
}

impl Default for Cooldown {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(10),
            failures: 5,
        }
    }
}

/// How an attempt failed, as far as it matters for the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The provider refused the gateway's key.
    Credential,
    /// Too many requests for this key and model, or the model is overloaded: after this time, if it was told, it
    /// may be asked again.
    Busy(Option<Duration>),
    /// It broke, timed out, or was not to be reached.
    Broken,
}

/// One provider as it has been doing.
#[derive(Debug)]
pub struct Place {
    breaker: Breaker,
    /// For each key, until when it is left alone, whatever the model.
    keys: Box<[AtomicU64]>,
    /// The same for a key and a model.
    cooling: Mutex<HashMap<(usize, Box<str>), u64>>,
    /// Whether anything was ever cooling: else nobody has to look.
    any: AtomicBool,
    cooldown: Duration,
}

impl Place {
    /// A provider with this many keys, of which nothing is known.
    #[must_use]
    pub fn new(keys: usize, cooldown: &Cooldown) -> Self {
        Self {
            breaker: Breaker::new(cooldown.failures, cooldown.time),
            keys: (0..keys).map(|_| AtomicU64::new(0)).collect(),
            cooling: Mutex::default(),
            any: AtomicBool::new(false),
            cooldown: cooldown.time,
        }
    }

    /// Goes on from another one, of the same provider before its configuration changed: the breaker, and for each key
    /// that was there what it was left alone for. A provider at another address is another provider.
    pub(crate) fn follow(&self, other: &Self, now: &Provider, before: &Provider) {
        if now.endpoint != before.endpoint {
            return;
        }
        self.breaker.follow(&other.breaker);
        if !other.any.load(Ordering::Relaxed) {
            return;
        }
        let (Ok(mut cooling), Ok(cooled)) = (self.cooling.lock(), other.cooling.lock()) else {
            return;
        };
        cooling.clear();
        for (at, key) in now.keys().iter().enumerate() {
            let same = |one: &&ProviderKey| one.name() == key.name() && one.is_of_account_of(key);
            let found = before.keys().iter().enumerate();
            let Some((was, one)) = found.into_iter().find(|(_, one)| same(one)) else {
                continue;
            };
            if let (Some(mine), Some(theirs)) = (self.keys.get(at), other.keys.get(was))
                && one.has_secret_of(key)
            {
                mine.store(theirs.load(Ordering::Relaxed), Ordering::Relaxed);
            }
            let its = cooled.iter().filter(|((key, _), _)| *key == was);
            cooling.extend(its.map(|((_, model), until)| ((at, model.clone()), *until)));
        }
        // A provider without keys of its own is left alone as if it had one.
        if now.keys().is_empty() && before.keys().is_empty() {
            cooling.clone_from(&cooled);
        }
        self.any.store(true, Ordering::Relaxed);
    }

    /// How its breaker stands.
    #[must_use]
    pub fn state(&self, now: Mono) -> State {
        self.breaker.state(now)
    }

    /// Whether it should be asked now, by its breaker. A half-open one lets one call at a time try.
    #[must_use]
    pub fn allows(&self, now: Mono) -> bool {
        self.breaker.allows(now)
    }

    /// Whether one of the provider's keys may be used for the model right now.
    #[must_use]
    pub fn is_ready(&self, provider: &Provider, model: Option<&str>, now: Mono) -> bool {
        if !self.any.load(Ordering::Relaxed) {
            return true;
        }
        let mut serving = provider.keys().iter().enumerate();
        provider.keys().is_empty()
            || serving.any(|(at, key)| key.serves(model) && self.until(at, model) <= millis(now))
    }

    /// Whether the provider is well, by its breaker: nothing is tried, and nobody takes the place of the call that may.
    #[must_use]
    pub fn is_well(&self, now: Mono) -> bool {
        self.breaker.state(now) == State::Closed
    }

    /// Picks a key for a call among those that serve the model and are not in `tried`: by weight among those that
    /// are not cooling down, then those of weight 0, then the one that is soonest done.
    #[must_use]
    pub fn pick(
        &self,
        provider: &Provider,
        model: Option<&str>,
        affinity: Option<Affinity>,
        tried: &[usize],
        now: Mono,
    ) -> Option<usize> {
        if let ([_], []) = (provider.keys(), tried) {
            return Some(0);
        }
        let now = millis(now);
        let keys = provider.keys().iter().enumerate();
        let serving = keys.filter(|(at, key)| key.serves(model) && !tried.contains(at));
        let mut best: Option<(Rank, usize)> = None;
        for (at, key) in serving {
            let until = self.until(at, model);
            let rank = if until > now {
                Rank::Cooling(std::cmp::Reverse(until))
            } else if key.weight() == 0 {
                Rank::Spare(std::cmp::Reverse(at))
            } else {
                Rank::Drawn(draw(affinity, key.name().as_bytes(), key.weight()))
            };
            if best.as_ref().is_none_or(|(other, _)| rank > *other) {
                best = Some((rank, at));
            }
        }
        best.map(|(_, at)| at)
    }

    /// An attempt was answered without a fault of the provider's.
    pub fn good(&self) {
        self.breaker.good();
    }

    /// An attempt failed.
    pub fn bad(&self, key: Option<usize>, model: Option<&str>, failure: Failure, now: Mono) {
        match (failure, key) {
            (Failure::Credential, Some(key)) => {
                if let Some(until) = self.keys.get(key) {
                    // Somebody has to mend it: asking each few seconds is of no use.
                    until.store(
                        self.end(self.cooldown.saturating_mul(6), now),
                        Ordering::Relaxed,
                    );
                    self.any.store(true, Ordering::Relaxed);
                }
            }
            (Failure::Busy(told), key) => {
                let until = self.end(told.unwrap_or(self.cooldown), now);
                self.cool(key.unwrap_or(0), model.unwrap_or_default(), until, now);
            }
            (Failure::Broken | Failure::Credential, _) => self.breaker.bad(now),
        }
    }

    fn end(&self, time: Duration, now: Mono) -> u64 {
        let time = time.min(LONGEST_COOLDOWN).as_millis();
        millis(now).saturating_add(u64::try_from(time).unwrap_or(u64::MAX))
    }

    fn cool(&self, key: usize, model: &str, until: u64, now: Mono) {
        // A poisoned lock means that a thread died here: a cooldown is not worth dying for.
        let Ok(mut cooling) = self.cooling.lock() else {
            return;
        };
        if cooling.len() >= MOST_COOLING {
            cooling.retain(|_, until| *until > millis(now));
        }
        if cooling.len() < MOST_COOLING {
            cooling.insert((key, model.into()), until);
            self.any.store(true, Ordering::Relaxed);
        }
    }

    /// Until when a key is left alone for a model; 0: it never was.
    fn until(&self, key: usize, model: Option<&str>) -> u64 {
        if !self.any.load(Ordering::Relaxed) {
            return 0;
        }
        let whole = self
            .keys
            .get(key)
            .map_or(0, |until| until.load(Ordering::Relaxed));
        let Ok(cooling) = self.cooling.lock() else {
            return whole;
        };
        let model = model.unwrap_or_default();
        cooling
            .get(&(key, Box::from(model)))
            .map_or(whole, |until| whole.max(*until))
    }
}

/// The better one is larger.
#[derive(Debug, PartialEq, PartialOrd)]
enum Rank {
    Cooling(std::cmp::Reverse<u64>),
    Spare(std::cmp::Reverse<usize>),
    Drawn(f64),
}

#[cfg(test)]
mod tests {
    use tidegate_provider::{ClearText, Endpoint};
    use tidegate_types::Secret;
    use tidegate_wire::Dialect;

    use super::*;

    fn provider(weights: &[u32]) -> Provider {
        let endpoint = Endpoint::parse("https://api.example.com", ClearText::Loopback).unwrap();
        let secret = Secret::new("sk".to_owned());
        let key = |(at, weight): (usize, &u32)| {
            let name = at.to_string();
            let key = ProviderKey::new(&name, Dialect::OpenAi, &secret).unwrap();
            key.with_weight(*weight)
        };
        let keys = weights.iter().enumerate().map(key).collect();
        Provider::new("p".parse().unwrap(), Dialect::OpenAi, endpoint, None)
            .unwrap()
            .with_keys(keys)
    }

    const fn at(seconds: u64) -> Mono {
        Mono(seconds * 1_000_000_000)
    }

    #[test]
    fn a_key_that_is_busy_for_a_model_serves_others() {
        let provider = provider(&[1, 1]);
        let place = Place::new(2, &Cooldown::default());
        let pick = |model, seconds| place.pick(&provider, Some(model), None, &[], at(seconds));
        let told = Failure::Busy(Some(Duration::from_secs(30)));
        place.bad(Some(0), Some("a"), told, at(0));
        for _ in 0..50 {
            assert_eq!(pick("a", 29), Some(1));
        }
        let others: Vec<_> = (0..50).map(|_| pick("b", 29)).collect();
        assert!(others.contains(&Some(0)) && others.contains(&Some(1)));
        let later: Vec<_> = (0..50).map(|_| pick("a", 31)).collect();
        assert!(later.contains(&Some(0)));
        // The breaker has nothing to do with it.
        assert!(place.allows(at(1)));
    }

    #[test]
    fn a_refused_key_is_left_alone_for_all_models_and_the_last_resort_is_the_soonest() {
        let provider = provider(&[1, 1, 0]);
        let place = Place::new(3, &Cooldown::default());
        place.bad(Some(0), Some("a"), Failure::Credential, at(0));
        let pick = |tried: &[usize]| place.pick(&provider, Some("b"), None, tried, at(1));
        assert_eq!(pick(&[]), Some(1));
        assert_eq!(pick(&[1]), Some(2));
        assert_eq!(pick(&[1, 2]), Some(0));
        assert_eq!(pick(&[0, 1, 2]), None);
        assert!(place.is_ready(&provider, Some("b"), at(1)));
        for key in 0..3 {
            place.bad(Some(key), Some("b"), Failure::Busy(None), at(1));
        }
        assert!(!place.is_ready(&provider, Some("b"), at(2)));
        assert!(place.is_ready(&provider, Some("c"), at(2)));
    }

    fn with(base: &str, keys: &[(&str, &str)]) -> Provider {
        let endpoint = Endpoint::parse(base, ClearText::Loopback).unwrap();
        let key = |(name, secret): &(&str, &str)| {
            let secret = Secret::new((*secret).to_owned());
            ProviderKey::new(name, Dialect::OpenAi, &secret).unwrap()
        };
        Provider::new("p".parse().unwrap(), Dialect::OpenAi, endpoint, None)
            .unwrap()
            .with_keys(keys.iter().map(key).collect())
    }

    #[test]
    fn what_is_the_same_after_a_change_is_still_left_alone() {
        const HERE: &str = "https://api.example.com";
        let usual = Cooldown::default();
        let before = with(HERE, &[("busy", "1"), ("refused", "2"), ("well", "3")]);
        let old = Place::new(3, &usual);
        old.bad(Some(0), Some("m"), Failure::Busy(None), at(0));
        old.bad(Some(1), Some("m"), Failure::Credential, at(0));
        for _ in 0..usual.failures {
            old.bad(None, None, Failure::Broken, at(0));
        }
        let after = |now: &Provider| {
            let place = Place::new(now.keys().len(), &usual);
            place.follow(&old, now, &before);
            place
        };
        // Another order, and a key less: names tell them apart, not places in a list.
        let now = with(HERE, &[("refused", "2"), ("busy", "1")]);
        let place = after(&now);
        assert!(!place.is_ready(&now, Some("m"), at(1)));
        assert_eq!(place.until(1, Some("other")), 0);
        assert!(place.until(0, Some("other")) > millis(at(30)));
        assert_eq!(place.state(at(1)), State::Open);
        // Whose secret was changed is another key.
        let now = with(HERE, &[("refused", "mended"), ("busy", "another")]);
        assert!(after(&now).is_ready(&now, Some("m"), at(1)));
        assert_eq!(
            (
                after(&now).until(0, Some("m")),
                after(&now).until(1, Some("m"))
            ),
            (0, 0)
        );
        // And at another address all of it is another provider.
        let now = with(
            "https://other.example.com",
            &[("busy", "1"), ("refused", "2")],
        );
        let place = after(&now);
        assert!(place.is_ready(&now, Some("m"), at(1)));
        assert_eq!(place.state(at(1)), State::Closed);
    }

    #[test]
    fn broken_calls_open_the_breaker() {
        let place = Place::new(1, &Cooldown::default());
        for _ in 0..5 {
            assert!(place.allows(at(0)));
            place.bad(Some(0), None, Failure::Broken, at(0));
        }
        assert!(!place.allows(at(1)));
        assert!(place.allows(at(11)));
        place.good();
        assert_eq!(place.state(at(11)), State::Closed);
    }
}
