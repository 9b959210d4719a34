//! LiteLLM's price list (`model_prices_and_context_window.json`) as rows of ours.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use tidegate_provider::PriceRow;

use crate::{ImportError, amount::per_million, known, object};

/// A price file of ours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prices {
    /// The file's text: `prices.file` reads it.
    pub toml: String,
    /// How many rows it has.
    pub rows: usize,
    /// What was left out, and why.
    pub unsaid: Vec<String>,
}

type Row = Map<String, Value>;

/// Kinds of tokens: their member, and ours.
const KINDS: [(&str, &str); 7] = [
    ("input_cost_per_token", "input"),
    ("output_cost_per_token", "output"),
    ("cache_read_input_token_cost", "cached"),
    ("cache_creation_input_token_cost", "cache_write_5m"),
    (
        "cache_creation_input_token_cost_above_1hr",
        "cache_write_1h",
    ),
    ("input_cost_per_audio_token", "input_audio"),
    ("output_cost_per_audio_token", "output_audio"),
];

/// Reads the list. `as_of` is the day that the rows name, like `2026-01-31`.
///
/// # Errors
/// The text is no JSON object.
pub fn litellm_prices(text: &str, as_of: &str) -> Result<Prices, ImportError> {
    let models = object(text)?;
    let mut left = BTreeMap::<String, usize>::new();
    let mut rows = Vec::new();
    let mut seen = BTreeSet::new();
    for (name, value) in &models {
        let Value::Object(theirs) = value else {
            continue;
        };
        if name == "sample_spec" {
            continue;
        }
        match row(name, theirs, as_of) {
            Ok(row) => {
                let id = (row.get("family").cloned(), row.get("model").cloned());
                if seen.insert(format!("{id:?}")) {
                    rows.push(Value::Object(row));
                } else {
                    *left.entry("named twice".to_owned()).or_default() += 1;
                }
            }
            Err(why) => *left.entry(why).or_default() += 1,
        }
    }
    let count = rows.len();
    let table = toml::Value::try_from(json!({ "row": rows }));
    let toml = table.ok().and_then(|table| toml::to_string(&table).ok());
    Ok(Prices {
        toml: toml.ok_or_else(|| ImportError::Form("rows that cannot be written".to_owned()))?,
        rows: count,
        unsaid: left
            .into_iter()
            .map(|(why, models)| format!("{models} models: {why}"))
            .collect(),
    })
}

/// One row, or why there is none.
fn row(name: &str, theirs: &Row, as_of: &str) -> Result<Row, String> {
    let provider = theirs
        .get("litellm_provider")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let label: String = provider
        .chars()
        .filter(|c| c.is_ascii_graphic())
        .take(60)
        .collect();
    let profile =
        known::profile(provider).ok_or_else(|| format!("of `{label}`, which has no profile"))?;
    let family = profile.price_family().as_str();
    if family != profile.name {
        return Err(format!(
            "of `{label}`, which follows the list of `{family}`"
        ));
    }
    let model = match name.split_once('/') {
        Some((first, rest)) if known::profile(first) == Some(profile) => rest,
        _ => name,
    };
    let mut row = Row::new();
    row.insert("family".to_owned(), json!(family));
    row.insert("model".to_owned(), json!(model));
    let priced = rates(theirs, "", &mut row) | units(theirs, &mut row);
    if !priced {
        return Err("without a price per token, image, character or second".to_owned());
    }
    for missing in ["input", "output"] {
        row.entry(missing).or_insert_with(|| json!("0"));
    }
    for tier in ["flex", "priority"] {
        let mut rates_of = Row::new();
        if rates(theirs, &format!("_{tier}"), &mut rates_of) {
            complete(&mut rates_of, &row);
            row.insert(tier.to_owned(), Value::Object(rates_of));
        }
    }
    long(theirs, &mut row)?;
    batches(theirs, &mut row);
    for (theirs_name, ours) in [
        ("max_input_tokens", "context_window"),
        ("max_output_tokens", "max_output"),
    ] {
        if let Some(tokens) = theirs
            .get(theirs_name)
            .and_then(Value::as_u64)
            .filter(|&n| n > 0)
        {
            row.insert(ours.to_owned(), json!(tokens));
        }
    }
    let source = theirs.get("source").and_then(Value::as_str);
    let source = source.filter(|page| page.len() <= 500 && !page.chars().any(char::is_control));
    row.insert(
        "source".to_owned(),
        json!(source.unwrap_or("LiteLLM's price list")),
    );
    row.insert("as_of".to_owned(), json!(as_of));
    // Our own parser has the last word.
    match PriceRow::from_json(&Value::Object(row.clone()).to_string()) {
        Ok(_) => Ok(row),
        Err(_) => Err("with a price that makes no sense, or a name that is none".to_owned()),
    }
}

