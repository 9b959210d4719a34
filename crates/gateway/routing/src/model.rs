//! Names under which several models stand.

use std::{cmp::Ordering, time::Duration};

use smallvec::SmallVec;
use tidegate_types::{ModelName, Mono, ProviderName};

use crate::{
    chance::{Affinity, draw},
    latency::Latency,
    shadow::Shadow,
};

/// How often, in a hundred, the order by latency tries another one first: what was slow would never be measured
/// again otherwise.
const EXPLORE: f64 = 0.03;

/// Which of a virtual model's targets is asked first. The others follow, as fallbacks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Choose {
    /// The first of the list that is well; weights say nothing.
    #[default]
    Ordered,
    /// By chance in proportion to their weights, and for one conversation always the same.
    Weighted,
    /// The one that has been beginning to answer the soonest; where two are within a fifth, as by weight.
    Fastest,
}

/// A model at a provider.
#[derive(Debug)]
pub struct Target {
    /// Where.
    pub provider: ProviderName,
    /// As the provider names it.
    pub model: ModelName,
    /// Its share beside the others' weights; 0: only where they fail.
    pub weight: u32,
    latency: Latency,
}

impl Target {
    /// A model at a provider.
    #[must_use]
    pub fn new(provider: ProviderName, model: ModelName, weight: u32) -> Self {
        Self {
            provider,
            model,
            weight,
            latency: Latency::default(),
        }
    }

    /// Notes how long it took to begin an answer.
    pub fn measure(&self, took: Duration, now: Mono) {
        self.latency.measure(took, now);
    }

    /// Knows how long another one took.
    pub(crate) fn follow(&self, other: &Self) {
        self.latency.follow(&other.latency);
    }

    fn draw(&self, affinity: Option<Affinity>) -> f64 {
        let id = [
            self.provider.as_str().as_bytes(),
            b"/",
            self.model.as_str().as_bytes(),
        ]
        .concat();
        draw(affinity, &id, self.weight)
    }
}

/// A name under which several models stand.
#[derive(Debug)]
pub struct VirtualModel {
    /// The name; it wins over a provider's model of the same name.
    pub name: ModelName,
    /// Which is asked first.
    pub choose: Choose,
    /// At least one.
    pub targets: Vec<Target>,
    /// Who is asked beside them, for comparison.
    pub shadow: Option<Shadow>,
}

impl VirtualModel {
    /// The targets in the order in which a call asks them.
    #[must_use]
    pub fn order(&self, affinity: Option<Affinity>, now: Mono) -> SmallVec<[&Target; 4]> {
        let mut order: SmallVec<[&Target; 4]> = self.targets.iter().collect();
        match self.choose {
            Choose::Ordered => {}
            Choose::Weighted => by_draw(&mut order, affinity),
            Choose::Fastest => {
                by_draw(&mut order, affinity);
                by_latency(&mut order, now);
            }
        }
        order
    }
}

/// Stable: those of weight 0 stay in the order of the config, behind the others.
fn by_draw(order: &mut SmallVec<[&Target; 4]>, affinity: Option<Affinity>) {
    let mut drawn: SmallVec<[(f64, &Target); 4]> = order
        .iter()
        .map(|target| (target.draw(affinity), *target))
        .collect();
    drawn.sort_by(|(a, _), (b, _)| b.partial_cmp(a).unwrap_or(Ordering::Equal));
    *order = drawn.into_iter().map(|(_, target)| target).collect();
}

/// Those of weight 0 stay behind. Stable among equals.
fn by_latency(order: &mut SmallVec<[&Target; 4]>, now: Mono) {
    if fastrand::f64() < EXPLORE {
        return;
    }
    let mut expected: SmallVec<[(u64, &Target); 4]> = order
        .iter()
        .map(|target| (target.latency.expected(now), *target))
        .collect();
    let alive = |target: &Target| target.weight > 0;
    let best = expected
        .iter()
        .filter(|(_, target)| alive(target))
        .map(|(expected, _)| *expected)
        .min()
        .unwrap_or(0);
    // What is within a fifth of the best is as good as the best.
    let near = best.saturating_add(best / 5);
    expected.sort_by_key(|(expected, target)| (!alive(target), (*expected).max(near)));
    *order = expected.into_iter().map(|(_, target)| target).collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(choose: Choose, weights: &[u32]) -> VirtualModel {
        let target = |(at, weight): (usize, &u32)| {
            let name = format!("p{at}");
            Target::new(name.parse().unwrap(), "m".parse().unwrap(), *weight)
        };
        VirtualModel {
            name: "v".parse().unwrap(),
            choose,
            targets: weights.iter().enumerate().map(target).collect(),
            shadow: None,
        }
    }

    fn first(model: &VirtualModel, affinity: Option<Affinity>) -> &str {
        model.order(affinity, Mono(1))[0].provider.as_str()
    }

    #[test]
    fn ordered_is_as_written() {
        let model = model(Choose::Ordered, &[0, 9, 1]);
        let order = model.order(None, Mono(1));
        let names: Vec<_> = order.iter().map(|t| t.provider.as_str()).collect();
        assert_eq!(names, ["p0", "p1", "p2"]);
    }

    #[test]
    fn a_canary_of_five_percent_gets_five_percent_and_spares_nothing() {
        let model = model(Choose::Weighted, &[95, 5, 0]);
        let mut canary = 0;
        for session in 0..10_000_u32 {
            let affinity = Some(Affinity::of(&session.to_le_bytes()));
            let name = first(&model, affinity);
            assert_eq!(name, first(&model, affinity));
            assert_ne!(name, "p2");
            canary += u32::from(name == "p1");
        }
        assert!((420..580).contains(&canary), "{canary} of 10,000");
    }

    #[test]
    fn the_fastest_goes_first_and_what_is_unknown_is_tried() {
        let model = model(Choose::Fastest, &[1, 1, 1]);
        let now = Mono(1_000_000_000);
        model.targets[0].measure(Duration::from_millis(900), now);
        model.targets[1].measure(Duration::from_millis(300), now);
        let count = |name: &str| {
            let firsts = (0..1_000).map(|_| model.order(None, now)[0].provider.clone());
            firsts.filter(|first| first.as_str() == name).count()
        };
        assert!(count("p2") > 950);
        model.targets[2].measure(Duration::from_millis(310), now);
        assert!(count("p0") < 50);
        assert!(count("p1") > 300 && count("p2") > 300);
    }
}
