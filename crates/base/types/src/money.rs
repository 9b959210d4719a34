//! Money as integers. A price is pico-dollars per token, a cost adds up in pico-dollars and is
//! rounded once, up, to micro-dollars; no float ever holds money.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Why a text is not an amount of dollars.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not `123.45`: digits, optionally a point and up to six more digits.
    #[error("an amount in USD is digits with at most six decimals, like `12.50`")]
    Format,
    /// More than the type can hold (about 9.2 trillion dollars).
    #[error("the amount is too large")]
    Overflow,
}

/// An amount in millionths of a US dollar. Negative only as the balance of a debt.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct MicroUsd(i64);

impl MicroUsd {
    /// No money.
    pub const ZERO: Self = Self(0);
    /// The largest amount.
    pub const MAX: Self = Self(i64::MAX);

    /// From millionths of a dollar.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// In millionths of a dollar.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Sum, held at the ends of the range.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Difference, held at the ends of the range.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for MicroUsd {
    /// `12.50`: at least two decimals, at most six.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let whole = self.0.unsigned_abs() / 1_000_000;
        let fraction = format!("{:06}", self.0.unsigned_abs() % 1_000_000);
        let keep = fraction.trim_end_matches('0').len().max(2);
        write!(f, "{sign}{whole}.{}", &fraction[..keep])
    }
}

impl FromStr for MicroUsd {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || fraction.len() > 6 {
            return Err(MoneyError::Format);
        }
        let whole: i64 = whole.parse().map_err(|_| MoneyError::Overflow)?;
        let fraction: i64 = format!("{fraction:0<6}")
            .parse()
            .map_err(|_| MoneyError::Format)?;
        whole
            .checked_mul(1_000_000)
            .and_then(|micros| micros.checked_add(fraction))
            .map(Self)
            .ok_or(MoneyError::Overflow)
    }
}

/// A price per unit (token, character, image, second) in millionths of a millionth of a dollar:
/// the same number as micro-dollars per million units, which is how price lists are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Price(u64);

impl Price {
    /// Free of charge.
    pub const FREE: Self = Self(0);

    /// From micro-dollars per million units: `$3.00` a million tokens is `3_000_000`.
    #[must_use]
    pub const fn per_million(micro_usd: u64) -> Self {
        Self(micro_usd)
    }

    /// Micro-dollars per million units.
    #[must_use]
    pub const fn micros_per_million(self) -> u64 {
        self.0
    }

    /// What `units` cost, not yet rounded.
    #[must_use]
    pub const fn times(self, units: u64) -> Cost {
        Cost(self.0 as u128 * units as u128)
    }
}

/// A cost in pico-dollars: exact while it is added up, rounded once at the end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost(u128);

impl Cost {
    /// No cost.
    pub const ZERO: Self = Self(0);

    /// The sum of both.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// This cost times a percentage: batches at half price are `percent(50)`.
    #[must_use]
    pub const fn percent(self, percent: u32) -> Self {
        Self(self.0.saturating_mul(percent as u128).div_ceil(100))
    }

    /// Rounded up to a whole micro-dollar, so that no call is ever free by rounding.
    #[must_use]
    pub fn round_up(self) -> MicroUsd {
        MicroUsd(i64::try_from(self.0.div_ceil(1_000_000)).unwrap_or(i64::MAX))
    }
}

impl std::iter::Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.fold(Self::ZERO, Self::plus)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_and_prints_dollars() {
        assert_eq!("12.5".parse(), Ok(MicroUsd(12_500_000)));
        assert_eq!("0.000001".parse(), Ok(MicroUsd(1)));
        assert_eq!(MicroUsd(12_500_000).to_string(), "12.50");
        assert_eq!(MicroUsd(-1).to_string(), "-0.000001");
        for bad in ["", ".5", "5.", "-1", "1e3", "0.0000001", "1,5"] {
            assert_eq!(bad.parse::<MicroUsd>(), Err(MoneyError::Format), "{bad}");
        }
        assert_eq!(
            "99999999999999".parse::<MicroUsd>(),
            Err(MoneyError::Overflow)
        );
    }

    proptest! {
        #[test]
        fn printed_dollars_round_trip(micros in 0_i64..) {
            prop_assert_eq!(MicroUsd(micros).to_string().parse(), Ok(MicroUsd(micros)));
        }

        #[test]
        fn rounding_is_up_and_by_less_than_one_micro(price: u64, units in 0_u64..1 << 40) {
            let exact = u128::from(price) * u128::from(units);
            let rounded = Price(price).times(units).round_up();
            if rounded < MicroUsd::MAX {
                let back = u128::try_from(rounded.micros()).unwrap() * 1_000_000;
                prop_assert!(back >= exact && back - exact < 1_000_000);
            }
        }
    }
}
