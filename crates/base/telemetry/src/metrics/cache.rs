//! A map that is read on every request and written only when something is seen for the first time:
//! readers take no lock, a writer copies.

use std::{borrow::Borrow, collections::HashMap, hash::Hash, sync::Arc};

use arc_swap::ArcSwap;

/// Handles by what they are for.
#[derive(Debug)]
pub(super) struct Cache<K, V>(ArcSwap<HashMap<K, Arc<V>>>);

impl<K, V> Default for Cache<K, V> {
    fn default() -> Self {
        Self(ArcSwap::from_pointee(HashMap::new()))
    }
}

impl<K: Clone + Eq + Hash, V> Cache<K, V> {
    pub(super) fn get<Q>(&self, key: &Q) -> Option<Arc<V>>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.0.load().get(key).cloned()
    }

    /// What is kept under `key` once `value` was offered: the one that came first.
    pub(super) fn insert(&self, key: K, value: V) -> Arc<V> {
        let value = Arc::new(value);
        self.0.rcu(|map| {
            let mut map = HashMap::clone(map);
            map.entry(key.clone()).or_insert_with(|| Arc::clone(&value));
            map
        });
        self.get(&key).unwrap_or(value)
    }

    pub(super) fn len(&self) -> usize {
        self.0.load().len()
    }
}
