//! The vocabulary of Tidegate: ids, money, tokens, secrets, names and the clock.
//!
//! Nothing here does IO, and nothing of ours is imported. Each type makes one wrong thing
//! impossible: a key's id cannot be passed for a team's, dollars cannot be floats, a secret
//! cannot be printed, and time comes only from a [`Clock`] that a test can turn.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod clock;
mod ids;
mod money;
mod names;
mod role;
mod secret;
mod usage;

pub use clock::{Clock, ManualClock, Mono, SystemClock, Timestamp, TimestampError};
pub use ids::{
    AccessRequestId, AccountId, AuditId, BudgetId, DeviceGroupId, DeviceId, DeviceSignInId,
    EnrolmentTokenId, GroupId, GuardrailId, IdError, IdentityProviderId, KeyId, LimitId, McpRuleId,
    NodeId, RequestId, ScimTokenId, SessionId, TeamId, TokenId, UserId, ViewId,
};
pub use money::{Cost, MicroUsd, MoneyError, Price};
pub use names::{ModelName, ModelPattern, NameError, ProviderName, wildcard};
pub use role::{Grant, Role, RoleError};
pub use secret::{KeyHash, PlainKey, PlainKeyError, Secret};
pub use usage::{ServiceTier, TokenCount, Usage, UsageSource};
