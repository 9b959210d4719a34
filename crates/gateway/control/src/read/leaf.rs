//! How single values are read: ids, times, names, numbers, switches, lists.

use std::{fmt::Display, str::FromStr};

use serde::Serialize;
use serde_json::Value;
use tidegate_governance::entity::{Alignment, Window};
use tidegate_policy::{AppId, HostName, LaunchHash, McpIdentity};
use tidegate_store::Audience;
use tidegate_types::{
    AccountId, BudgetId, DeviceGroupId, DeviceId, EnrolmentTokenId, IdentityProviderId, KeyId,
    LimitId, MicroUsd, ModelName, ModelPattern, ProviderName, TeamId, Timestamp, UserId,
};

use super::{Origin, Read, Reader};

/// Lists of a body are short: they end up in rows and in the hot path's snapshot.
const MAX_ITEMS: usize = 200;

fn parsed<T: FromStr<Err: Display>>(value: Value, at: &mut Reader) -> Option<T> {
    match value {
        Value::String(text) => match text.parse() {
            Ok(value) => Some(value),
            Err(error) => at.refuse(error.to_string()),
        },
        _ => at.refuse("must be a string"),
    }
}

macro_rules! parsed {
    ($($type:ty),* $(,)?) => {
        $(impl Read for $type {
            fn read(value: Value, at: &mut Reader) -> Option<Self> {
                parsed(value, at)
            }
        })*
    };
}
parsed!(
    AccountId,
    AppId,
    Audience,
    BudgetId,
    DeviceGroupId,
    DeviceId,
    EnrolmentTokenId,
    HostName,
    IdentityProviderId,
    KeyId,
    LaunchHash,
    LimitId,
    McpIdentity,
    ModelName,
    ModelPattern,
    ProviderName,
    TeamId,
    Timestamp,
    UserId,
);

/// A closed set of words: the error names them all.
macro_rules! words {
    ($type:ty, $($word:literal => $value:expr),* $(,)?) => {
        impl $crate::read::Read for $type {
            fn read(
                value: serde_json::Value,
                at: &mut $crate::read::Reader,
            ) -> Option<Self> {
                match value.as_str() {
                    $(Some($word) => Some($value),)*
                    _ => at.refuse(concat!("must be one of", $(" `", $word, "`",)*)),
                }
            }
        }
    };
}
pub(crate) use words;

words!(Window,
    "1m" => Self::Minute, "1h" => Self::Hour, "1d" => Self::Day, "1w" => Self::Week,
    "1mo" => Self::Month);
words!(Alignment, "calendar" => Self::Calendar, "first_use" => Self::FirstUse);

impl Read for bool {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match (at.origin(), &value) {
            (Origin::Body, Value::Bool(value)) => Some(*value),
            (Origin::Query, Value::String(text)) if text == "true" => Some(true),
            (Origin::Query, Value::String(text)) if text == "false" => Some(false),
            _ => at.refuse("must be true or false"),
        }
    }
}

/// Whole numbers in JSON are exact up to here (RFC 8259 §6).
const MAX_WHOLE: u64 = (1 << 53) - 1;

fn whole(value: &Value, range: std::ops::RangeInclusive<u64>, at: &mut Reader) -> Option<u64> {
    let number = match (at.origin(), value) {
        (Origin::Body, value) => value.as_u64(),
        (Origin::Query, Value::String(text)) => text.parse().ok(),
        (Origin::Query, _) => None,
    };
    match number.filter(|number| range.contains(number)) {
        Some(number) => Some(number),
        None => at.refuse(format!(
            "must be a whole number from {} to {}",
            range.start(),
            range.end()
        )),
    }
}

/// A whole number from 1 to 10^12: what the store takes for a rate, and more than any token count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Count(pub(crate) u64);

impl Read for Count {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        whole(&value, 1..=1_000_000_000_000, at).map(Self)
    }
}

/// An amount of micro-dollars, zero or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Money(pub(crate) MicroUsd);

impl Read for Money {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        let micros = whole(&value, 0..=MAX_WHOLE, at)?;
        i64::try_from(micros)
            .ok()
            .map(|micros| Self(MicroUsd::from_micros(micros)))
    }
}

impl<T: Read> Read for Option<T> {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::read(value, at).map(Some),
        }
    }

    fn absent(_: &mut Reader) -> Option<Self> {
        Some(None)
    }
}

/// A field of a change: absent means "leave it as it is".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change<T> {
    /// The field was absent.
    Keep,
    /// The field was given.
    To(T),
}

impl<T> Change<T> {
    /// The new value, if there is one: how the store's patches say it.
    pub(crate) fn into_option(self) -> Option<T> {
        match self {
            Self::Keep => None,
            Self::To(value) => Some(value),
        }
    }
}

impl<T: Read> Read for Change<T> {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        T::read(value, at).map(Self::To)
    }

    fn absent(_: &mut Reader) -> Option<Self> {
        Some(Self::Keep)
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        let Value::Array(items) = value else {
            return at.refuse("must be a list");
        };
        if items.len() > MAX_ITEMS {
            return at.refuse(format!("must have at most {MAX_ITEMS} items"));
        }
        let read: Vec<Option<T>> = items
            .into_iter()
            .enumerate()
            .map(|(index, item)| at.within(index.to_string(), |at| T::read(item, at)))
            .collect();
        read.into_iter().collect()
    }

    fn absent(_: &mut Reader) -> Option<Self> {
        Some(Self::new())
    }
}
