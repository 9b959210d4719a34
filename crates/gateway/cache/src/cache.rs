//! The answers, in bounded memory.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use quick_cache::{DefaultHashBuilder, Lifecycle, OptionsBuilder, Weighter, sync::Cache as Table};
use tidegate_types::{ProviderName, Timestamp};

use crate::{
    Answer, Asking, Counts, Directives, Key, Meaning, Recording, Settings, Shape, Tenant, Vector,
    semantic::Index,
};

/// What an answer is expected to take, in bytes; only the table's first size follows from it.
const EXPECTED: u64 = 4_096;

/// Kept answers of all tenants.
#[derive(Debug)]
pub struct Cache {
    settings: Settings,
    table: Table<(Key, Shape), Arc<Answer>, Weight, DefaultHashBuilder, Evictions>,
    index: Option<Index>,
    counts: Arc<Counts>,
    /// What is being taken down, in bytes.
    held: AtomicU64,
    /// How often answers were let go.
    purges: AtomicU64,
}

/// An answer that may be given.
#[derive(Debug, Clone)]
pub struct Found {
    /// The answer. Its shape is not always the one that is wanted.
    pub answer: Arc<Answer>,
    /// How old it is.
    pub age: Duration,
}

/// Which answers are to go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Purge {
    /// Those of this tenant only.
    pub tenant: Option<Tenant>,
    /// Those of this provider only.
    pub provider: Option<ProviderName>,
    /// Those of this model only, as its provider is asked for it.
    pub model: Option<String>,
}

impl Purge {
    fn concerns(&self, answer: &Answer) -> bool {
        let bill = &answer.bill;
        let model = bill.model.as_ref().map(|name| name.as_str());
        self.tenant.is_none_or(|tenant| tenant == answer.tenant)
            && self
                .provider
                .as_ref()
                .is_none_or(|name| *name == bill.provider)
            && self.model.as_deref().is_none_or(|name| model == Some(name))
    }
}

#[derive(Debug, Clone)]
struct Weight;

impl Weighter<(Key, Shape), Arc<Answer>> for Weight {
    fn weight(&self, _: &(Key, Shape), answer: &Arc<Answer>) -> u64 {
        answer.weight()
    }
}

#[derive(Debug, Clone)]
struct Evictions(Arc<Counts>);

impl Lifecycle<(Key, Shape), Arc<Answer>> for Evictions {
    type RequestState = ();

    fn on_evict(&self, (): &mut (), _: (Key, Shape), _: Arc<Answer>) {
        self.0.evicted();
    }
}

impl Cache {
    /// An empty one.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let counts = Arc::new(Counts::default());
        // Each shard has its share of the memory, and has to have room for some of the largest.
        let room = 4 * (settings.largest as u64 + EXPECTED);
        let shards = (settings.memory / room).clamp(1, 32).next_power_of_two();
        let shards = if shards * room > settings.memory {
            shards / 2
        } else {
            shards
        };
        let items = usize::try_from(settings.memory / EXPECTED).unwrap_or(usize::MAX);
        let mut options = OptionsBuilder::new();
        options
            .shards(usize::try_from(shards.max(1)).unwrap_or(1))
            .estimated_items_capacity(items.max(1))
            .weight_capacity(settings.memory);
        let evictions = Evictions(Arc::clone(&counts));
        let table = match options.build() {
            Ok(options) => {
                let hasher = DefaultHashBuilder::default();
                Table::with_options(options, Weight, hasher, evictions)
            }
            // All three are set: it cannot happen.
            Err(_) => Table::with(
                items,
                settings.memory,
                Weight,
                DefaultHashBuilder::default(),
                evictions,
            ),
        };
        Self {
            index: settings
                .semantic
                .map(|semantic| Index::new(semantic, settings.memory / 4)),
            settings,
            table,
            counts,
            held: AtomicU64::default(),
            purges: AtomicU64::default(),
        }
    }

    /// What was decided.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What it did so far.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// How many answers are kept, those among them that are too old to be given.
    #[must_use]
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether none is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// What they take, in bytes, vectors included.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let vectors = self.index.as_ref().map_or(0, Index::bytes);
        self.table.weight() + vectors
    }

    /// Finds an answer that `may` be given to a question that means the same.
    #[must_use]
    pub fn find_semantic(
        &self,
        asking: &Asking,
        (meaning, vector): (&Meaning, &Vector),
        directives: &Directives,
        now: Timestamp,
        may: impl Fn(&Answer) -> bool,
    ) -> Option<Found> {
        let close = self.index.as_ref()?.find(&meaning.partition, vector);
        close.into_iter().find_map(|key| {
            let other = Asking { key, ..*asking };
            self.find(&other, directives, now, &may)
        })
    }

    /// A question whose answer is kept can be found by what it means.
    pub(crate) fn note(&self, asking: &Asking, meaning: &Meaning, vector: Vector) {
        let Some(index) = &self.index else { return };
        let kept = |key: &Key| {
            let mut shapes = Shape::ALL.into_iter();
            shapes.any(|shape| self.table.contains_key(&(*key, shape)))
        };
        index.add(meaning.partition, vector, asking.key, kept);
    }

    /// Finds an answer that `may` be given: in the shape that is asked for, or else in another one.
    #[must_use]
    pub fn find(
        &self,
        asking: &Asking,
        directives: &Directives,
        now: Timestamp,
        may: impl Fn(&Answer) -> bool,
    ) -> Option<Found> {
        if directives.no_cache {
            return None;
        }
        let others = Shape::ALL
            .into_iter()
            .filter(|shape| *shape != asking.shape);
        std::iter::once(asking.shape)
            .chain(others)
            .find_map(|shape| {
                let key = (asking.key, shape);
                let answer = self.table.get(&key)?;
                let age = answer.at.until(now);
                if age > self.settings.ttl {
                    let same = |_: &_, kept: &Arc<Answer>| Arc::ptr_eq(kept, &answer);
                    self.table.remove_if(&key, |kept| same(&key, kept));
                    return None;
                }
                let given = directives.accept(age, self.settings.ttl) && may(&answer);
                given.then_some(Found { answer, age })
            })
    }

    /// Takes down the answer to what was asked.
    #[must_use]
    pub fn record(self: &Arc<Self>, asking: Asking) -> Recording {
        Recording::new(Arc::clone(self), asking)
    }

    /// Takes memory for an answer that is being taken down: all of them together have a quarter of what is kept.
    pub(crate) fn hold(&self, bytes: u64) -> bool {
        let before = self.held.fetch_add(bytes, Ordering::Relaxed);
        let fits = before + bytes <= self.settings.memory / 4;
        if !fits {
            self.release(bytes);
        }
        fits
    }

    /// Gives it back.
    pub(crate) fn release(&self, bytes: u64) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(crate) fn purges(&self) -> u64 {
        self.purges.load(Ordering::Acquire)
    }

    pub(crate) fn keep(&self, answer: Answer) {
        let key = (answer.key, answer.shape);
        self.table.insert(key, Arc::new(answer));
        self.counts.stored();
    }

    /// Lets answers go; says how many. Answers that are on their way now are not kept either.
    pub fn purge(&self, which: &Purge) -> u64 {
        self.purges.fetch_add(1, Ordering::AcqRel);
        let gone = AtomicU64::new(0);
        self.table.retain(|_, answer| {
            let goes = which.concerns(answer);
            gone.fetch_add(goes.into(), Ordering::Relaxed);
            !goes
        });
        gone.into_inner()
    }
}

#[cfg(test)]
mod tests;
