//! The JSON form of a price row. Its meaning is checked by the provider crate's own parser; this
//! reading adds the schema, and errors for all fields at once.

use serde::Serialize;
use serde_json::Value;
use tidegate_provider::PriceFamily;
use tidegate_types::{MicroUsd, ModelName, ProviderName};
use utoipa::ToSchema;

use crate::read::{Count, Read, Reader, read_struct};

/// Whose price list a row belongs to: `anthropic`, `bedrock`, `gemini`, `openai`, or the name of a provider profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, example = "openai")]
pub(super) struct Family(PriceFamily);

impl Family {
    pub(super) const fn as_str(self) -> &'static str {
        self.0.as_str()
    }
}

impl Serialize for Family {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Read for Family {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value.as_str().map(str::parse) {
            Some(Ok(family)) => Some(Self(family)),
            _ => at.refuse(
                "must be one of `anthropic`, `bedrock`, `gemini`, `openai`, or the name of a provider profile",
            ),
        }
    }
}

/// An amount in USD as text, so that no float stands between a price page and a bill.
#[derive(Debug, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(pattern = r"^\d+(\.\d{1,6})?$", example = "2.50")]
pub(super) struct Usd(String);

impl Read for Usd {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value {
            Value::String(text) if text.parse::<MicroUsd>().is_ok() => Some(Self(text)),
            _ => at.refuse("must be an amount in USD, written as text like `2.50`"),
        }
    }
}

/// Text about the row, at most 500 bytes.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Note(String);

impl Read for Note {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value {
            Value::String(text) if text.len() <= 500 => Some(Self(text)),
            _ => at.refuse("must be text of at most 500 bytes"),
        }
    }
}

read_struct! {
    /// A price row: USD per million tokens, per kind. A kind without a price of its own costs what
    /// `input` or `output` costs.
    #[derive(Debug, Serialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = PriceRow)]
    pub(super) struct RowBody {
        /// Whose price list it belongs to.
        family: Family,
        /// A configured provider: the row then holds for it alone.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        provider: Option<ProviderName>,
        /// The model's id.
        #[schema(value_type = String, example = "gpt-4o")]
        model: ModelName,
        /// Other names of the model.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        #[schema(value_type = Vec<String>, required = false, max_items = 200)]
        aliases: Vec<ModelName>,
        /// Prompt tokens.
        input: Usd,
        /// Prompt tokens read from a cache.
        #[serde(skip_serializing_if = "Option::is_none")]
        cached: Option<Usd>,
        /// Prompt tokens written to a five-minute cache.
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_write_5m: Option<Usd>,
        /// Prompt tokens written to a one-hour cache.
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_write_1h: Option<Usd>,
        /// Prompt tokens of audio.
        #[serde(skip_serializing_if = "Option::is_none")]
        input_audio: Option<Usd>,
        /// Answer tokens, reasoning included.
        output: Usd,
        /// Answer tokens of audio.
        #[serde(skip_serializing_if = "Option::is_none")]
        output_audio: Option<Usd>,
        /// Answer tokens of images.
        #[serde(skip_serializing_if = "Option::is_none")]
        output_image: Option<Usd>,
        /// Per image, where images are billed by the piece.
        #[serde(skip_serializing_if = "Option::is_none")]
        per_image: Option<Usd>,
        /// Per thousand characters, where speech is billed by its text.
        #[serde(skip_serializing_if = "Option::is_none")]
        per_1k_characters: Option<Usd>,
        /// Per minute of audio.
        #[serde(skip_serializing_if = "Option::is_none")]
        per_minute: Option<Usd>,
        /// Per thousand web searches.
        #[serde(skip_serializing_if = "Option::is_none")]
        web_search_per_1k: Option<Usd>,
        /// What a batch costs, in percent of the standard tier; 100 when not said.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<u64>, minimum = 1, maximum = 100)]
        batch_percent: Option<Count>,
        /// Most tokens of prompt and answer together.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<u64>, minimum = 1)]
        context_window: Option<Count>,
        /// Most tokens of an answer.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<u64>, minimum = 1)]
        max_output: Option<Count>,
        /// Address of the page the numbers are from.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>, max_length = 500)]
        source: Option<Note>,
        /// The day that page was read, like `2026-01-31`.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>, format = Date)]
        as_of: Option<Note>,
        /// Anything worth knowing.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>, max_length = 500)]
        note: Option<Note>,
        /// Prices at the flex tier; the standard ones when not said.
        #[serde(skip_serializing_if = "Option::is_none")]
        flex: Option<RatesBody>,
        /// Prices at the priority tier; the standard ones when not said.
        #[serde(skip_serializing_if = "Option::is_none")]
        priority: Option<RatesBody>,
        /// Prices of calls with long prompts.
        #[serde(skip_serializing_if = "Option::is_none")]
        long_context: Option<LongBody>,
    }
}

read_struct! {
    /// USD per million tokens, per kind.
    #[derive(Debug, Serialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = PriceRates)]
    pub(super) struct RatesBody {
        /// Prompt tokens.
        input: Usd,
        /// Prompt tokens read from a cache.
        #[serde(skip_serializing_if = "Option::is_none")]
        cached: Option<Usd>,
        /// Prompt tokens written to a five-minute cache.
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_write_5m: Option<Usd>,
        /// Prompt tokens written to a one-hour cache.
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_write_1h: Option<Usd>,
        /// Prompt tokens of audio.
        #[serde(skip_serializing_if = "Option::is_none")]
        input_audio: Option<Usd>,
        /// Answer tokens, reasoning included.
        output: Usd,
        /// Answer tokens of audio.
        #[serde(skip_serializing_if = "Option::is_none")]
        output_audio: Option<Usd>,
        /// Answer tokens of images.
        #[serde(skip_serializing_if = "Option::is_none")]
        output_image: Option<Usd>,
    }
}

read_struct! {
    /// Prices of a whole call whose prompt has more than `above` tokens.
    #[derive(Debug, Serialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = LongContextPrices)]
    pub(super) struct LongBody {
        /// Prompts with more tokens than this are long.
        #[schema(value_type = u64, minimum = 1, example = 200_000)]
        above: Count,
        /// Prices at the standard tier.
        standard: RatesBody,
        /// Prices at the flex tier; the standard ones when not said.
        #[serde(skip_serializing_if = "Option::is_none")]
        flex: Option<RatesBody>,
        /// Prices at the priority tier; the standard ones when not said.
        #[serde(skip_serializing_if = "Option::is_none")]
        priority: Option<RatesBody>,
    }
}
