//! What a call is decided by: one immutable picture, loaded once per call and held to its end.

use std::sync::Arc;

use tidegate_governance::key::Keyring;
use tidegate_provider::Catalog;

/// What to do with a call whose model has no price.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unpriced {
    /// Let it pass at no cost, and flag it in log and metrics.
    Flag,
    /// Refuse it always.
    Refuse,
    /// Refuse it where a budget applies, else flag it.
    #[default]
    RefuseUnderBudget,
}

/// Settings that shape decisions; read once at start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// What to do with models that have no price.
    pub unpriced: Unpriced,
    /// How many answer tokens are reserved at most, in tokens. A caller's `max_tokens` below it is
    /// reserved as it is; one above it, or none, reserves this many. What a longer answer costs
    /// beyond its reservation is settled exactly and carried as debt.
    pub reserve_output: u64,
    /// How many bytes of prompt and of answer are kept where a key asks for it.
    pub content_limit: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            unpriced: Unpriced::default(),
            reserve_output: 8_192,
            content_limit: 256 * 1024,
        }
    }
}

/// One immutable picture of keys, providers and prices.
#[derive(Debug)]
pub struct Snapshot {
    /// Who may call.
    pub keyring: Keyring,
    /// Where calls can go, and what they cost there.
    pub catalog: Arc<Catalog>,
    /// How decisions are shaped.
    pub settings: Settings,
}
