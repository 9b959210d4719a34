//! Token usage in one normal form: every kind that is priced apart is counted apart, and no
//! token is counted twice, whatever a provider's own convention.

use serde::{Deserialize, Serialize};

/// A number of tokens.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct TokenCount(pub u64);

/// The tier a call was served at; tiers have prices of their own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceTier {
    /// The default tier.
    #[default]
    Standard,
    /// Slower and cheaper (`OpenAI` `flex`).
    Flex,
    /// Faster and dearer (`OpenAI` `priority`, Anthropic `priority`).
    Priority,
    /// Asynchronous, usually at half price.
    Batch,
}

/// Where the numbers come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsageSource {
    /// The provider reported them in its terminal event or answer.
    Reported,
    /// The provider reported a part (a stream that broke off); the rest is our estimate.
    Partial,
    /// Nothing was reported; all numbers are our estimate.
    #[default]
    Estimated,
}

/// What one call used. The kinds are disjoint but for `reasoning`, a part of `output`, so the sum of
/// the priced kinds is the call's total.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Prompt tokens (text and images) that were neither read from nor written to a cache.
    pub input: u64,
    /// Prompt tokens read from a cache.
    pub cached: u64,
    /// Prompt tokens written to a cache that lives 5 minutes (Anthropic).
    pub cache_write_5m: u64,
    /// Prompt tokens written to a cache that lives an hour (Anthropic).
    pub cache_write_1h: u64,
    /// Prompt tokens of audio, not cached.
    pub input_audio: u64,
    /// Answer tokens other than audio, reasoning included.
    pub output: u64,
    /// The part of `output` that was reasoning.
    pub reasoning: u64,
    /// Answer tokens of audio.
    pub output_audio: u64,
    /// Answer tokens of images.
    pub output_image: u64,
    /// Web searches the provider ran and bills apart.
    pub web_searches: u64,
    /// The tier it was served at.
    pub tier: ServiceTier,
    /// Where the numbers come from.
    pub source: UsageSource,
}

impl Usage {
    /// All prompt tokens, however they were priced.
    #[must_use]
    pub const fn total_input(&self) -> TokenCount {
        TokenCount(
            self.input
                .saturating_add(self.cached)
                .saturating_add(self.cache_write_5m)
                .saturating_add(self.cache_write_1h)
                .saturating_add(self.input_audio),
        )
    }

    /// All answer tokens.
    #[must_use]
    pub const fn total_output(&self) -> TokenCount {
        TokenCount(
            self.output
                .saturating_add(self.output_audio)
                .saturating_add(self.output_image),
        )
    }

    /// Prompt and answer together, as rate limits count them.
    #[must_use]
    pub const fn total(&self) -> TokenCount {
        TokenCount(self.total_input().0.saturating_add(self.total_output().0))
    }
}