/// Prices of a tier; whether there are any.
fn rates(theirs: &Row, suffix: &str, row: &mut Row) -> bool {
    let mut any = false;
    for (member, ours) in KINDS {
        let price = theirs
            .get(&format!("{member}{suffix}"))
            .and_then(Value::as_f64);
        if let Some(text) = price.and_then(per_million) {
            row.insert(ours.to_owned(), json!(text));
            any |= matches!(ours, "input" | "output");
        }
    }
    any
}

/// What a table of rates leaves out has the standard price.
fn complete(rates: &mut Row, standard: &Row) {
    for (_, ours) in KINDS {
        if let (false, Some(price)) = (rates.contains_key(ours), standard.get(ours)) {
            rates.insert(ours.to_owned(), price.clone());
        }
    }
}

/// Prices of images, characters and seconds; whether there are any.
fn units(theirs: &Row, row: &mut Row) -> bool {
    let price = |name: &str| theirs.get(name).and_then(Value::as_f64);
    let image = price("output_cost_per_image").or_else(|| price("input_cost_per_image"));
    let character = price("input_cost_per_character");
    let second = price("input_cost_per_second").or_else(|| price("output_cost_per_second"));
    let found = [
        ("per_image", image.and_then(crate::amount::usd)),
        (
            "per_1k_characters",
            character.and_then(|each| crate::amount::usd(each * 1e3)),
        ),
        (
            "per_minute",
            second.and_then(|each| crate::amount::usd(each * 60.0)),
        ),
    ];
    let mut any = false;
    // A model with prices per token has no others: they would be charged twice.
    if !row.contains_key("input") && !row.contains_key("output") {
        for (name, text) in found {
            if let Some(text) = text {
                row.insert(name.to_owned(), json!(text));
                any = true;
            }
        }
    }
    let search = theirs
        .get("search_context_cost_per_query")
        .and_then(Value::as_object);
    let sizes: BTreeSet<_> = search
        .into_iter()
        .flat_map(Map::values)
        .map(ToString::to_string)
        .collect();
    if let (1, Some(each)) = (
        sizes.len(),
        sizes.first().and_then(|text| text.parse::<f64>().ok()),
    ) && let Some(text) = crate::amount::usd(each * 1e3)
    {
        row.insert("web_search_per_1k".to_owned(), json!(text));
    }
    any
}

/// Prices of long prompts: one threshold is what a row of ours has.
fn long(theirs: &Row, row: &mut Row) -> Result<(), String> {
    let threshold = |member: &String| -> Option<u64> {
        let rest = member.strip_prefix("input_cost_per_token_above_")?;
        rest.strip_suffix("k_tokens")?.parse().ok()
    };
    let found: BTreeSet<_> = theirs.keys().filter_map(threshold).collect();
    let Some(above) = found.first() else {
        return Ok(());
    };
    if found.len() > 1 {
        return Err("with several lengths of prompts".to_owned());
    }
    let mut standard = Row::new();
    if rates(theirs, &format!("_above_{above}k_tokens"), &mut standard) {
        complete(&mut standard, row);
        let above = above.saturating_mul(1_000);
        row.insert(
            "long_context".to_owned(),
            json!({"above": above, "standard": standard}),
        );
    }
    Ok(())
}

/// What a batch costs, as a part of the standard price: rounded up.
fn batches(theirs: &Row, row: &mut Row) {
    let price = |name: &str| {
        theirs
            .get(name)
            .and_then(Value::as_f64)
            .filter(|price| *price > 0.0)
    };
    let part = |batch: &str, full: &str| Some(price(batch)? / price(full)?);
    let input = part("input_cost_per_token_batches", "input_cost_per_token");
    let output = part("output_cost_per_token_batches", "output_cost_per_token");
    let Some(part) = input.into_iter().chain(output).reduce(f64::max) else {
        return;
    };
    let percent = (1..=100_u32).find(|percent| f64::from(*percent) / 100.0 + 1e-9 >= part);
    if let Some(percent) = percent {
        row.insert("batch_percent".to_owned(), json!(percent));
    }
}
