//! What was found in texts before. Agents send their whole history again with each turn: only what is new
//! in it must be scanned. What a model answers in one piece comes back that way too.
//!
//! Kept are hashes of texts and where things were in them, never a text. The hash is HighwayHash, which needs a
//! fifth of the time that one without a key needs for messages of usual length. Its key is a secret of the
//! installation's, so that nobody can make two texts of one hash; and another one for each who calls, so that nobody
//! learns from timing what others send, and for what was looked for.

use std::sync::Arc;

use highway::{HighwayHash, HighwayHasher};
use quick_cache::{Weighter, sync::Cache};
use tidegate_governance::guardrail::Phase;
use tidegate_guardrails::Finding;
use tidegate_texts::watch::Written;

use crate::judge::Set;

/// Texts that are shorter are scanned as fast as they are looked up, in bytes.
const SHORTEST: usize = 512;
/// How many findings are kept at most, a text without any counting as one.
const CAPACITY: u64 = 400_000;
/// How many texts are expected: about 40 MB when all are there.
const EXPECTED: usize = 200_000;
/// The manner of a text that comes without what wrote it.
const READ: u8 = u8::MAX;

/// What was found in a text.
pub(crate) type Found = Arc<[(Set, Finding)]>;

/// Findings by their text.
#[derive(Debug)]
pub(crate) struct FoundBefore(Cache<Text, Found, Weight>);

/// A text, as nobody else can tell it from another: its hash, and how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Text([u64; 2], u8);

#[derive(Debug, Clone)]
struct Weight;

impl Weighter<Text, Found> for Weight {
    fn weight(&self, _: &Text, found: &Found) -> u64 {
        1 + found.len() as u64
    }
}

/// Who calls, and what is looked for.
#[derive(Clone, Copy)]
pub(crate) struct Tenant(highway::Key);

impl std::fmt::Debug for Tenant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Who knows it can make two texts of one hash.
        f.debug_struct("Tenant").finish_non_exhaustive()
    }
}

impl Tenant {
    /// `secret` is the installation's own. What is looked for in both directions is looked for in a prompt.
    pub(crate) fn new(
        secret: &[u8; 32],
        who: u128,
        (phase, sought): (Phase, &[u64]),
        rules: &[u8],
    ) -> Self {
        let mut hasher = blake3::Hasher::new_keyed(secret);
        hasher.update(&[phase as u8]);
        hasher.update(&who.to_le_bytes());
        for word in sought {
            hasher.update(&word.to_le_bytes());
        }
        hasher.update(rules);
        let hash = hasher.finalize();
        let mut key = [0; 4];
        for (word, bytes) in key.iter_mut().zip(hash.as_bytes().as_chunks().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        Self(highway::Key(key))
    }
}

impl Text {
    /// A text as it stands in a body; `None` where it is too short to be looked up.
    pub(crate) fn of(tenant: &Tenant, text: Written<'_>) -> Option<Self> {
        let long = text.raw.len() >= SHORTEST;
        long.then(|| {
            let hash = HighwayHasher::new(tenant.0).hash128(text.raw);
            Self(hash, text.manner)
        })
    }

    /// A text that was read already.
    pub(crate) fn read(tenant: &Tenant, text: &str) -> Option<Self> {
        let written = Written {
            raw: text.as_bytes(),
            manner: READ,
        };
        Self::of(tenant, written)
    }
}

impl Default for FoundBefore {
    fn default() -> Self {
        Self(Cache::with_weighter(EXPECTED, CAPACITY, Weight))
    }
}

impl FoundBefore {
    /// What was found in a text before.
    pub(crate) fn get(&self, text: &Text) -> Option<Found> {
        self.0.get(text)
    }

    /// Notes what was found in a text.
    pub(crate) fn note(&self, text: Text, found: &Found) {
        self.0.insert(text, Arc::clone(found));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(secret: u8, who: u128, phase: Phase) -> Tenant {
        Tenant::new(&[secret; 32], who, (phase, &[1]), b"rules")
    }

    #[test]
    fn a_text_is_known_only_where_it_is_the_same_and_of_the_same_caller() {
        let raw = [b'x'; SHORTEST];
        let named = |tenant: &Tenant, manner| {
            let raw = raw.as_slice();
            Text::of(tenant, Written { raw, manner }).unwrap()
        };
        let ours = tenant(1, 1, Phase::Prompt);
        let name = named(&ours, 0);
        assert_eq!(name, named(&tenant(1, 1, Phase::Prompt), 0));
        for other in [
            named(&ours, 1),
            named(&tenant(2, 1, Phase::Prompt), 0),
            named(&tenant(1, 2, Phase::Prompt), 0),
            named(&tenant(1, 1, Phase::Answer), 0),
            Text::read(&ours, &"x".repeat(SHORTEST)).unwrap(),
            Text::read(&ours, &"x".repeat(SHORTEST + 1)).unwrap(),
        ] {
            assert_ne!(name, other);
        }
        assert_eq!(Text::read(&ours, "short"), None);
        assert_eq!(format!("{ours:?}"), "Tenant { .. }");
    }
}
