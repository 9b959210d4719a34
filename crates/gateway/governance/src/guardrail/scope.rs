//! Which calls a guardrail concerns.

use serde::{Deserialize, Serialize};
use tidegate_types::{DeviceGroupId, KeyId, ModelPattern, ProviderName, TeamId, UserId};

/// Which calls a guardrail concerns. Each list that is not empty must name the call; so none at all
/// concerns every call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    /// Keys.
    pub keys: Vec<KeyId>,
    /// Teams, of keys, of users and of devices.
    pub teams: Vec<TeamId>,
    /// Users.
    pub users: Vec<UserId>,
    /// Groups of devices; so only calls that devices relay.
    pub device_groups: Vec<DeviceGroupId>,
    /// Apps that devices report, by their names in the catalogue.
    pub apps: Vec<String>,
    /// Models by pattern.
    pub models: Vec<ModelPattern>,
    /// Providers.
    pub providers: Vec<ProviderName>,
    /// Only calls that devices relay, or only those that they do not.
    pub relayed: Option<bool>,
}
