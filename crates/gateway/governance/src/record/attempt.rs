//! One attempt to have a call answered.

use serde::{Deserialize, Serialize};
use tidegate_types::{ModelName, ProviderName};

/// One attempt to have a call answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Where.
    pub provider: ProviderName,
    /// The model as the provider names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelName>,
    /// The name of the provider's key, where it has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What the provider answered; 0 where it did not, or was not asked.
    pub status: u16,
    /// Why it was not the last one: `timeout`, `connect`, `broken`, `status`, or the refusal's code where the
    /// place could not even be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// When it began, in microseconds since the call arrived.
    pub began_us: u64,
    /// How long it took to the answer's first byte or to its failure, in microseconds.
    pub took_us: u64,
}
