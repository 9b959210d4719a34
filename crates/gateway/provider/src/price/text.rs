//! The written form of price rows: the keys an operator and the price files use.

use serde::{Deserialize, Serialize};
use tidegate_types::{ModelName, ProviderName};

use super::rates::RatesText;

/// The written form of a row, the same in TOML and JSON. Amounts are text, so that no float ever
/// stands between a price page and a bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RowText {
    /// `openai`, `anthropic`, `bedrock`, `gemini`, or a profile's name.
    pub(super) family: String,
    /// A configured provider: the row then holds for it alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) provider: Option<ProviderName>,
    pub(super) model: ModelName,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) aliases: Vec<ModelName>,
    // The standard tier's prices; serde cannot refuse unknown keys through `flatten`.
    pub(super) input: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cached: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cache_write_5m: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cache_write_1h: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) input_audio: Option<String>,
    pub(super) output: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) output_audio: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) output_image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) per_image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) per_1k_characters: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) per_minute: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) web_search_per_1k: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) batch_percent: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) context_window: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_output: Option<u64>,
    /// Address of the page the numbers are from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<String>,
    /// The day the page was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) as_of: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) flex: Option<RatesText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) priority: Option<RatesText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) long_context: Option<LongText>,
}

/// Prices of a whole call whose prompt has more than `above` tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LongText {
    pub(super) above: u64,
    pub(super) standard: RatesText,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) flex: Option<RatesText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) priority: Option<RatesText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListText {
    #[serde(default)]
    pub(super) row: Vec<RowText>,
}

impl RowText {
    pub(super) fn standard(&self) -> RatesText {
        RatesText {
            input: self.input.clone(),
            cached: self.cached.clone(),
            cache_write_5m: self.cache_write_5m.clone(),
            cache_write_1h: self.cache_write_1h.clone(),
            input_audio: self.input_audio.clone(),
            output: self.output.clone(),
            output_audio: self.output_audio.clone(),
            output_image: self.output_image.clone(),
        }
    }
}
