//! The languages that clients and providers speak; errors and rate limits follow the caller's.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A provider's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// The Messages API.
    Anthropic,
    /// Amazon Bedrock's runtime: Converse, and the models' own bodies.
    Bedrock,
    /// The Gemini API (`generativelanguage.googleapis.com`).
    Gemini,
    /// Chat Completions, Responses and their neighbours, spoken by many providers.
    OpenAi,
}

/// Why a text names no dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a dialect is one of: anthropic, bedrock, gemini, openai")]
pub struct DialectError;

impl Dialect {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Anthropic, Self::Bedrock, Self::Gemini, Self::OpenAi];

    /// The name in configs, logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Anthropic => "anthropic",
            Self::Bedrock => "bedrock",
            Self::Gemini => "gemini",
            Self::OpenAi => "openai",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Dialect {
    type Err = DialectError;
    fn from_str(text: &str) -> Result<Self, DialectError> {
        Self::ALL
            .iter()
            .copied()
            .find(|d| d.as_str() == text)
            .ok_or(DialectError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for dialect in Dialect::ALL {
            assert_eq!(dialect.as_str().parse(), Ok(*dialect));
        }
        assert_eq!("OpenAI".parse::<Dialect>(), Err(DialectError));
    }
}
