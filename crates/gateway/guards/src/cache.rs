//! What was found in texts before. Agents send their whole history again with each turn: only what is new
//! in it must be scanned. What a model answers in one piece comes back that way too.
//!
//! Kept are hashes of texts and where things were in them, never a text. The hash is GMAC's (NIST SP 800-38D): a
//! polynomial over GF(2^128) in a secret, of which processors do 40 GB a second. 126 bits of it are kept: two texts of n
//! blocks share them with a chance of n in 2^126 at most. The key is made anew by each process, so that nobody can make
//! two texts of one hash. The nonce is another one for each who calls, so that nobody learns from timing what others
//! send, and for what was looked for. That a nonce is used for many texts gives a forger a start who sees tags; these
//! leave no process.

mod known;

use std::sync::Arc;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand,
};
use quick_cache::{Weighter, sync::Cache};
use tidegate_governance::guardrail::Phase;
use tidegate_guardrails::Finding;
use tidegate_texts::watch::Written;

use self::known::Known;
use crate::judge::Set;

/// Texts that are shorter are scanned as fast as they are looked up, in bytes.
const SHORTEST: usize = 512;
/// How many findings are kept at most.
const CAPACITY: u64 = 200_000;
/// In how many texts they are expected to be.
const EXPECTED: usize = 50_000;
/// The manner of a text that comes without what wrote it.
const READ: u8 = u8::MAX;

/// What was found in a text.
pub(crate) type Found = Arc<[(Set, Finding)]>;

/// What is known of a text.
#[derive(Debug, Clone)]
pub(crate) enum Before {
    /// Nothing was found in it: so it is with most.
    Clean,
    /// Something was.
    Found(Found),
}

/// Findings by their text.
#[derive(Debug)]
pub(crate) struct FoundBefore {
    /// None where there is no randomness: then nothing is ever known.
    key: Option<LessSafeKey>,
    known: Known,
    found: Cache<Text, Found, Weight>,
}

/// A text, as nobody else can tell it from another: its hash, to which is added how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Text(u128);

#[derive(Debug, Clone)]
struct Weight;

impl Weighter<Text, Found> for Weight {
    fn weight(&self, _: &Text, found: &Found) -> u64 {
        found.len() as u64
    }
}

/// Who calls, and what is looked for.
#[derive(Clone, Copy)]
pub(crate) struct Tenant([u8; NONCE_LEN]);

impl std::fmt::Debug for Tenant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // It is part of a secret.
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
        let mut nonce = [0; NONCE_LEN];
        hasher.finalize_xof().fill(&mut nonce);
        Self(nonce)
    }
}

impl Default for FoundBefore {
    fn default() -> Self {
        let mut secret = [0; 32];
        let random = rand::fill(&mut secret);
        let key = random.and_then(|()| UnboundKey::new(&AES_256_GCM, &secret));
        Self {
            key: key.ok().map(LessSafeKey::new),
            known: Known::default(),
            found: Cache::with_weighter(EXPECTED, CAPACITY, Weight),
        }
    }
}

impl FoundBefore {
    /// The name of a text as it stands in a body; `None` where it is too short to be looked up.
    pub(crate) fn name(&self, tenant: &Tenant, text: Written<'_>) -> Option<Text> {
        let key = self.key.as_ref().filter(|_| text.raw.len() >= SHORTEST)?;
        let nonce = Nonce::assume_unique_for_key(tenant.0);
        let tag = key.seal_in_place_separate_tag(nonce, Aad::from(text.raw), &mut []);
        let hash = tag.ok()?.as_ref().try_into().ok()?;
        let manner = u128::from(text.manner) << 56;
        Some(Text(u128::from_le_bytes(hash) ^ manner))
    }

    /// The name of a text that was read already.
    pub(crate) fn name_read(&self, tenant: &Tenant, text: &str) -> Option<Text> {
        let written = Written {
            raw: text.as_bytes(),
            manner: READ,
        };
        self.name(tenant, written)
    }

    /// What is known of a text.
    pub(crate) fn get(&self, text: Text) -> Option<Before> {
        if self.known.found(text.0)? {
            self.found.get(&text).map(Before::Found)
        } else {
            Some(Before::Clean)
        }
    }

    /// Notes what was found in a text.
    pub(crate) fn note(&self, text: Text, found: &[(Set, Finding)]) {
        if !found.is_empty() {
            self.found.insert(text, found.into());
        }
        self.known.note(text.0, !found.is_empty());
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
        let before = FoundBefore::default();
        let named = |tenant: &Tenant, manner| {
            let raw = raw.as_slice();
            before.name(tenant, Written { raw, manner }).unwrap()
        };
        let read = |text: &str| before.name_read(&tenant(1, 1, Phase::Prompt), text);
        let ours = tenant(1, 1, Phase::Prompt);
        let name = named(&ours, 0);
        assert_eq!(name, named(&tenant(1, 1, Phase::Prompt), 0));
        for other in [
            named(&ours, 1),
            named(&tenant(2, 1, Phase::Prompt), 0),
            named(&tenant(1, 2, Phase::Prompt), 0),
            named(&tenant(1, 1, Phase::Answer), 0),
            read(&"x".repeat(SHORTEST)).unwrap(),
            read(&"x".repeat(SHORTEST + 1)).unwrap(),
            read(&"\0".repeat(SHORTEST)).unwrap(),
        ] {
            assert_ne!(name, other);
        }
        assert_eq!(read("short"), None);
        let other = FoundBefore::default();
        let written = Written {
            raw: &raw,
            manner: 0,
        };
        assert_ne!(other.name(&ours, written), Some(name), "of another process");
        assert_eq!(format!("{ours:?}"), "Tenant { .. }");
    }
}
