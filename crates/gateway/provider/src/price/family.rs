//! Whose price list a row belongs to: a dialect's owner's, or that of one provider with a profile.

use std::{fmt, str::FromStr};

use tidegate_wire::Dialect;

use crate::profiles;

/// A price list: `openai`, `anthropic`, `bedrock`, `gemini`, or a profile's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PriceFamily(&'static str);

/// A text names no price list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is none of `anthropic`, `bedrock`, `gemini`, `openai`, and no provider profile")]
pub struct UnknownFamily;

impl PriceFamily {
    /// The list of the profile with this name.
    pub(crate) const fn of_profile(name: &'static str) -> Self {
        Self(name)
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// All of them: the dialects' first.
    pub fn all() -> impl Iterator<Item = Self> {
        let dialects = Dialect::ALL.iter().map(|dialect| Self::from(*dialect));
        let others = profiles::all().map(profiles::Profile::price_family);
        let dialect = |family: &Self| family.0.parse::<Dialect>().is_ok();
        dialects.chain(others.filter(move |family| !dialect(family)))
    }
}

impl From<Dialect> for PriceFamily {
    fn from(dialect: Dialect) -> Self {
        Self(dialect.as_str())
    }
}

impl FromStr for PriceFamily {
    type Err = UnknownFamily;

    fn from_str(text: &str) -> Result<Self, UnknownFamily> {
        Self::all()
            .find(|family| family.0 == text)
            .ok_or(UnknownFamily)
    }
}

impl fmt::Display for PriceFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
