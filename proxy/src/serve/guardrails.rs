//! The workshop in which the admins' guardrails are made.

use std::sync::Arc;

use tidegate_control::Edge;
use tidegate_guards::{Settings, Workshop};
use tidegate_types::Clock;

use crate::{config::GuardrailsSection, services::Configured};

/// What the installation's key for hashes is derived for (BLAKE3's key derivation).
const HASHES: &str = "tidegate 2026-11 guardrails: hashes of redacted values";

/// With the operator's rules. The key for hashes comes from the one that seals: the same on every replica,
/// and on no other installation.
///
/// # Errors
/// A CA bundle of a service cannot be used.
pub(super) fn workshop(
    config: &mut GuardrailsSection,
    edge: &Edge,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<Arc<Workshop>> {
    let services = Configured::new(std::mem::take(&mut config.engines), Arc::clone(clock))?;
    let settings = Settings {
        hash_key: blake3::derive_key(HASHES, edge.seal_key().expose()),
        limits: Default::default(),
    };
    let rules = std::mem::take(&mut config.rules);
    Ok(Arc::new(Workshop::new(rules, settings, Arc::new(services))))
}
