//! What an operator decides.

use std::time::Duration;

use http::HeaderName;

/// Who shares answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// Each key has its own.
    Key,
    /// The keys of a team share; a key without a team has its own.
    #[default]
    Team,
}

/// Which calls are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// All that do not say `x-tidegate-cache: off`.
    #[default]
    All,
    /// Those that say `x-tidegate-cache: on`.
    Asked,
}

/// When two questions mean the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Semantic {
    /// The least cosine of the angle between their texts' vectors, above 0 and up to 1.
    pub threshold: f32,
    /// How many questions are compared at most, of those that are the same but for their text. The oldest
    /// are forgotten.
    pub most: usize,
}

impl Default for Semantic {
    fn default() -> Self {
        Self {
            threshold: 0.97,
            most: 256,
        }
    }
}

/// How answers are kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// All answers together take at most this, in bytes.
    pub memory: u64,
    /// Larger answers are not kept, in bytes.
    pub largest: usize,
    /// Older answers are not given.
    pub ttl: Duration,
    /// Who shares.
    pub scope: Scope,
    /// Which calls are looked at.
    pub mode: Mode,
    /// Whether questions that mean the same share an answer.
    pub semantic: Option<Semantic>,
    /// Request headers that change what is answered, besides the ones that are known to.
    pub vary: Vec<HeaderName>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            memory: 64 << 20,
            largest: 1 << 20,
            ttl: Duration::from_secs(3_600),
            scope: Scope::default(),
            mode: Mode::default(),
            semantic: None,
            vary: Vec::new(),
        }
    }
}
