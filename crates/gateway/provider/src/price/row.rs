//! One row of the price list: a model, its prices at every tier, its limits, and where that is from.

use tidegate_types::{
    Cost, MicroUsd, ModelName, Price, ProviderName, ServiceTier, TokenCount, Usage,
};

use super::{
    PriceError, PriceFamily,
    rates::{Rates, RatesText, per_units},
    snapshot::is_iso_date,
    text::{ListText, RowText},
};

/// Longest JSON text of one row, in bytes.
const MAX_ROW: usize = 16 * 1_024;
/// Longest list of rows, in bytes.
const MAX_LIST: usize = 1_024 * 1_024;

/// Prices at each tier that has its own; batches are a percentage of the standard tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tiers {
    standard: Rates,
    flex: Rates,
    priority: Rates,
}

impl Tiers {
    const fn at(&self, tier: ServiceTier) -> &Rates {
        match tier {
            ServiceTier::Standard | ServiceTier::Batch => &self.standard,
            ServiceTier::Flex => &self.flex,
            ServiceTier::Priority => &self.priority,
        }
    }
}

/// What one model costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceRow {
    text: RowText,
    family: PriceFamily,
    short: Tiers,
    long: Option<(u64, Tiers)>,
    batch_percent: u32,
    web_search: Price,
    per_image: Option<Price>,
    per_character: Option<Price>,
    per_second: Option<Price>,
}

impl PriceRow {
    /// A row from its JSON text, as the admin API stores it.
    ///
    /// # Errors
    /// Too long, not JSON of the row's form, or a value that makes no sense.
    pub fn from_json(text: &str) -> Result<Self, PriceError> {
        if text.len() > MAX_ROW {
            return Err(PriceError::TooLong(MAX_ROW));
        }
        let text = serde_json::from_str(text).map_err(|e| PriceError::Syntax(e.to_string()))?;
        Self::parse(text)
    }

    /// Rows from a TOML list (`[[row]]` each), as the price file and the config write them.
    ///
    /// # Errors
    /// As [`Self::from_json`]; the first row at fault is named.
    pub fn list_from_toml(text: &str) -> Result<Vec<Self>, PriceError> {
        if text.len() > MAX_LIST {
            return Err(PriceError::TooLong(MAX_LIST));
        }
        let list: ListText = toml::from_str(text).map_err(|e| PriceError::Syntax(e.to_string()))?;
        list.row.into_iter().map(Self::parse).collect()
    }

    fn parse(text: RowText) -> Result<Self, PriceError> {
        let model = text.model.as_str();
        let field = |key, problem| PriceError::Field {
            model: model.to_owned(),
            key,
            problem,
        };
        let family = text.family.parse().map_err(|_| {
            let problem =
                "is none of `anthropic`, `bedrock`, `gemini`, `openai`, and no provider profile";
            field("family", problem)
        })?;
        let standard = text.standard().parse(model)?;
        let short = tiers(model, standard, text.flex.as_ref(), text.priority.as_ref())?;
        let long = match &text.long_context {
            Some(long) if long.above == 0 => {
                return Err(field(
                    "long_context",
                    "begins above 0 tokens: it is the base price",
                ));
            }
            Some(long) => {
                let standard = long.standard.parse(model)?;
                let mut tiers = tiers(model, standard, long.flex.as_ref(), long.priority.as_ref())?;
                // A long prompt is never cheaper than a short one at the same tier.
                if long.priority.is_none() && text.priority.is_some() {
                    tiers.priority = tiers.priority.dearer(&short.priority);
                }
                Some((long.above, tiers))
            }
            None => None,
        };
        if text.as_of.as_deref().is_some_and(|date| !is_iso_date(date)) {
            return Err(field("as_of", "is not a date like 2026-01-31"));
        }
        let batch_percent = text.batch_percent.unwrap_or(100);
        if batch_percent > 100 {
            return Err(field("batch_percent", "is more than 100"));
        }
        let per = |key, value: &Option<String>, units| {
            value
                .as_deref()
                .map(|value| per_units(model, key, value, units))
                .transpose()
        };
        Ok(Self {
            family,
            short,
            long,
            batch_percent,
            web_search: per("web_search_per_1k", &text.web_search_per_1k, 1_000)?
                .unwrap_or_default(),
            per_image: per("per_image", &text.per_image, 1)?,
            per_character: per("per_1k_characters", &text.per_1k_characters, 1_000)?,
            per_second: per("per_minute", &text.per_minute, 60)?,
            text,
        })
    }

    /// Whose price list the row belongs to.
    #[must_use]
    pub const fn family(&self) -> PriceFamily {
        self.family
    }

