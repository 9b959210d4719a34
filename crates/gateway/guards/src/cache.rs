//! What was found in texts before. Agents send their whole history again with each turn: only what is new
//! in it must be scanned.
//!
//! Kept are hashes of texts and where things were in them, never a text. The hash is keyed by who calls, so
//! that nobody learns from timing what others send, and by what was looked for.

use std::sync::Arc;

use quick_cache::{Weighter, sync::Cache};
use tidegate_guardrails::Finding;

use crate::judge::Set;

/// Texts that are shorter are scanned as fast as they are looked up, in bytes.
const SHORTEST: usize = 512;
/// How many findings are kept at most, a text without any counting as one.
const CAPACITY: u64 = 400_000;
/// How many texts are expected: about 40 MB when all are there.
const EXPECTED: usize = 200_000;

/// What was found in a text.
pub(crate) type Found = Arc<[(Set, Finding)]>;

/// Findings by the hash of their text.
#[derive(Debug)]
pub(crate) struct FoundBefore(Cache<[u8; 16], Found, Weight>);

#[derive(Debug, Clone)]
struct Weight;

impl Weighter<[u8; 16], Found> for Weight {
    fn weight(&self, _: &[u8; 16], found: &Found) -> u64 {
        1 + found.len() as u64
    }
}

/// Who calls, and what is looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tenant(blake3::Hash);

impl Tenant {
    pub(crate) fn new(who: u128, sought: &[u64], rules: &[u8]) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&who.to_le_bytes());
        for word in sought {
            hasher.update(&word.to_le_bytes());
        }
        hasher.update(rules);
        Self(hasher.finalize())
    }
}

impl Default for FoundBefore {
    fn default() -> Self {
        Self(Cache::with_weighter(EXPECTED, CAPACITY, Weight))
    }
}

impl FoundBefore {
    /// What is found in a text, by looking or from before.
    pub(crate) fn find(
        &self,
        tenant: &Tenant,
        text: &str,
        look: impl FnOnce() -> Vec<(Set, Finding)>,
    ) -> Found {
        if text.len() < SHORTEST {
            return look().into();
        }
        let hash = blake3::keyed_hash(tenant.0.as_bytes(), text.as_bytes());
        let key: [u8; 16] = hash.as_bytes().first_chunk().copied().unwrap_or_default();
        if let Some(found) = self.0.get(&key) {
            return found;
        }
        let found: Found = look().into();
        self.0.insert(key, Arc::clone(&found));
        found
    }
}
