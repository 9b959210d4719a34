//! The workshop in which the admins' guardrails are made.

use std::sync::Arc;

use tidegate_guards::{Settings, Workshop};

use super::build::Lasting;
use crate::{config::GuardrailsSection, services::Configured};

/// What the installation's key for hashes is derived for (BLAKE3's key derivation).
const HASHES: &str = "tidegate 2026-11 guardrails: hashes of redacted values";

/// With the operator's rules. The key for hashes comes from the one that seals: the same on every replica,
/// and on no other installation. `before` is one with the same rules: what it compiled and found is kept.
///
/// # Errors
/// A CA bundle of a service cannot be used.
pub(super) fn workshop(
    config: &mut GuardrailsSection,
    lasting: &Lasting,
    before: Option<&Workshop>,
) -> anyhow::Result<Arc<Workshop>> {
    let engines = std::mem::take(&mut config.engines);
    let services = Arc::new(Configured::new(engines, Arc::clone(&lasting.clock))?);
    let rules = std::mem::take(&mut config.rules);
    Ok(Arc::new(match before {
        Some(before) => before.with_services(services),
        None => {
            let settings = Settings {
                hash_key: blake3::derive_key(HASHES, lasting.edge.seal_key().expose()),
                limits: Default::default(),
            };
            Workshop::new(rules, settings, services)
        }
    }))
}