    /// The configured provider the row is for; absent: all of its family.
    #[must_use]
    pub const fn provider(&self) -> Option<&ProviderName> {
        self.text.provider.as_ref()
    }

    /// The model's id; aliases and snapshots share the row.
    #[must_use]
    pub const fn model(&self) -> &ModelName {
        &self.text.model
    }

    /// Other names of the model.
    #[must_use]
    pub fn aliases(&self) -> &[ModelName] {
        &self.text.aliases
    }

    /// Address of the page the numbers are from.
    #[must_use]
    pub fn source(&self) -> Option<&str> {
        self.text.source.as_deref()
    }

    /// The day that page was read, like `2026-01-31`.
    #[must_use]
    pub fn as_of(&self) -> Option<&str> {
        self.text.as_of.as_deref()
    }

    /// Most tokens of prompt and answer together.
    #[must_use]
    pub fn context_window(&self) -> Option<TokenCount> {
        self.text.context_window.map(TokenCount)
    }

    /// Most tokens of an answer.
    #[must_use]
    pub fn max_output(&self) -> Option<TokenCount> {
        self.text.max_output.map(TokenCount)
    }

    /// Prices per token of a call at `tier` with a prompt of `input` tokens in all.
    #[must_use]
    pub fn rates(&self, tier: ServiceTier, input: TokenCount) -> &Rates {
        match &self.long {
            Some((above, long)) if input.0 > *above => long.at(tier),
            _ => self.short.at(tier),
        }
    }

    /// What a call cost: all kinds of tokens at the tier it was served at and the length its prompt
    /// had, and web searches. Rounded once, up to a micro-dollar. Images, characters and minutes
    /// that are billed by the unit come on top ([`Self::unit_cost`], [`Self::duration_cost`]).
    #[must_use]
    pub fn cost(&self, usage: &Usage) -> MicroUsd {
        let tokens = self.rates(usage.tier, usage.total_input()).cost(usage);
        let searches = self.web_search.times(usage.web_searches);
        self.discounted(tokens, usage.tier)
            .plus(searches)
            .round_up()
    }

    /// The most that the tokens of a call can cost, with at most `input` prompt and `output` answer
    /// tokens of any kind: cached or written to a cache, text or audio. Holds also when a call
    /// asked for at priority is served at the standard tier. Web searches are not part of it:
    /// their number is known only afterwards.
    #[must_use]
    pub fn estimate(&self, input: TokenCount, output: TokenCount, tier: ServiceTier) -> MicroUsd {
        let mut worst = *self.short.at(tier);
        if tier == ServiceTier::Priority {
            worst = worst.dearer(&self.short.standard);
        }
        if let Some((above, long)) = &self.long
            && input.0 > *above
        {
            worst = worst.dearer(long.at(tier));
            if tier == ServiceTier::Priority {
                worst = worst.dearer(&long.standard);
            }
        }
        let cost = worst
            .dearest_input()
            .times(input.0)
            .plus(worst.dearest_output().times(output.0));
        self.discounted(cost, tier).round_up()
    }

    /// What images and characters cost that are billed by the unit; `None` when the row has no
    /// such price for one that was asked for, or when nothing was asked for.
    #[must_use]
    pub fn unit_cost(&self, images: u64, characters: u64) -> Option<MicroUsd> {
        let of = |price: Option<Price>, units: u64| match (units, price) {
            (0, _) => Some(Cost::ZERO),
            (units, price) => price.map(|price| price.times(units)),
        };
        if images == 0 && characters == 0 {
            return None;
        }
        let images = of(self.per_image, images)?;
        Some(images.plus(of(self.per_character, characters)?).round_up())
    }

    /// What audio of this length costs, when it is billed by the minute; seconds are exact.
    #[must_use]
    pub fn duration_cost(&self, seconds: u64) -> Option<MicroUsd> {
        self.per_second.map(|price| price.times(seconds).round_up())
    }

    /// The row in the form it is written in, for the admin API; [`Self::from_json`] reads it back.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(&self.text).unwrap_or_default()
    }

    fn discounted(&self, cost: Cost, tier: ServiceTier) -> Cost {
        match tier {
            ServiceTier::Batch => cost.percent(self.batch_percent),
            ServiceTier::Flex | ServiceTier::Priority | ServiceTier::Standard => cost,
        }
    }
}

/// A tier without prices of its own costs what the standard tier costs.
fn tiers(
    model: &str,
    standard: Rates,
    flex: Option<&RatesText>,
    priority: Option<&RatesText>,
) -> Result<Tiers, PriceError> {
    let or_standard = |tier: Option<&RatesText>| match tier {
        Some(text) => text.parse(model),
        None => Ok(standard),
    };
    Ok(Tiers {
        standard,
        flex: or_standard(flex)?,
        priority: or_standard(priority)?,
    })
}
