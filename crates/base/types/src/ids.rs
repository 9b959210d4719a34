//! Typed identifiers: a UUIDv7 (RFC 9562 §5.7) each, printed with a prefix that names its kind.

use std::{
    fmt,
    str::FromStr,
    sync::atomic::{AtomicU64, Ordering},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

use crate::Timestamp;

/// Why a text is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The text does not start with the prefix of this kind.
    #[error("an id of this kind starts with `{0}_`")]
    Prefix(&'static str),
    /// What follows the prefix is not 26 characters of Crockford base32.
    #[error("an id is its prefix, `_`, and 26 characters of 0-9 a-z without i, l, o, u")]
    Encoding,
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

fn encode(prefix: &str, value: u128, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut text = [0_u8; 26];
    let mut rest = value;
    for slot in text.iter_mut().rev() {
        *slot = ALPHABET[(rest & 31) as usize];
        rest >>= 5;
    }
    write!(f, "{prefix}_{}", str::from_utf8(&text).unwrap_or_default())
}

fn decode(prefix: &'static str, text: &str) -> Result<u128, IdError> {
    let digits = text
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .ok_or(IdError::Prefix(prefix))?;
    if digits.len() != 26 || digits.as_bytes()[0] > b'7' {
        return Err(IdError::Encoding);
    }
    digits.bytes().try_fold(0_u128, |value, byte| {
        let digit = ALPHABET
            .iter()
            .position(|&c| c == byte)
            .ok_or(IdError::Encoding)?;
        Ok((value << 5) | digit as u128)
    })
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $next:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The prefix of the printed form, without the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A new id.
            #[must_use]
            pub fn generate(now: Timestamp) -> Self {
                let (now, random) = $next(now);
                Self::from_parts(now, random)
            }

            /// When it was made, to the millisecond.
            #[must_use]
            pub fn time(self) -> Timestamp {
                let millis = i64::try_from(self.0.as_u128() >> 80).unwrap_or(i64::MAX / 1_000);
                Timestamp::from_micros(millis * 1_000)
            }

            /// An id from its time and 74 bits of the caller's randomness.
            #[must_use]
            pub fn from_parts(now: Timestamp, random: u128) -> Self {
                let bytes = random.to_be_bytes();
                let tail: [u8; 10] = std::array::from_fn(|i| bytes[i + 6]);
                Self(uuid::Builder::from_unix_timestamp_millis(now.millis(), &tail).into_uuid())
            }

            /// The stored form.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }

            /// From the stored form; the store knows which kind a column holds.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                encode($prefix, self.0.as_u128(), f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                decode($prefix, text).map(|value| Self(Uuid::from_u128(value)))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    };
}

id!(
    /// A virtual key.
    KeyId, "key", ordered
);
id!(
    /// A team.
    TeamId, "team", ordered
);
id!(
    /// A person or service that calls models.
    UserId, "user", ordered
);
id!(
    /// A budget.
    BudgetId, "bud", ordered
);
id!(
    /// A rate limit.
    LimitId, "lim", ordered
);
id!(
    /// One governed call; its time is when the call arrived.
    RequestId, "req", timely
);
id!(
    /// One running gateway process.
    NodeId, "node", ordered
);
id!(
    /// A local account of the control plane.
    AccountId, "acc", ordered
);
id!(
    /// An admin API token.
    TokenId, "tok", ordered
);
id!(
    /// A signed-in session of the control plane.
    SessionId, "ses", ordered
);
id!(
    /// An audit record.
    AuditId, "aud", ordered
);
id!(
    /// A managed machine.
    DeviceId, "dev", ordered
);
id!(
    /// A group of devices, as admins keep it.
    DeviceGroupId, "dgrp", ordered
);
id!(
    /// A token that enrols devices.
    EnrolmentTokenId, "enr", ordered
);
id!(
    /// A decision about an MCP server.
    McpRuleId, "mcp", ordered
);
id!(
    /// What a person at a device asked for.
    AccessRequestId, "ask", ordered
);
id!(
    /// A person's sign-in on a device, while it is under way.
    DeviceSignInId, "dsi", ordered
);
id!(
    /// An identity provider, through which people sign in.
    IdentityProviderId, "idp", ordered
);

id!(
    /// A token by which an identity provider sends users and groups.
    ScimTokenId, "scim", ordered
);
id!(
    /// A group of users, as an identity provider keeps it.
    GroupId, "group", ordered
);

id!(
    /// A guardrail.
    GuardrailId, "grd", ordered
);
id!(
    /// A saved view of the console.
    ViewId, "view", ordered
);

/// For ids whose time means something of its own: exactly `now`, and random beyond it.
fn timely(now: Timestamp) -> (Timestamp, u128) {
    (now, random())
}

/// For ids that order what was created: later than all that this process made before. The upper 12 of
/// the 74 random bits are a counter that starts anew each millisecond; should it run over, it borrows
/// from the next one (RFC 9562 §6.2, method 1).
fn ordered(now: Timestamp) -> (Timestamp, u128) {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let earliest = now.millis() << 12;
    let after = |last: u64| (last + 1).max(earliest);
    let last = LAST
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
            Some(after(last))
        })
        .unwrap_or_default();
    let place = after(last);
    let millis = i64::try_from(place >> 12).unwrap_or(i64::MAX);
    let counter = u128::from(place & 0xfff) << 64;
    let random = (random() & !(0xfff << 64)) | counter;
    (Timestamp::from_micros(millis.saturating_mul(1_000)), random)
}

/// 128 bits from the operating system. Ids are not secrets; should the system have no
/// randomness, the process cannot make keys either, and stops at start-up.
fn random() -> u128 {
    let mut bytes = [0_u8; 16];
    // A failure here leaves zeros: ids then differ by time only, and the store refuses a clash.
    getrandom::fill(&mut bytes).unwrap_or_default();
    u128::from_be_bytes(bytes)
}

impl RequestId {
    /// The id of the call's copy for a shadow target, and of such a copy the call's: they are next to each other in the
    /// log, which is in the order of ids, and each is found from the other.
    #[must_use]
    pub const fn shadow(self) -> Self {
        Self(Uuid::from_u128(self.0.as_u128() ^ 1))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn printed_form_round_trips(value: u128) {
            let id = KeyId(Uuid::from_u128(value));
            prop_assert_eq!(id.to_string().parse::<KeyId>(), Ok(id));
        }

        #[test]
        fn any_text_is_refused_or_round_trips(text in "(key_)?[0-9a-z]{0,30}") {
            if let Ok(id) = text.parse::<KeyId>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }

    #[test]
    fn ids_of_one_millisecond_are_in_order_and_distinct() {
        let now = Timestamp::from_micros(1_700_000_000_000_000);
        let ids: Vec<KeyId> = (0..10_000).map(|_| KeyId::generate(now)).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn ids_are_ordered_by_time_and_kinds_do_not_mix() {
        let early = RequestId::generate(Timestamp::from_micros(1_000_000));
        assert_ne!(early.shadow(), early);
        assert_eq!(early.shadow().shadow(), early);
        let late = RequestId::generate(Timestamp::from_micros(2_000_000));
        assert!(early < late);
        assert_eq!(
            early.to_string().parse::<KeyId>(),
            Err(IdError::Prefix("key"))
        );
    }
}
