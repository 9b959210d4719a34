//! Prices per token at one tier and prompt length, and the sum over the kinds of tokens.

use serde::{Deserialize, Serialize};
use tidegate_types::{Cost, MicroUsd, Price, Usage};

use super::PriceError;

/// Dearest price accepted: a million dollars per million units. Above it lies a typing error.
const DEAREST: i64 = 1_000_000_000_000;

/// Prices per token, one for each kind that is priced apart. In pico-dollars per token, which is
/// the same number as micro-dollars per million tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rates {
    /// Prompt tokens.
    pub input: Price,
    /// Prompt tokens read from a cache.
    pub cached: Price,
    /// Prompt tokens written to a five-minute cache.
    pub cache_write_5m: Price,
    /// Prompt tokens written to a one-hour cache.
    pub cache_write_1h: Price,
    /// Prompt tokens of audio.
    pub input_audio: Price,
    /// Answer tokens, reasoning included.
    pub output: Price,
    /// Answer tokens of audio.
    pub output_audio: Price,
    /// Answer tokens of images.
    pub output_image: Price,
}

impl Rates {
    /// What the tokens cost, not rounded.
    #[must_use]
    pub fn cost(&self, usage: &Usage) -> Cost {
        [
            self.input.times(usage.input),
            self.cached.times(usage.cached),
            self.cache_write_5m.times(usage.cache_write_5m),
            self.cache_write_1h.times(usage.cache_write_1h),
            self.input_audio.times(usage.input_audio),
            self.output.times(usage.output),
            self.output_audio.times(usage.output_audio),
            self.output_image.times(usage.output_image),
        ]
        .into_iter()
        .sum()
    }

    /// The price of the dearest kind of prompt token.
    #[must_use]
    pub fn dearest_input(&self) -> Price {
        self.input
            .max(self.cached)
            .max(self.cache_write_5m)
            .max(self.cache_write_1h)
            .max(self.input_audio)
    }

    /// The price of the dearest kind of answer token.
    #[must_use]
    pub fn dearest_output(&self) -> Price {
        self.output.max(self.output_audio).max(self.output_image)
    }

    /// Kind by kind, the dearer of both.
    pub(super) fn dearer(&self, other: &Self) -> Self {
        Self {
            input: self.input.max(other.input),
            cached: self.cached.max(other.cached),
            cache_write_5m: self.cache_write_5m.max(other.cache_write_5m),
            cache_write_1h: self.cache_write_1h.max(other.cache_write_1h),
            input_audio: self.input_audio.max(other.input_audio),
            output: self.output.max(other.output),
            output_audio: self.output_audio.max(other.output_audio),
            output_image: self.output_image.max(other.output_image),
        }
    }
}

/// The written form: USD per million tokens as decimal text. What is left out has no price of its
/// own and is charged like `input` or `output`; a tier's table never inherits a discount.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RatesText {
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
}

impl RatesText {
    pub(super) fn parse(&self, model: &str) -> Result<Rates, PriceError> {
        let input = per_million(model, "input", &self.input)?;
        let output = per_million(model, "output", &self.output)?;
        let or = |key, text: &Option<String>, fallback| match text {
            Some(text) => per_million(model, key, text),
            None => Ok(fallback),
        };
        let cache_write_5m = or("cache_write_5m", &self.cache_write_5m, input)?;
        Ok(Rates {
            input,
            cached: or("cached", &self.cached, input)?,
            cache_write_5m,
            cache_write_1h: or("cache_write_1h", &self.cache_write_1h, cache_write_5m)?,
            input_audio: or("input_audio", &self.input_audio, input)?,
            output,
            output_audio: or("output_audio", &self.output_audio, output)?,
            output_image: or("output_image", &self.output_image, output)?,
        })
    }
}

/// A price in USD per million units.
pub(super) fn per_million(model: &str, key: &'static str, text: &str) -> Result<Price, PriceError> {
    Ok(Price::per_million(micros(model, key, text)?))
}

/// A price in USD per `units` units, rounded up to a pico-dollar per unit.
pub(super) fn per_units(
    model: &str,
    key: &'static str,
    text: &str,
    units: u64,
) -> Result<Price, PriceError> {
    let micros = micros(model, key, text)?;
    Ok(Price::per_million((micros * 1_000_000).div_ceil(units)))
}

fn micros(model: &str, key: &'static str, text: &str) -> Result<u64, PriceError> {
    let field = |problem| PriceError::Field {
        model: model.to_owned(),
        key,
        problem,
    };
    let amount: MicroUsd = text
        .parse()
        .map_err(|_| field("is not an amount in USD, written as text like \"2.50\""))?;
    if amount.micros() > DEAREST {
        return Err(field("is more than a million dollars"));
    }
    Ok(amount.micros().unsigned_abs())
}
