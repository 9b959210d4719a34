//! The small numbers that stand for enums in the request log and the journal. Never reuse one.

use tidegate_governance::record::{CacheUse, CostBasis, Outcome};
use tidegate_types::{MicroUsd, ServiceTier, UsageSource};

/// An enum with a number for each variant.
pub(crate) trait Code: Copy + Sized + 'static {
    /// All variants and their numbers.
    const CODES: &'static [(Self, u8)];
    /// Its number.
    fn code(self) -> u8;

    /// The variant of a number.
    fn from_code(code: i64) -> Option<Self> {
        Self::CODES
            .iter()
            .find(|(_, known)| i64::from(*known) == code)
            .map(|(value, _)| *value)
    }
}

macro_rules! codes {
    ($name:ident { $($variant:ident = $code:literal),* $(,)? }) => {
        impl Code for $name {
            const CODES: &'static [(Self, u8)] = &[$((Self::$variant, $code)),*];
            fn code(self) -> u8 {
                match self { $(Self::$variant => $code),* }
            }
        }
    };
}

codes!(Outcome { ClientGone = 1, Completed = 0, Refused = 2, UpstreamBroken = 3 });
codes!(CostBasis { Free = 2, Priced = 0, Unpriced = 1 });
codes!(ServiceTier { Batch = 3, Flex = 1, Priority = 2, Standard = 0 });
/// A [`CacheUse`] without what was saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CacheWord {
    Hit,
    Miss,
    Semantic,
}

codes!(CacheWord { Hit = 0, Miss = 1, Semantic = 2 });
codes!(UsageSource { Estimated = 2, Partial = 1, Reported = 0 });

/// What the cache did, as its two columns hold it.
pub(crate) fn cache_columns(cache: CacheUse) -> (u8, Option<i64>) {
    let word = match cache {
        CacheUse::Hit(_) => CacheWord::Hit,
        CacheUse::Miss => CacheWord::Miss,
        CacheUse::Semantic(_) => CacheWord::Semantic,
    };
    (word.code(), cache.saved().map(MicroUsd::micros))
}

/// What the cache did, from its two columns.
pub(crate) fn cache_of(code: i64, saved: Option<i64>) -> Option<CacheUse> {
    let saved = MicroUsd::from_micros(saved.unwrap_or(0));
    CacheWord::from_code(code).map(|word| match word {
        CacheWord::Hit => CacheUse::Hit(saved),
        CacheWord::Miss => CacheUse::Miss,
        CacheWord::Semantic => CacheUse::Semantic(saved),
    })
}
