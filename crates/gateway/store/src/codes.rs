//! The small numbers that stand for enums in the request log and the journal. Never reuse one.

use tidegate_governance::record::{CostBasis, Outcome};
use tidegate_types::{ServiceTier, UsageSource};

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
codes!(UsageSource { Estimated = 2, Partial = 1, Reported = 0 });
