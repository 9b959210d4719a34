//! The price list as it is shipped, and sums worked out by hand.

use tidegate_types::{MicroUsd, Price, ServiceTier, TokenCount, Usage};
use tidegate_wire::Dialect;

use super::*;

mod book;
mod golden;
mod properties;

const NONE: Usage = Usage {
    input: 0,
    cached: 0,
    cache_write_5m: 0,
    cache_write_1h: 0,
    input_audio: 0,
    output: 0,
    reasoning: 0,
    output_audio: 0,
    output_image: 0,
    web_searches: 0,
    tier: ServiceTier::Standard,
    source: tidegate_types::UsageSource::Reported,
};

#[test]
fn every_row_is_sourced_and_complete() {
    let book = PriceBook::builtin().unwrap();
    assert!(book.rows().count() > 100);
    for row in book.rows() {
        let model = row.model();
        let pages: &[&str] = match row.family().as_str() {
            "anthropic" => &["https://platform.claude.com/"],
            "bedrock" => &["https://aws.amazon.com/"],
            "cerebras" => &["https://www.cerebras.ai/"],
            "cohere" => &["https://cohere.com/"],
            "databricks" => &["https://www.databricks.com/"],
            "deepseek" => &["https://api-docs.deepseek.com/"],
            "fireworks" => &["https://docs.fireworks.ai/"],
            "gemini" => &["https://ai.google.dev/"],
            "groq" => &["https://groq.com/", "https://console.groq.com/"],
            "mistral" => &["https://mistral.ai/", "https://docs.mistral.ai/"],
            "openai" => &["https://developers.openai.com/"],
            "together" => &["https://docs.together.ai/"],
            "xai" => &["https://docs.x.ai/"],
            other => panic!("{other}: whose page tells its prices?"),
        };
        let from = row.source().unwrap_or_default();
        assert!(pages.iter().any(|page| from.starts_with(page)), "{model}");
        assert!(
            row.as_of()
                .is_some_and(|date| ("2026-01-01".."2027").contains(&date)),
            "{model}"
        );
        assert!(row.provider().is_none(), "{model}");
        let one = Usage {
            input: 1_000,
            output: 1_000,
            ..NONE
        };
        let free = row.model().as_str() == "omni-moderation";
        let by_unit = row.unit_cost(0, 1).is_some() || row.duration_cost(1).is_some();
        assert_eq!(row.cost(&one) == MicroUsd::ZERO, free || by_unit, "{model}");
        let rates = row.rates(ServiceTier::Standard, TokenCount(0));
        assert!(rates.cached <= rates.input, "{model}");
        // A price a thousand times too high or too low is a slip of the unit.
        let dear = Price::per_million(1_000_000_000);
        assert!(
            rates.dearest_input() < dear && rates.dearest_output() < dear,
            "{model}"
        );
        let cheap = Price::per_million(5_000);
        assert!(
            free || by_unit || rates.input.max(rates.output) > cheap,
            "{model}"
        );
        assert_eq!(
            PriceRow::from_json(&row.to_json().to_string()).as_ref(),
            Ok(&**row)
        );
    }
}

#[test]
fn a_bad_row_is_refused_with_its_place() {
    let row = |rest: &str| {
        PriceRow::from_json(&format!(
            r#"{{"family":"openai","model":"m","input":"1","output":"2"{rest}}}"#
        ))
    };
    let key = |result: Result<PriceRow, PriceError>| match result {
        Err(PriceError::Field { key, .. }) => key,
        other => panic!("{other:?}"),
    };
    assert!(row("").is_ok());
    assert_eq!(key(row(r#","cached":"-1""#)), "cached");
    assert_eq!(key(row(r#","cached":"1e3""#)), "cached");
    assert_eq!(key(row(r#","cached":"1000001""#)), "cached");
    assert_eq!(key(row(r#","batch_percent":101"#)), "batch_percent");
    assert_eq!(key(row(r#","as_of":"yesterday""#)), "as_of");
    assert_eq!(key(row(r#","flex":{"input":"x","output":"1"}"#)), "input");
    let long = r#","long_context":{"above":0,"standard":{"input":"1","output":"1"}}"#;
    assert_eq!(key(row(long)), "long_context");
    let family = r#"{"family":"acme","model":"m","input":"1","output":"2"}"#;
    assert_eq!(key(PriceRow::from_json(family)), "family");
    for syntax in [
        r#","cashed":"1""#,
        r#","cached":0.5"#,
        r#","flex":{"input":"1","output":"1","x":"1"}"#,
        r#","model":"twice""#,
        r#","provider":"Not A Name""#,
    ] {
        assert!(
            matches!(row(syntax), Err(PriceError::Syntax(_))),
            "{syntax}"
        );
    }
    assert!(matches!(
        PriceRow::from_json("{}"),
        Err(PriceError::Syntax(_))
    ));
    assert!(matches!(
        PriceRow::from_json(&" ".repeat(20_000)),
        Err(PriceError::TooLong(_))
    ));
}
